//! Which events need not be kept, because later ones say it all.
//!
//! What is told of a session ends in the same conversation with and without them. So what is replaced as a whole goes
//! but for the first of its kind, which says where it stands among others, and the last.

use std::collections::{HashMap, HashSet};

use super::events::Detail;

/// What the rule needs of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// What it tells.
    pub detail: Detail,
    /// The message or ask it is about.
    pub subject: String,
    /// The part it is about.
    pub piece: String,
}

/// Of one session's events, in the order they are read in, those that later ones supersede.
#[must_use]
pub fn superseded(told: &[Told]) -> Vec<usize> {
    let mut gone = Vec::new();
    // Backwards: what is met was followed by what was met before.
    let mut all = false;
    let mut anew = false;
    let mut last = HashSet::new();
    let mut messages_gone = HashSet::new();
    let mut pieces_gone: HashSet<(&str, &str)> = HashSet::new();
    let mut asks_gone = HashSet::new();
    // Those that were replaced and may be the first of their kind: the earliest that was met.
    let mut first: HashMap<(Detail, &str, &str), usize> = HashMap::new();
    for (place, event) in told.iter().enumerate().rev() {
        let subject = event.subject.as_str();
        let piece = event.piece.as_str();
        if all {
            gone.push(place);
            continue;
        }
        match event.detail {
            Detail::ThreadGone => all = true,
            Detail::Began => {
                if anew {
                    gone.push(place);
                }
                anew = true;
            }
            Detail::Thread | Detail::Status => {
                if !last.insert((event.detail, "", "")) {
                    gone.push(place);
                }
            }
            // Nothing is known of what it means.
            Detail::Other | Detail::Desktop | Detail::Failed => {}
            _ if anew => gone.push(place),
            Detail::Todos => {
                if !last.insert((Detail::Todos, "", "")) {
                    gone.push(place);
                }
            }
            Detail::MessageGone => {
                if !messages_gone.insert(subject) {
                    gone.push(place);
                }
            }
            Detail::Message | Detail::Part | Detail::Grew | Detail::PartGone
                if messages_gone.contains(subject) =>
            {
                gone.push(place);
            }
            Detail::PartGone => {
                if !pieces_gone.insert((subject, piece)) {
                    gone.push(place);
                }
            }
            Detail::Part | Detail::Grew if pieces_gone.contains(&(subject, piece)) => gone.push(place),
            Detail::Message | Detail::Part => {
                let key = (event.detail, subject, piece);
                if !last.insert(key)
                    && let Some(later) = first.insert(key, place)
                {
                    gone.push(later);
                }
            }
            Detail::Grew => {
                if last.contains(&(Detail::Part, subject, piece)) {
                    gone.push(place);
                }
            }
            Detail::PermissionGone | Detail::QuestionGone => {
                if !asks_gone.insert((event.detail, subject)) {
                    gone.push(place);
                }
            }
            Detail::Permission => {
                if asks_gone.contains(&(Detail::PermissionGone, subject))
                    || !last.insert((event.detail, subject, ""))
                {
                    gone.push(place);
                }
            }
            Detail::Question => {
                if asks_gone.contains(&(Detail::QuestionGone, subject))
                    || !last.insert((event.detail, subject, ""))
                {
                    gone.push(place);
                }
            }
        }
    }
    gone.sort_unstable();
    gone
}
