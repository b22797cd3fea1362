//! How much of one desktop is kept, and of all.
//!
//! A desktop is somebody's program: what it sends is bounded whatever it is, so that one takes neither the memory nor the
//! time of the others. What is beyond a bound is left out in sight: a conversation says that there are older messages, a
//! text that its rest is not kept, a list that there are more.

use std::time::Duration;

/// Threads of a desktop that are listed. The list of an app that was used daily for years; those that changed longest ago
/// go, and the list says that there are more.
pub const THREADS: usize = 2_000;

/// Asks that wait in one session: an agent waits for one, and its sub-agents for theirs. Further ones are not shown before
/// one was answered.
pub const ASKS: usize = 64;

/// Bytes of all that waits at a desktop. Each ask is read again whenever what is beside its conversation is drawn, so that they
/// cost time, too; an agent asks in some kilobytes.
pub const ASKS_BYTES: usize = 8 * 1024 * 1024;

/// Sessions in which something waits at once. The inbox shows [`INBOX`] rows.
pub const ASKING_SESSIONS: usize = 500;

/// Rows of the inbox; how many more there are is said.
pub const INBOX: usize = 200;

/// Messages of a conversation that are held, and how many are left when there were more: the oldest go a quarter at a time,
/// so that one that comes costs no more where there are thousands.
pub const MESSAGES: (usize, usize) = (4_000, 3_000);

/// Bytes of text of a conversation that are held, and how many are left when there were more. A day's work of an agent is
/// some megabytes.
pub const SESSION_BYTES: (usize, usize) = (64 * 1024 * 1024, 48 * 1024 * 1024);

/// Bytes of text of all conversations of one desktop that are held when another one is read. Two people looking at some
/// days' work each; beyond that nobody opens another one, and of sub-agents no more are read.
pub const HELD_BYTES: usize = 128 * 1024 * 1024;

/// Parts of one message: a turn of hundreds of calls has a few hundred. A note stands in the place of the others.
pub const PARTS: usize = 2_000;

/// Calls of a conversation that name a sub-agent's session.
pub const SUB_AGENTS: usize = 1_000;

/// Sub-agents' sessions that are read with a thread: those that are drawn below it, the newest.
pub const CHILDREN: usize = 64;

/// Levels of sub-agents that are looked through. It ends a loop in what a desktop tells, too.
pub const LEVELS: usize = 16;

/// Steps of a plan.
pub const TODOS: usize = 200;

/// Questions of one ask, and answers that are offered to each.
pub const QUESTIONS: (usize, usize) = (20, 50);

/// Patterns, files and the like that one ask or part lists.
pub const LISTED: usize = 100;

/// Agents and folders that a desktop offers.
pub const OFFERED: usize = 200;

/// Bytes of an id. Engines' have some thirty.
pub const ID: usize = 128;

/// Bytes of a name: of a tool, an agent, a model, a folder, a file.
pub const NAME: usize = 300;

/// Bytes of what is read in a few lines: a title, a step, an answer that is offered, why something failed.
pub const LINES: usize = 8 * 1024;

/// Bytes of a command or a path that an ask is about; of a longer one nobody can see what it does.
pub const ASKED: usize = 256 * 1024;

/// The largest number that is taken for a count or a time: what a browser still counts exactly is 2⁵³, and sums of a few of
/// these are below.
pub const COUNT: u64 = 1 << 48;

/// Events that are read from the log at once.
pub const READ: usize = 1_000;

/// Between two batches of a room while much happens: ten a second, so that text flows, and few enough that a thousand
/// browsers cost little. The first change after a pause goes at once.
pub const GAP: Duration = Duration::from_millis(100);

/// How long a room stays after its last watcher left: whoever loads a page anew finds it as it was.
pub const LINGER: Duration = Duration::from_secs(15);

/// Conversations that stay in a room's memory when nobody looks at them any more, and how large each may be: going back and
/// forth reads nothing.
pub const IDLE: (usize, usize) = (6, 8 * 1024 * 1024);

/// Conversations that are looked at in one room at once, counted by where in them somebody stands.
pub const LOOKS: usize = 64;

/// Messages that a picture for somebody who joins may have. Beyond that they get one of their own, of the newest.
pub const JOINED: usize = 96;

/// Batches, and their bytes, that wait for one browser. Some seconds of a fast stream; who is slower begins anew, which is
/// less to send than all that was missed.
pub const QUEUE: (usize, usize) = (128, 8 * 1024 * 1024);

/// Batches that a browser which confirms what it drew may be behind.
pub const UNCONFIRMED: u64 = 256;

/// Browsers that look at one desktop, at all, and rooms.
pub const WATCHERS: usize = 128;
/// See [`WATCHERS`].
pub const ALL_WATCHERS: usize = 10_000;
/// See [`WATCHERS`].
pub const ROOMS: usize = 2_000;

/// Questions to a room that wait.
pub const CALLS: usize = 64;

/// A desktop that said nothing for so long is not there: three times the longest that a claim waits.
pub const ONLINE: i64 = 40_000;

/// Threads of a first picture, and of a page.
pub const FIRST: usize = 200;

/// Spans of time of the list of threads.
pub const STARTS: usize = 128;

/// Bytes of a conversation that are given to be copied.
pub const COPIED: usize = 16 * 1024 * 1024;
