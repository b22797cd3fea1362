//! Paths of this machine in a text.

use std::collections::HashSet;
use std::path::Path;

use super::Places;

/// What stands where a path stood.
pub const PATH_MARK: &str = "[path]";

/// What lies in the root folder of the systems the app runs on. A path that begins with none of these, and with none of
/// what lies there on this machine, is taken for something else: an address's path, a command of a chat.
const ROOTS: &[&str] = &[
    "Applications",
    "Library",
    "Network",
    "System",
    "Users",
    "Volumes",
    "app",
    "bin",
    "boot",
    "builds",
    "cores",
    "data",
    "dev",
    "etc",
    "home",
    "lib",
    "lib32",
    "lib64",
    "media",
    "mnt",
    "nix",
    "opt",
    "private",
    "proc",
    "root",
    "run",
    "sbin",
    "snap",
    "srv",
    "sys",
    "tmp",
    "usr",
    "var",
    "work",
    "workspace",
    "workspaces",
];

/// A folder shorter than this (`/`, `C:\`) says nothing and would be found everywhere.
const SHORTEST: usize = 4;
/// How long an escape before a path may be: two colours of a terminal, as code writes them.
const LONGEST_ESCAPE: usize = 64;
/// How long a path within quotes may be.
const LONGEST_QUOTED: usize = 4 * 1024;

/// A path that goes on behind a segment's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Open {
    quote: Option<char>,
    backslashes: bool,
    /// It is a `file:` address, which may hold what ends a path elsewhere.
    address: bool,
}

/// A folder whose spelling is known.
#[derive(Debug)]
struct Known {
    text: String,
    /// It is the session's, and what is in it may be named.
    inside: bool,
}

/// Finds paths.
#[derive(Debug)]
pub(super) struct Paths {
    /// Longest first.
    known: Vec<Known>,
    roots: HashSet<String>,
}

impl Paths {
    pub(super) fn new(places: &Places) -> Self {
        let mut known = Vec::new();
        for (folder, inside) in [(&places.folder, true), (&places.home, false)] {
            for text in folder.iter().flat_map(|folder| spellings(folder)) {
                if !known.iter().any(|of: &Known| of.text == text) {
                    known.push(Known { text, inside });
                }
            }
        }
        known.sort_by_key(|known| std::cmp::Reverse(known.text.len()));
        let mut roots: HashSet<String> = ROOTS.iter().map(|root| (*root).to_owned()).collect();
        roots.extend(places.roots.iter().cloned());
        // A folder that lies elsewhere says where others may lie.
        for known in &known {
            roots.extend(known.text.split('/').nth(1).map(str::to_owned));
        }
        Self { known, roots }
    }

    /// What a text that is a path becomes; none when it is no path of this machine.
    pub(super) fn of_path(&self, path: &str) -> Option<String> {
        for known in &self.known {
            if let Some(rest) = path.strip_prefix(known.text.as_str())
                && ends_name(rest)
            {
                return Some(if known.inside {
                    inside(rest)
                } else {
                    PATH_MARK.to_owned()
                });
            }
        }
        let bytes = path.as_bytes();
        let absolute = path.starts_with(['/', '~', '\\']) || is_drive(bytes, 0) || is_file_address(path);
        // One that climbs out of the folder says what lies beside it.
        (absolute || climbs(path)).then(|| PATH_MARK.to_owned())
    }

    /// One segment without paths. `open` is a path that the segment before left open, or this one leaves open.
    pub(super) fn cleaned(&self, segment: &str, open: &mut Option<Open>) -> String {
        let mut out = String::with_capacity(segment.len());
        let mut at = 0;
        if let Some(path) = open.take() {
            at = end_of(segment, 0, path);
            if at == segment.len() && !segment.ends_with('\n') {
                *open = Some(path);
            }
        }
        let mut copied = at;
        while let Some(found) = self.find(segment, at) {
            out.push_str(&segment[copied..found.start]);
            out.push_str(&found.instead);
            at = found.end;
            copied = at;
            // Points behind it may belong to it, where it goes on.
            if found.cut {
                *open = Some(found.open);
            }
        }
        out.push_str(&segment[copied..]);
        out
    }

    /// Where in a text a path begins, with the quote before it, that reaches over a place or begins so near behind it that
    /// what says so may stand before it. Not of a path that is `open`.
    pub(super) fn reaching_over(&self, text: &str, place: usize, open: Option<Open>) -> Option<usize> {
        let mut at = open.map_or(0, |path| end_of(text, 0, path));
        let near = place + LONGEST_ESCAPE;
        while at < near {
            let found = self.find(text, at).filter(|found| found.start < near)?;
            if found.end > place {
                return Some(found.start - found.open.quote.map_or(0, char::len_utf8));
            }
            at = found.end;
        }
        None
    }

