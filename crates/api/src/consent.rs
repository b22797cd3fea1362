//! What a person has to agree to in a dialog of the system's, because a page that was taken over could agree for them.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use cowork_workspace::{Consent, WorkspaceError};
use url::Url;

use crate::shell::{Shell, Subject};

/// Said when what a dialog named is not what would be opened after it.
const CHANGED: &str = "What this opens changed while you were asked, so nothing was opened. Look at where it leads, then \
                       try again.";

/// Said to whoever asks for something to be picked while a dialog is open.
const ONE_AT_A_TIME: &str =
    "A dialog of the system's is open already. Answer it or close it, then try again.";

/// Addresses of the local network the person agreed to since the app was started. Those of connected providers are
/// kept with them.
#[derive(Default)]
pub(crate) struct Consents {
    agreed: Mutex<BTreeSet<String>>,
    /// One dialog at a time: a page cannot bury the person under them.
    asking: tokio::sync::Mutex<()>,
}

impl Consents {
    /// Runs what may need consent for `address`, and asks for it when it does. `run` is told whether it is given.
    pub(crate) async fn with<T, Running>(
        &self,
        shell: &dyn Shell,
        address: &str,
        run: impl Fn(bool) -> Running,
    ) -> Result<T, WorkspaceError>
    where
        Running: Future<Output = Result<T, WorkspaceError>>,
    {
        let place = Url::parse(address.trim())
            .map(|url| url.origin().ascii_serialization())
            .unwrap_or_default();
        let outcome = run(self.holds(&place)).await;
        let Err(WorkspaceError::ConsentNeeded(why)) = outcome else {
            return outcome;
        };
        if !self.agrees(shell, Subject::LocalNetwork, &why).await {
            return Err(WorkspaceError::ConsentNeeded(why));
        }
        self.agreed
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(place);
        run(true).await
    }

    /// Runs what may need consent, and asks for it, each time anew, when it does. `run` is told what was agreed to, and
    /// judges anew: when it would open something else by then, nothing is opened, and nobody is asked a second time.
    pub(crate) async fn ask<T, Running>(
        &self,
        shell: &dyn Shell,
        subject: Subject,
        run: impl Fn(Consent) -> Running,
    ) -> Result<T, WorkspaceError>
    where
        Running: Future<Output = Result<T, WorkspaceError>>,
    {
        match run(Consent::Missing).await {
            Err(WorkspaceError::ConsentNeeded(why)) if self.agrees(shell, subject, &why).await => {
                match run(Consent::To(why)).await {
                    Err(WorkspaceError::ConsentNeeded(_)) => {
                        Err(WorkspaceError::NotAllowed(CHANGED.to_owned()))
                    }
                    outcome => outcome,
                }
            }
            outcome => outcome,
        }
    }

    /// Has the person pick something in a dialog of the system's, unless one is open.
    pub(crate) async fn choose<T>(&self, picked: impl Future<Output = T>) -> Result<T, WorkspaceError> {
        match self.asking.try_lock() {
            Ok(_asking) => Ok(picked.await),
            Err(_) => Err(WorkspaceError::NotAllowed(ONE_AT_A_TIME.to_owned())),
        }
    }

    async fn agrees(&self, shell: &dyn Shell, subject: Subject, why: &str) -> bool {
        match self.asking.try_lock() {
            Ok(_asking) => shell.agree(subject, why).await,
            Err(_) => false,
        }
    }

