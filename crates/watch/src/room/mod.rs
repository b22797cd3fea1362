//! One desktop that somebody looks at: the task that reads its log, projects it and tells its watchers.

mod flush;
mod load;
mod looks;

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use cowork_engine::SessionId;
use cowork_screen::view::{AgentChoice, ConversationPage, EngineState, Folder, Inbox};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::Instant;

use self::load::Loaded;
use self::looks::Look;
use crate::bounds;
use crate::desktop::{Changes, Desktop, DesktopView};
use crate::hub::Shared;
use crate::log::{Entry, Key, LogError, News};
use crate::queue::{Feed, Frame};
use crate::watcher::{NotThere, WatcherId};

/// How others reach a room.
pub(crate) struct Handle {
    calls: mpsc::Sender<Call>,
    /// Watchers that left and are not taken out yet.
    left: Mutex<Vec<WatcherId>>,
    wake: Notify,
    /// Watchers that are on their way in: a room does not go while there are any.
    pub(crate) joining: AtomicUsize,
    pub(crate) watchers: AtomicUsize,
}

impl Handle {
    fn left(&self) -> MutexGuard<'_, Vec<WatcherId>> {
        self.left.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A watcher is gone.
    pub(crate) fn leave(&self, id: WatcherId) {
        self.left().push(id);
        self.wake.notify_one();
    }

    /// Asks the room something.
    pub(crate) async fn call(&self, call: Call) -> Result<(), NotThere> {
        self.calls.send(call).await.map_err(|_| NotThere::Gone)
    }
}

/// A look into what is known of the desktop.
type Question = Box<dyn FnOnce(&Desktop, i64) + Send>;

/// What a room is asked.
pub(crate) enum Call {
    /// A watcher comes.
    Join { id: WatcherId, queue: Feed },
    /// It begins, and gets what everything is now.
    Start {
        id: WatcherId,
        answer: oneshot::Sender<Bytes>,
    },
    /// It looks at a conversation.
    Open {
        id: WatcherId,
        session: SessionId,
        around: Option<String>,
        answer: oneshot::Sender<Result<Bytes, NotThere>>,
    },
    /// It looks at other messages of it.
    Page {
        id: WatcherId,
        session: SessionId,
        page: ConversationPage,
        answer: oneshot::Sender<Result<(), NotThere>>,
    },
    /// It looks at none.
    Close { id: WatcherId },
    /// It is seen, or nobody sees it.
    Shown { id: WatcherId, shown: bool },
    /// Something else.
    Look(Question),
}

/// A browser, as its room knows it.
struct Seat {
    queue: Feed,
    /// It asked for a first picture, and what changes is told.
    begun: bool,
    hidden: bool,
    /// What it looks at.
    look: Option<u64>,
}

/// What the watchers were told beside conversations.
#[derive(Default)]
struct Told {
    desktop: Option<DesktopView>,
    folders: Vec<Folder>,
    agents: Vec<AgentChoice>,
    engine: Option<EngineState>,
    inbox: Inbox,
}

/// A conversation that is asked for and not read yet.
struct Pending {
    id: WatcherId,
    session: SessionId,
    around: Option<String>,
    answer: oneshot::Sender<Result<Bytes, NotThere>>,
}

pub(crate) struct Room {
    key: Key,
    shared: Arc<Shared>,
    handle: Arc<Handle>,
    desktop: Desktop,
    changes: Changes,
    seats: HashMap<WatcherId, Seat>,
    /// Those that left before they came: both go ways of their own.
    left: BTreeSet<WatcherId>,
    looks: HashMap<u64, Look>,
    /// Looks that have something to tell.
    dirty: BTreeSet<u64>,
    next_look: u64,
    told: Told,
    pending: Vec<Pending>,
    /// Sessions that are being read.
    loading: BTreeSet<SessionId>,
    loaded: (mpsc::Sender<Loaded>, mpsc::Receiver<Loaded>),
    /// Sessions that nobody looks at any more, the last one last.
    idle: Vec<SessionId>,
    /// What came since the last batch.
    news: News,
    /// Something is to be told.
    due: bool,
    flushed: Instant,
    /// Since when nobody is here.
    empty: Option<Instant>,
}

