//! Exactly what would be sent of a thread.

use cowork_engine::SessionId;
use cowork_pairing::leaving::{Leaving, PATH_MARK};
use cowork_pairing::sharing::Shared as Telling;
use cowork_redact::MARK;

use crate::error::{Result, WorkspaceError};
use crate::remote::{self, Snapshot, Which};
use crate::state::State;
use crate::view::{PairingPolicy, PairingPreview};
use crate::workspace::{Workspace, blocking};

/// Events of a page of the preview, and the bytes of it.
const PREVIEW_EVENTS: usize = 50;
const PREVIEW_BYTES: usize = 128 * 1024;
/// Sub-agents of a thread that are looked at, the first ones: each is a conversation to be read.
const SUB_AGENTS: usize = 50;

/// A conversation that would be sent.
struct Part {
    session: SessionId,
    snapshot: Snapshot,
    leaving: Leaving,
}

/// All that would be sent of a thread.
struct Whole {
    parts: Vec<Part>,
    shared: bool,
    /// There is more of it than is looked at, or than is sent.
    cut: bool,
}

impl State {
    /// A session, and the sub-agents that work for it, the first of them first.
    fn family_of(&self, session: &SessionId) -> Vec<SessionId> {
        let mut members: Vec<_> = self
            .rows
            .values()
            .filter(|row| row.id != *session && self.root_of(&row.id) == *session)
            .collect();
        members.sort_by_key(|row| (row.created, row.id.clone()));
        let below = members.into_iter().map(|row| row.id.clone());
        std::iter::once(session.clone()).chain(below).collect()
    }
}

impl Workspace {
    /// A page of exactly what would be sent of a thread and of its sub-agents now, over a pairing or by a policy.
    ///
    /// # Errors
    /// When the pairing, the thread or the page is not known, or the thread has to be read and cannot be.
    pub async fn preview_pairing(
        &self,
        pairing: Option<&str>,
        policy: Option<PairingPolicy>,
        session: &str,
        page: u32,
    ) -> Result<PairingPreview> {
        let (id, _) = self.inner.session(session)?;
        let mut family = self.inner.state().family_of(&id);
        let mut cut = family.len() > SUB_AGENTS + 1;
        family.truncate(SUB_AGENTS + 1);
        for member in &family {
            self.read_what_is_told(member).await?;
        }
        let whole = {
            let state = self.inner.state();
            let known = match pairing {
                Some(pairing) => Some(
                    state
                        .remote
                        .find(pairing)
                        .ok_or(WorkspaceError::NotFound("The pairing"))?,
                ),
                None => None,
            };
            let policy = policy
                .or_else(|| known.map(|known| known.policy))
                .unwrap_or_default();
            let mut parts = Vec::new();
            for member in family {
                let (Some(row), Some(live)) = (state.rows.get(&member), state.live.get(&member)) else {
                    // A sub-agent may be gone by now.
                    if member == id {
                        return Err(WorkspaceError::NotFound("The thread"));
                    }
                    continue;
                };
                let thread = remote::thread(row, &state);
                let snapshot = Snapshot::of(&live.transcript, thread, &Which::Newest);
                cut |= snapshot.cut;
                let places = remote::places(row, &self.inner.options);
                parts.push(Part {
                    session: member,
                    snapshot,
                    leaving: Leaving::new(&remote::policy(policy), &places),
                });
            }
            Whole {
                parts,
                shared: known.is_some_and(|known| state.is_shared(known, &id)),
                cut,
            }
        };
        let pairing = pairing.unwrap_or("pairing_of_a_preview").to_owned();
        blocking(move || preview(&pairing, whole, page))
            .await
            .and_then(std::convert::identity)
            .map_err(WorkspaceError::Internal)?
            .ok_or(WorkspaceError::NotFound("The page"))
    }
}

/// What would be sent, in pages.
fn preview(pairing: &str, whole: Whole, page: u32) -> anyhow::Result<Option<PairingPreview>> {
    let mut pages: Vec<Vec<String>> = vec![Vec::new()];
    let (mut count, mut bytes, mut on_page) = (0_usize, 0_usize, 0_usize);
    for part in whole.parts {
        let Part {
            session,
            snapshot,
            leaving,
        } = part;
        for told in Telling::new(leaving).begin(&snapshot.held(), snapshot.cut) {
            let event = remote::session_event(pairing, &session, told.event)?.event;
            (count, bytes) = (count + 1, bytes + event.len());
            let event: serde_json::Value = serde_json::from_str(&event)?;
            let event = serde_json::to_string_pretty(&event)?;
            if let Some(last) = pages.last_mut()
                && !last.is_empty()
                && (last.len() >= PREVIEW_EVENTS || on_page + event.len() > PREVIEW_BYTES)
            {
                pages.push(Vec::new());
                on_page = 0;
            }
            on_page += event.len();
            if let Some(last) = pages.last_mut() {
                last.push(event);
            }
        }
    }
    let all = u32::try_from(pages.len()).unwrap_or(u32::MAX);
    let marks = |text: &String| text.matches(MARK).count() + text.matches(PATH_MARK).count();
    let redactions = pages.iter().flatten().map(marks).sum::<usize>();
    let Some(events) = pages.into_iter().nth(page as usize) else {
        return Ok(None);
    };
    Ok(Some(PairingPreview {
        events,
        page,
        pages: all,
        count: u32::try_from(count).unwrap_or(u32::MAX),
        bytes: bytes as u64,
        redactions: u32::try_from(redactions).unwrap_or(u32::MAX),
        shared: whole.shared,
        cut: whole.cut,
    }))
}
