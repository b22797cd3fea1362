//! What waits for a window that nobody looks at, and what stays in memory.

use cowork_engine::{EngineEvent, Message, MessageWithParts, Role, SessionStatus};
use cowork_store::{JournalEntry, JournalKind};
use cowork_transcript::BlockContent;

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

#[test]
fn what_was_said_stays_in_memory_until_it_is_on_disk() {
    let mut state = State::new(view::EngineState::Stopping, view::Settings::default());
    let session = SessionId::from("ses_1");
    let mut effects = Vec::new();
    let text = told::part("msg_1", "prt_1", told::text("Seen. "));
    for event in [
        EngineEvent::MessageChanged(told::answer(&session, "msg_1", 1)),
        told::changed(&session, text),
    ] {
        state.apply(told::envelope(event), 1, &mut effects);
    }
    let batch = state.take_unkept();
    state.unkept.written(batch);
    let delta = told::delta(&session, "msg_1", "prt_1", "Seen, too.");
    state.apply(told::envelope(delta), 1, &mut effects);
    // Once the disk takes nothing, and once while it is being written.
    let fails = state.take_unkept();
    let look_around = |state: &mut State| {
        for number in 0..50 {
            let other = SessionId::from(format!("ses_other_{number}").as_str());
            state.open(&other, None, String::new(), true, &mut Vec::new());
        }
    };
    look_around(&mut state);
    state.unkept.not_written(fails);
    look_around(&mut state);
    let batch = state.take_unkept();
    let chunks: Vec<_> = batch
        .chunks
        .iter()
        .map(|chunk| (chunk.at, chunk.text.as_str()))
        .collect();
    assert_eq!(chunks, [(6, "Seen, too.")]);
    state.unkept.written(batch);
    look_around(&mut state);
    assert!(
        !state.live.contains_key(&session),
        "it is read again when it is opened"
    );
}

#[test]
fn a_thread_that_is_first_read_while_it_streams_goes_on_where_it_is() {
    let mut state = State::new(view::EngineState::Stopping, view::Settings::default());
    let session = SessionId::from("ses_1");
    let empty = || told::part("msg_1", "prt_1", told::text(""));
    let delta = |text: &str| told::delta(&session, "msg_1", "prt_1", text);
    let mut effects = Vec::new();
    let mut tell = |state: &mut State, event| state.apply(told::envelope(event), 1, &mut effects);
    tell(&mut state, told::busy(&session));
    tell(
        &mut state,
        EngineEvent::MessageChanged(told::answer(&session, "msg_1", 1)),
    );
    for event in [told::changed(&session, empty()), delta("One "), delta("two ")] {
        tell(&mut state, event);
    }
    // The engine writes a text down when it ended, and the journal is a moment late.
    let running = MessageWithParts {
        message: told::answer(&session, "msg_1", 1),
        parts: vec![empty()],
    };
    let kept = JournalEntry {
        message: "msg_1".to_owned(),
        part: "prt_1".to_owned(),
        kind: JournalKind::Text,
        text: "One ".to_owned(),
    };
    let mut snapshot = told::snapshot(&session, vec![running]);
    snapshot.status = SessionStatus::Busy;
    state.restore(snapshot, vec![kept], 1, &mut Vec::new());
    tell(&mut state, delta("three"));
    let block = state.live[&session]
        .transcript
        .block(&"msg_1".into(), &"prt_1".into());
    let content = block.map(|block| &block.content);
    let said = BlockContent::Text {
        text: "One two three".to_owned(),
    };
    assert_eq!(content, Some(&said));
}
