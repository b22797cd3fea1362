//! A file of a review with both of its sides, and what putting it back makes of it.

use super::compare::{self, Sides};
use super::place::{Content, Found};
use super::{Change, MOST_COMPARED, patch, rows};
use crate::view::{FileStatus, HunkPlace, ReviewBody};
use crate::{Result, WorkspaceError};

/// A file with both of its sides.
pub(crate) struct Loaded {
    pub(crate) change: Change,
    pub(crate) body: ReviewBody,
    pub(crate) sides: Sides,
    pub(crate) found: Found,
    pub(crate) stamp: String,
    /// What it was before, where it can be put back as a whole.
    pub(crate) old: Option<Old>,
    pub(crate) old_bytes: Option<u64>,
}

/// A file as it was.
pub(crate) enum Old {
    /// It was not there.
    Nothing,
    File(Content),
}

impl Loaded {
    pub(crate) fn new_bytes(&self) -> Option<u64> {
        match &self.found {
            Found::File(content) => Some(content.bytes.len() as u64),
            Found::Large(bytes) => Some(*bytes),
            Found::Nothing | Found::Other => None,
        }
    }
}

/// Both sides of a file, of what was told of it and of what is on the disk.
pub(crate) fn load(
    change: Change,
    found: Found,
    stamp: String,
    committed: Option<Vec<u8>>,
    old_bytes: Option<u64>,
) -> Loaded {
    let mut loaded = Loaded {
        body: ReviewBody::NoLines,
        sides: Sides::default(),
        old: None,
        old_bytes,
        stamp,
        found,
        change,
    };
    let mode = old_mode(&loaded);
    let new = match &loaded.found {
        Found::Nothing => Some(""),
        Found::File(content) if content.bytes.len() as u64 <= MOST_COMPARED => content.text(),
        _ => None,
    };
    let is_binary = loaded.change.file.binary || (new.is_none() && matches!(loaded.found, Found::File(_)));
    let conflicted = loaded.change.file.status == FileStatus::Conflicted;
    if let Some(new) = new.filter(|_| !loaded.change.file.binary) {
        let old = loaded.change.old_text.clone().or_else(|| {
            let mut patches = loaded.change.patches.iter().rev();
            patches.try_fold(new.to_owned(), |text, told| patch::before(&text, told))
        });
        let told_any = loaded.change.old_text.is_some() || !loaded.change.patches.is_empty();
        let old = if loaded.change.file.untracked && !told_any {
            Some(String::new())
        } else {
            old.filter(|_| told_any)
        };
        if let Some(old) = old {
            loaded.sides = Sides::whole(&old, new);
            loaded.body = ReviewBody::Whole;
            // What others wrote into a file that came stays, when what came with it is put back.
            let was_there = loaded.change.file.status != FileStatus::Added || !old.is_empty();
            loaded.old_bytes = was_there.then_some(old.len() as u64);
            // Of a file that is as it was nothing is told, and nothing can be put back.
            let told =
                loaded.change.old_text.is_some() || loaded.change.patches.iter().any(|told| !told.is_empty());
            if !conflicted && (told || loaded.change.file.untracked) {
                loaded.old = Some(if was_there {
                    Old::File(Content {
                        bytes: old.into_bytes(),
                        mode,
                    })
                } else {
                    Old::Nothing
                });
            }
            return loaded;
        }
    }
    if is_binary {
        loaded.body = ReviewBody::Binary;
        let is_kept = !matches!(loaded.found, Found::Large(_) | Found::Other);
        loaded.old = match (committed, loaded.change.file.status) {
            _ if !is_kept || conflicted => None,
            (_, FileStatus::Added) => Some(Old::Nothing),
            (Some(bytes), _) => Some(Old::File(Content { bytes, mode })),
            _ => None,
        };
        return loaded;
    }
    if matches!(loaded.found, Found::Large(_))
        || loaded.new_bytes().is_some_and(|bytes| bytes > MOST_COMPARED)
    {
        loaded.body = ReviewBody::TooLarge;
    }
    let told = Sides::told(&loaded.change.patches);
    if !told.parts.is_empty() {
        loaded.sides = told;
        loaded.body = ReviewBody::Parts;
    }
    loaded
}

