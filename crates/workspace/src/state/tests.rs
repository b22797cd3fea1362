//! What waits for a window that nobody looks at.

use cowork_engine::{EngineEvent, Message, Role};

use super::window::NOTICES;
use super::*;
use crate::told;

#[test]
fn news_that_nobody_looks_at_is_bounded_and_says_how_much_of_it_is_only_in_the_log() {
    let mut state = State::new(view::EngineState::Stopping, view::Settings::default());
    for number in 0..100_000 {
        state.notice(view::NoticeKind::StreamResumed, number.to_string(), number);
    }
    let update = state.update(Vec::new()).expect("there is news");
    assert_eq!(update.notices.len(), NOTICES);
    assert_eq!(
        update.notices.last().map(|notice| notice.at),
        Some(99_999),
        "the newest are told"
    );
    assert_eq!(update.notices_left_out, 100_000 - 50);
    state.notice(view::NoticeKind::StreamResumed, "once more", 100_000);
    let update = state.update(Vec::new()).expect("there is news");
    assert_eq!((update.notices.len(), update.notices_left_out), (1, 0));
}

/// The engine tells of a prompt before it says that it works.
#[test]
fn a_thread_is_free_only_after_the_turn_of_its_prompt_was_seen_to_begin() {
    let mut state = State::new(view::EngineState::Stopping, view::Settings::default());
    let session = SessionId::from("ses_1");
    let mut effects = Vec::new();
    state.session_changed(&told::listed(&session, None), &mut effects);
    let prompt = MessageId::from("msg_1");
    state.hand_over(&session, prompt.clone(), "words", None);
    let message = Message::new(prompt, session.clone(), Role::User, 1);
    let mut tell = |state: &mut State, event| state.apply(told::envelope(event), 1, &mut effects);
    tell(&mut state, EngineEvent::MessageChanged(message));
    assert!(!state.live(&session).is_free(), "it rests still, and is not free");
    tell(&mut state, told::busy(&session));
    assert!(!state.is_underway("msg_1"));
}
