//! A session that went back to before a prompt.

use cowork_engine::{EngineEvent, MessageId, Reverted, Session, TurnErrorKind};
use cowork_transcript::{Mark, Patch, Transcript};

use crate::support::*;

fn went_back(from: Option<&str>) -> EngineEvent {
    EngineEvent::SessionChanged(Session {
        reverted: from.map(|from| Reverted {
            from: MessageId::from(from),
            files: true,
        }),
        ..listed()
    })
}

fn removed(message: &str) -> EngineEvent {
    EngineEvent::MessageRemoved {
        session: session(),
        message: MessageId::from(message),
    }
}

fn two_turns() -> Transcript {
    opening_then([
        head(finished(answer("msg_2", 200, "msg_1"))),
        head(user("msg_3", 300)),
        head(answer("msg_4", 400, "msg_3")),
    ])
}

fn ids(transcript: &Transcript) -> Vec<&str> {
    let entries = transcript.messages().iter();
    entries.map(|entry| entry.message.id.as_str()).collect()
}

#[test]
fn what_follows_does_not_count_until_it_is_undone() {
    let mut transcript = two_turns();
    feed(&mut transcript, [failed(TurnErrorKind::Provider), idle()]);
    assert_eq!(transcript.mark(), Mark::Failed);
    let patches = feed(&mut transcript, [went_back(Some("msg_3"))]);
    assert!(patches.contains(&Patch::Everything), "{patches:?}");
    assert_eq!(ids(&transcript), ["msg_1", "msg_2"]);
    assert_eq!(transcript.position(&"msg_4".into()), None);
    assert_eq!(transcript.set_aside().len(), 2);
    assert!(transcript.entry(&"msg_3".into()).is_some(), "it is kept");
    assert_eq!(
        (transcript.mark(), transcript.error()),
        (Mark::Idle, None),
        "what failed is not there any more"
    );
    let again = feed(&mut transcript, [went_back(Some("msg_3"))]);
    assert_eq!(again, [], "a repeat changes nothing");
    let patches = feed(&mut transcript, [went_back(None)]);
    assert!(patches.contains(&Patch::Everything), "{patches:?}");
    assert_eq!(ids(&transcript), ["msg_1", "msg_2", "msg_3", "msg_4"]);
}

#[test]
fn nothing_of_it_comes_back_while_the_next_prompt_removes_it() {
    let mut transcript = two_turns();
    feed(&mut transcript, [idle(), went_back(Some("msg_3"))]);
    // An engine removes the oldest first.
    feed(&mut transcript, [removed("msg_3")]);
    assert_eq!(ids(&transcript), ["msg_1", "msg_2"]);
    feed(&mut transcript, [removed("msg_4"), went_back(None)]);
    feed(&mut transcript, [head(user("msg_5", 500))]);
    assert_eq!(ids(&transcript), ["msg_1", "msg_2", "msg_5"]);
}

#[test]
fn of_a_conversation_whose_beginning_is_not_read_nothing_counts_that_is_newer() {
    let mut transcript = Transcript::new(session());
    let mut read = snapshot(vec![(user("msg_8", 800), vec![("prt_8", written("late"))])]);
    read.session.reverted = Some(Reverted {
        from: "msg_3".into(),
        files: false,
    });
    let _ = transcript.restore(read, NOW);
    assert_eq!(ids(&transcript), <[&str; 0]>::default());
    assert_eq!(transcript.set_aside().len(), 1);
    assert_eq!(transcript.mark(), Mark::Idle);
}
