//! The list of threads, which the index holds: memory has but a part of it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use cowork_engine::Session;
use cowork_store::{STARTS_LIMIT, StoreError, ThreadSpan};

use crate::error::{Result, WorkspaceError};
use crate::folders::label;
use crate::index;
use crate::state::Row;
use crate::view::{SessionRow, ThreadGroup, ThreadOutline, ThreadPage};
use crate::workspace::{Inner, Workspace, blocking};

/// Threads of a first picture: several screens of any window.
pub(crate) const FIRST: u32 = 200;

/// Threads of a page at most.
const PAGE: u32 = 200;

/// Sessions that are taken in at once: a few milliseconds in which nobody else changes the state.
const TAKEN_IN: usize = 500;

impl Workspace {
    /// What the list of threads is made of. `starts` are the times at which days, months and years begin for who looks
    /// at it, the latest first.
    ///
    /// # Errors
    /// When there are too many of them or they are in no order, or the index cannot be read.
    pub async fn thread_outline(&self, starts: Vec<i64>) -> Result<ThreadOutline> {
        if starts.len() > STARTS_LIMIT || !starts.is_sorted_by(|later, earlier| later > earlier) {
            return Err(WorkspaceError::InvalidInput(format!(
                "The list of threads has at most {STARTS_LIMIT} spans of time, the latest first."
            )));
        }
        self.inner.save_now().await;
        let store = self.inner.store.clone();
        let (groups, recent) = blocking(move || {
            Ok::<_, StoreError>((store.thread_outline(&starts)?, store.list_sessions(FIRST)?))
        })
        .await
        .and_then(|read| read.context("reading the list of threads"))
        .map_err(WorkspaceError::Internal)?;
        let mut state = self.inner.state();
        let groups = groups
            .into_iter()
            .map(|group| {
                let folder = group.folder.as_deref().map(Path::new);
                ThreadGroup {
                    label: folder.map(label).unwrap_or_default(),
                    folder: folder.map(|path| state.folders.note(path)),
                    newest: group.newest,
                    counts: group.counts,
                }
            })
            .collect();
        let recent = state.with_running(recent.into_iter().map(index::row).collect());
        Ok(ThreadOutline { groups, recent })
    }

    /// A page of the list of threads: those of a folder, or of all throw-away folders, that changed last from `from` on
    /// and before `until`.
    ///
    /// # Errors
    /// When the folder is not known, or the index cannot be read.
    pub async fn thread_page(
        &self,
        folder: Option<&str>,
        from: Option<i64>,
        until: Option<i64>,
        offset: u32,
        count: u32,
    ) -> Result<ThreadPage> {
        let path = match folder {
            Some(id) => Some(self.inner.state().folders.seen(id)?),
            None => None,
        };
        self.inner.save_now().await;
        let span = ThreadSpan {
            folder: path.map(|path: PathBuf| path.to_string_lossy().into_owned()),
            from,
            until,
            offset,
            limit: count.min(PAGE),
        };
        let store = self.inner.store.clone();
        let page = blocking(move || store.thread_page(&span))
            .await
            .and_then(|read| read.context("reading a page of the list of threads"))
            .map_err(WorkspaceError::Internal)?;
        let rows = page.rows.into_iter().map(index::row).collect();
        Ok(ThreadPage {
            rows: self.inner.state().as_they_are(rows),
            count: page.count,
        })
    }

    /// The threads of a first picture, and whether there are more.
    pub(crate) async fn first_threads(&self) -> (Vec<SessionRow>, bool) {
        self.inner.save_now().await;
        let store = self.inner.store.clone();
        let read = blocking(move || store.list_sessions(FIRST + 1))
            .await
            .and_then(|read| read.context("reading the newest threads"));
        match read {
            Ok(mut rows) => {
                let more = rows.len() > FIRST as usize;
                rows.truncate(FIRST as usize);
                let rows = rows.into_iter().map(index::row).collect();
                (self.inner.state().with_running(rows), more)
            }
            // What is in memory is better than no window; it asks again for what there is beyond.
            Err(error) => {
                tracing::error!(
                    error = format!("{error:#}"),
                    "the newest threads could not be read"
                );
                (self.inner.state().listed(), true)
            }
        }
    }
}

