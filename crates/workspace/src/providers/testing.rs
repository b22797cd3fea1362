//! An application whose engine and key ring do what a test wants.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use cowork_brand::{Brand, Places};
use cowork_engine::{
    Agent, Command, Engine, EngineError, EventStream, FileChange, MessageId, MessagePage, Model,
    ModelReference, NewSession, OlderMessages, PermissionId, PermissionReply, Prompt, PromptPart, QuestionId,
    Session, SessionId, SessionSnapshot, SignInMethods, SignInStep,
};
use cowork_supervisor::{Confinement, Holder};
use cowork_vault::{Keychain, KeychainError, Reason, Records, Vault, VaultOptions};
use tempfile::TempDir;
use tokio::sync::oneshot;
use zeroize::Zeroizing;

use crate::clock::Clock;
use crate::options::Options;
use crate::workspace::Workspace;

thread_local! {
    /// The key ring of the application that this thread opens next.
    static RING: RefCell<Option<Ring>> = const { RefCell::new(None) };
}

/// A vault over the key ring that a test wants; none outside of such a test.
pub(crate) fn vault(options: &VaultOptions, records: &Arc<dyn Records>) -> Option<Vault> {
    let ring = RING.take()?;
    let keychain = move || Box::new(ring.clone()) as Box<dyn Keychain>;
    Some(Vault::with_keychain(
        options.clone(),
        Arc::clone(records),
        keychain,
    ))
}

/// A key ring that can be locked.
#[derive(Clone, Default)]
pub(crate) struct Ring {
    items: Arc<Mutex<BTreeMap<String, Vec<u8>>>>,
    pub(crate) locked: Arc<AtomicBool>,
}

impl Ring {
    pub(crate) fn items(&self) -> Vec<String> {
        self.held().keys().cloned().collect()
    }

    fn held(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Vec<u8>>> {
        self.items.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open(&self) -> Result<std::sync::MutexGuard<'_, BTreeMap<String, Vec<u8>>>, KeychainError> {
        if self.locked.load(Ordering::SeqCst) {
            return Err(KeychainError {
                reason: Reason::Locked,
                detail: "as the test wants it".to_owned(),
            });
        }
        Ok(self.held())
    }
}

impl Keychain for Ring {
    fn get(&mut self, item: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeychainError> {
        Ok(self.open()?.get(item).cloned().map(Zeroizing::new))
    }

    fn set(&mut self, item: &str, bytes: &[u8]) -> Result<(), KeychainError> {
        self.open()?.insert(item.to_owned(), bytes.to_vec());
        Ok(())
    }

    fn delete(&mut self, item: &str) -> Result<bool, KeychainError> {
        Ok(self.open()?.remove(item).is_some())
    }
}

/// An engine that signs in as a test says and notes what it is asked.
#[derive(Default)]
pub(crate) struct FakeEngine {
    /// Whether a page shows a code.
    pub(crate) wants_code: AtomicBool,
    /// What the next sign-ins wait for.
    pub(crate) ends: Mutex<VecDeque<oneshot::Receiver<bool>>>,
    pub(crate) waiting: AtomicUsize,
    pub(crate) signed_out: Mutex<Vec<String>>,
    pub(crate) reloads: Mutex<Reloads>,
    /// The messages before those that were read; it has none twice.
    pub(crate) older: Mutex<Option<MessagePage>>,
    /// What the next readings of them wait for, and how often they were asked for.
    waits: Mutex<VecDeque<oneshot::Receiver<()>>>,
    pub(crate) older_asked: AtomicUsize,
    /// The sessions of any folder.
    pub(crate) listed: Mutex<Vec<Session>>,
    /// What it holds of sessions.
    pub(crate) snapshots: Mutex<BTreeMap<SessionId, SessionSnapshot>>,
    /// What each prompt changed.
    pub(crate) changed: Mutex<Vec<FileChange>>,
    /// How often an ask was answered.
    pub(crate) answers: AtomicUsize,
    /// The prompts it was given, and how it does not take the next ones.
    pub(crate) prompts: Mutex<Vec<Prompt>>,
    pub(crate) refusals: Mutex<VecDeque<EngineError>>,
    /// What the answer to the next prompt waits for.
    pub(crate) prompt_waits: Mutex<Option<oneshot::Receiver<()>>>,
    /// Whether it has none of the messages that are asked for by their ids.
    pub(crate) has_none: AtomicBool,
    /// A session as it is read.
    pub(crate) session: Mutex<Option<SessionSnapshot>>,
    /// Whether it sums a session up.
    pub(crate) compacts: AtomicBool,
}

/// What was read anew.
#[derive(Default)]
pub(crate) struct Reloads {
    pub(crate) all: usize,
    now: usize,
    pub(crate) most: usize,
}

impl FakeEngine {
    /// The end of the next sign-in, for the test to decide on.
    pub(crate) fn sign_in(&self) -> oneshot::Sender<bool> {
        let (end, waits) = oneshot::channel();
        self.ends.lock().unwrap().push_back(waits);
        end
    }

