//! Tags: what a person calls threads by, to find them again.

use cowork_engine::SessionId;

use crate::error::{Result, WorkspaceError};
use crate::index;
use crate::state::{Row, State};
use crate::view::{SearchCount, SessionRow};
use crate::workspace::{Workspace, blocking};

/// Tags of a thread: more do not fit where they are shown.
const TAGS: usize = 20;
/// Characters of a tag. It is a word or two, not a title.
const CHARACTERS: usize = 40;

impl Workspace {
    /// Puts tags on a thread, in the place of those it has. One that other threads have in other letters is written as
    /// they have it.
    ///
    /// # Errors
    /// When there are too many, one is empty, too long or holds what cannot be seen, the thread is not known, or they
    /// cannot be saved.
    pub async fn set_tags(&self, session: &str, tags: &[String]) -> Result<SessionRow> {
        let tags = clean(tags)?;
        let (id, _) = self.inner.session(session)?;
        // A thread that began just now has to be there first.
        self.inner.save_now().await;
        let (store, wanted) = (self.inner.store.clone(), id.to_string());
        let put = blocking(move || {
            let put = store.set_tags(&wanted, &tags)?;
            let row = store.session(&wanted)?.map(|(row, _)| row);
            Ok::<_, cowork_store::StoreError>(put.zip(row))
        });
        let (put, row) = put
            .await
            .map_err(WorkspaceError::Internal)?
            .map_err(|error| WorkspaceError::NotSaved(error.to_string()))?
            .ok_or(WorkspaceError::NotFound("The thread"))?;
        let row = self
            .inner
            .state()
            .tag(&id, put)
            .unwrap_or_else(|| index::row(row));
        self.inner.feed.changed();
        Ok(row.view())
    }

    /// The tags there are, each with how many threads have it; those of the most first.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn tags(&self) -> Result<Vec<SearchCount>> {
        let store = self.inner.store.clone();
        let tags = blocking(move || store.tags())
            .await
            .map_err(WorkspaceError::Internal)?
            .map_err(|error| WorkspaceError::Internal(error.into()))?;
        let counts = tags
            .into_iter()
            .map(|(value, count)| SearchCount { value, count });
        Ok(counts.collect())
    }
}

impl State {
    /// Has a session's row show its tags, when it is in memory.
    fn tag(&mut self, session: &SessionId, tags: Vec<String>) -> Option<Row> {
        let row = self.rows.get_mut(session)?;
        row.tags = tags;
        let row = row.clone();
        self.tell_row(session);
        Some(row)
    }
}

/// Tags as they are kept: each once, in the order they came, with one space between words.
fn clean(tags: &[String]) -> Result<Vec<String>> {
    let mut clean: Vec<String> = Vec::new();
    for tag in tags {
        if tag.chars().any(is_unseen) {
            return Err(WorkspaceError::InvalidInput(
                "A tag holds characters that cannot be seen. Write it by hand.".into(),
            ));
        }
        let tag = tag.split_whitespace().collect::<Vec<_>>().join(" ");
        if tag.is_empty() || tag.chars().count() > CHARACTERS {
            return Err(WorkspaceError::InvalidInput(format!(
                "A tag has 1 to {CHARACTERS} characters. Shorten it and try again."
            )));
        }
        let known = clean
            .iter()
            .any(|known| known.to_lowercase() == tag.to_lowercase());
        if !known {
            clean.push(tag);
        }
    }
    if clean.len() > TAGS {
        return Err(WorkspaceError::InvalidInput(format!(
            "A thread has at most {TAGS} tags. Take some off first."
        )));
    }
    Ok(clean)
}

/// What has no shape of its own, or turns the direction of what stands beside it: two tags with it would look alike.
fn is_unseen(character: char) -> bool {
    (character.is_control() && !character.is_whitespace())
        || matches!(
            character,
            '\u{ad}'
                | '\u{61c}'
                | '\u{200b}'..='\u{200f}'
                | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{e000}'..='\u{f8ff}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(tags: &[&str]) -> Option<Vec<String>> {
        let tags: Vec<_> = tags.iter().map(|tag| (*tag).to_owned()).collect();
        clean(&tags).ok()
    }

    #[test]
    fn tags_are_words_that_can_be_seen_each_once_and_few() {
        let long = "ä".repeat(CHARACTERS);
        let longer = "ä".repeat(CHARACTERS + 1);
        let many: Vec<String> = (0..=TAGS).map(|number| number.to_string()).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        for (given, expected) in [
            (vec![], Some(vec![])),
            (vec!["  to \t do "], Some(vec!["to do"])),
            (vec!["Later", "later", "LATER"], Some(vec!["Later"])),
            (vec!["Été", "été"], Some(vec!["Été"])),
            (vec![long.as_str()], Some(vec![long.as_str()])),
            (many[..TAGS].to_vec(), Some(many[..TAGS].to_vec())),
            (many.clone(), None),
            (vec![longer.as_str()], None),
            (vec![" "], None),
            (vec![""], None),
            (vec!["a\u{202e}b"], None),
            (vec!["a\u{200b}"], None),
            (vec!["a\u{0}"], None),
            (vec!["\u{e000}f1"], None),
        ] {
            let expected = expected.map(|tags| tags.into_iter().map(str::to_owned).collect());
            assert_eq!(cleaned(&given), expected, "{given:?}");
        }
    }
}