/// Makes a room and the task that is its life.
pub(crate) fn open(shared: Arc<Shared>, key: Key) -> Arc<Handle> {
    let (calls, asked) = mpsc::channel(bounds::CALLS);
    let handle = Arc::new(Handle {
        calls,
        left: Mutex::default(),
        wake: Notify::new(),
        joining: AtomicUsize::new(0),
        watchers: AtomicUsize::new(0),
    });
    let room = Room {
        key,
        shared,
        handle: Arc::clone(&handle),
        desktop: Desktop::default(),
        changes: Changes::default(),
        seats: HashMap::new(),
        left: BTreeSet::new(),
        looks: HashMap::new(),
        dirty: BTreeSet::new(),
        next_look: 1,
        told: Told::default(),
        pending: Vec::new(),
        loading: BTreeSet::new(),
        loaded: mpsc::channel(bounds::CALLS),
        idle: Vec::new(),
        news: News {
            events: true,
            standing: false,
        },
        due: true,
        flushed: Instant::now(),
        // Whoever had it made may turn back before they are in.
        empty: Some(Instant::now()),
    };
    tokio::spawn(room.live(asked));
    handle
}

impl Room {
    async fn live(mut self, mut calls: mpsc::Receiver<Call>) {
        // Whatever ends this task, nobody is left with a room that does not answer.
        let _gone = Gone {
            shared: Arc::clone(&self.shared),
            key: self.key.clone(),
            handle: Arc::clone(&self.handle),
        };
        let mut follows = self.shared.log.follow(&self.key);
        if let Err(error) = self.read_heads().await {
            tracing::warn!(%error, "a desktop cannot be shown");
            self.dismiss();
            return;
        }
        self.told = self.is_now();
        let handle = Arc::clone(&self.handle);
        loop {
            let next = self.flushed + bounds::GAP;
            let presence = self.flushed + std::time::Duration::from_millis(bounds::ONLINE.unsigned_abs() / 4);
            let ends = self.empty.map(|since| since + bounds::LINGER);
            let wakes = tokio::select! {
                call = calls.recv() => match call {
                    Some(call) => self.answer(call).await,
                    None => return,
                },
                () = handle.wake.notified() => {
                    self.take_left();
                    Ok(())
                },
                news = follows.next(), if !self.due => {
                    self.note_news(news);
                    Ok(())
                },
                Some(loaded) = self.loaded.1.recv() => self.take_loaded(loaded).await,
                () = tokio::time::sleep_until(next), if self.due => self.tell().await,
                // A desktop that goes says nothing, and one that is there is not written down each time it says so.
                () = tokio::time::sleep_until(presence), if !self.due => {
                    self.note_news(News { events: false, standing: true });
                    Ok(())
                },
                () = sleep_until(ends), if ends.is_some() => {
                    if self.may_go() {
                        return;
                    }
                    self.empty = Some(Instant::now());
                    Ok(())
                },
            };
            if let Err(error) = wakes {
                tracing::warn!(%error, "what a desktop told cannot be read; those who look at it begin anew");
                self.dismiss();
                return;
            }
        }
    }

    /// What whoever begins now is given: from then on what is another one is told.
    fn is_now(&self) -> Told {
        Told {
            desktop: None,
            folders: self.desktop.folders(),
            agents: self.desktop.agents(),
            engine: Some(self.desktop.engine(self.shared.now())),
            inbox: self.desktop.inbox(),
        }
    }

    /// Takes what came, and tells it.
    async fn tell(&mut self) -> Result<(), LogError> {
        self.due = false;
        self.take_news().await?;
        self.flush();
        self.flushed = Instant::now();
        Ok(())
    }

    fn note_news(&mut self, news: News) {
        self.due = true;
        self.news.events |= news.events;
        self.news.standing |= news.standing;
    }

    /// Takes what came.
    async fn take_news(&mut self) -> Result<(), LogError> {
        self.take_left();
        let News { events, standing } = std::mem::take(&mut self.news);
        if standing {
            self.desktop.presence = self.shared.log.standing(&self.key).await?.presence;
        }
        if events { self.read_on().await } else { Ok(()) }
    }

