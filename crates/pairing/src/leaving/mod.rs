//! What may leave, and what stands in its place.
//!
//! A text is cut into segments by what it holds alone (lines; a line that is long and has no path by its blanks), and each
//! segment is taken through the same steps in the same order. So a text that leaves in pieces comes out as it would whole,
//! wherever it is cut: [`Leaving::text`] *is* [`LeavingStream`] given everything at once.
//!
//! Paths are looked for first. In the session's folder they become relative to it; of any other `[path]` is left, and so
//! it is with `file:` addresses. Then the one sanitizer of the product takes secrets out.

mod bounds;
mod paths;
mod session;
mod stream;
mod value;

use std::path::PathBuf;
use std::sync::Arc;

use cowork_pairing_protocol::session::STRING_LIMIT;
use cowork_pairing_protocol::wire::Policy;
use cowork_redact::Redactor;

pub use paths::PATH_MARK;
use paths::Paths;
pub use stream::LeavingStream;

/// Where a session's paths are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// The session's folder: paths in it become relative to it.
    pub folder: Option<PathBuf>,
    /// The person's home folder.
    pub home: Option<PathBuf>,
    /// Names of what lies in this machine's root folder (`home`, `etc`, …). What begins with one of them is taken for a
    /// path. The usual ones are known without being named.
    pub roots: Vec<String>,
}

/// Takes out of everything what may not leave. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Leaving {
    policy: Policy,
    /// None where paths may leave.
    paths: Option<Arc<Paths>>,
    /// Without a home: paths are looked for before.
    redactor: Redactor,
}

impl Leaving {
    /// By the policy, for a session.
    #[must_use]
    pub fn new(policy: &Policy, places: &Places) -> Self {
        Self {
            policy: *policy,
            paths: (!policy.expose_local_paths).then(|| Arc::new(Paths::new(places))),
            redactor: Redactor::default(),
        }
    }

    /// A text, whole: as its pieces would come out of [`Self::stream`].
    #[must_use]
    pub fn text(&self, text: &str) -> String {
        let mut stream = self.stream();
        let mut out = stream.push(text);
        out.push_str(&stream.finish());
        out
    }

    /// A text that leaves in pieces.
    #[must_use]
    pub fn stream(&self) -> LeavingStream {
        LeavingStream::new(self.paths.clone(), self.redactor.stream_by_words())
    }

    /// The beginning of a text, of no more than [`STRING_LIMIT`] bytes.
    #[must_use]
    pub fn line(&self, text: &str) -> String {
        let (window, cut) = bounds::first(text, STRING_LIMIT);
        bounds::keep_start(self.text(window), STRING_LIMIT, cut)
    }

    /// The end of a text, of no more than `limit` bytes, and whether there was more. Of a text that goes on, a tail is
    /// held back as in [`Self::stream`]: what is printed so far ends anywhere, also in the middle of a secret.
    fn end(&self, text: &str, limit: usize, goes_on: bool) -> (String, bool) {
        let (window, cut) = bounds::last(text, limit);
        let unseen = if cut {
            window.len().saturating_sub(limit)
        } else {
            0
        };
        let (unseen, seen) = window.split_at(window.floor_char_boundary(unseen));
        let mut stream = self.stream();
        // It may begin with the end of a secret, which nobody can tell. However little is left of it, it does not leave.
        let _ = stream.push(unseen);
        let mut cleaned = stream.push(seen);
        if !goes_on {
            cleaned.push_str(&stream.finish());
        }
        let more = cut || cleaned.len() > limit;
        (bounds::keep_end(cleaned, limit, cut), more)
    }

    /// What a file is called, which may be a path.
    pub(crate) fn name(&self, name: &str) -> String {
        self.path(name)
    }

    /// A text that is a path and nothing else.
    fn path(&self, path: &str) -> String {
        match &self.paths {
            Some(paths) => paths
                .of_path(path)
                .map_or_else(|| self.line(path), |path| self.line(&path)),
            None => self.line(path),
        }
    }
}

#[cfg(test)]
mod tests;
