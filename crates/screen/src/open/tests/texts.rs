//! Texts that grow cost what is added to them, and nothing is kept of those that are done.

use std::collections::BTreeMap;

use super::*;
use crate::view::BlockContent as BlockView;

/// What a window holds of its texts when it is told what changed, as the interface takes it in.
fn take_texts(held: &mut BTreeMap<String, Vec<crate::view::HtmlBlock>>, patch: ConversationPatch) {
    for change in patch.blocks {
        if let BlockView::Text { html, .. } = change.block.content {
            held.insert(change.block.id, html);
        }
    }
    for change in patch.texts {
        let html = held.entry(change.block).or_default();
        for block in change.html.changes {
            if block.index == html.len() {
                html.push(crate::view::HtmlBlock {
                    frame: block.frame.clone(),
                    pieces: Vec::new(),
                });
            }
            html[block.index].frame = block.frame;
            html[block.index].pieces.truncate(block.keep);
            html[block.index].pieces.extend(block.pieces);
        }
        html.truncate(change.html.blocks);
    }
}

#[test]
fn parts_of_one_answer_that_grow_in_turn_cost_what_is_added_to_them() {
    const ROUNDS: usize = 200;
    let message = id(0).to_string();
    let parts = ["prt_0", "prt_1"];
    for runs in [true, false] {
        let mut begins = vec![EngineEvent::MessageChanged(told::answer(&session(), &message, 0))];
        begins.extend(runs.then(|| told::busy(&session())));
        begins
            .extend(parts.map(|part| told::changed(&session(), told::part(&message, part, told::text("")))));
        let mut desk = Desk::with(begins.into_iter(), None);
        let mut held = BTreeMap::new();
        let mut tell = |desk: &mut Desk| {
            let patch = desk
                .open
                .patch(&desk.transcript, Path::new("/"), &no_lanes, surroundings);
            take_texts(&mut held, patch.expect("something changed"));
            held.clone()
        };
        let before = render::rendered();
        let said = |round: usize| format!("Part {round} of *it*.\n\n");
        for round in 0..ROUNDS {
            for part in parts {
                desk.apply(told::delta(&session(), &message, part, &said(round)));
                tell(&mut desk);
            }
        }
        let all: usize = (0..ROUNDS).map(|round| said(round).len() * parts.len()).sum();
        let rendered = render::rendered() - before;
        assert!(rendered < 2 * all, "{rendered} of {all}, runs: {runs}");
        assert_eq!(desk.open.documents.kept(), parts.len());
        desk.apply(EngineEvent::MessageChanged(EngineMessage {
            completed: Some(1),
            ..told::answer(&session(), &message, 0)
        }));
        let held = tell(&mut desk);
        assert_eq!(
            desk.open.documents.kept(),
            0,
            "nothing is kept of a complete answer"
        );
        assert_eq!(held.len(), parts.len());
        for html in held.values() {
            assert_eq!(html.len(), ROUNDS);
        }
    }
}

#[test]
fn nothing_is_kept_of_a_text_that_grew_in_a_message_that_is_gone() {
    let message = id(0).to_string();
    let begins = [
        EngineEvent::MessageChanged(told::answer(&session(), &message, 0)),
        told::changed(&session(), told::part(&message, "prt_0", told::text("So"))),
    ];
    let mut desk = Desk::with(begins.into_iter(), None);
    desk.apply(told::delta(&session(), &message, "prt_0", " far"));
    desk.tell();
    assert_eq!(desk.open.documents.kept(), 1);
    desk.go(std::iter::once(0));
    desk.tell();
    assert_eq!((desk.open.documents.kept(), desk.open.growing.len()), (0, 0));
}
