//! Finding threads, and searches that are saved.

use std::ops::Range;
use std::path::Path;

use cowork_engine::SessionId;
use cowork_store::{Facet, Facets, Hit, Search, Snippet, StoreError};

use crate::error::{Result, WorkspaceError};
use crate::folders::folder_id;
use crate::index;
use crate::state::State;
use crate::view::{
    SearchAge, SearchAnswer, SearchCount, SearchFacets, SearchFilter, SearchHit, SearchPlace, SearchSnippet,
};
use crate::workspace::{Workspace, blocking, now};

/// Hits of a page.
const PAGE: u32 = 30;

impl Workspace {
    /// Finds threads: a page of them from `offset` on.
    ///
    /// # Errors
    /// When the index cannot be read. Nothing that is typed is an error.
    pub async fn search(&self, query: String, facets: SearchFacets, offset: u32) -> Result<SearchAnswer> {
        let search = Search {
            text: query,
            facets: facets_in(&self.inner.state(), facets)?,
            offset,
            limit: PAGE,
            now: now(),
        };
        let store = self.inner.store.clone();
        let (answer, progress) =
            blocking(move || Ok::<_, StoreError>((store.search(&search)?, store.indexing()?)))
                .await
                .map_err(WorkspaceError::Internal)?
                .map_err(|error| WorkspaceError::Internal(error.into()))?;
        let mut state = self.inner.state();
        let hits = answer
            .hits
            .into_iter()
            .map(|hit| {
                // What is shown can be searched in.
                state.folders.note(Path::new(&hit.session.folder));
                let mut hit = hit_out(hit);
                // What is in memory says what runs now.
                if let Some(row) = state.rows.get(&SessionId::from(hit.session.id.as_str())) {
                    hit.session = row.view();
                }
                hit
            })
            .collect();
        let folders = answer.facets.folders.into_iter().map(|facet| SearchCount {
            value: state.folders.note(Path::new(&facet.value)),
            count: facet.count,
        });
        Ok(SearchAnswer {
            hits,
            found: answer.found,
            capped: answer.capped,
            wants_word: answer.wants_word,
            folders: folders.collect(),
            agents: counts(answer.facets.agents),
            models: counts(answer.facets.models),
            ages: answer
                .facets
                .within_days
                .into_iter()
                .map(|facet| SearchAge {
                    days: facet.value,
                    count: facet.count,
                })
                .collect(),
            has_changes: answer.facets.has_changes,
            needs_you: answer.facets.needs_you,
            tags: counts(answer.facets.tags),
            unread: progress.waiting,
        })
    }

    /// The saved searches, in the person's order.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn search_filters(&self) -> Result<Vec<SearchFilter>> {
        let store = self.inner.store.clone();
        let filters = blocking(move || store.search_filters())
            .await
            .map_err(WorkspaceError::Internal)?
            .map_err(|error| WorkspaceError::Internal(error.into()))?;
        let mut state = self.inner.state();
        Ok(filters
            .into_iter()
            .map(|filter| SearchFilter {
                id: filter.id,
                name: filter.name,
                query: filter.query,
                facets: facets_out(&mut state, filter.facets),
            })
            .collect())
    }

    /// Saves a search under a name, in the place of one that has it.
    ///
    /// # Errors
    /// When the name is empty or too long, there are too many, or it cannot be saved.
    pub async fn save_search_filter(
        &self,
        name: &str,
        query: String,
        facets: SearchFacets,
    ) -> Result<Vec<SearchFilter>> {
        let name = named(name)?;
        let facets = facets_in(&self.inner.state(), facets)?;
        self.change_filters(move |store| store.save_search_filter(&name, &query, &facets, now()).map(drop))
            .await
    }

    /// Gives a saved search another name.
    ///
    /// # Errors
    /// As [`Self::save_search_filter`], and when another one has the name: the next one saved under it would take the
    /// place of either.
    pub async fn rename_search_filter(&self, filter: i64, name: &str) -> Result<Vec<SearchFilter>> {
        let name = named(name)?;
        let others = self.search_filters().await?;
        if others
            .iter()
            .any(|other| other.id != filter && other.name == name)
        {
            return Err(WorkspaceError::InvalidInput(format!(
                "Another saved search is called {name}. Choose another name."
            )));
        }
        self.change_filters(move |store| store.rename_search_filter(filter, &name).map(drop))
            .await
    }

    /// Deletes a saved search.
    ///
    /// # Errors
    /// When the change cannot be saved.
    pub async fn delete_search_filter(&self, filter: i64) -> Result<Vec<SearchFilter>> {
        self.change_filters(move |store| store.delete_search_filter(filter).map(drop))
            .await
    }

    /// Puts the saved searches into an order.
    ///
    /// # Errors
    /// When the change cannot be saved.
    pub async fn order_search_filters(&self, order: Vec<i64>) -> Result<Vec<SearchFilter>> {
        self.change_filters(move |store| store.order_search_filters(&order))
            .await
    }

    async fn change_filters(
        &self,
        change: impl FnOnce(&cowork_store::Store) -> Result<(), StoreError> + Send + 'static,
    ) -> Result<Vec<SearchFilter>> {
        let store = self.inner.store.clone();
        blocking(move || change(&store))
            .await
            .map_err(WorkspaceError::Internal)?
            .map_err(|error| match error {
                StoreError::TooLong { .. } | StoreError::TooMany { .. } => {
                    WorkspaceError::InvalidInput(error.to_string())
                }
                error => WorkspaceError::NotSaved(error.to_string()),
            })?;
        self.search_filters().await
    }
}

