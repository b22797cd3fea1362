//! Review: what changed in files, compared line by line, and put back.
//!
//! Whoever tells of a change (the engine's history, a tool, git) tells it as a patch. With the file as it is now the patch
//! gives the file as it was ([`patch::before`]): from then on both sides are known, more of them can be shown, white space
//! can be left out of account, and what was changed can be put back. A file that became another one since no longer fits
//! its patch; then the patch's own lines are shown, and nothing is put back.
//!
//! Files are reached from their folder on, one name after the other, and no link is followed ([`place`]).

pub(crate) mod compare;
pub(crate) mod git;
pub(crate) mod kept;
pub(crate) mod loaded;
pub(crate) mod opened;
pub(crate) mod patch;
pub(crate) mod place;
pub(crate) mod programs;
pub(crate) mod reach;
pub(crate) mod renames;
pub(crate) mod rows;
pub(crate) mod told;
pub(crate) mod untracked;
pub(crate) mod words;

use crate::view::ReviewFile;

/// A change as it was told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Change {
    /// What the window is told of it.
    pub(crate) file: ReviewFile,
    /// Patches of the file, the oldest first. Empty where they are read when the file is looked at.
    pub(crate) patches: Vec<String>,
    /// The file as it was, where that is known by itself.
    pub(crate) old_text: Option<String>,
    /// The file lies in the folder, and `file.path` leads there from it.
    pub(crate) in_folder: bool,
}

/// Bytes of a file that is compared. A larger one is said to be too large, with its size.
pub(crate) const MOST_COMPARED: u64 = 8 << 20;

/// Bytes of a file that is kept when it is put back.
pub(crate) const MOST_KEPT: u64 = 16 << 20;