/// Takes sessions that the engine lists into the index.
pub(crate) async fn take_in(inner: &Arc<Inner>, sessions: Vec<Session>) {
    let mut rest = sessions;
    while !rest.is_empty() {
        let some: Vec<_> = rest.drain(..rest.len().min(TAKEN_IN)).collect();
        let store = inner.store.clone();
        // What is on its way to the index is known there, too.
        inner.save_now().await;
        let read = blocking(move || {
            let ids: Vec<_> = some.iter().map(|session| session.id.as_str()).collect();
            let known = store.sessions_named(&ids);
            (some, known)
        })
        .await;
        let (some, known) = match read {
            Ok((some, known)) => (some, known),
            Err(error) => return tracing::error!(%error, "taking in what the engine lists"),
        };
        let mut known: HashMap<String, Row> = match known {
            Ok(rows) => rows
                .into_iter()
                .map(|row| (row.id.clone(), index::row(row)))
                .collect(),
            Err(error) => {
                // Not taken for new: their agents and models would be lost.
                tracing::warn!(%error, "what the engine lists is not compared with the index");
                return;
            }
        };
        let mut effects = Vec::new();
        {
            let mut state = inner.state();
            for session in &some {
                let known = known.remove(session.id.as_str());
                state.take_in(session, known, &mut effects);
            }
        }
        inner.carry_out(effects);
        tokio::task::yield_now().await;
    }
}

/// Has sessions in memory, with their families, where the index knows them.
pub(crate) async fn recall(inner: &Arc<Inner>, sessions: Vec<cowork_engine::SessionId>) {
    if sessions.is_empty() {
        return;
    }
    let store = inner.store.clone();
    let found = blocking(move || {
        let mut found = Vec::new();
        for session in sessions {
            found.extend(store.family(session.as_str())?);
        }
        Ok::<_, StoreError>(found)
    })
    .await
    .and_then(|read| read.context("looking up threads that something happens in"));
    match found {
        Ok(rows) => {
            let mut state = inner.state();
            for row in rows {
                state.recall(index::row(row));
            }
        }
        Err(error) => tracing::warn!(error = format!("{error:#}"), "a thread's row is not known"),
    }
}

#[cfg(test)]
mod tests {
    use cowork_engine::SessionId;
    use cowork_store::{FolderKind, SessionRow as Stored};
    use tempfile::TempDir;

    use super::*;
    use crate::providers::testing::{Ring, open};
    use crate::view::SessionMark;

    const MANY: i64 = 3_000;

    fn stored(id: &str, updated: i64) -> Stored {
        Stored {
            id: id.to_owned(),
            folder: format!("/work/project-{}", updated % 2),
            folder_kind: FolderKind::Project,
            parent: None,
            title: format!("Title of {id}"),
            agent: Some("plan".to_owned()),
            model: None,
            created: 1,
            updated,
            mark: Some("failed".to_owned()),
            unread: false,
            cost: 0.0,
            demo: false,
            needs_you: false,
            tags: Vec::new(),
        }
    }

    /// An application that knows many threads in two folders.
    async fn many() -> (TempDir, Workspace) {
        let (root, workspace) = open(&Ring::default()).await;
        let mut rows: Vec<_> = (0..MANY)
            .map(|number| stored(&format!("s{number:05}"), number))
            .collect();
        rows.push(Stored {
            parent: Some("s00000".to_owned()),
            ..stored("child", 5)
        });
        workspace.inner.store.upsert_sessions(&rows).unwrap();
        (root, workspace)
    }

    fn session(id: &str, updated: i64) -> Session {
        Session {
            id: SessionId::from(id),
            parent: None,
            folder: PathBuf::from("/work/project-0"),
            title: format!("Title of {id}"),
            created: 1,
            updated,
            cost: 0.0,
            reverted: None,
        }
    }

    #[tokio::test]
    async fn a_first_picture_has_the_newest_and_says_that_there_are_more() {
        let (_root, workspace) = many().await;
        let start = workspace.start().await.unwrap();
        assert_eq!(start.sessions.len(), FIRST as usize);
        assert!(start.more_sessions);
        assert_eq!(start.sessions[0].id, "s02999");
        let (_root, empty) = open(&Ring::default()).await;
        let start = empty.start().await.unwrap();
        assert_eq!((start.sessions.len(), start.more_sessions), (0, false));
    }

