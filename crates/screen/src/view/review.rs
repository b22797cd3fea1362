//! What a person reviews: changed files, their lines, and what git says of the folder.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::Html;

/// Whose changes are reviewed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, TS)]
#[serde(rename_all = "camelCase", tag = "kind", deny_unknown_fields)]
pub enum ReviewScope {
    /// Those of one turn.
    Turn {
        /// The id of the message that began it.
        message: String,
    },
    /// Those of the whole session.
    Session,
    /// Those of the folder's files against what was committed last.
    Tree,
}

/// What became of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum FileStatus {
    /// It is new.
    Added,
    /// Its content or mode is another.
    #[default]
    Modified,
    /// It is gone.
    Deleted,
    /// It has another name.
    Renamed,
    /// Two sides of a merge changed it, and nobody chose yet.
    Conflicted,
}

/// How much of a file's change the next commit has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum Staged {
    /// Nothing of it.
    #[default]
    None,
    /// A part of it.
    Part,
    /// All of it.
    All,
}

/// One changed file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ReviewFile {
    /// Its path, relative to the folder when it lies in it.
    pub path: String,
    /// What it was called before, when it was renamed.
    pub old_path: Option<String>,
    /// How much of a renamed file stayed the same, in percent, when that is known.
    pub similarity: Option<u8>,
    /// What became of it.
    pub status: FileStatus,
    /// Lines added; unknown of files that are not text or were not counted.
    pub additions: Option<u64>,
    /// Lines removed; unknown likewise.
    pub deletions: Option<u64>,
    /// It holds no text.
    pub binary: bool,
    /// Its mode before and now, as `100644 → 100755`, when it changed.
    pub mode: Option<String>,
    /// What of it the next commit has; only in the review of the folder's files.
    pub staged: Staged,
    /// git does not know it yet.
    pub untracked: bool,
}

/// Who told what changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum ReviewOrigin {
    /// The history that the engine keeps of the folder: all of it, whoever made it.
    #[default]
    History,
    /// The agent's tools, which know of their own changes alone.
    Tools,
    /// git.
    Git,
}

/// The changed files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ReviewList {
    /// The files, as many as are listed.
    pub files: Vec<ReviewFile>,
    /// How many there are in all.
    pub total: u64,
    /// Lines added in all of those whose lines were counted.
    pub additions: u64,
    /// Lines removed likewise.
    pub deletions: u64,
    /// Who told.
    pub origin: ReviewOrigin,
    /// Older messages of the session are not counted, so files may have been changed before; no whole file is put back.
    pub more: bool,
    /// What git says of the folder; only in the review of its files.
    pub git: Option<GitState>,
}

/// How lines are to be shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReviewLook {
    /// Both sides beside each other.
    pub split: bool,
    /// Lines that differ in white space alone count as the same.
    pub ignore_whitespace: bool,
    /// Unchanged lines that are to be shown besides.
    pub opened: Vec<OpenedGap>,
}

/// Unchanged lines that are shown besides those around a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OpenedGap {
    /// Which run of unchanged lines, from 0.
    pub gap: u32,
    /// How many of its first lines.
    pub first: u32,
    /// How many of its last.
    pub last: u32,
}

/// What a row of a review is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum ReviewRowKind {
    /// A line that is the same on both sides.
    Same,
    /// A line that one side has alone, or two that took each other's place.
    Changed,
    /// Unchanged lines that are left out.
    Gap,
}

/// One row of a review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ReviewRow {
    /// What it is.
    pub kind: ReviewRowKind,
    /// The line's number before, when it was there.
    pub old: Option<u32>,
    /// Its number now, when it is there.
    pub new: Option<u32>,
    /// The line as it was, highlighted; of a line that is the same only `right` is given.
    pub left: Option<Html>,
    /// The line as it is, highlighted.
    pub right: Option<Html>,
    /// Which hunk it is part of, from 0.
    pub hunk: Option<u32>,
    /// Of a gap: which one; `None` when its lines are not known and cannot be shown.
    pub gap: Option<u32>,
    /// Of a gap: how many lines are left out, when known.
    pub count: Option<u32>,
    /// The line is longer than what is shown of it.
    pub cut: bool,
    /// The line ends the file without a line end.
    pub no_newline: bool,
}

