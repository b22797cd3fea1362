//! An agent that makes the same call again and again is noticed, told of once, and forgotten with its turn.

use cowork_engine::{EngineEvent, PartContent, ToolCall, ToolState};
use cowork_transcript::{Patch, REPEATED_TIMES, REPEATED_WITHIN, Transcript};

use crate::support::*;

/// A call that began at a moment, with arguments that a number stands for.
fn made(id: &str, given: u64, started: i64) -> EngineEvent {
    let call = ToolCall {
        given: Some(given),
        started: Some(started),
        ..call(ToolState::Completed)
    };
    changed("msg_answer", id, PartContent::Tool(Box::new(call)))
}

fn turn() -> Vec<EngineEvent> {
    vec![
        head(user("msg_prompt", 1)),
        busy(),
        head(answer("msg_answer", 2, "msg_prompt")),
    ]
}

fn told(transcript: &Transcript) -> Option<(String, usize)> {
    let repeated = transcript.repeated()?;
    Some((repeated.block.to_string(), repeated.times))
}

#[test]
fn three_equal_calls_within_the_time_are_told_once_and_gone_when_the_turn_ends() {
    let mut transcript = after(turn());
    feed(
        &mut transcript,
        [made("prt_1", 7, 1_000), made("prt_2", 7, 2_000)],
    );
    assert_eq!(told(&transcript), None);
    let patches = feed(&mut transcript, [made("prt_3", 7, 3_000)]);
    assert_eq!(told(&transcript), Some(("prt_3".to_owned(), REPEATED_TIMES)));
    assert_eq!(patches.iter().filter(|patch| **patch == Patch::Status).count(), 1);
    // The same call again as it goes on is no news; one more of the same is counted.
    let patches = feed(&mut transcript, [made("prt_3", 7, 3_000)]);
    assert!(!patches.contains(&Patch::Status), "{patches:?}");
    feed(&mut transcript, [made("prt_4", 7, 90_000)]);
    assert_eq!(told(&transcript), Some(("prt_4".to_owned(), 4)));
    feed(&mut transcript, [idle()]);
    assert_eq!(told(&transcript), None);
    feed(&mut transcript, [head(user("msg_z1", 200_000)), busy()]);
    assert_eq!(told(&transcript), None, "the next turn begins anew");
}

#[test]
fn calls_that_differ_or_take_their_time_are_no_repetition() {
    let mut transcript = after(turn());
    let apart = REPEATED_WITHIN / 2 + 1;
    feed(
        &mut transcript,
        [
            made("prt_1", 1, 1_000),
            made("prt_2", 2, 1_100),
            made("prt_3", 3, 1_200),
            made("prt_4", 1, 1_000 + apart),
            made("prt_5", 1, 1_000 + 2 * apart),
        ],
    );
    assert_eq!(told(&transcript), None);
}

#[test]
fn calls_with_others_between_them_are_a_repetition_too() {
    let mut transcript = after(turn());
    feed(
        &mut transcript,
        [
            made("prt_1", 1, 1_000),
            made("prt_2", 2, 1_100),
            made("prt_3", 1, 1_200),
            made("prt_4", 2, 1_300),
            made("prt_5", 1, 1_400),
        ],
    );
    assert_eq!(told(&transcript), Some(("prt_5".to_owned(), 3)));
}

#[test]
fn what_comes_after_the_end_of_a_turn_tells_nothing() {
    let mut transcript = after(turn());
    feed(&mut transcript, [idle()]);
    feed(
        &mut transcript,
        (1..=4).map(|number| made(&format!("prt_{number}"), 1, number * 100)),
    );
    assert_eq!(told(&transcript), None);
}
