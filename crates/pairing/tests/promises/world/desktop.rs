//! The desktop's disk, and what commands do to it.

use async_trait::async_trait;
use cowork_pairing::broker::Outcome;
use cowork_pairing::commands::{Asked, Hands, Ledger, Reconciled, Record, Stage};
use cowork_pairing::journal::{Journal, KeepingFailed};
use cowork_pairing_protocol::wire::{Command, CommandResult, RemoteEvent, ResultStatus};

use super::{World, completed};

#[async_trait]
impl Journal for World {
    async fn cursor(&self) -> Result<u64, KeepingFailed> {
        Ok(self.held().delivered)
    }

    async fn next(&self, after: u64, most: usize, bytes: usize) -> Result<Vec<RemoteEvent>, KeepingFailed> {
        let held = self.held();
        let mut taken = 0;
        let beyond = held.events.iter().filter(|event| event.sequence > Some(after));
        Ok(beyond
            .take(most)
            .take_while(|event| {
                taken += serde_json::to_vec(event).unwrap().len();
                taken <= bytes
            })
            .cloned()
            .collect())
    }

    async fn delivered(&self, through: u64) -> Result<(), KeepingFailed> {
        self.step().await;
        self.held().delivered = through;
        self.step().await;
        Ok(())
    }

    async fn set_aside(&self, instead: RemoteEvent, why: &str) -> Result<(), KeepingFailed> {
        self.step().await;
        let mut held = self.held();
        let sequence = instead.sequence;
        held.aside.push((sequence.unwrap(), why.to_owned()));
        if let Some(event) = held.events.iter_mut().find(|event| event.sequence == sequence) {
            *event = instead;
        }
        Ok(())
    }
}

#[async_trait]
impl Ledger for World {
    async fn cursor(&self) -> Result<u64, KeepingFailed> {
        Ok(self.held().cursor)
    }

    async fn by_id(&self, id: &str) -> Result<Option<Record>, KeepingFailed> {
        Ok(self.held().records.get(id).cloned())
    }

    async fn by_sequence(&self, sequence: u64) -> Result<Option<Record>, KeepingFailed> {
        let held = self.held();
        let found = held
            .records
            .values()
            .find(|record| record.command.sequence == sequence);
        Ok(found.cloned())
    }

    async fn open(&self) -> Result<Vec<Record>, KeepingFailed> {
        let held = self.held();
        let mut open: Vec<_> = held
            .records
            .values()
            .filter(|record| !matches!(record.stage, Stage::Answered(_)))
            .cloned()
            .collect();
        open.sort_by_key(|record| record.command.sequence);
        Ok(open)
    }

    async fn received(&self, command: &Command) -> Result<(), KeepingFailed> {
        self.step().await;
        {
            let mut held = self.held();
            held.cursor = held.cursor.max(command.sequence);
            let stage = match held.records.remove(&command.id).map(|record| record.stage) {
                Some(Stage::Answered(result)) => Stage::Done(result),
                Some(stage) => stage,
                None => Stage::Received,
            };
            let record = Record {
                command: command.clone(),
                stage,
            };
            held.records.insert(command.id.clone(), record);
        }
        self.step().await;
        Ok(())
    }

    async fn doing(&self, id: &str) -> Result<(), KeepingFailed> {
        self.stage(id, |_| Stage::Doing).await
    }

    async fn not_done(&self, id: &str) -> Result<(), KeepingFailed> {
        self.stage(id, |_| Stage::Received).await
    }

    async fn done(&self, id: &str, result: &CommandResult) -> Result<(), KeepingFailed> {
        self.stage(id, |_| Stage::Done(result.clone())).await
    }

    async fn answered(&self, id: &str, _: Outcome, refused: Option<&str>) -> Result<(), KeepingFailed> {
        self.stage(id, |stage| match stage {
            Stage::Done(result) => Stage::Answered(result),
            stage => stage,
        })
        .await?;
        self.held()
            .answered
            .push((id.to_owned(), refused.map(str::to_owned)));
        Ok(())
    }

    async fn refused(&self, command: &Command, why: &str) -> Result<(), KeepingFailed> {
        self.held().refused.push((command.id.clone(), why.to_owned()));
        Ok(())
    }
}

impl World {
    async fn stage(&self, id: &str, next: impl FnOnce(Stage) -> Stage + Send) -> Result<(), KeepingFailed> {
        self.step().await;
        if let Some(record) = self.held().records.get_mut(id) {
            record.stage = next(record.stage.clone());
        }
        self.step().await;
        Ok(())
    }
}

#[async_trait]
impl Hands for World {
    async fn carry_out(&self, asked: &Asked) -> CommandResult {
        let slow = self.held().slow;
        self.step().await;
        tokio::time::sleep(slow).await;
        self.held().effects.push(asked.command.id.clone());
        self.step().await;
        let mut result = completed();
        result.sessions = (asked.command.kind == "status").then(Vec::new);
        result
    }

    async fn propose(&self, asked: &Asked) -> CommandResult {
        self.step().await;
        let mut held = self.held();
        if !held.proposed.contains(&asked.command.id) {
            held.proposed.push(asked.command.id.clone());
        }
        CommandResult::new(ResultStatus::RequiresLocalConfirmation, None)
    }

    async fn reconcile(&self, asked: &Asked) -> Reconciled {
        self.step().await;
        if asked.command.kind == "abort" {
            return Reconciled::Unknown;
        }
        if self.held().effects.contains(&asked.command.id) {
            Reconciled::Done(completed())
        } else {
            Reconciled::NotDone
        }
    }
}