/// The rights that the file had.
fn old_mode(loaded: &Loaded) -> u32 {
    let now = match &loaded.found {
        Found::File(content) => content.mode & 0o777,
        _ => 0o644,
    };
    let told = loaded
        .change
        .file
        .mode
        .as_deref()
        .and_then(|mode| mode.split(' ').next());
    let gone = loaded
        .change
        .patches
        .iter()
        .any(|told| told.contains("\ndeleted file mode 100755"));
    match told {
        Some("100755") => now | 0o111,
        Some("100644") => now & !0o111,
        _ if gone => 0o755,
        _ => now,
    }
}

/// What is to be there after something was put back.
pub(crate) struct Wanted {
    /// Nothing for a file that goes.
    pub(crate) content: Option<Content>,
    pub(crate) lost: u64,
    pub(crate) back: u64,
}

pub(crate) fn wanted(loaded: &Loaded, hunk: Option<&HunkPlace>, ignore_whitespace: bool) -> Result<Wanted> {
    let old = loaded.old.as_ref().ok_or_else(|| {
        WorkspaceError::NotAllowed(
            "The file became another one since, or what it was is not known, so it cannot be put back from here."
                .to_owned(),
        )
    })?;
    let edits = loaded.sides.edits(ignore_whitespace);
    let Some(hunk) = hunk else {
        let (lost, back) = compare::counts(&loaded.sides.edits(false));
        let content = match old {
            Old::Nothing => None,
            Old::File(content) => Some(content.clone()),
        };
        return Ok(Wanted { content, lost, back });
    };
    let same = |place: &HunkPlace| {
        (place.old_start, place.old_lines, place.new_start, place.new_lines)
            == (hunk.old_start, hunk.old_lines, hunk.new_start, hunk.new_lines)
    };
    let index = rows::hunk_places(&loaded.sides, &edits).iter().position(same);
    let hunks = compare::hunks(&loaded.sides, &edits);
    let chosen = index
        .and_then(|index| hunks.get(index))
        .filter(|_| loaded.sides.whole)
        .ok_or_else(changed_meanwhile)?;
    let edits = &edits[chosen.edits.clone()];
    let (lost, back) = compare::counts(edits);
    let text = compare::without(&loaded.sides, edits);
    let mode = match (&loaded.found, old) {
        (Found::File(content), _) | (_, Old::File(content)) => content.mode,
        _ => 0o644,
    };
    let goes = text.is_empty() && matches!(old, Old::Nothing);
    let content = (!goes).then(|| Content {
        bytes: text.into_bytes(),
        mode,
    });
    Ok(Wanted { content, lost, back })
}

pub(crate) fn changed_meanwhile() -> WorkspaceError {
    WorkspaceError::NotAllowed(
        "The file changed meanwhile, so nothing was touched. Look at it again, then decide.".to_owned(),
    )
}

pub(crate) fn write_patch(
    loaded: &Loaded,
    hunk: Option<&HunkPlace>,
    ignore_whitespace: bool,
) -> Option<String> {
    if !matches!(loaded.body, ReviewBody::Whole | ReviewBody::Parts) {
        return None;
    }
    let file = &loaded.change.file;
    let edits = loaded.sides.edits(ignore_whitespace);
    let mode = file.mode.as_deref().and_then(|mode| mode.split_once(" → "));
    let mut text = String::new();
    patch::write_head(
        &mut text,
        &patch::Head {
            old: (file.status != FileStatus::Added).then(|| file.old_path.as_deref().unwrap_or(&file.path)),
            new: (file.status != FileStatus::Deleted).then_some(&file.path),
            mode,
        },
    );
    let places = rows::hunk_places(&loaded.sides, &edits);
    for (found, place) in compare::hunks(&loaded.sides, &edits).iter().zip(&places) {
        let wanted = hunk.is_none_or(|hunk| {
            (hunk.old_start, hunk.new_start, hunk.new_lines)
                == (place.old_start, place.new_start, place.new_lines)
        });
        if wanted {
            compare::write_hunk(&mut text, &loaded.sides, &edits, found);
        }
    }
    Some(text)
}
