//! The home folder's path, which names the person.

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;

use crate::MARK;

/// A home shorter than this (`/`, `C:\`) says nothing about the person and would match everywhere.
const SHORTEST: usize = 4;

/// The ways the home folder may be spelled, longest first. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Homes(Arc<[String]>);

impl Homes {
    pub(crate) fn new(home: Option<&Path>) -> Self {
        let home = home.map(|home| home.to_string_lossy().trim_end_matches(['/', '\\']).to_owned());
        let Some(home) = home.filter(|home| home.len() >= SHORTEST) else {
            return Self::default();
        };
        // As it is, as JSON escapes it, and as programs with forward slashes spell it.
        let mut homes = vec![home.replace('\\', "\\\\"), home.replace('\\', "/"), home];
        homes.sort_by_key(|home| std::cmp::Reverse(home.len()));
        homes.dedup();
        Self(homes.into())
    }

    /// Puts `~` in place of each.
    pub(crate) fn replaced<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut cleaned = Cow::Borrowed(text);
        for home in self.0.iter() {
            if !cleaned.contains(home.as_str()) {
                continue;
            }
            let mut rest = cleaned.into_owned();
            let mut replaced = replace(home, &mut rest, true);
            replaced.push_str(&rest);
            cleaned = Cow::Owned(replaced);
        }
        cleaned
    }

    /// The same for text that comes in pieces.
    pub(crate) fn stream(&self) -> HomeStream {
        HomeStream {
            spellings: self.clone(),
            held: vec![String::new(); self.0.len()],
        }
    }
}

/// Replaces one spelling for as far as can be told, and leaves in `held` what more text could decide differently.
/// With the text's end everything can be told.
fn replace(home: &str, held: &mut String, ended: bool) -> String {
    let mut out = String::with_capacity(held.len());
    let mut at = 0;
    while let Some(found) = held[at..].find(home) {
        let (start, end) = (at + found, at + found + home.len());
        let after = &held[end..];
        if !ended && MARK.starts_with(after) {
            out.push_str(&held[at..start]);
            held.drain(..start);
            return out;
        }
        out.push_str(&held[at..start]);
        out.push_str(if ends_name(after) { "~" } else { home });
        at = end;
    }
    let keep = if ended { 0 } else { beginning(home, &held[at..]) };
    let end = held.len() - keep;
    out.push_str(&held[at..end]);
    held.drain(..end);
    out
}

/// How much of the end of a text could be the beginning of a home.
fn beginning(home: &str, text: &str) -> usize {
    let most = text.len().min(home.len() - 1);
    (1..=most)
        .rev()
        .find(|length| {
            home.as_bytes()
                .starts_with(&text.as_bytes()[text.len() - length..])
        })
        .unwrap_or(0)
}

/// Whether a folder's name ends before this text: `/home/ada` is not the beginning of `/home/adam`. A mark is
/// taken for the rest of a longer name, since a name is what it replaced there.
fn ends_name(after: &str) -> bool {
    let goes_on = |character: char| character.is_alphanumeric() || "_-".contains(character);
    !after.starts_with(goes_on) && !after.starts_with(MARK)
}

/// Replaces the home folder in text that comes in pieces. Holds back no more than a path's length.
#[derive(Clone)]
pub(crate) struct HomeStream {
    spellings: Homes,
    /// What each spelling waits with.
    held: Vec<String>,
}

impl HomeStream {
    pub(crate) fn push(&mut self, piece: &str) -> String {
        self.pass_on(piece, false)
    }

    pub(crate) fn finish(&mut self) -> String {
        self.pass_on("", true)
    }

    fn pass_on(&mut self, piece: &str, ended: bool) -> String {
        let mut piece = piece.to_owned();
        for (home, held) in self.spellings.0.iter().zip(&mut self.held) {
            held.push_str(&piece);
            piece = replace(home, held, ended);
        }
        piece
    }
}
