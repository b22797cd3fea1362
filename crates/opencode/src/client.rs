//! The engine behind its HTTP interface.

mod events;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use cowork_engine::{
    Agent, Command, Engine, EngineError, EventStream, FileChange, MessageId, MessagePage, MessageWithParts,
    Model, ModelReference, NewSession, OlderMessages, PermissionAsk, PermissionId, PermissionReply, Prompt,
    PromptPart, QuestionAsk, QuestionId, Session, SessionId, SessionSnapshot, SessionStatus, SignInMethods,
    SignInStep,
};
use reqwest::Method;
use serde_json::{Map, Value, json};

use self::events::events_of;
use crate::counters::Counters;
use crate::http::{Health, Http, LARGEST_MESSAGES, probe};
use crate::memory::Memory;
use crate::password::Password;
use crate::{convert, message, message_id, parts, sign_in, wire};

/// Sessions listed at most. The engine's own default of 100 would hide the others without a word.
const MOST_SESSIONS: &str = "100000";

/// A running engine on this machine.
///
/// Cheap to clone; all clones share the connections and the [`Memory`].
#[derive(Clone, Debug)]
pub struct Client {
    http: Http,
    port: u16,
    password: Password,
    memory: Arc<Mutex<Memory>>,
}

impl Client {
    /// A client for the engine that listens on a loopback port. Nothing is sent yet.
    pub fn new(port: u16, password: Password) -> Result<Self, EngineError> {
        Ok(Self {
            http: Http::new(port, password.clone())?,
            port,
            password,
            memory: Arc::default(),
        })
    }

    /// Asks the engine whether it is well; see [`probe`].
    pub async fn health(&self) -> Result<Health, EngineError> {
        probe(self.port, &self.password).await
    }

    /// What was met on the event streams so far.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.memory().counters().clone()
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        lock(&self.memory)
    }

    async fn permissions(&self, folder: &Path) -> Result<Vec<PermissionAsk>, EngineError> {
        let request = self.http.in_folder(Method::GET, folder, &["permission"])?;
        match self
            .http
            .get::<Vec<wire::PermissionRequest>>(request, "permissions")
            .await
        {
            Ok(asks) => Ok(asks.into_iter().map(convert::permission).collect()),
            // The engine cannot write its list while one ask holds a value JSON has no word for (a web fetch
            // without a timeout does). The stream told of the same asks, so they are known.
            Err(EngineError::Refused { status: 400, message }) if message.contains("[\"metadata\"]") => {
                tracing::debug!(%message, "the engine cannot list its permissions; those the stream told of are used");
                Ok(self.memory().open_asks(folder))
            }
            Err(error) => Err(error),
        }
    }

    async fn questions(&self, folder: &Path) -> Result<Vec<QuestionAsk>, EngineError> {
        let request = self.http.in_folder(Method::GET, folder, &["question"])?;
        let asks: Vec<wire::QuestionRequest> = self.http.get(request, "questions").await?;
        Ok(asks.into_iter().map(convert::question).collect())
    }

    /// Newest messages of a session, or those before a place, and where older ones begin.
    async fn messages(
        &self,
        folder: &Path,
        id: &str,
        most: Option<u32>,
        before: Option<&OlderMessages>,
    ) -> Result<(Vec<wire::MessageWithParts>, Option<OlderMessages>), EngineError> {
        let most = most.map(|most| most.to_string());
        let limit = most.as_deref().map(|most| ("limit", most));
        let before = before.map(|OlderMessages(place)| ("before", place.as_str()));
        let query: Vec<_> = limit.into_iter().chain(before).collect();
        let path = ["session", id, "message"];
        let request = self.http.in_folder_with(Method::GET, folder, &path, &query)?;
        let (messages, next) = self.http.page(request, id, LARGEST_MESSAGES).await?;
        Ok((messages, next.map(OlderMessages)))
    }

    fn converted(&self, messages: Vec<wire::MessageWithParts>) -> Vec<MessageWithParts> {
        let memory = self.memory();
        let messages = messages.into_iter();
        messages
            .filter_map(|wire| message::with_parts(wire, &memory))
            .collect()
    }

    async fn status(&self, folder: &Path, session: &SessionId) -> Result<SessionStatus, EngineError> {
        let request = self.http.in_folder(Method::GET, folder, &["session", "status"])?;
        let all: HashMap<String, wire::Status> = self.http.get(request, "the sessions' status").await?;
        // The engine lists only the sessions that do something.
        Ok(all
            .get(session.as_str())
            .and_then(convert::status)
            .unwrap_or_default())
    }
}

