//! The pass over a text.

use std::borrow::Cow;
use std::ops::Range;
use std::path::Path;
use std::sync::LazyLock;

use crate::shapes::{PATTERN, Shape, shape};
use crate::value;

/// What stands where a secret stood.
pub const MARK: &str = "[redacted]";

/// A home shorter than this (`/`, `C:\`) says nothing about the person and would match everywhere.
const SHORTEST_HOME: usize = 4;

static WITHOUT_HOME: LazyLock<Redactor> = LazyLock::new(|| Redactor::new(None));

/// Takes secrets out of a text. For text that may hold paths of the person's, prefer a [`Redactor`] that knows
/// the home folder.
#[must_use]
pub fn redact(text: &str) -> Cow<'_, str> {
    WITHOUT_HOME.redact(text)
}

/// Takes secrets out of texts, and the home folder's path, which names the person.
///
/// ```
/// let redactor = cowork_redact::Redactor::new(Some("/home/ada".as_ref()));
/// let text = redactor.redact("key sk-ant-abcdefghijklmnop in /home/ada/notes, password=hunter2");
/// assert_eq!(text, "key [redacted] in ~/notes, password=[redacted]");
/// ```
#[derive(Clone, Debug, Default)]
pub struct Redactor {
    /// The home folder as it may be spelled, longest first.
    homes: Vec<String>,
}

impl Redactor {
    /// Knows the home folder given; its path becomes `~`.
    #[must_use]
    pub fn new(home: Option<&Path>) -> Self {
        let home = home.map(|home| home.to_string_lossy().trim_end_matches(['/', '\\']).to_owned());
        let Some(home) = home.filter(|home| home.len() >= SHORTEST_HOME) else {
            return Self::default();
        };
        // As it is, as JSON escapes it, and as programs with forward slashes spell it.
        let mut homes = vec![home.replace('\\', "\\\\"), home.replace('\\', "/"), home];
        homes.sort_by_key(|home| std::cmp::Reverse(home.len()));
        homes.dedup();
        Self { homes }
    }

    /// Takes secrets out. Doing it twice changes nothing more.
    #[must_use]
    pub fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self.without_home(text) {
            Cow::Borrowed(text) => without_secrets(text),
            Cow::Owned(text) => Cow::Owned(without_secrets(&text).into_owned()),
        }
    }

    fn without_home<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut cleaned = Cow::Borrowed(text);
        for home in &self.homes {
            if !cleaned.contains(home.as_str()) {
                continue;
            }
            let mut kept = String::with_capacity(cleaned.len());
            let mut rest: &str = &cleaned;
            while let Some(found) = rest.find(home.as_str()) {
                let after = &rest[found + home.len()..];
                kept.push_str(&rest[..found]);
                kept.push_str(if ends_name(after) { "~" } else { home });
                rest = after;
            }
            kept.push_str(rest);
            cleaned = Cow::Owned(kept);
        }
        cleaned
    }
}

/// Whether a folder's name ends before this text: `/home/ada` is not the beginning of `/home/adam`. A mark is
/// taken for the rest of a longer name, since a name is what it replaced there.
fn ends_name(after: &str) -> bool {
    let goes_on = |character: char| character.is_alphanumeric() || "_-".contains(character);
    !after.starts_with(goes_on) && !after.starts_with(MARK)
}

/// Passes over a text at most. What is taken out can make a secret of what stood around it, which the next pass takes
/// out; each pass but the last takes something out, and two are rare.
const PASSES: usize = 8;

fn without_secrets(text: &str) -> Cow<'_, str> {
    let mut cleaned = pass(text);
    for _ in 1..PASSES {
        let Cow::Owned(once) = &cleaned else { break };
        match pass(once) {
            Cow::Owned(again) if again != *once => cleaned = Cow::Owned(again),
            _ => break,
        }
    }
    cleaned
}

fn pass(text: &str) -> Cow<'_, str> {
    let Ok(pattern) = PATTERN.as_ref() else {
        // A test holds that the pattern is good. Were it not, nothing could be told from a secret.
        return Cow::Borrowed(MARK);
    };
    let mut kept: Option<String> = None;
    let (mut copied, mut at) = (0, 0);
    while let Some(captures) = pattern.captures_at(text, at) {
        let end = captures.get(0).map_or(text.len(), |whole| whole.end());
        let secret = shape(&captures).and_then(|(shape, group)| secret(text, shape, &group));
        at = end;
        if let Some(secret) = secret {
            let kept = kept.get_or_insert_with(|| String::with_capacity(text.len()));
            kept.push_str(&text[copied..secret.start]);
            kept.push_str(MARK);
            copied = secret.end;
            at = at.max(secret.end);
        }
        if at >= text.len() {
            break;
        }
    }
    match kept {
        None => Cow::Borrowed(text),
        Some(mut kept) => {
            kept.push_str(&text[copied..]);
            Cow::Owned(kept)
        }
    }
}

/// What to take out for a shape that was found, if anything.
fn secret(text: &str, shape: Shape, group: &Range<usize>) -> Option<Range<usize>> {
    let found = &text[group.clone()];
    match shape {
        Shape::PrivateKey => Some(value::block(text, group)),
        Shape::Key => Some(group.clone()),
        // The user every git server has is no secret, and says which protocol is spoken.
        Shape::UserInformation => (found != "git").then(|| group.clone()),
        Shape::Scheme => (!is_prose(found)).then(|| group.clone()),
        Shape::Query => value::parameter(text, group.end),
        Shape::Header => value::header(text, group),
        Shape::Option => value::after_option(text, group.end),
        Shape::Name => value::beside(text, found, group.end),
    }
}

/// Whether what follows "basic" or "bearer" is an English word rather than a credential.
fn is_prose(text: &str) -> bool {
    text.len() < 24
        && text
            .trim_end_matches('.')
            .chars()
            .skip(1)
            .all(|character| character.is_ascii_lowercase())
}