    fn find(&self, text: &str, from: usize) -> Option<Found> {
        let bytes = text.as_bytes();
        let mut at = from;
        while at < bytes.len() {
            let next = bytes[at..]
                .iter()
                .position(|byte| matches!(byte, b'/' | b'~' | b':' | b'\\'))?;
            at += next;
            let found = match bytes[at] {
                b'/' => self.slash(text, at, from),
                b'~' => home(text, at, from),
                b':' => colon(text, at, from),
                // Some escape the slashes of a path.
                _ => device(text, at, from).or_else(|| self.known_at(text, at, from)),
            };
            // A folder whose spelling is known may begin with a letter, on Windows.
            let found = found.or_else(|| self.known_around(text, at, from));
            if found.is_some() {
                return found;
            }
            at += 1;
        }
        None
    }

    /// A path that begins with a slash.
    fn slash(&self, text: &str, at: usize, from: usize) -> Option<Found> {
        if let Some(found) = self.known_at(text, at, from) {
            return Some(found);
        }
        if !may_begin(text, at, from) {
            return None;
        }
        let rest = &text[at + 1..];
        let first = rest.find(|character| !in_name(character)).unwrap_or(rest.len());
        let goes_on = rest[first..].starts_with('/')
            && rest[first + 1..].starts_with(|next: char| !next.is_whitespace() && !ends_path(next));
        (goes_on && self.roots.contains(&rest[..first])).then(|| Found::path(text, at, from, false))
    }

    /// A folder whose spelling is known, with its drive before the colon at `at`.
    fn known_around(&self, text: &str, at: usize, from: usize) -> Option<Found> {
        let drive = at.checked_sub(1).filter(|drive| *drive >= from)?;
        (text.as_bytes()[at] == b':' && text.is_char_boundary(drive))
            .then(|| self.known_at(text, drive, from))
            .flatten()
    }

    fn known_at(&self, text: &str, at: usize, from: usize) -> Option<Found> {
        let known = self.known.iter().find(|known| {
            text[at..]
                .strip_prefix(known.text.as_str())
                .is_some_and(ends_name)
        })?;
        let backslashes = known.text.contains('\\');
        // It may have blanks in its own name.
        let found = Found::path_from(text, at, at + known.text.len(), from, backslashes);
        if !known.inside || !may_begin(text, at, from) {
            return Some(found);
        }
        let start = at + known.text.len();
        let mut instead = inside(&text[start..found.end.max(start)]);
        if self.find(&instead, 0).is_some() {
            PATH_MARK.clone_into(&mut instead);
        }
        Some(Found { instead, ..found })
    }
}

struct Found {
    start: usize,
    end: usize,
    instead: String,
    /// The text ended before the path did.
    cut: bool,
    open: Open,
}

impl Found {
    /// A path from `at` to its end.
    fn path(text: &str, at: usize, from: usize, backslashes: bool) -> Self {
        Self::path_from(text, at, at, from, backslashes)
    }

    /// The same where everything up to `known` belongs to it.
    fn path_from(text: &str, at: usize, known: usize, from: usize, backslashes: bool) -> Self {
        let before = text[from..at].chars().next_back();
        let quote = before.filter(|before| "\"'`".contains(*before)).filter(|quote| {
            text[at..]
                .find([*quote, '\n'])
                .is_none_or(|end| end <= LONGEST_QUOTED && text[at + end..].starts_with(*quote))
        });
        let open = Open {
            quote,
            backslashes,
            address: false,
        };
        let end = end_of(text, known, open);
        let cut = end == text.len() && !text.ends_with('\n');
        // A point behind a path ends a sentence.
        let trimmed = at + text[at..end].trim_end_matches(['.', '!']).len();
        let end = if quote.is_none() {
            trimmed.max(at + 1).max(known)
        } else {
            end
        };
        Self {
            start: at,
            end,
            instead: PATH_MARK.to_owned(),
            cut,
            open,
        }
    }
}

/// Where the path ends that `from` is in.
fn end_of(text: &str, from: usize, open: Open) -> usize {
    let mut escaped = false;
    for (at, character) in text[from..].char_indices() {
        let ends = match open.quote {
            Some(quote) => character == quote || character == '\n',
            None if open.address => character.is_whitespace() || "\"'`<>)]}\u{1b}".contains(character),
            None if escaped => character != ' ',
            None if character == '\\' && !open.backslashes => !text[from + at + 1..].starts_with(' '),
            None => ends_path(character),
        };
        if ends {
            return from + at;
        }
        escaped = open.quote.is_none() && !open.backslashes && character == '\\';
    }
    text.len()
}

/// `~/…`.
fn home(text: &str, at: usize, from: usize) -> Option<Found> {
    let rest = text[at + 1..].strip_prefix(['/', '\\'])?;
    let is_one =
        may_begin(text, at, from) && rest.starts_with(|next: char| !next.is_whitespace() && !ends_path(next));
    is_one.then(|| Found::path(text, at, from, text[at + 1..].starts_with('\\')))
}