fn lock(memory: &Mutex<Memory>) -> MutexGuard<'_, Memory> {
    // Nothing that holds the lock can leave the memory half changed in a way that matters.
    memory.lock().unwrap_or_else(PoisonError::into_inner)
}

#[async_trait]
impl Engine for Client {
    async fn events(&self) -> Result<EventStream, EngineError> {
        let request = self.http.global(Method::GET, &["global", "event"])?;
        let response = self.http.stream(request, "the event stream").await?;
        Ok(events_of(response, Arc::clone(&self.memory)))
    }

    async fn create_session(&self, folder: &Path, new: NewSession) -> Result<Session, EngineError> {
        let mut body = Map::new();
        if let Some(title) = new.title {
            body.insert("title".to_owned(), Value::String(title));
        }
        let request = self
            .http
            .in_folder(Method::POST, folder, &["session"])?
            .json(&body);
        self.http
            .get(request, "the new session")
            .await
            .map(convert::session)
    }

    async fn sessions(&self, folder: &Path) -> Result<Vec<Session>, EngineError> {
        let query = [("limit", MOST_SESSIONS)];
        let request = self
            .http
            .in_folder_with(Method::GET, folder, &["session"], &query)?;
        let sessions: Vec<wire::SessionInfo> = self.http.get(request, "the sessions").await?;
        Ok(sessions.into_iter().map(convert::session).collect())
    }

    async fn waiting(&self, folder: &Path) -> Result<Vec<SessionId>, EngineError> {
        let (permissions, questions) = tokio::try_join!(self.permissions(folder), self.questions(folder))?;
        let mut sessions: Vec<_> = permissions
            .into_iter()
            .map(|ask| ask.session)
            .chain(questions.into_iter().map(|ask| ask.session))
            .collect();
        sessions.sort();
        sessions.dedup();
        Ok(sessions)
    }

    async fn snapshot(
        &self,
        folder: &Path,
        session: &SessionId,
        newest: Option<u32>,
    ) -> Result<SessionSnapshot, EngineError> {
        let id = session.as_str();
        let of = |path: &[&str]| self.http.in_folder(Method::GET, folder, path);
        let (info, (mut messages, mut older), todos, permissions, questions) = tokio::try_join!(
            self.http.get::<wire::SessionInfo>(of(&["session", id])?, id),
            self.messages(folder, id, newest, None),
            self.http
                .get::<Vec<wire::TodoInfo>>(of(&["session", id, "todo"])?, id),
            self.permissions(folder),
            self.questions(folder),
        )?;
        // Asked for last: an answer that is open while the session was idle *before* it was read may just have begun,
        // and would be taken for one that was cut off.
        let status = self.status(folder, session).await?;
        if status == SessionStatus::Idle && messages.last().is_some_and(wire::MessageWithParts::is_open) {
            // It was cut off long ago, or it ended between the two requests.
            (messages, older) = self.messages(folder, id, newest, None).await?;
        }
        Ok(SessionSnapshot {
            session: convert::session(info),
            messages: self.converted(messages),
            older,
            todos: convert::todos(todos),
            status,
            permissions: permissions
                .into_iter()
                .filter(|ask| ask.session == *session)
                .collect(),
            questions: questions
                .into_iter()
                .filter(|ask| ask.session == *session)
                .collect(),
        })
    }

    async fn older_messages(
        &self,
        folder: &Path,
        session: &SessionId,
        place: Option<&OlderMessages>,
        most: u32,
    ) -> Result<MessagePage, EngineError> {
        let (messages, older) = self.messages(folder, session.as_str(), Some(most), place).await?;
        Ok(MessagePage {
            messages: self.converted(messages),
            older,
        })
    }

