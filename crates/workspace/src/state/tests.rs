//! What waits for a window that nobody looks at.

use super::window::NOTICES;
use super::*;

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