/// `C:\…`, and `file:…`.
fn colon(text: &str, at: usize, from: usize) -> Option<Found> {
    let bytes = text.as_bytes();
    let before = at.checked_sub(1).filter(|before| *before >= from)?;
    if is_drive(bytes, before) && text.is_char_boundary(before) && may_begin(text, before, from) {
        return Some(Found::path_from(text, before, at + 1, from, true));
    }
    let start = at.checked_sub("file".len()).filter(|start| *start >= from)?;
    let is_one = text.is_char_boundary(start)
        && is_file_address(&text[start..])
        && (ends_in_escape(&text[from..start])
            || !text[from..start].ends_with(|before: char| before.is_alphanumeric()));
    is_one.then(|| {
        let found = Found::path_from(text, start, at + 1, from, true);
        let open = Open {
            address: true,
            ..found.open
        };
        let end = end_of(text, at + 1, open).max(found.end);
        Found {
            end,
            cut: end == text.len() && !text.ends_with('\n'),
            open,
            ..found
        }
    })
}

/// `\\?\…`, `\\.\…` and `\\wsl…`. What lies on another machine of the network is spelled as much else is that has two
/// backslashes, and is known only where nothing but a path can stand.
fn device(text: &str, at: usize, from: usize) -> Option<Found> {
    let rest = text[at..].strip_prefix("\\\\")?;
    let device = rest.starts_with("?\\") || rest.starts_with(".\\") || rest.starts_with("wsl");
    // A drive behind it has a colon.
    let drive = text.floor_char_boundary((at + "\\\\?\\C:".len()).min(text.len()));
    (device && may_begin(text, at, from)).then(|| Found::path_from(text, at, drive, from, true))
}

fn is_drive(bytes: &[u8], at: usize) -> bool {
    matches!(bytes.get(at..), Some([drive, b':', b'\\' | b'/', next, ..])
        if drive.is_ascii_alphabetic() && *next != b'/' && !next.is_ascii_whitespace())
}

fn is_file_address(text: &str) -> bool {
    text.get(..6)
        .is_some_and(|start| start.eq_ignore_ascii_case("file:/"))
}

/// Whether a path may begin at this place: it is not in the middle of a word, of an address or of another path.
fn may_begin(text: &str, at: usize, from: usize) -> bool {
    let before = &text[from..at];
    if text[at..].starts_with("//") {
        return false;
    }
    let Some(last) = before.chars().next_back() else {
        return true;
    };
    if ends_in_escape(before) {
        return true;
    }
    if last.is_ascii_alphanumeric() {
        // An option of a command line with its value right behind it: `-I/usr/include`.
        let option = &before[..before.len() - 1];
        return option.ends_with('-')
            && !option[..option.len() - 1]
                .ends_with(|before: char| before.is_alphanumeric() || before == '-');
    }
    if last == '.' {
        // Relative, unless more points than that end a sentence.
        let stem = before.trim_end_matches('.');
        return before.len() - stem.len() > 2 || stem.ends_with(char::is_alphanumeric);
    }
    !last.is_alphanumeric() && !"_-~/\\%@+}$".contains(last)
}

/// Whether a text ends in a line's end or a tab as JSON and code write it (`\n`), or in a colour of a terminal
/// (`ESC[35m`, also as they write that): a word begins behind it, although its last character is a letter.
fn ends_in_escape(before: &str) -> bool {
    let Some(rest) = before.strip_suffix(|last: char| last.is_ascii_alphabetic()) else {
        return false;
    };
    if before.ends_with(['n', 'r', 't']) && rest.ends_with('\\') {
        return true;
    }
    let rest =
        rest.trim_end_matches(|character: char| character.is_ascii_digit() || ";?".contains(character));
    rest.strip_suffix('[').is_some_and(|rest| {
        ["\u{1b}", "\\u001b", "\\u001B", "\\x1b", "\\x1B", "\\033", "\\e"]
            .iter()
            .any(|escape| rest.ends_with(escape))
    })
}

/// Whether a name ends before this text: `/home/ada` is not the beginning of `/home/adam`.
fn ends_name(after: &str) -> bool {
    let after = after
        .strip_prefix('.')
        .filter(|after| !after.starts_with('.'))
        .unwrap_or(after);
    !after.starts_with(|next: char| next.is_alphanumeric() || "_-".contains(next))
}

fn in_name(character: char) -> bool {
    character.is_alphanumeric() || "._-+@".contains(character)
}

fn ends_path(character: char) -> bool {
    character.is_whitespace() || "\"'`<>|,;:()[]{}&\u{1b}".contains(character)
}

/// What is left of a path in the session's folder, of which `rest` follows the folder.
fn inside(rest: &str) -> String {
    let relative = rest.trim_start_matches(['/', '\\']);
    if climbs(relative) {
        PATH_MARK.to_owned()
    } else if relative.is_empty() {
        ".".to_owned()
    } else {
        relative.to_owned()
    }
}

fn climbs(path: &str) -> bool {
    path.split(['/', '\\']).any(|name| name == "..")
}

/// As it is, as JSON escapes it (some escape slashes too), and as programs with forward slashes spell it.
fn spellings(folder: &Path) -> Vec<String> {
    let text = folder.to_string_lossy().trim_end_matches(['/', '\\']).to_owned();
    if text.len() < SHORTEST {
        return Vec::new();
    }
    let forward = text.replace('\\', "/");
    let mut spelled = vec![
        text.replace('\\', "\\\\"),
        forward.replace('/', "\\/"),
        forward,
        text,
    ];
    spelled.dedup();
    spelled
}