    async fn prompt(&self, folder: &Path, session: &SessionId, prompt: Prompt) -> Result<(), EngineError> {
        let part = message_id::text_part_of(&prompt.message);
        let mut parts = vec![json!({ "id": part, "type": "text", "text": prompt.text })];
        parts.extend(parts::to_wire(&prompt.message, &prompt.parts)?);
        let mut body = json!({ "messageID": prompt.message.as_str(), "parts": parts });
        if let Some(agent) = prompt.agent {
            body["agent"] = Value::String(agent);
        }
        if let Some(model) = prompt.model {
            body["model"] = json!({ "providerID": model.provider, "modelID": model.model });
        }
        if let Some(variant) = prompt.variant {
            body["variant"] = Value::String(variant);
        }
        let id = session.as_str();
        let request = self
            .http
            .in_folder(Method::POST, folder, &["session", id, "prompt_async"])?
            .json(&body);
        self.http.done(request, id).await
    }

    async fn prompt_parts(
        &self,
        folder: &Path,
        session: &SessionId,
        prompt: &MessageId,
    ) -> Result<Vec<PromptPart>, EngineError> {
        let path = ["session", session.as_str(), "message", prompt.as_str()];
        let request = self.http.in_folder(Method::GET, folder, &path)?;
        let message: wire::MessageWithParts =
            self.http.json(request, prompt.as_str(), LARGEST_MESSAGES).await?;
        Ok(parts::from_wire(message.parts))
    }

    async fn commands(&self, folder: &Path) -> Result<Vec<Command>, EngineError> {
        let request = self.http.in_folder(Method::GET, folder, &["command"])?;
        let commands: Vec<wire::CommandInfo> = self.http.get(request, "the commands").await?;
        Ok(commands.into_iter().map(convert::command).collect())
    }

    async fn compact(
        &self,
        folder: &Path,
        session: &SessionId,
        model: &ModelReference,
    ) -> Result<(), EngineError> {
        let id = session.as_str();
        let body = json!({ "providerID": model.provider, "modelID": model.model, "auto": false });
        self.http
            .done_by_turn(folder, &["session", id, "summarize"], &body, id)
            .await
    }

    async fn abort(&self, folder: &Path, session: &SessionId) -> Result<(), EngineError> {
        let id = session.as_str();
        let request = self
            .http
            .in_folder(Method::POST, folder, &["session", id, "abort"])?;
        self.http.done(request, id).await
    }

    async fn answer_permission(
        &self,
        folder: &Path,
        permission: &PermissionId,
        reply: PermissionReply,
    ) -> Result<(), EngineError> {
        let body = match reply {
            PermissionReply::Once => json!({ "reply": "once" }),
            PermissionReply::Always => json!({ "reply": "always" }),
            PermissionReply::Reject { feedback: None } => json!({ "reply": "reject" }),
            PermissionReply::Reject {
                feedback: Some(feedback),
            } => json!({ "reply": "reject", "message": feedback }),
        };
        let id = permission.as_str();
        let request = self
            .http
            .in_folder(Method::POST, folder, &["permission", id, "reply"])?
            .json(&body);
        let outcome = self.http.done(request, id).await;
        if matches!(outcome, Ok(()) | Err(EngineError::NotFound(_))) {
            self.memory().answered(permission);
        }
        outcome
    }

    async fn answer_question(
        &self,
        folder: &Path,
        question: &QuestionId,
        answers: Vec<Vec<String>>,
    ) -> Result<(), EngineError> {
        let id = question.as_str();
        let request = self
            .http
            .in_folder(Method::POST, folder, &["question", id, "reply"])?;
        self.http
            .done(request.json(&json!({ "answers": answers })), id)
            .await
    }

    async fn reject_question(&self, folder: &Path, question: &QuestionId) -> Result<(), EngineError> {
        let id = question.as_str();
        let request = self
            .http
            .in_folder(Method::POST, folder, &["question", id, "reject"])?;
        self.http.done(request, id).await
    }

    async fn rename_session(
        &self,
        folder: &Path,
        session: &SessionId,
        title: &str,
    ) -> Result<Session, EngineError> {
        let id = session.as_str();
        let request = self.http.in_folder(Method::PATCH, folder, &["session", id])?;
        self.http
            .get(request.json(&json!({ "title": title })), id)
            .await
            .map(convert::session)
    }

    async fn delete_session(&self, folder: &Path, session: &SessionId) -> Result<(), EngineError> {
        let id = session.as_str();
        let request = self.http.in_folder(Method::DELETE, folder, &["session", id])?;
        self.http.done(request, id).await
    }

