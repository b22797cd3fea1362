//! What the tests drive the app with.

mod app;
mod axe;
mod chromium;
mod cloud;
mod desktop;
mod dialog;
mod home;
mod key_ring;
mod sizes;
mod threads;
mod webdriver;

pub(crate) use app::{App, given};
pub(crate) use chromium::Chromium;
pub(crate) use cloud::Cloud;
use cowork_scripted_model::{Action, Script, Step};
pub(crate) use desktop::Desktop;
pub(crate) use dialog::{agree, dialog, dialogs, stand, xdotool};
pub(crate) use home::Home;
pub(crate) use key_ring::KeyRing;
pub(crate) use threads::old_thread;

/// A prompt that has the scripted model play these steps, one per model request.
pub(crate) fn scripted<const STEPS: usize>(words: &str, steps: [Vec<Action>; STEPS]) -> String {
    let script = Script::new(steps.map(Step::new));
    format!(
        "{words} {}",
        script.to_marker().expect("a script fits into a prompt")
    )
}
