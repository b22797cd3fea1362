//! The commands about files of a conversation.

use super::{Answer, Api};
use crate::json;

#[expect(missing_docs, reason = "the registry holds each command's one description")]
impl Api {
    pub async fn files_named(&self, request: json::NamedFiles) -> Answer<Vec<String>> {
        Ok(self
            .workspace
            .files_named(&request.session, request.names)
            .await?)
    }
}