    fn take_left(&mut self) {
        let left = std::mem::take(&mut *self.handle.left());
        for id in left {
            self.leave(id);
        }
    }

    fn take(&mut self, entry: &Entry) {
        self.shared.figures.events.fetch_add(1, Ordering::Relaxed);
        self.desktop.apply(entry, &mut self.changes);
    }

    async fn answer(&mut self, call: Call) -> Result<(), LogError> {
        match call {
            Call::Join { id, queue } => {
                let seat = Seat {
                    queue,
                    begun: false,
                    hidden: false,
                    look: None,
                };
                if !self.left.remove(&id) {
                    self.seats.insert(id, seat);
                }
                self.empty = self.seats.is_empty().then(Instant::now);
                self.handle.watchers.store(self.seats.len(), Ordering::Release);
                self.handle.joining.fetch_sub(1, Ordering::AcqRel);
            }
            Call::Start { id, answer } => {
                self.tell().await?;
                let picture = self.desktop.start(&self.shared.options.brand, self.shared.now());
                if let Some(seat) = self.seats.get_mut(&id) {
                    seat.begun = true;
                    seat.queue.begin();
                    let desktop = self.desktop.view(self.shared.now());
                    seat.queue.put(Frame::Desktop(Arc::new(desktop)));
                }
                self.look_away(id);
                // Who asked may be gone.
                let _ = answer.send(json(&picture));
            }
            Call::Open {
                id,
                session,
                around,
                answer,
            } => {
                self.tell().await?;
                self.open(Pending {
                    id,
                    session,
                    around,
                    answer,
                });
            }
            Call::Page {
                id,
                session,
                page,
                answer,
            } => {
                self.tell().await?;
                // Who asked may be gone.
                let _ = answer.send(self.turn(id, &session, page));
            }
            Call::Close { id } => self.look_away(id),
            Call::Shown { id, shown } => self.show(id, shown),
            Call::Look(question) => {
                self.take_news().await?;
                self.due = true;
                question(&self.desktop, self.shared.now());
            }
        }
        Ok(())
    }

    fn leave(&mut self, id: WatcherId) {
        self.look_away(id);
        if self.seats.remove(&id).is_none() {
            self.left.insert(id);
        }
        self.handle.watchers.store(self.seats.len(), Ordering::Release);
        if self.seats.is_empty() {
            self.empty = Some(Instant::now());
        }
    }

    /// Nobody sees a browser, or somebody does again, who begins anew if there was news meanwhile.
    fn show(&mut self, id: WatcherId, shown: bool) {
        if let Some(seat) = self.seats.get_mut(&id) {
            seat.hidden = !shown;
            if shown && !seat.begun {
                seat.queue.anew();
            }
        }
    }

    /// Whether nobody is here or on the way, so that the room goes.
    fn may_go(&self) -> bool {
        let mut rooms = self.shared.rooms();
        let goes = self.seats.is_empty() && self.handle.joining.load(Ordering::Acquire) == 0;
        if goes {
            rooms.remove(&self.key);
        }
        goes
    }

    /// All begin anew, in another room.
    fn dismiss(&mut self) {
        self.seats.clear();
    }
}

async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

/// The views are plain data: nothing of them cannot be written as JSON.
fn json(view: &impl serde::Serialize) -> Bytes {
    match serde_json::to_vec(view) {
        Ok(bytes) => Bytes::from(bytes),
        Err(error) => {
            tracing::error!(%error, "a view cannot be written");
            Bytes::from_static(b"null")
        }
    }
}

/// Takes a room out of the table when its task ends, however it ends.
struct Gone {
    shared: Arc<Shared>,
    key: Key,
    handle: Arc<Handle>,
}

impl Drop for Gone {
    fn drop(&mut self) {
        let mut rooms = self.shared.rooms();
        if rooms
            .get(&self.key)
            .is_some_and(|room| Arc::ptr_eq(room, &self.handle))
        {
            rooms.remove(&self.key);
        }
    }
}
