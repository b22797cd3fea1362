//! What can be named in a prompt: the files of its folder, and sub-agents.

use std::path::Path;
use std::sync::Arc;

use cowork_engine::AgentMode;

use crate::composing::fuzzy;
use crate::composing::walk::{Known, Listing, walk};
use crate::error::{Result, WorkspaceError};
use crate::view::{AgentChoice, FoundFile, MentionSearch};
use crate::workspace::{Workspace, blocking};

/// Files that are shown: what a list shows without much scrolling.
const SHOWN: usize = 40;

/// Bytes of what is typed.
const QUERY_BYTES: usize = 512;

impl Workspace {
    /// Finds files of a folder, and sub-agents, by what is typed of their names.
    ///
    /// # Errors
    /// When the folder is not granted.
    pub async fn search_mentions(&self, folder: &str, typed: &str) -> Result<MentionSearch> {
        let path = self.inner.state().folders.resolve(folder)?;
        let typed: String = typed.chars().take(QUERY_BYTES).collect();
        let listing = self.listing(&path).await?;
        let agents = self.sub_agents();
        blocking(move || find(&typed, &listing, agents))
            .await
            .map_err(WorkspaceError::Internal)
    }

    /// The list of a folder's files: what is there, however old, else a new one, which is made once for all who ask.
    async fn listing(&self, folder: &Path) -> Result<Arc<Listing>> {
        if let Some(listing) = self.known_listing(folder) {
            return Ok(listing);
        }
        let _turn = self.inner.composing.listings.turn_to_walk().await;
        match self.known_listing(folder) {
            Some(listing) => Ok(listing),
            None => self.list_files(folder).await,
        }
    }

    fn known_listing(&self, folder: &Path) -> Option<Arc<Listing>> {
        match self.inner.composing.listings.get(folder) {
            Known::Fresh(listing) => Some(listing),
            Known::Stale(listing) => {
                let (workspace, folder) = (self.clone(), folder.to_owned());
                // What is there answers at once; who types on gets what is new.
                tokio::spawn(async move { workspace.list_files(&folder).await });
                Some(listing)
            }
            Known::Nothing => None,
        }
    }

    async fn list_files(&self, folder: &Path) -> Result<Arc<Listing>> {
        let (path, shelter) = (folder.to_owned(), self.inner.shelter());
        let own = self.inner.options.places.sandbox_folder_root.clone();
        let listing = blocking(move || walk(&path, &covered_in(&path, &own, shelter.covered_paths())))
            .await
            .map_err(WorkspaceError::Internal)?;
        let listing = Arc::new(listing);
        self.inner.composing.listings.put(folder, listing.clone());
        Ok(listing)
    }

    /// The sub-agents that a person can put to work.
    pub(super) fn sub_agents(&self) -> Vec<AgentChoice> {
        let state = self.inner.state();
        let agents = state.agents.iter();
        agents
            .filter(|agent| !agent.hidden && agent.mode != AgentMode::Primary)
            .map(|agent| AgentChoice {
                name: agent.name.clone(),
                description: agent.description.clone().unwrap_or_default(),
            })
            .collect()
    }
}

/// What is covered, for a folder: one that the app made lies in what is covered of the app's own, and is open.
pub(super) fn covered_in(
    folder: &Path,
    own: &Path,
    mut covered: Vec<std::path::PathBuf>,
) -> Vec<std::path::PathBuf> {
    let is_own = folder.starts_with(own) || own.canonicalize().is_ok_and(|own| folder.starts_with(own));
    if is_own {
        covered.retain(|cover| !folder.starts_with(cover));
    }
    covered
}

fn find(typed: &str, listing: &Listing, agents: Vec<AgentChoice>) -> MentionSearch {
    let query = fuzzy::query(typed);
    let agents = agents
        .into_iter()
        .filter(|agent| fuzzy::fit(&query, &agent.name).is_some())
        .collect();
    let mut fits: Vec<_> = listing
        .paths
        .iter()
        .filter_map(|path| Some((fuzzy::fit(&query, path.trim_end_matches('/'))?, path)))
        .collect();
    let deep = |path: &str| path.matches('/').count();
    if query.is_empty() {
        // Nothing was typed: what lies on top is what one sees of a folder.
        fits.sort_by(|(_, one), (_, other)| (deep(one), *one).cmp(&(deep(other), *other)));
    } else {
        fits.sort_by(|(fit, one), (other_fit, other)| (-fit.score, *one).cmp(&(-other_fit.score, *other)));
    }
    let more = u32::try_from(fits.len().saturating_sub(SHOWN)).unwrap_or(u32::MAX);
    let files = fits.into_iter().take(SHOWN);
    MentionSearch {
        agents,
        files: files
            .map(|(fit, path)| FoundFile {
                path: path.clone(),
                matched: fit.places,
            })
            .collect(),
        more,
        cut: listing.cut,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::testing::{Ring, open_as};

    #[tokio::test]
    async fn a_folder_is_looked_through_once_for_all_who_ask_before_it_is_known() {
        let (_root, workspace) = open_as(&Ring::default(), |_| {}).await;
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.txt"), "").unwrap();
        let ask = || workspace.listing(folder.path());
        let (one, other, third) = tokio::try_join!(ask(), ask(), ask()).unwrap();
        assert_eq!(one.paths, ["a.txt"]);
        assert!(Arc::ptr_eq(&one, &other) && Arc::ptr_eq(&one, &third));
    }

    #[test]
    fn the_best_come_first_and_the_rest_is_counted() {
        let paths = (0..60).map(|number| format!("src/part{number}.rs"));
        let listing = Listing {
            paths: paths.chain(["part.rs".to_owned(), "docs/".to_owned()]).collect(),
            cut: true,
        };
        let agent = AgentChoice {
            name: "explore".to_owned(),
            description: String::new(),
        };
        let found = find("part", &listing, vec![agent.clone()]);
        assert_eq!(found.files[0].path, "part.rs");
        assert_eq!((found.files.len(), found.more, found.cut), (SHOWN, 21, true));
        assert!(found.agents.is_empty());
        let found = find("", &listing, vec![agent]);
        assert_eq!(found.files[0].path, "part.rs", "what lies on top first");
        assert_eq!(found.agents.len(), 1);
        assert!(find("nowhere at all", &listing, Vec::new()).files.is_empty());
    }
}