    #[tokio::test]
    async fn the_outline_and_its_pages_are_the_whole_list() {
        let (_root, workspace) = many().await;
        let outline = workspace.thread_outline(vec![2_000, 1_000]).await.unwrap();
        assert_eq!(outline.recent.len(), FIRST as usize);
        assert_eq!(
            outline
                .groups
                .iter()
                .map(|group| group.label.as_str())
                .collect::<Vec<_>>(),
            ["project-1", "project-0"]
        );
        for group in &outline.groups {
            assert_eq!(group.counts, [500, 500, 500]);
            let folder = group.folder.as_deref();
            let page = workspace
                .thread_page(folder, Some(1_000), Some(2_000), 490, 1_000)
                .await
                .unwrap();
            assert_eq!((page.rows.len(), page.count), (10, 500), "the span ends there");
            let page = workspace.thread_page(folder, None, None, 0, 1_000).await.unwrap();
            assert_eq!(page.rows.len(), PAGE as usize, "a page has its bound");
        }
        let unknown = workspace.thread_page(Some("folder-0"), None, None, 0, 10).await;
        assert!(matches!(unknown, Err(WorkspaceError::NotFound(_))));
        let disordered = workspace.thread_outline(vec![1, 2]).await;
        assert!(matches!(disordered, Err(WorkspaceError::InvalidInput(_))));
    }

    #[tokio::test]
    async fn a_page_says_what_memory_knows_and_what_was_not_saved_yet() {
        let (_root, workspace) = many().await;
        let inner = &workspace.inner;
        inner.session("s00010").unwrap();
        let id = SessionId::from("s00010");
        inner.state().rows.get_mut(&id).unwrap().mark = SessionMark::Working;
        let mut effects = Vec::new();
        inner
            .state()
            .session_changed(&session("fresh", 9_000), &mut effects);
        inner.carry_out(effects);
        let outline = workspace.thread_outline(Vec::new()).await.unwrap();
        assert_eq!(outline.recent[0].id, "fresh", "it is saved before it is counted");
        assert!(
            outline
                .recent
                .iter()
                .any(|row| row.id == "s00010" && row.mark == SessionMark::Working),
            "what runs is told wherever it stands"
        );
        let folder = outline.groups[0].folder.as_deref();
        let page = workspace
            .thread_page(folder, Some(10), Some(11), 0, 10)
            .await
            .unwrap();
        let shown: Vec<_> = page.rows.iter().map(|row| (row.id.as_str(), row.mark)).collect();
        assert_eq!(shown, [("s00010", SessionMark::Working)]);
    }

    #[tokio::test]
    async fn an_old_thread_is_found_with_its_family() {
        let (_root, workspace) = many().await;
        let inner = &workspace.inner;
        assert!(inner.state().rows.len() <= FIRST as usize);
        let (_, folder) = inner.session("child").unwrap();
        assert_eq!(folder, PathBuf::from("/work/project-1"));
        assert!(inner.state().rows.contains_key(&SessionId::from("s00000")));
        assert!(inner.session("unknown").is_err());
        recall(inner, vec![SessionId::from("s00007"), SessionId::from("unknown")]).await;
        let agent = inner.state().rows[&SessionId::from("s00007")].agent.clone();
        assert_eq!(agent.as_deref(), Some("plan"));
    }

    #[tokio::test]
    async fn what_an_engine_lists_is_taken_in_once_and_loses_nothing() {
        let (_root, workspace) = many().await;
        let inner = &workspace.inner;
        let mut listed: Vec<_> = (0..MANY)
            .map(|number| session(&format!("s{number:05}"), number))
            .collect();
        listed[3].updated = 20_000;
        listed.push(session("brought", 10_000));
        take_in(inner, listed).await;
        let outline = workspace.thread_outline(Vec::new()).await.unwrap();
        assert_eq!(
            outline.groups.iter().flat_map(|group| &group.counts).sum::<u32>(),
            3_001
        );
        assert_eq!(
            outline.recent[..2]
                .iter()
                .map(|row| row.id.as_str())
                .collect::<Vec<_>>(),
            ["s00003", "brought"]
        );
        assert_eq!(
            outline.recent[0].agent.as_deref(),
            Some("plan"),
            "the engine does not say it"
        );
        assert!(
            inner.state().rows.len() <= FIRST as usize,
            "nothing of it is held"
        );
    }
}
