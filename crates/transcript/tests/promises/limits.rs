//! What is kept of what has no end.

use cowork_engine::{PartContent, ToolState};
use cowork_transcript::{OUTPUT_LIMIT, TEXT_LIMIT};

use crate::support::*;

#[test]
fn a_text_without_end_is_cut_in_sight() {
    // Three bytes each, so that the cut has to respect characters.
    let chunk = "語".repeat(400_000);
    let mut transcript = opening_then([text("msg_2", "prt_3", "")]);
    for _ in 0..16 {
        feed(&mut transcript, [delta("msg_2", "prt_3", &chunk)]);
    }
    let streamed = texts(&transcript, "msg_2")[0].to_owned();
    assert!(streamed.len() <= TEXT_LIMIT, "{} bytes are kept", streamed.len());
    assert!(
        streamed.len() > TEXT_LIMIT - 200,
        "no more than needed is cut: {}",
        streamed.len()
    );
    assert!(streamed.ends_with("longer than 16 MB.*"), "the cut is said");
    assert_eq!(
        feed(&mut transcript, [delta("msg_2", "prt_3", "more")]),
        [],
        "and nothing follows it"
    );
    let patches = feed(&mut transcript, [text("msg_2", "prt_3", &chunk.repeat(16))]);
    assert_eq!(patches, [], "the engine's whole text is cut at the same place");
    assert_eq!(texts(&transcript, "msg_2"), [streamed.as_str()]);
}

#[test]
fn of_an_output_without_end_the_end_is_kept() {
    let mut long = call(ToolState::Running);
    long.output = format!("{}the end", "語\n".repeat(OUTPUT_LIMIT / 3));
    long.arguments = Some("x".repeat(OUTPUT_LIMIT + 1));
    let transcript = opening_then([changed("msg_2", "prt_3", PartContent::Tool(Box::new(long)))]);
    let call = &tool_view(&transcript, "msg_2", "prt_3").call;
    assert!(
        call.output.len() <= OUTPUT_LIMIT,
        "{} bytes are kept",
        call.output.len()
    );
    assert!(
        call.output.len() > OUTPUT_LIMIT - 200,
        "no more than needed is cut: {}",
        call.output.len()
    );
    assert!(call.output.ends_with("the end"));
    let note = call.output.lines().next().unwrap();
    assert!(
        note.starts_with("[the first ") && note.ends_with("not kept]"),
        "the cut is said: {note}"
    );
    let arguments = call.arguments.as_ref().unwrap();
    assert!(arguments.len() <= OUTPUT_LIMIT && arguments.ends_with("not kept: longer than 4 MB]"));
}

#[test]
fn deltas_that_never_get_a_part_do_not_fill_the_memory_for_good() {
    let mut transcript = opening_then([]);
    let megabyte = "x".repeat(1024 * 1024);
    for number in 0..6 {
        feed(
            &mut transcript,
            [delta("msg_9", &format!("prt_{number}"), &megabyte)],
        );
    }
    feed(&mut transcript, [delta("msg_8", "prt_9", "kept")]);
    let parts = (0..6).map(|number| text("msg_9", &format!("prt_{number}"), ""));
    feed(
        &mut transcript,
        parts.chain([head(answer("msg_9", 900, "msg_1"))]),
    );
    let kept: usize = texts(&transcript, "msg_9").iter().map(|text| text.len()).sum();
    assert!(kept <= 4 * 1024 * 1024, "{kept} bytes were kept");
    feed(
        &mut transcript,
        [text("msg_8", "prt_9", ""), head(answer("msg_8", 800, "msg_1"))],
    );
    assert_eq!(
        texts(&transcript, "msg_8"),
        ["kept"],
        "what is small and new is not the price"
    );
}

#[test]
fn a_failed_call_keeps_what_it_had_shown() {
    let mut running = call(ToolState::Running);
    running.output = "half the output".to_owned();
    running.child = Some("ses_child".into());
    let transcript = opening_then([
        changed("msg_2", "prt_3", PartContent::Tool(Box::new(running))),
        tool("msg_2", "prt_3", ToolState::Failed),
    ]);
    let call = &tool_view(&transcript, "msg_2", "prt_3").call;
    assert_eq!(
        (call.state, call.output.as_str()),
        (ToolState::Failed, "half the output")
    );
    assert_eq!(call.child, Some("ses_child".into()));
}
