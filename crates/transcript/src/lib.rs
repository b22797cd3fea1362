//! One session's conversation as a person sees it, projected from what an engine reports.
//!
//! An engine's events are made for replaying its own state, not for reading: deltas may come before the part
//! they belong to, a repeated model request leaves the text of the failed one behind, updates trail after the
//! turn's end, and a killed engine says nothing at all. [`Transcript`] is the one place that knows these
//! habits. It takes [`EngineEvent`](cowork_engine::EngineEvent)s and snapshots, keeps the conversation as
//! ordered [`Entry`]s of [`Block`]s, and says what changed as [`Patch`]es, so that whoever shows it redraws no
//! more than that.
//!
//! Use it wherever a session is shown, streamed to a terminal or written to a journal. It is pure: no input or
//! output, no clock (the time is an argument, in milliseconds since the epoch), no randomness. Do not use it
//! for what spans sessions (the list of sessions, sub-agents' asks shown in the parent, which transcripts are
//! kept in memory), nor for rendering: text is kept as source.
//!
//! ```
//! use cowork_engine::{EngineEvent, SessionId, SessionStatus};
//! use cowork_transcript::{Mark, Patch, Transcript};
//!
//! let session = SessionId::from("ses_1");
//! let mut transcript = Transcript::new(session.clone());
//! let mut patches = Vec::new();
//! let event = EngineEvent::StatusChanged { session, status: SessionStatus::Busy };
//! transcript.apply(event, 1_000, &mut patches);
//! assert_eq!(patches, [Patch::Status]);
//! assert_eq!(transcript.mark(), Mark::Working);
//! assert_eq!(transcript.working_since(), Some(1_000));
//! ```

mod asks;
mod entry;
mod limit;
mod patch;
mod place;
mod repeat;
mod restore;
mod stash;
mod tasks;
mod timeline;
mod transcript;
mod turn;

pub use entry::{Block, BlockContent, Entry, ToolView};
pub use limit::{OUTPUT_LIMIT, TEXT_LIMIT};
pub use patch::{Patch, Patches};
pub use repeat::{REPEATED_TIMES, REPEATED_WITHIN, Repeated};
pub use transcript::{Mark, Transcript};
