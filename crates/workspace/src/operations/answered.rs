//! What was answered lately, by the person, by their rules and by the policy.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use cowork_engine::{PermissionAsk, QuestionAsk, SessionId};
use cowork_store::{ANSWERED_TEXT_LIMIT, Answered};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::{Result, WorkspaceError};
use crate::folders;
use crate::render;
use crate::view::{AnswerGiven, AnsweredBy, AnsweredList, AnsweredRow, InboxRow};
use crate::workspace::{Inner, Workspace, blocking, now};

/// Answers that a window is given at once: what a person looks back over. How many older ones there are is said.
const SHOWN: u32 = 300;

/// What was asked, remembered while it is answered: an ask that is answered is gone.
pub(crate) struct Asked {
    row: InboxRow,
    folder: String,
}

impl Workspace {
    /// What was answered lately, the newest first.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn answered(&self) -> Result<AnsweredList> {
        let store = self.inner.store.clone();
        let (rows, all) = blocking(move || store.answered(SHOWN))
            .await
            .map_err(WorkspaceError::Internal)?
            .map_err(|error| WorkspaceError::Internal(error.into()))?;
        let stored = self.titles_of(&rows).await?;
        let state = self.inner.state();
        let known = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        Ok(AnsweredList {
            more: all.saturating_sub(known),
            days: state.settings.answered_days,
            rows: rows
                .into_iter()
                .filter_map(|row| {
                    let in_memory = state.rows.get(&SessionId::from(row.thread.as_str()));
                    let title = in_memory.map(|known| known.title.clone());
                    let title = title.or_else(|| stored.get(&row.thread).cloned());
                    // What a newer version wrote and this one has no word for is not shown as something else.
                    let (answer, by) = (named(&row.answer)?, named(&row.by)?);
                    Some(AnsweredRow {
                        thread: title.is_some().then_some(row.thread),
                        title: title.unwrap_or(row.title),
                        folder: folders::label(Path::new(&row.folder)),
                        subject: named(&row.subject),
                        id: row.ask,
                        agent: row.agent,
                        about: row.about,
                        because: row.because,
                        at: row.at,
                        answer,
                        by,
                    })
                })
                .collect(),
        })
    }
}

impl Workspace {
    /// The titles of threads that are not in memory, by their ids. One that is not there is gone.
    async fn titles_of(&self, rows: &[Answered]) -> Result<HashMap<String, String>> {
        let missing: HashSet<String> = {
            let state = self.inner.state();
            let ids = rows.iter().map(|row| row.thread.as_str());
            ids.filter(|id| !state.rows.contains_key(&SessionId::from(*id)))
                .map(str::to_owned)
                .collect()
        };
        if missing.is_empty() {
            return Ok(HashMap::new());
        }
        let store = self.inner.store.clone();
        let found = blocking(move || {
            let mut titles = HashMap::new();
            for id in missing {
                let family = store.family(&id)?;
                titles.extend(
                    family
                        .into_iter()
                        .find(|row| row.id == id)
                        .map(|row| (id, row.title)),
                );
            }
            Ok::<_, cowork_store::StoreError>(titles)
        });
        found
            .await
            .map_err(WorkspaceError::Internal)?
            .map_err(|error| WorkspaceError::Internal(error.into()))
    }
}

impl Inner {
    /// A request for permission, before it is answered.
    pub(crate) fn asked(&self, ask: &PermissionAsk) -> Option<Asked> {
        let state = self.state();
        let row = state.permission_row(ask)?;
        let folder = state.folder_of(&SessionId::from(row.thread.as_str()))?;
        Some(Asked {
            row,
            folder: folder.display().to_string(),
        })
    }

    /// A question, before it is answered.
    pub(crate) fn asked_question(&self, session: &SessionId, ask: &QuestionAsk) -> Option<Asked> {
        let state = self.state();
        let row = state.question_row(session, ask)?;
        let folder = state.folder_of(&SessionId::from(row.thread.as_str()))?;
        Some(Asked {
            row,
            folder: folder.display().to_string(),
        })
    }

    /// The patterns of rules, as they are told where one of them answered.
    pub(crate) fn patterns_of(&self, rules: &[i64]) -> String {
        let state = self.state();
        let used = state.allowances.iter().filter(|rule| rules.contains(&rule.id));
        let patterns: Vec<_> = used.map(|rule| rule.pattern.as_str()).collect();
        patterns.join(", ")
    }

