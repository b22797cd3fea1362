//! What of a review is held while a person looks at it.

use std::sync::{Arc, Mutex, PoisonError};

use super::Change;
use super::loaded::Loaded;
use crate::view::{GitState, ReviewOrigin, ReviewScope};

/// Whose changes were listed last, and the file that was looked at last: its further pages need neither be told nor
/// compared anew.
#[derive(Default)]
pub(crate) struct OpenedReview(Mutex<Held>);

#[derive(Default)]
struct Held {
    listed: Option<(String, ReviewScope, Listed)>,
    loaded: Option<(LookedAt, Arc<Loaded>)>,
    /// How often changes were listed: what was loaded of a listing is good for no other.
    listings: u64,
}

/// Which file was looked at, and of which listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LookedAt {
    pub(crate) session: String,
    pub(crate) scope: ReviewScope,
    pub(crate) listing: u64,
    pub(crate) path: String,
}

impl OpenedReview {
    pub(crate) fn listed(&self, session: &str, scope: &ReviewScope) -> Option<Listed> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (of, which, listed) = held.listed.as_ref()?;
        (of == session && which == scope).then(|| listed.clone())
    }

    /// Holds what was listed, and gives it with the number that it has from now on.
    pub(crate) fn hold(&self, session: &str, scope: &ReviewScope, mut listed: Listed) -> Listed {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.listings += 1;
        listed.listing = held.listings;
        held.listed = Some((session.to_owned(), scope.clone(), listed.clone()));
        held.loaded = None;
        listed
    }

    /// The file that was looked at last, while what is on the disk is what it was.
    pub(crate) fn loaded(&self, wanted: &LookedAt, stamp: &str) -> Option<Arc<Loaded>> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (of, loaded) = held.loaded.as_ref()?;
        (of == wanted && loaded.stamp == stamp).then(|| loaded.clone())
    }

    /// Holds a file, unless changes were listed anew since it was looked for.
    pub(crate) fn hold_loaded(&self, of: LookedAt, loaded: &Arc<Loaded>) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if held.listings == of.listing {
            held.loaded = Some((of, loaded.clone()));
        }
    }

    pub(crate) fn forget_loaded(&self) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.loaded = None;
    }
}

/// Changes as they were listed.
#[derive(Clone)]
pub(crate) struct Listed {
    pub(crate) changes: Arc<[Change]>,
    pub(crate) origin: ReviewOrigin,
    /// Older messages were not counted.
    pub(crate) more: bool,
    pub(crate) git: Option<GitState>,
    /// What git compares with.
    pub(crate) base: &'static str,
    /// Which listing this is; none before it is held.
    pub(crate) listing: u64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::review::loaded::load;
    use crate::review::place::Found;

    #[test]
    fn a_file_that_was_loaded_is_good_for_its_own_listing_alone() {
        let opened = OpenedReview::default();
        let listed = Listed {
            changes: Arc::new([]),
            more: false,
            origin: ReviewOrigin::Tools,
            git: None,
            base: "",
            listing: 0,
        };
        let of = |session: &str, scope: ReviewScope, listing: u64| LookedAt {
            session: session.to_owned(),
            scope,
            listing,
            path: "a".to_owned(),
        };
        let listing = opened.hold("one", &ReviewScope::Session, listed.clone()).listing;
        let own = of("one", ReviewScope::Session, listing);
        let loaded = Arc::new(load(
            Change::default(),
            Found::Nothing,
            "x".to_owned(),
            None,
            None,
        ));
        opened.hold_loaded(own.clone(), &loaded);
        assert!(opened.loaded(&own, "x").is_some() && opened.loaded(&own, "y").is_none());
        for other in [
            of("two", ReviewScope::Session, listing),
            of("one", ReviewScope::Tree, listing),
            of("one", ReviewScope::Session, listing + 1),
        ] {
            assert!(opened.loaded(&other, "x").is_none());
        }
        opened.hold("one", &ReviewScope::Session, listed);
        opened.hold_loaded(own.clone(), &loaded);
        assert!(opened.loaded(&own, "x").is_none(), "listed anew meanwhile");
    }
}
