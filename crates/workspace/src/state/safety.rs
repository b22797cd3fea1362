//! What must be seen when it is not as promised: boxes, homes, what was stopped.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

use super::State;
use crate::folders::label as folder_label;
use crate::view;

/// Files of one folder that were kept from commands and are still shown.
const STOPPED_FILES: usize = 20;

/// Connections that were stopped and are still shown: as many as fit a list without scrolling.
const STOPPED_CONNECTIONS: usize = 12;

impl State {
    /// What must be seen when it is not as promised.
    pub(crate) fn safety(&self) -> view::Safety {
        view::Safety {
            pending: self.stale.iter().map(|folder| folder_label(folder)).collect(),
            folders: self.folders.proofs(),
            ..self.safety.clone()
        }
    }

    fn change_safety(&mut self, change: impl FnOnce(&mut view::Safety)) {
        let before = self.safety.clone();
        change(&mut self.safety);
        self.untold.safety |= before != self.safety;
    }

    pub(crate) fn set_boxed(&mut self, boxed: view::BoxState) {
        self.change_safety(|safety| safety.boxed = boxed);
    }

    pub(crate) fn set_home(&mut self, home: view::EngineHome) {
        self.change_safety(|safety| safety.home = home);
    }

    /// Whether boxes for commands hold on this computer.
    pub(crate) fn set_tools_box(&mut self, proof: view::BoxProof) {
        self.change_safety(|safety| safety.tools = proof);
    }

    /// Whether the box of a folder holds.
    pub(crate) fn set_proof(&mut self, folder: PathBuf, proof: view::BoxProof) {
        self.folders.set_proof(folder, proof);
        self.untold.safety = true;
    }

    /// A box stopped a connection. Only the last of many is worth a person's while.
    pub(crate) fn connection_stopped(&mut self, stopped: view::StoppedConnection) {
        self.change_safety(|safety| {
            safety.stopped.retain(|known| {
                (&known.folder, &known.host, known.port) != (&stopped.folder, &stopped.host, stopped.port)
            });
            safety.stopped.insert(0, stopped);
            safety.stopped.truncate(STOPPED_CONNECTIONS);
        });
    }

    /// A box kept a file from a command. One that is known stays, with what it takes now.
    pub(crate) fn file_stopped(&mut self, stopped: view::StoppedFile) {
        self.change_safety(|safety| {
            let files = &mut safety.stopped_files;
            files.retain(|known| {
                let is_same = known.path == stopped.path
                    || (known.offered.is_some() && known.offered == stopped.offered);
                known.folder != stopped.folder || !is_same
            });
            files.insert(0, stopped);
            let mut of_folder = HashMap::new();
            files.retain(|known| {
                let count = of_folder.entry(known.folder.clone()).or_insert(0);
                *count += 1;
                *count <= STOPPED_FILES
            });
        });
    }

    /// Forgets files that boxes kept, all of them or what matches.
    pub(crate) fn forget_stopped_files(&mut self, matches: impl Fn(&view::StoppedFile) -> bool) {
        self.change_safety(|safety| safety.stopped_files.retain(|stopped| !matches(stopped)));
    }

    /// Forgets what boxes stopped, all of it or what matches.
    pub(crate) fn forget_stopped(&mut self, matches: impl Fn(&view::StoppedConnection) -> bool) {
        self.change_safety(|safety| safety.stopped.retain(|stopped| !matches(stopped)));
    }

    /// What commands serve in their boxes.
    pub(crate) fn set_servers(&mut self, servers: Vec<view::BoxServer>) {
        self.change_safety(|safety| safety.servers = servers);
    }

    pub(crate) fn set_restart_needed(&mut self, needed: bool) {
        self.change_safety(|safety| safety.restart_needed = needed);
    }

    /// Says why what is on screen is not being saved, or that it is. Whether that is news.
    pub(crate) fn set_not_saving(&mut self, reason: Option<String>) -> bool {
        let is_news = self.safety.not_saving.is_some() != reason.is_some();
        self.change_safety(|safety| safety.not_saving = reason);
        is_news
    }

    pub(crate) fn set_stale(&mut self, change: impl FnOnce(&mut BTreeSet<PathBuf>)) {
        let before = self.stale.len();
        change(&mut self.stale);
        self.untold.safety |= before != self.stale.len();
    }
}
