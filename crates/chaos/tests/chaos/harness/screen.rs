//! What was on screen, and whether it still is.

use std::collections::{BTreeMap, HashMap};
use std::time::Instant;

use cowork_chaos::{Outcome, Report, Shown};
use cowork_workspace::view::EngineState;

/// Everything the app showed so far.
#[derive(Clone, Default)]
pub(crate) struct Screen {
    /// The session that is shown.
    pub(crate) session: Option<String>,
    /// The messages that are shown now, in order.
    pub(crate) messages: Vec<Shown>,
    /// A turn runs.
    pub(crate) busy: bool,
    /// Why the last turn failed.
    pub(crate) error: Option<String>,
    /// The requests for permission that stand open.
    pub(crate) asks: Vec<String>,
    /// What the engine was doing, and since when; the last is what it does now.
    pub(crate) engine: Vec<(Instant, EngineState)>,
    /// Why what is on screen is not being saved.
    pub(crate) not_saving: Option<String>,
    /// News, in order.
    pub(crate) notices: Vec<String>,
    /// How requests ended.
    pub(crate) answers: HashMap<u64, Outcome>,
    /// The app says nothing more.
    pub(crate) has_ended: bool,
    /// Each message's text as it was shown last.
    shown: BTreeMap<String, Shown>,
    /// What was on screen and then was not.
    lost: Vec<String>,
}

impl Screen {
    /// Takes what the app says.
    pub(crate) fn take(&mut self, report: Report) {
        match report {
            Report::Answer { number, outcome } => {
                self.answers.insert(number, outcome);
            }
            Report::Seen {
                messages,
                busy,
                error,
            } => {
                self.compare(&messages);
                (self.messages, self.busy, self.error) = (messages, busy, error);
                for message in &self.messages {
                    self.shown.insert(message.id.clone(), message.clone());
                }
            }
            Report::Asks { permissions } => self.asks = permissions,
            Report::Engine { state } => self.engine.push((Instant::now(), state)),
            Report::Saving { trouble } => self.not_saving = trouble,
            Report::Notice { kind, detail } => self.notices.push(format!("{kind}: {detail}")),
        }
    }

    /// Whether the engine takes prompts.
    pub(crate) fn engine_is_up(&self) -> bool {
        self.engine
            .last()
            .is_some_and(|(_, state)| state.takes_requests())
    }

    /// Whether there was news of this kind.
    pub(crate) fn was_told(&self, kind: &str) -> bool {
        self.notices.iter().any(|notice| notice.starts_with(kind))
    }

    /// The answers to a prompt, in order.
    pub(crate) fn answers_to<'a>(&'a self, prompt: &'a str) -> impl Iterator<Item = &'a Shown> {
        let is_answer = move |message: &&Shown| message.parent.as_deref() == Some(prompt);
        self.messages.iter().filter(is_answer)
    }

    /// All text of the answers to a prompt.
    pub(crate) fn text_of(&self, prompt: &str) -> String {
        self.answers_to(prompt)
            .map(|message| message.text.as_str())
            .collect()
    }

    /// Whether the turn of a prompt is over, in whatever way.
    pub(crate) fn is_over(&self, prompt: &str) -> bool {
        let last = self.answers_to(prompt).last();
        !self.busy
            && last.is_some_and(|message| {
                message.is_complete || message.is_interrupted || message.error.is_some()
            })
    }

    /// Whether any answer to a prompt, or the prompt itself, is marked as cut off.
    pub(crate) fn was_cut_off(&self, prompt: &str) -> bool {
        let prompts = self.messages.iter().filter(|message| message.id == prompt);
        prompts
            .chain(self.answers_to(prompt))
            .any(|message| message.is_interrupted)
    }

    /// Nothing that was on screen in this app was ever taken from it.
    #[track_caller]
    pub(crate) fn lost_nothing(&self) {
        assert_eq!(
            self.lost,
            Vec::<String>::new(),
            "it was on screen, and then it was not"
        );
    }

    /// Everything another app had shown is shown by this one.
    #[track_caller]
    pub(crate) fn holds_all_of(&self, before: &Self) {
        let mut missing = Vec::new();
        for (id, was) in &before.shown {
            match self.messages.iter().find(|message| message.id == *id) {
                None => missing.push(format!("{id} is gone; it said {:?}", ends(&was.text))),
                Some(is) if !is.text.starts_with(&was.text) => {
                    missing.push(format!(
                        "{id} said {:?}\nand says {:?}",
                        ends(&was.text),
                        ends(&is.text)
                    ));
                }
                Some(_) => {}
            }
        }
        assert_eq!(
            missing,
            Vec::<String>::new(),
            "it was on screen, and is not any more"
        );
    }

    fn compare(&mut self, messages: &[Shown]) {
        for was in &self.messages {
            match messages.iter().find(|message| message.id == was.id) {
                None => self.lost.push(format!("{} went; it said {:?}", was.id, was.text)),
                Some(is) if !is.text.starts_with(&was.text) => {
                    self.lost.push(format!(
                        "{} said {:?}\nand then {:?}",
                        was.id,
                        ends(&was.text),
                        ends(&is.text)
                    ));
                }
                Some(_) => {}
            }
        }
    }
}

impl std::fmt::Display for Screen {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for message in &self.messages {
            let text = ends(&message.text);
            let message = Shown {
                text,
                ..message.clone()
            };
            writeln!(formatter, "  {message:?}")?;
        }
        writeln!(
            formatter,
            "  a turn runs: {}, failure: {:?}",
            self.busy, self.error
        )?;
        writeln!(
            formatter,
            "  asks: {:?}, not saving: {:?}",
            self.asks, self.not_saving
        )?;
        let first = self.engine.first().map(|(at, _)| *at);
        for (at, state) in &self.engine {
            let since = first.map_or(0, |first| (*at - first).as_millis());
            writeln!(formatter, "  after {since} ms: {state:?}")?;
        }
        for notice in &self.notices {
            writeln!(formatter, "  {notice}")?;
        }
        Ok(())
    }
}

/// A long text's beginning and end: between them is nothing that tells one failure from another.
fn ends(text: &str) -> String {
    const EACH: usize = 120;
    let characters: Vec<char> = text.chars().collect();
    if characters.len() <= 2 * EACH {
        return text.to_owned();
    }
    let (first, last) = (&characters[..EACH], &characters[characters.len() - EACH..]);
    format!(
        "{} … ({} characters) … {}",
        first.iter().collect::<String>(),
        characters.len(),
        last.iter().collect::<String>()
    )
}