    /// Has the next reading of older messages wait, for the test to say when it goes on.
    pub(crate) fn older_waits(&self) -> oneshot::Sender<()> {
        let (goes_on, waits) = oneshot::channel();
        self.waits.lock().unwrap().push_back(waits);
        goes_on
    }

    pub(crate) fn signed_out(&self) -> Vec<String> {
        self.signed_out.lock().unwrap().clone()
    }
}

fn none<T>() -> Result<T, EngineError> {
    Err(EngineError::NotFound("this".to_owned()))
}

#[async_trait]
impl Engine for FakeEngine {
    async fn events(&self) -> Result<EventStream, EngineError> {
        none()
    }

    async fn create_session(&self, _: &Path, _: NewSession) -> Result<Session, EngineError> {
        none()
    }

    async fn sessions(&self, _: &Path) -> Result<Vec<Session>, EngineError> {
        Ok(self.listed.lock().unwrap().clone())
    }

    async fn waiting(&self, _: &Path) -> Result<Vec<SessionId>, EngineError> {
        let snapshots = self.snapshots.lock().unwrap();
        let asks = snapshots.values().flat_map(|snapshot| &snapshot.permissions);
        Ok(asks.map(|ask| ask.session.clone()).collect())
    }

    async fn snapshot(
        &self,
        _: &Path,
        session: &SessionId,
        _: Option<u32>,
    ) -> Result<SessionSnapshot, EngineError> {
        let snapshots = self.snapshots.lock().unwrap();
        snapshots.get(session).cloned().map_or_else(none, Ok)
    }

    async fn older_messages(
        &self,
        _: &Path,
        _: &SessionId,
        _: Option<&OlderMessages>,
        _: u32,
    ) -> Result<MessagePage, EngineError> {
        let waits = self.waits.lock().unwrap().pop_front();
        self.older_asked.fetch_add(1, Ordering::SeqCst);
        if let Some(waits) = waits {
            let _ = waits.await;
        }
        self.older.lock().unwrap().take().map_or_else(none, Ok)
    }

    async fn prompt(&self, _: &Path, _: &SessionId, prompt: Prompt) -> Result<(), EngineError> {
        self.prompts.lock().unwrap().push(prompt);
        let waits = self.prompt_waits.lock().unwrap().take();
        if let Some(waits) = waits {
            let _ = waits.await;
        }
        self.refusals.lock().unwrap().pop_front().map_or(Ok(()), Err)
    }

    async fn prompt_parts(
        &self,
        _: &Path,
        _: &SessionId,
        _: &MessageId,
    ) -> Result<Vec<PromptPart>, EngineError> {
        if self.has_none.load(Ordering::SeqCst) {
            return none();
        }
        Ok(Vec::new())
    }

    async fn commands(&self, _: &Path) -> Result<Vec<Command>, EngineError> {
        Ok(Vec::new())
    }

    async fn compact(&self, _: &Path, _: &SessionId, _: &ModelReference) -> Result<(), EngineError> {
        if self.compacts.load(Ordering::SeqCst) {
            Ok(())
        } else {
            none()
        }
    }

    async fn abort(&self, _: &Path, _: &SessionId) -> Result<(), EngineError> {
        Ok(())
    }

    async fn answer_permission(
        &self,
        _: &Path,
        _: &PermissionId,
        _: PermissionReply,
    ) -> Result<(), EngineError> {
        self.answers.fetch_add(1, Ordering::SeqCst);
        none()
    }

    async fn answer_question(
        &self,
        _: &Path,
        _: &QuestionId,
        _: Vec<Vec<String>>,
    ) -> Result<(), EngineError> {
        none()
    }

    async fn reject_question(&self, _: &Path, _: &QuestionId) -> Result<(), EngineError> {
        none()
    }

    async fn rename_session(&self, _: &Path, _: &SessionId, _: &str) -> Result<Session, EngineError> {
        none()
    }

    async fn delete_session(&self, _: &Path, _: &SessionId) -> Result<(), EngineError> {
        none()
    }

