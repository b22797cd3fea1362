//! What a person does in a thread, and what they see of it.

use cowork_chaos::Command;

use super::screen::Screen;
use super::{App, Words, prompt};

impl App {
    /// Begins a thread, and shows it.
    #[track_caller]
    pub(crate) fn begin(&mut self) {
        let session = self.have(Command::NewSession);
        self.session = Some(session);
    }

    /// Shows the thread that another app showed, with everything in it.
    #[track_caller]
    pub(crate) fn open(&mut self, before: &Screen) {
        let session = before.session.clone().expect("a thread was shown");
        self.session = Some(self.have(Command::OpenSession { session }));
        self.until("the conversation", |screen| {
            (!screen.messages.is_empty()).then_some(())
        });
        self.screen().holds_all_of(before);
    }

    /// The thread that is shown.
    pub(crate) fn session(&self) -> String {
        self.session.clone().expect("a thread is shown")
    }

    /// Sends a prompt, and gives its id once the engine has it.
    #[track_caller]
    pub(crate) fn send(&mut self, text: String) -> String {
        self.have(Command::SendPrompt {
            session: self.session(),
            text,
        })
    }

    /// Waits until so many characters of the answer to a prompt are on screen.
    #[track_caller]
    pub(crate) fn until_said(&self, prompt: &str, characters: usize) {
        self.until("the answer", |screen| {
            (screen.text_of(prompt).len() >= characters).then_some(())
        });
    }

    /// Waits for the next request for permission.
    #[track_caller]
    pub(crate) fn until_asked(&self) -> String {
        self.until("a request for permission", |screen| screen.asks.first().cloned())
    }

    /// Waits for the next request for permission, and allows it.
    #[track_caller]
    pub(crate) fn allow(&mut self) {
        let permission = self.until_asked();
        self.have(Command::Allow {
            session: self.session(),
            permission,
        });
    }

    /// Waits until a tool of the answer to a prompt runs and has printed `text`.
    #[track_caller]
    pub(crate) fn until_printed(&self, prompt: &str, text: &str) {
        self.until("the tool's output", |screen| {
            let mut tools = screen.answers_to(prompt).flat_map(|message| &message.tools);
            tools
                .any(|tool| tool.is_running && tool.output.contains(text))
                .then_some(())
        });
    }

    /// Waits for the end of a prompt's turn, and gives what the screen shows then.
    #[track_caller]
    pub(crate) fn until_over(&self, prompt: &str) -> Screen {
        self.until("the turn's end", |screen| {
            screen.is_over(prompt).then(|| screen.clone())
        })
    }

    /// The turn of a prompt ends with all its words, each of them once.
    #[track_caller]
    pub(crate) fn ends_whole(&self, prompt: &str, words: &Words) {
        let screen = self.until_over(prompt);
        assert_eq!(
            screen.text_of(prompt),
            words.text(),
            "the whole answer, once\n{screen}"
        );
    }

    /// What is shown of a prompt's answer is the beginning of its words: none lost in between, none doubled.
    #[track_caller]
    pub(crate) fn holds_beginning(&self, prompt: &str, words: &Words) {
        let screen = self.screen();
        let text = screen.text_of(prompt);
        assert!(
            !text.is_empty() && words.text().starts_with(&text),
            "{text:?} is not how it began\n{screen}"
        );
    }

    /// A new prompt is taken and answered in full.
    #[track_caller]
    pub(crate) fn goes_on(&mut self, mark: &str) {
        let words = Words::new(&format!("{mark}next"), 20);
        let next = self.send(prompt("Go on", [vec![words.at_once()]]));
        self.ends_whole(&next, &words);
    }
}