/// Where a hunk is: enough to name it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HunkPlace {
    /// The number of its first line before, from 1.
    pub old_start: u32,
    /// How many lines it had.
    pub old_lines: u32,
    /// The number of its first line now, from 1.
    pub new_start: u32,
    /// How many lines it has.
    pub new_lines: u32,
    /// The row it begins in.
    pub row: u32,
    /// The page that row is on.
    pub page: u32,
}

/// What can be shown of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum ReviewBody {
    /// All of its lines are known: more of them can be shown, and changes put back.
    Whole,
    /// The file became another one since: the lines of the change are known, those around it are not.
    Parts,
    /// It holds no text.
    Binary,
    /// It is larger than what is compared.
    TooLarge,
    /// Nobody told its lines: a link, a folder of another repository, or a mode alone.
    NoLines,
}

/// A page of the rows of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ReviewPage {
    /// What can be shown.
    pub body: ReviewBody,
    /// The rows of this page.
    pub rows: Vec<ReviewRow>,
    /// How many pages there are; at least one.
    pub pages: usize,
    /// How many rows all pages have.
    pub total: u64,
    /// Where each hunk is, of the first thousands.
    pub hunks: Vec<HunkPlace>,
    /// Stands for what was compared: when it is another one, the file changed meanwhile.
    pub stamp: String,
    /// Bytes before, when the file was there.
    pub old_bytes: Option<u64>,
    /// Bytes now, when it is there.
    pub new_bytes: Option<u64>,
    /// Whether all of its changes can be put back.
    pub can_revert: bool,
}

/// What putting back takes away.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RevertLoss {
    /// The file.
    pub path: String,
    /// What it is called afterwards, when that is another name.
    pub old_path: Option<String>,
    /// Lines that go; none are counted in what is no text.
    pub lines_lost: u64,
    /// Lines that come back.
    pub lines_back: u64,
    /// The file goes.
    pub removes_file: bool,
    /// The file comes back.
    pub restores_file: bool,
    /// Bytes that the file has now.
    pub bytes: u64,
    /// Stands for what the file is now.
    pub stamp: String,
    /// It can be undone: what goes is small enough to be kept.
    pub kept: bool,
}

/// Something that was put back, and what was there before is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct KeptRevert {
    /// Its id.
    pub id: String,
    /// The file.
    pub path: String,
    /// Whether a hunk alone was put back.
    pub hunk: bool,
    /// When, in milliseconds since the epoch.
    pub at: i64,
}

/// What of a review is copied.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "camelCase", tag = "kind", deny_unknown_fields)]
pub enum PatchOf {
    /// Every file.
    All,
    /// A file.
    File {
        /// Its path, as it was listed.
        path: String,
    },
    /// A hunk of a file.
    Hunk {
        /// Its path, as it was listed.
        path: String,
        /// The hunk.
        hunk: HunkPlace,
    },
}

/// A patch to be copied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PatchText {
    /// The patch.
    pub text: String,
    /// Files that are not in it: they hold no text, or it would be too long.
    pub left_out: u64,
}

/// What git says of a folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "kind")]
pub enum GitState {
    /// The folder is no repository.
    None,
    /// Its repository lies elsewhere, and is not open to what runs in the folder.
    Elsewhere {
        /// What would have to be opened.
        path: String,
    },
    /// git runs in a box alone, and none can be made.
    NoBox {
        /// Why, and what helps.
        reason: String,
    },
    /// git did not answer as it should.
    Failed {
        /// What it said.
        reason: String,
    },
    /// A repository.
    Repository {
        /// The branch; none when no branch is checked out.
        branch: Option<String>,
        /// The commit that is checked out, shortened; none before the first.
        head: Option<String>,
        /// The branch of another repository that it follows.
        upstream: Option<String>,
        /// Commits that the upstream lacks.
        ahead: u32,
        /// Commits that it lacks of the upstream.
        behind: u32,
        /// Files of the next commit.
        staged: u32,
        /// Changed files that are not in it.
        unstaged: u32,
        /// Files that git does not know.
        untracked: u32,
        /// Files that two sides of a merge changed.
        conflicts: u32,
        /// Branches, the newest first.
        branches: Vec<String>,
        /// Whether there are more branches than are listed.
        more_branches: bool,
    },
}

/// What became of something that git was asked to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct GitDone {
    /// It did it.
    pub done: bool,
    /// What git, or a hook of the repository, said.
    pub said: String,
}

/// Where a file was opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum OpenedWhere {
    /// In an editor, at the line.
    Editor {
        /// The editor's name.
        name: String,
    },
    /// Its folder is shown, because no editor that is known was found.
    Folder,
}