    async fn fork_session(
        &self,
        _: &Path,
        _: &SessionId,
        _: Option<&MessageId>,
    ) -> Result<Session, EngineError> {
        none()
    }

    async fn revert(&self, _: &Path, _: &SessionId, _: &MessageId) -> Result<Session, EngineError> {
        none()
    }

    async fn unrevert(&self, _: &Path, _: &SessionId) -> Result<Session, EngineError> {
        none()
    }

    async fn keeps_history(&self, _: &Path) -> Result<bool, EngineError> {
        Ok(true)
    }

    async fn changes(&self, _: &Path, _: &SessionId, _: &MessageId) -> Result<Vec<FileChange>, EngineError> {
        Ok(self.changed.lock().unwrap().clone())
    }

    async fn session_changes(&self, _: &Path, _: &SessionId) -> Result<Vec<FileChange>, EngineError> {
        Ok(Vec::new())
    }

    async fn agents(&self, _: &Path) -> Result<Vec<Agent>, EngineError> {
        Ok(Vec::new())
    }

    async fn models(&self, _: &Path) -> Result<Vec<Model>, EngineError> {
        Ok(Vec::new())
    }

    async fn reload(&self, _: &Path) -> Result<(), EngineError> {
        {
            let mut reloads = self.reloads.lock().unwrap();
            reloads.all += 1;
            reloads.now += 1;
            reloads.most = reloads.most.max(reloads.now);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        self.reloads.lock().unwrap().now -= 1;
        Ok(())
    }

    async fn auth_methods(&self) -> Result<SignInMethods, EngineError> {
        Ok(SignInMethods::new())
    }

    async fn authorize(
        &self,
        _: &str,
        _: usize,
        _: &BTreeMap<String, String>,
    ) -> Result<Option<SignInStep>, EngineError> {
        Ok(Some(SignInStep {
            page: "https://provider.example/".parse().unwrap(),
            instructions: String::new(),
            wants_code: self.wants_code.load(Ordering::SeqCst),
        }))
    }

    async fn complete(&self, _: &str, _: usize, _: Option<&str>) -> Result<(), EngineError> {
        let end = self.ends.lock().unwrap().pop_front();
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let succeeds = match end {
            Some(end) => end.await.unwrap_or(false),
            None => false,
        };
        if succeeds { Ok(()) } else { none() }
    }

    async fn sign_out(&self, provider: &str) -> Result<(), EngineError> {
        self.signed_out.lock().unwrap().push(provider.to_owned());
        Ok(())
    }

    async fn stop_all(&self) -> Result<(), EngineError> {
        Ok(())
    }
}

/// An application over this key ring. It has no engine but the one a test gives it.
pub(crate) async fn open(ring: &Ring) -> (TempDir, Workspace) {
    open_as(ring, |_| {}).await
}

/// Why its engine was given up, once the start that every application begins with is over.
pub(crate) async fn given_up(workspace: &Workspace) -> String {
    loop {
        if let crate::view::EngineState::Absent { code, .. } = workspace.engine_state() {
            return code;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The same, with other options.
pub(crate) async fn open_as(ring: &Ring, change: impl FnOnce(&mut Options)) -> (TempDir, Workspace) {
    let root = tempfile::tempdir().unwrap();
    RING.set(Some(ring.clone()));
    let mut options = Options {
        brand: Brand::stock().unwrap(),
        places: Places::under(&root.path().join("app")).unwrap(),
        engine: root.path().join("no-engine"),
        box_program: root.path().join("no-box"),
        tool_servers: Vec::new(),
        ripgrep: None,
        holder: Holder::CommandLine,
        version: "test".to_owned(),
        folders: Vec::new(),
        home_directory: None,
        confinement: Confinement::default(),
        clock: Clock::default(),
        log: None,
        // Where the session's bus is in reach of a box nothing would be kept; the ring is the test's.
        #[cfg(debug_assertions)]
        plaintext_secrets: Some(root.path().join("secrets")),
    };
    change(&mut options);
    let workspace = Workspace::open(options).await.unwrap();
    (root, workspace)
}

/// Gives the application an engine that runs.
pub(crate) fn run(workspace: &Workspace, engine: &Arc<FakeEngine>) {
    let engine: Arc<dyn Engine> = engine.clone();
    workspace.inner.engine.send_replace(Some(engine));
}

/// Waits until something is so.
pub(crate) async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let looked = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), looked)
        .await
        .unwrap_or_else(|_| panic!("waited in vain for {what}"));
}

/// Waits for what might happen and must not.
pub(crate) async fn a_while() {
    tokio::time::sleep(Duration::from_millis(150)).await;
}