    async fn fork_session(
        &self,
        folder: &Path,
        session: &SessionId,
        before: Option<&MessageId>,
    ) -> Result<Session, EngineError> {
        let id = session.as_str();
        let body = before.map_or_else(|| json!({}), |message| json!({ "messageID": message.as_str() }));
        let request = self
            .http
            .in_folder(Method::POST, folder, &["session", id, "fork"])?
            .json(&body);
        self.http.get(request, id).await.map(convert::session)
    }

    async fn revert(
        &self,
        folder: &Path,
        session: &SessionId,
        prompt: &MessageId,
    ) -> Result<Session, EngineError> {
        let id = session.as_str();
        let request = self
            .http
            .in_folder(Method::POST, folder, &["session", id, "revert"])?
            .json(&json!({ "messageID": prompt.as_str() }));
        self.http.get(request, id).await.map(convert::session)
    }

    async fn unrevert(&self, folder: &Path, session: &SessionId) -> Result<Session, EngineError> {
        let id = session.as_str();
        let request = self
            .http
            .in_folder(Method::POST, folder, &["session", id, "unrevert"])?;
        self.http.get(request, id).await.map(convert::session)
    }

    async fn keeps_history(&self, folder: &Path) -> Result<bool, EngineError> {
        let request = self
            .http
            .in_folder(Method::GET, folder, &["project", "current"])?;
        let project: wire::ProjectInfo = self.http.get(request, "the project").await?;
        Ok(project.vcs == "git")
    }

    async fn changes(
        &self,
        folder: &Path,
        session: &SessionId,
        prompt: &MessageId,
    ) -> Result<Vec<FileChange>, EngineError> {
        let id = session.as_str();
        let query = [("messageID", prompt.as_str())];
        let request = self
            .http
            .in_folder_with(Method::GET, folder, &["session", id, "diff"], &query)?;
        let diffs: Vec<wire::FileDiff> = self.http.get(request, id).await?;
        Ok(diffs.into_iter().map(convert::file_change).collect())
    }

    async fn session_changes(
        &self,
        folder: &Path,
        session: &SessionId,
    ) -> Result<Vec<FileChange>, EngineError> {
        let id = session.as_str();
        let request = self
            .http
            .in_folder(Method::GET, folder, &["session", id, "diff"])?;
        let diffs: Vec<wire::FileDiff> = self.http.get(request, id).await?;
        Ok(diffs.into_iter().map(convert::file_change).collect())
    }

    async fn agents(&self, folder: &Path) -> Result<Vec<Agent>, EngineError> {
        let request = self.http.in_folder(Method::GET, folder, &["agent"])?;
        let agents: Vec<wire::AgentInfo> = self.http.get(request, "the agents").await?;
        Ok(agents.into_iter().map(convert::agent).collect())
    }

    async fn models(&self, folder: &Path) -> Result<Vec<Model>, EngineError> {
        let request = self
            .http
            .in_folder(Method::GET, folder, &["config", "providers"])?;
        self.http.get(request, "the models").await.map(convert::models)
    }

    async fn reload(&self, folder: &Path) -> Result<(), EngineError> {
        let request = self
            .http
            .in_folder(Method::POST, folder, &["instance", "dispose"])?;
        self.http.done(request, "the folder").await
    }

    async fn auth_methods(&self) -> Result<SignInMethods, EngineError> {
        sign_in::methods(&self.http).await
    }

    async fn authorize(
        &self,
        provider: &str,
        method: usize,
        inputs: &BTreeMap<String, String>,
    ) -> Result<Option<SignInStep>, EngineError> {
        sign_in::authorize(&self.http, provider, method, inputs).await
    }

    async fn complete(&self, provider: &str, method: usize, code: Option<&str>) -> Result<(), EngineError> {
        sign_in::complete(&self.http, provider, method, code).await
    }

    async fn sign_out(&self, provider: &str) -> Result<(), EngineError> {
        sign_in::sign_out(&self.http, provider).await
    }

    async fn stop_all(&self) -> Result<(), EngineError> {
        let request = self.http.global(Method::POST, &["global", "dispose"])?;
        self.http.done(request, "the engine").await
    }
}
