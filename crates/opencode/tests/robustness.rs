//! The decoder under streams that are split anywhere, foreign or hostile.

use cowork_engine::{EngineEvent, Envelope};
use cowork_opencode::{Decoder, Memory};
use proptest::prelude::*;

const RECORDED: &[&[u8]] = &[
    include_bytes!("fixtures/text.sse"),
    include_bytes!("fixtures/write-edit.sse"),
    include_bytes!("fixtures/task.sse"),
    include_bytes!("fixtures/perm-reject-msg.sse"),
];

fn whole(stream: &[u8]) -> Vec<Envelope> {
    Decoder::new().push(stream, &mut Memory::default())
}

fn delta(text: &str) -> String {
    let text = serde_json::Value::from(text);
    format!(
        "data: {{\"directory\":\"/p\",\"payload\":{{\"type\":\"message.part.delta\",\"properties\":{{\"sessionID\":\"s\",\
         \"messageID\":\"m\",\"partID\":\"p\",\"field\":\"text\",\"delta\":{text}}}}}}}\n\n"
    )
}

fn grown(envelopes: &[Envelope]) -> Vec<&str> {
    envelopes
        .iter()
        .filter_map(|envelope| match &envelope.event {
            EngineEvent::PartGrew { delta, .. } => Some(delta.as_str()),
            _ => None,
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_split_of_a_stream_gives_the_same_events(
        which in 0..RECORDED.len(),
        mut cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..200),
        with_returns in any::<bool>(),
    ) {
        let expected = whole(RECORDED[which]);
        let stream = if with_returns {
            String::from_utf8(RECORDED[which].to_vec()).unwrap().replace('\n', "\r\n").into_bytes()
        } else {
            RECORDED[which].to_vec()
        };
        let mut places: Vec<usize> = cuts.drain(..).map(|cut| cut.index(stream.len())).collect();
        places.sort_unstable();
        places.push(stream.len());
        let (mut decoder, mut memory, mut events, mut from) = (Decoder::new(), Memory::default(), Vec::new(), 0);
        for place in places {
            events.extend(decoder.push(&stream[from..place], &mut memory));
            from = place;
        }
        prop_assert!(events == expected, "a split changed what was read");
        prop_assert_eq!(memory.counters().garbage, 0);
    }

    #[test]
    fn text_of_any_characters_survives_any_split(
        texts in prop::collection::vec("\\PC{0,20}", 1..10),
        size in 1_usize..7,
    ) {
        let stream: String = texts.iter().map(|text| delta(text)).collect();
        let (mut decoder, mut memory, mut events) = (Decoder::new(), Memory::default(), Vec::new());
        for piece in stream.as_bytes().chunks(size) {
            events.extend(decoder.push(piece, &mut memory));
        }
        prop_assert_eq!(grown(&events), texts.iter().map(String::as_str).collect::<Vec<_>>());
    }

    #[test]
    fn foreign_lines_cost_no_event_on_a_later_line(
        foreign in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..80), 1..20),
        size in 1_usize..200,
    ) {
        let mut stream = Vec::new();
        let mut expected = Vec::new();
        for (index, garbage) in foreign.iter().enumerate() {
            stream.extend_from_slice(garbage);
            stream.push(b'\n');
            let text = format!("word {index}");
            stream.extend_from_slice(delta(&text).as_bytes());
            expected.push(text);
        }
        let (mut decoder, mut memory, mut events) = (Decoder::new(), Memory::default(), Vec::new());
        for piece in stream.chunks(size) {
            events.extend(decoder.push(piece, &mut memory));
        }
        prop_assert_eq!(grown(&events), expected);
    }

    #[test]
    fn no_bytes_whatever_break_the_decoder(
        pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 0..20),
        prefix in prop::sample::select(vec!["", "data: ", "data: {\"payload\":", "data: {\"payload\":{\"type\":\"session.error\",\"properties\":"]),
    ) {
        let (mut decoder, mut memory) = (Decoder::with_limit(200), Memory::default());
        for piece in pieces {
            decoder.push(prefix.as_bytes(), &mut memory);
            decoder.push(&piece, &mut memory);
        }
        decoder.push(b"\n\n", &mut memory);
        let after = decoder.push(delta("still here").replace("/p", "").as_bytes(), &mut memory);
        prop_assert_eq!(grown(&after), ["still here"]);
    }
}

