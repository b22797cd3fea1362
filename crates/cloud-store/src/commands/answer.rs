//! Taking answers.

use serde_json::Value;

use crate::{Answered, CommandId, CommandOutcome, LeaseToken, Proven, Store, StoreError};

impl Store {
    /// A desktop says what a command came to.
    pub async fn answer_command(
        &self,
        proven: &Proven,
        command: &CommandId,
        lease: Option<&LeaseToken>,
        outcome: CommandOutcome,
        result: &Value,
        now: i64,
    ) -> Result<Answered, StoreError> {
        todo!()
    }
}