    fn holds(&self, place: &str) -> bool {
        self.agreed
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .contains(place)
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use async_trait::async_trait;

    use super::*;
    use crate::shell::PickedFor;

    struct Person {
        agrees: bool,
        asked: AtomicUsize,
    }

    #[async_trait]
    impl Shell for Person {
        async fn pick_folder(&self, _: PickedFor) -> Option<PathBuf> {
            self.asked.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
            self.agrees.then(|| "/work".into())
        }

        async fn pick_files(&self) -> Vec<PathBuf> {
            Vec::new()
        }

        fn open_link(&self, _: &Url) -> anyhow::Result<()> {
            Ok(())
        }

        fn open_folder(&self, _: &std::path::Path) -> anyhow::Result<()> {
            Ok(())
        }

        fn zoom(&self, _: u32) -> anyhow::Result<()> {
            Ok(())
        }

        async fn notify(&self, _: cowork_workspace::Tiding) -> anyhow::Result<()> {
            Ok(())
        }

        fn open_file(
            &self,
            _: &std::path::Path,
            _: Option<u32>,
            _: &cowork_workspace::PersonPrograms,
        ) -> anyhow::Result<cowork_workspace::view::OpenedWhere> {
            Ok(cowork_workspace::view::OpenedWhere::Folder)
        }

        fn show_preview(&self, _: cowork_workspace::OpenPreview) -> anyhow::Result<()> {
            Ok(())
        }

        fn leave(&self) {}

        async fn agree(&self, _: Subject, _: &str) -> bool {
            self.asked.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
            self.agrees
        }
    }

    fn person(agrees: bool) -> Person {
        Person {
            agrees,
            asked: AtomicUsize::new(0),
        }
    }

    async fn connect(agreed: bool) -> Result<(), WorkspaceError> {
        if agreed {
            Ok(())
        } else {
            Err(WorkspaceError::ConsentNeeded("another machine".into()))
        }
    }

    #[tokio::test]
    async fn consent_is_asked_for_by_the_system_once_for_each_address() {
        let (consents, person) = (Consents::default(), person(true));
        for (address, asked) in [
            ("http://192.168.1.5/v1", 1),
            (" http://192.168.1.5/other ", 1),
            ("http://192.168.1.6/v1", 2),
            ("http://192.168.1.5:8080/v1", 3),
        ] {
            assert!(consents.with(&person, address, connect).await.is_ok());
            assert_eq!(person.asked.load(Ordering::Relaxed), asked, "{address}");
        }
    }

    #[tokio::test]
    async fn consent_that_is_not_given_is_not_kept() {
        let (consents, person) = (Consents::default(), person(false));
        for asked in 1..=2 {
            let refused = consents.with(&person, "http://192.168.1.5/v1", connect).await;
            assert!(matches!(refused, Err(WorkspaceError::ConsentNeeded(_))));
            assert_eq!(person.asked.load(Ordering::Relaxed), asked);
        }
    }

    #[tokio::test]
    async fn what_opens_the_computer_is_asked_for_each_time_and_refused_without_consent() {
        for (agrees, granted) in [(true, true), (false, false)] {
            let (consents, person) = (Consents::default(), person(agrees));
            for asked in 1..=2 {
                let unbox = |consent| connect(consent == Consent::To("another machine".to_owned()));
                let outcome = consents.ask(&person, Subject::NoBox, unbox).await;
                assert_eq!(outcome.is_ok(), granted);
                assert_eq!(person.asked.load(Ordering::Relaxed), asked);
            }
        }
    }

    #[tokio::test]
    async fn what_changed_while_the_person_read_is_neither_opened_nor_asked_for_again() {
        let (consents, person) = (Consents::default(), person(true));
        let judged = AtomicUsize::new(0);
        let open = |consent| {
            let now = format!("read /place/{}", judged.fetch_add(1, Ordering::Relaxed));
            async move {
                if consent == Consent::To(now.clone()) {
                    Ok(())
                } else {
                    Err(WorkspaceError::ConsentNeeded(now))
                }
            }
        };
        let outcome = consents.ask(&person, Subject::WiderBox, open).await;
        assert!(
            matches!(outcome, Err(WorkspaceError::NotAllowed(_))),
            "{outcome:?}"
        );
        assert_eq!(person.asked.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn a_page_cannot_open_a_second_dialog_over_the_first() {
        let (consents, person) = (Consents::default(), person(true));
        let ask = |address| consents.with(&person, address, connect);
        let (first, second) = tokio::join!(ask("http://192.168.1.5/v1"), ask("http://192.168.1.6/v1"));
        assert!(first.is_ok());
        assert!(matches!(second, Err(WorkspaceError::ConsentNeeded(_))));
        assert_eq!(person.asked.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn a_page_cannot_have_something_picked_over_a_dialog_nor_a_dialog_over_that() {
        let (consents, person) = (Consents::default(), person(true));
        let pick = || consents.choose(person.pick_folder(PickedFor::Work));
        let (first, second, asked) = tokio::join!(
            pick(),
            pick(),
            consents.with(&person, "http://192.168.1.5/v1", connect)
        );
        assert_eq!(first.unwrap(), Some("/work".into()));
        assert!(matches!(second, Err(WorkspaceError::NotAllowed(_))), "{second:?}");
        assert!(matches!(asked, Err(WorkspaceError::ConsentNeeded(_))));
        assert_eq!(person.asked.load(Ordering::Relaxed), 1);
        assert_eq!(
            pick().await.unwrap(),
            Some("/work".into()),
            "and then the next one"
        );
    }
}
