//! Cleaning a text as a whole.

use std::borrow::Cow;
use std::path::Path;
use std::sync::LazyLock;

use crate::home::Homes;
use crate::names;
use crate::scan::pass;
use crate::stream::RedactingStream;
use crate::value;

/// What stands where a secret stood.
pub const MARK: &str = "[redacted]";

/// Passes over a text at most. What is taken out can make a secret of what stood around it, which the next pass
/// takes out; each pass but the last takes something out, and two are rare.
const PASSES: usize = 8;

static WITHOUT_HOME: LazyLock<Redactor> = LazyLock::new(|| Redactor::new(None));

/// Takes secrets out of a text. For text that may hold paths of the person's, prefer a [`Redactor`] that knows
/// the home folder.
#[must_use]
pub fn redact(text: &str) -> Cow<'_, str> {
    WITHOUT_HOME.redact(text)
}

/// Takes secrets out of texts, and the home folder's path, which names the person. Cheap to clone.
///
/// ```
/// let redactor = cowork_redact::Redactor::new(Some("/home/ada".as_ref()));
/// let text = redactor.redact("key sk-ant-abcdefghijklmnop in /home/ada/notes, password=hunter2");
/// assert_eq!(text, "key [redacted] in ~/notes, password=[redacted]");
/// ```
#[derive(Clone, Debug, Default)]
pub struct Redactor {
    homes: Homes,
}

impl Redactor {
    /// Knows the home folder given; its path becomes `~`.
    #[must_use]
    pub fn new(home: Option<&Path>) -> Self {
        Self {
            homes: Homes::new(home),
        }
    }

    /// Takes secrets out. Doing it twice changes nothing more.
    #[must_use]
    pub fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self.homes.replaced(text) {
            Cow::Borrowed(text) => without_secrets(text).text,
            Cow::Owned(text) => Cow::Owned(without_secrets(&text).text.into_owned()),
        }
    }

    /// Takes secrets out of a value that stands beside a name elsewhere than in a text, as in a table or a JSON
    /// object: all of it where the name says that it is one, otherwise what [`Redactor::redact`] takes out.
    ///
    /// ```
    /// let redactor = cowork_redact::Redactor::default();
    /// assert_eq!(redactor.redact_value("apiKey", "hunter2"), "[redacted]");
    /// assert_eq!(redactor.redact_value("note", "token=hunter2"), "token=[redacted]");
    /// ```
    #[must_use]
    pub fn redact_value<'a>(&self, name: &str, value: &'a str) -> Cow<'a, str> {
        if !value::is_nothing(value) && names::hides(name, value) {
            return Cow::Borrowed(MARK);
        }
        self.redact(value)
    }

    /// Cleans a text that leaves in pieces.
    #[must_use]
    pub fn stream(&self) -> RedactingStream {
        RedactingStream::new(self.homes.stream())
    }

    /// Cleans a text that leaves in pieces and is read while it comes: of a line that goes on, words are given out where
    /// no secret can reach across, instead of at its end.
    #[must_use]
    pub fn stream_by_words(&self) -> RedactingStream {
        RedactingStream::by_words(self.homes.stream())
    }
}

/// A text without secrets.
pub(crate) struct Cleaned<'t> {
    pub(crate) text: Cow<'t, str>,
    /// Where in the text that was given something begins that the text's end cut; its beginning where that
    /// cannot be said.
    pub(crate) open: Option<usize>,
}

pub(crate) fn without_secrets(text: &str) -> Cleaned<'_> {
    let first = pass(text);
    let (mut cleaned, mut open) = (first.text, first.open);
    for _ in 1..PASSES {
        let Cow::Owned(once) = &cleaned else { break };
        let again = pass(once);
        if again.open.is_some() {
            open = open.or(Some(0));
        }
        match again.text {
            Cow::Owned(again) if again != *once => cleaned = Cow::Owned(again),
            _ => break,
        }
    }
    Cleaned { text: cleaned, open }
}
