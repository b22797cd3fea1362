//! The list of threads and the folders they stand under, as a page shows them.

use std::collections::BTreeMap;

use cowork_engine::SessionId;
use cowork_pairing_protocol::session::SharedThread;
use cowork_screen::view::{
    BoxSettingsView, BrandView, Folder, FolderKind, Safety, SessionMark, SessionRow, Settings, Start,
    ThreadGroup, ThreadOutline, ThreadPage,
};

use super::Desktop;
use crate::bounds;

/// The folder of all throw-away ones.
const THROW_AWAY: &str = "throw-away";

/// Stands before the name of a folder that has no id here.
const NAMED: &str = "named:";

/// The provider of the scripted demo.
const DEMO: &str = cowork_screen::render::DEMO_PROVIDER;

impl Desktop {
    /// The row of a thread.
    pub(crate) fn row(&self, id: &SessionId) -> Option<SessionRow> {
        let shared = &self.threads.get(id)?.shared;
        let model = shared.model.clone();
        let scripted = model.as_deref().and_then(|model| model.split('/').next()) == Some(DEMO);
        Some(SessionRow {
            id: id.to_string(),
            parent: shared.parent.clone(),
            title: shared.title.clone(),
            folder: self.folder_of(shared),
            mark: self.threads.mark(id),
            updated: shared.updated,
            agent: shared.agent.clone(),
            model,
            scripted,
            cost: shared.cost,
            tags: Vec::new(),
        })
    }

    /// The id of a thread's folder: what the desktop calls it where new sessions may be made in it.
    pub(super) fn folder_of(&self, shared: &SharedThread) -> String {
        if shared.throw_away {
            return THROW_AWAY.to_owned();
        }
        let label = shared.folder.as_deref().unwrap_or_default();
        let offered = self.status.iter().flat_map(|status| &status.folders);
        let id = offered
            .filter(|folder| folder.label == label)
            .map(|folder| &folder.id)
            .next();
        id.cloned().unwrap_or_else(|| format!("{NAMED}{label}"))
    }

    /// Whether new sessions may be made in a folder.
    pub(crate) fn is_offered(&self, folder: &str) -> bool {
        let mut offered = self.status.iter().flat_map(|status| &status.folders);
        offered.any(|known| known.id == folder)
    }

    /// The folders that new sessions may be made in, and those that threads stand in.
    pub(crate) fn folders(&self) -> Vec<Folder> {
        let folder = |id: &str, label: &str, kind: FolderKind, available: bool| Folder {
            id: id.to_owned(),
            label: label.to_owned(),
            path: String::new(),
            kind,
            available,
            ignored: Vec::new(),
            unboxed_allowed: false,
            box_settings: BoxSettingsView::default(),
        };
        let mut folders = BTreeMap::new();
        for known in self.status.iter().flat_map(|status| &status.folders) {
            let made = folder(&known.id, &known.label, FolderKind::Project, true);
            folders.insert(made.id.clone(), made);
        }
        for (_, thread) in self.threads.newest() {
            let id = self.folder_of(&thread.shared);
            let label = thread.shared.folder.as_deref().unwrap_or_default();
            let kind = if thread.shared.throw_away {
                FolderKind::Sandbox
            } else {
                FolderKind::Project
            };
            folders
                .entry(id.clone())
                .or_insert_with(|| folder(&id, label, kind, false));
        }
        folders.into_values().collect()
    }

    /// The newest threads, and those that something runs in, wherever they stand.
    fn recent(&self) -> (Vec<SessionRow>, bool) {
        let mut rows = Vec::new();
        let mut more = self.threads.more;
        for (place, (id, _)) in self.threads.newest().enumerate() {
            let Some(row) = self.row(id) else { continue };
            if place < bounds::FIRST || is_running(row.mark) {
                rows.push(row);
            } else {
                more = true;
            }
        }
        (rows, more)
    }

    /// Everything for a first picture.
    pub(crate) fn start(&self, brand: &BrandView, now: i64) -> Start {
        let (sessions, more_sessions) = self.recent();
        Start {
            brand: brand.clone(),
            version: self
                .status
                .as_ref()
                .map(|status| status.version.clone())
                .unwrap_or_default(),
            platform: "web".to_owned(),
            settings: Settings::default(),
            folders: self.folders(),
            sessions,
            more_sessions,
            engine: self.engine(now),
            safety: safety(),
            models: Vec::new(),
            agents: self.agents(),
            providers: Vec::new(),
            test: None,
            sign_in: None,
            inbox: self.inbox(),
            notices: Vec::new(),
            pairings: cowork_screen::view::Pairings::default(),
            initial_folder: None,
        }
    }

    /// What the list of threads is made of. `starts` are when spans of time begin, the latest first.
    pub(crate) fn outline(&self, starts: &[i64]) -> ThreadOutline {
        let mut groups: Vec<ThreadGroup> = Vec::new();
        for (_, thread) in self.threads.newest() {
            let shared = &thread.shared;
            let folder = (!shared.throw_away).then(|| self.folder_of(shared));
            let span = starts.partition_point(|start| *start > shared.updated);
            let known = groups.iter().position(|group| group.folder == folder);
            let place = known.unwrap_or_else(|| {
                groups.push(ThreadGroup {
                    folder,
                    label: shared.folder.clone().unwrap_or_default(),
                    newest: shared.updated,
                    counts: vec![0; starts.len() + 1],
                });
                groups.len() - 1
            });
            groups[place].counts[span] += 1;
        }
        // That of all throw-away folders comes last; the others stand as they were met, the newest first.
        groups.sort_by_key(|group| group.folder.is_none());
        ThreadOutline {
            groups,
            recent: self.recent().0,
        }
    }

    /// A page of the list: threads of a folder, or of all throw-away ones, that changed from `from` on and before `until`.
    pub(crate) fn page(
        &self,
        folder: Option<&str>,
        from: Option<i64>,
        until: Option<i64>,
        offset: usize,
        count: usize,
    ) -> ThreadPage {
        let folder = folder.unwrap_or(THROW_AWAY);
        let span: Vec<_> = self
            .threads
            .newest()
            .filter(|(_, thread)| self.folder_of(&thread.shared) == folder)
            .filter(|(_, thread)| from.is_none_or(|from| thread.shared.updated >= from))
            .filter(|(_, thread)| until.is_none_or(|until| thread.shared.updated < until))
            .map(|(id, _)| id)
            .collect();
        let page = span.iter().skip(offset).take(count.min(bounds::FIRST));
        ThreadPage {
            rows: page.filter_map(|id| self.row(id)).collect(),
            count: u32::try_from(span.len()).unwrap_or(u32::MAX),
        }
    }
}

fn is_running(mark: SessionMark) -> bool {
    matches!(
        mark,
        SessionMark::Working
            | SessionMark::AsksPermission
            | SessionMark::AsksQuestion
            | SessionMark::Retrying
    )
}

/// What a desktop does not tell of itself: a page has nothing to warn of there.
fn safety() -> Safety {
    Safety {
        boxed: cowork_screen::view::BoxState::Unknown,
        home: cowork_screen::view::EngineHome::Private,
        not_saving: None,
        pending: Vec::new(),
        restart_needed: false,
        tools: cowork_screen::view::BoxProof::Unknown,
        folders: Vec::new(),
        stopped: Vec::new(),
        stopped_files: Vec::new(),
        servers: Vec::new(),
    }
}