#[test]
fn unfinished_data_before_an_event_costs_only_itself() {
    let stream = format!("data: {{\"directory\":\"/p\",\"payl\n{}", delta("kept"));
    let mut memory = Memory::default();
    let events = Decoder::new().push(stream.as_bytes(), &mut memory);
    assert_eq!(grown(&events), ["kept"]);
    assert_eq!(memory.counters().garbage, 1);
}

#[test]
fn an_event_over_several_data_lines_is_one() {
    let stream = "data: {\"payload\":\ndata: {\"type\":\"server.heartbeat\",\ndata:\"properties\":{}}}\n\n";
    assert_eq!(whole(stream.as_bytes())[0].event, EngineEvent::Heartbeat);
}

#[test]
fn comments_and_other_fields_are_no_garbage() {
    let stream =
        ": ping\n\nevent: message\nid: 7\nretry: 10\ndata: {\"payload\":{\"type\":\"server.heartbeat\"}}\n\n";
    let mut memory = Memory::default();
    assert_eq!(Decoder::new().push(stream.as_bytes(), &mut memory).len(), 1);
    assert_eq!(memory.counters().garbage, 0);
}

#[test]
fn invalid_utf_8_and_half_characters_are_replaced_and_counted() {
    let mut memory = Memory::default();
    let mut decoder = Decoder::new();
    let mut stream = delta("a?b").into_bytes();
    let place = stream.iter().position(|byte| *byte == b'?').unwrap();
    stream[place] = 0xFF;
    assert_eq!(grown(&decoder.push(&stream, &mut memory)), ["a\u{FFFD}b"]);
    let stream = delta("a?b").replace("a?b", r"\ud83d\\ud83d \ud83d\ude00 \udc00");
    assert_eq!(
        grown(&decoder.push(stream.as_bytes(), &mut memory)),
        ["\u{FFFD}\\ud83d 😀 \u{FFFD}"]
    );
    assert_eq!(memory.counters().repaired, 2);
    assert_eq!(memory.counters().garbage, 0);
}

#[test]
fn megabytes_in_one_event_are_read() {
    let text = "0123456789".repeat(2 * 1024 * 1024);
    let stream = delta(&text);
    let (mut decoder, mut memory, mut events) = (Decoder::new(), Memory::default(), Vec::new());
    for piece in stream.as_bytes().chunks(16 * 1024) {
        events.extend(decoder.push(piece, &mut memory));
    }
    assert_eq!(grown(&events), [text.as_str()]);
}

#[test]
fn an_event_beyond_the_bound_is_dropped_and_counted_and_the_next_is_read() {
    for size in [1, 7, 100, 100_000] {
        for ends in ["\n", "\r\n"] {
            let large = delta(&"x".repeat(5_000));
            let stream = format!("{large}{}", delta("after")).replace('\n', ends);
            let (mut decoder, mut memory, mut events) =
                (Decoder::with_limit(1_000), Memory::default(), Vec::new());
            for piece in stream.as_bytes().chunks(size) {
                events.extend(decoder.push(piece, &mut memory));
            }
            assert_eq!(grown(&events), ["after"], "pieces of {size}");
            let oversized = memory.counters().oversized;
            assert_eq!(oversized.events, 1);
            assert!(
                oversized.largest.abs_diff(large.len() as u64) < 10,
                "its size is told: {} of {}",
                oversized.largest,
                large.len()
            );
            assert_eq!(oversized.bytes, oversized.largest);
        }
    }
}