    /// Writes down what was said. That it could not be is told to nobody: it is to be looked back on, and allows nothing.
    pub(crate) async fn note_answer(
        &self,
        asked: Option<Asked>,
        answer: AnswerGiven,
        by: AnsweredBy,
        because: &str,
    ) {
        let Some(Asked { row, folder }) = asked else {
            return;
        };
        let answered = Answered {
            ask: row.id,
            thread: row.thread,
            title: kept(&row.title),
            folder,
            agent: row.agent,
            subject: row.subject.as_ref().map(name_of).unwrap_or_default(),
            about: kept(&row.about),
            answer: name_of(&answer),
            by: name_of(&by),
            because: kept(&render::line(because)),
            at: now(),
        };
        let store = self.store.clone();
        let noted = blocking(move || store.put_answered(&answered)).await;
        if let Err(error) = noted.and_then(|noted| noted.map_err(Into::into)) {
            tracing::warn!(
                error = format!("{error:#}"),
                "what was answered could not be written down"
            );
        }
    }
}

/// On disk there is to be no secret that somebody typed into a command or an answer.
fn kept(text: &str) -> String {
    let text = cowork_redact::redact(text);
    text[..text.floor_char_boundary(ANSWERED_TEXT_LIMIT)].to_owned()
}

/// How a plain value is spelled on the wire, which is how it is stored.
fn name_of(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(name)) => name,
        // The types are enums without fields.
        _ => String::new(),
    }
}

fn named<T: DeserializeOwned>(name: &str) -> Option<T> {
    // A name that is not known is as none.
    serde_json::from_value(Value::String(name.to_owned())).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::providers::testing::{Ring, open_as};
    use crate::view::PermissionSubject;

    #[test]
    fn each_name_is_stored_as_it_is_on_the_wire_and_read_again() {
        for answer in [
            AnswerGiven::Once,
            AnswerGiven::Always,
            AnswerGiven::Denied,
            AnswerGiven::Answered,
            AnswerGiven::Skipped,
        ] {
            assert_eq!(named::<AnswerGiven>(&name_of(&answer)), Some(answer));
        }
        assert_eq!(name_of(&PermissionSubject::ExternalFolder), "externalFolder");
        assert_eq!(named::<AnsweredBy>("organization"), None);
        assert_eq!(named::<PermissionSubject>(""), None);
    }

    #[test]
    fn what_is_kept_holds_no_secret_and_is_cut() {
        let key = format!("sk-ant-api03-{}", "a1B2c3D4".repeat(10));
        assert!(!kept(&format!("curl -H 'x-api-key: {key}'")).contains(&key));
        assert!(kept(&"ä".repeat(2_000)).len() <= ANSWERED_TEXT_LIMIT);
    }

    fn row(id: &str, subject: Option<PermissionSubject>) -> InboxRow {
        InboxRow {
            id: id.to_owned(),
            session: "ses_1".to_owned(),
            thread: "ses_1".to_owned(),
            title: "Fix the tests".to_owned(),
            folder: "work".to_owned(),
            agent: "build".to_owned(),
            asked: 1,
            subject,
            runs: vec!["npm".to_owned()],
            about: "npm test".to_owned(),
            destructive: false,
            proposals: Vec::new(),
        }
    }

    #[tokio::test]
    async fn what_was_said_and_by_whom_is_listed_the_newest_first() {
        let (_root, workspace) = open_as(&Ring::default(), |_| {}).await;
        let inner = &workspace.inner;
        let asked = |row| {
            Some(Asked {
                row,
                folder: "/home/somebody/work".to_owned(),
            })
        };
        let shell = || Some(PermissionSubject::Shell);
        inner
            .note_answer(
                asked(row("per_1", shell())),
                AnswerGiven::Always,
                AnsweredBy::Rule,
                "npm *",
            )
            .await;
        inner
            .note_answer(
                asked(row("que_1", None)),
                AnswerGiven::Answered,
                AnsweredBy::Person,
                "The first\nof many",
            )
            .await;
        // An ask of a thread that is not known any more is no news to anybody.
        inner
            .note_answer(None, AnswerGiven::Once, AnsweredBy::Person, "")
            .await;
        let list = workspace.answered().await.unwrap();
        assert_eq!((list.more, list.days), (0, 90));
        let ids: Vec<_> = list.rows.iter().map(|row| row.id.as_str()).collect();
        assert_eq!(ids, ["que_1", "per_1"]);
        assert_eq!(list.rows[0].because, "The first…");
        let by_rule = &list.rows[1];
        assert_eq!(
            (by_rule.by, by_rule.answer),
            (AnsweredBy::Rule, AnswerGiven::Always)
        );
        assert_eq!(
            (by_rule.folder.as_str(), by_rule.thread.as_deref()),
            ("work", None)
        );
        assert_eq!(serde_json::to_value(by_rule).unwrap()["subject"], json!("shell"));
    }
}
