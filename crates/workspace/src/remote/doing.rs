//! What is being carried out from afar, each in a task of its own: a connection that ends in the middle of it must not take
//! along what an engine was already asked, for then nobody knows what became of that, and it would be asked again.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cowork_pairing_protocol::wire::CommandResult;
use tokio::sync::watch;
use tokio::task::AbortHandle;

/// How long who looks for what became of a command waits for one that is still being carried out.
const ENDS_WITHIN: Duration = Duration::from_mins(1);

/// Something that is being carried out, or was and nobody took what it came to.
struct Deed {
    outcome: watch::Receiver<Option<CommandResult>>,
    running: AbortHandle,
}

/// All of it, by pairing and command: one at a time of each pairing, and those whose connection ended.
#[derive(Default)]
pub(crate) struct Doing(Mutex<HashMap<(String, String), Deed>>);

/// What became of something that was begun in this run of the app.
#[derive(Debug, PartialEq)]
pub(super) enum Begun {
    /// It came to this.
    Ended(Box<CommandResult>),
    /// It goes on, or came to nothing that anybody knows.
    Unknown,
    /// It was not begun in this run.
    Never,
}

impl Doing {
    fn deeds(&self) -> MutexGuard<'_, HashMap<(String, String), Deed>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something, and gives what it came to. Dropped, it goes on and is found by [`Doing::look_for`].
    pub(super) async fn carry_out(
        &self,
        pairing: &str,
        command: &str,
        work: impl Future<Output = CommandResult> + Send + 'static,
    ) -> Option<CommandResult> {
        let name = (pairing.to_owned(), command.to_owned());
        let (said, mut outcome) = watch::channel(None);
        let task = tokio::spawn(async move {
            let result = work.await;
            said.send_replace(Some(result));
        });
        let deed = Deed {
            outcome: outcome.clone(),
            running: task.abort_handle(),
        };
        self.deeds().insert(name.clone(), deed);
        let result = outcome
            .wait_for(Option::is_some)
            .await
            .map_or(None, |outcome| outcome.clone());
        self.deeds().remove(&name);
        result
    }

    /// Finds out what became of something, and waits for it while it goes on.
    pub(super) async fn look_for(&self, pairing: &str, command: &str) -> Begun {
        let name = (pairing.to_owned(), command.to_owned());
        let Some(mut outcome) = self.deeds().get(&name).map(|deed| deed.outcome.clone()) else {
            return Begun::Never;
        };
        let ended = tokio::time::timeout(ENDS_WITHIN, outcome.wait_for(Option::is_some)).await;
        let result = match ended {
            Ok(Ok(result)) => result.clone(),
            // It goes on for longer than anybody waits, or broke off.
            Ok(Err(_)) | Err(_) => None,
        };
        self.deeds().remove(&name);
        result.map_or(Begun::Unknown, |result| Begun::Ended(Box::new(result)))
    }

    /// A pairing is over: nothing that came over it goes on.
    pub(super) fn stop(&self, pairing: &str) {
        self.deeds().retain(|(of, _), deed| {
            let stays = of != pairing;
            if !stays {
                deed.running.abort();
            }
            stays
        });
    }
}

#[cfg(test)]
mod tests {
    use cowork_pairing_protocol::wire::ResultStatus;
    use tokio::sync::oneshot;

    use super::*;

    fn done() -> CommandResult {
        CommandResult::new(ResultStatus::Completed, None)
    }

    #[tokio::test]
    async fn what_was_begun_goes_on_though_nobody_waits_for_it_and_is_found_once() {
        let doing = Doing::default();
        let (goes_on, waits) = oneshot::channel();
        let work = async move {
            let _: Result<(), _> = waits.await;
            done()
        };
        let mut carried = Box::pin(doing.carry_out("p", "c", work));
        assert!(futures_util::poll!(&mut carried).is_pending());
        drop(carried);
        let mut looked = Box::pin(doing.look_for("p", "c"));
        assert!(futures_util::poll!(&mut looked).is_pending());
        goes_on.send(()).unwrap();
        assert_eq!(looked.await, Begun::Ended(Box::new(done())));
        assert_eq!(doing.look_for("p", "c").await, Begun::Never);
    }

    #[tokio::test]
    async fn what_broke_off_is_not_known_and_what_is_stopped_does_not_go_on() {
        let doing = Doing::default();
        let broken = async { panic!("as the test wants it") };
        assert_eq!(doing.carry_out("p", "c", broken).await, None);
        let (said, mut hears) = oneshot::channel();
        let work = async move {
            std::future::pending::<()>().await;
            let _: Result<(), ()> = said.send(());
            done()
        };
        drop(Box::pin(doing.carry_out("q", "c", async { done() })));
        let mut carried = Box::pin(doing.carry_out("p", "d", work));
        assert!(futures_util::poll!(&mut carried).is_pending());
        doing.stop("p");
        assert_eq!(carried.await, None);
        assert!(hears.try_recv().is_err());
    }
}