/// What the store is asked for: folders are named by their paths there.
fn facets_in(state: &State, facets: SearchFacets) -> Result<Facets> {
    let folder = facets.folder.map(|id| {
        let known = state.folders.seen(&id).or_else(|unknown| {
            let mut folders = state.rows.values().map(|row| &row.folder);
            folders
                .find(|folder| folder_id(folder) == id)
                .cloned()
                .ok_or(unknown)
        });
        // To ask for it all the same would find nothing and not say why.
        known.map(|path| path.to_string_lossy().into_owned())
    });
    Ok(Facets {
        folder: folder.transpose()?,
        agent: facets.agent,
        model: facets.model,
        within_days: facets.within_days,
        has_changes: facets.has_changes,
        needs_you: facets.needs_you,
        tag: facets.tag,
    })
}

/// What a window is given, which may ask for it from now on: also for a folder that is not granted any more, and of
/// which no thread was shown yet.
fn facets_out(state: &mut State, facets: Facets) -> SearchFacets {
    SearchFacets {
        folder: facets.folder.map(|folder| state.folders.note(Path::new(&folder))),
        agent: facets.agent,
        model: facets.model,
        within_days: facets.within_days,
        has_changes: facets.has_changes,
        needs_you: facets.needs_you,
        tag: facets.tag,
    }
}

fn named(name: &str) -> Result<String> {
    let name = name.trim();
    if name.is_empty() {
        return Err(WorkspaceError::InvalidInput(
            "A saved search needs a name.".into(),
        ));
    }
    Ok(name.to_owned())
}

fn counts(facets: Vec<Facet<String>>) -> Vec<SearchCount> {
    facets
        .into_iter()
        .map(|facet| SearchCount {
            value: facet.value,
            count: facet.count,
        })
        .collect()
}

fn hit_out(hit: Hit) -> SearchHit {
    SearchHit {
        title_marks: units(&hit.session.title, &hit.title_marks),
        session: index::row(hit.session).view(),
        messages: hit.counts.messages,
        changed_files: hit.counts.changed_files,
        tokens: hit.counts.tokens,
        place: hit.message.map(|message| SearchPlace {
            session: message.session,
            message: message.id,
            prompt: message.kind == cowork_store::DocumentKind::Prompt,
            created: message.created,
        }),
        snippet: hit.snippet.map(snippet_out),
    }
}

fn snippet_out(snippet: Snippet) -> SearchSnippet {
    SearchSnippet {
        marks: units(&snippet.text, &snippet.marks),
        text: snippet.text,
        cut_before: snippet.cut_before,
        cut_after: snippet.cut_after,
    }
}

/// Ranges of bytes as ranges of UTF-16 units, in which a page counts.
fn units(text: &str, marks: &[Range<usize>]) -> Vec<[u32; 2]> {
    let at = |byte: usize| {
        let before = text.get(..byte).unwrap_or_default();
        u32::try_from(before.encode_utf16().count()).unwrap_or(u32::MAX)
    };
    marks.iter().map(|mark| [at(mark.start), at(mark.end)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_a_saved_search_is_known_after_a_start() {
        let state = || {
            let stopped = crate::view::EngineState::Starting {
                step: crate::view::EngineStep::Preparing,
                since: 0,
            };
            State::new(stopped, crate::view::Settings::default())
        };
        let saved = Facets {
            folder: Some("/work/not-open".to_owned()),
            ..Facets::default()
        };
        let mut started = state();
        let shown = facets_out(&mut started, saved.clone());
        assert_eq!(facets_in(&started, shown.clone()).unwrap(), saved);
        // One that nobody was told of is not looked for in silence.
        let error = facets_in(&state(), shown).unwrap_err();
        assert!(
            error.to_string().contains("The folder is no longer there"),
            "{error}"
        );
    }

    #[test]
    fn marks_are_counted_as_a_page_counts() {
        let text = "😀 été 😀";
        assert_eq!(units(text, &[0..4, 5..10]), [[0, 2], [3, 6]]);
        let page: Vec<u16> = text.encode_utf16().collect();
        assert_eq!(String::from_utf16(&page[3..6]).unwrap(), "été");
    }
}
