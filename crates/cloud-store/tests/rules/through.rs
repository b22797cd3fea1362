//! What is kept of a pairing's events, against a set of numbers.

use std::collections::BTreeSet;

use cowork_cloud_store::rules::through::{RUNS, Taken, Through};
use proptest::prelude::*;

/// How far all are there.
fn contiguous(kept: &BTreeSet<i64>) -> i64 {
    let mut through = 0;
    while kept.contains(&(through + 1)) {
        through += 1;
    }
    through
}

/// How many runs there are beyond gaps.
fn runs(kept: &BTreeSet<i64>) -> usize {
    let through = contiguous(kept);
    kept.iter()
        .filter(|sequence| **sequence > through && !kept.contains(&(**sequence - 1)))
        .count()
}

proptest! {
    #[test]
    fn it_is_what_a_set_says(sequences in prop::collection::vec(prop_oneof![1_i64..60, 1_i64..600], 0..400)) {
        let mut through = Through::default();
        let mut kept = BTreeSet::new();
        for sequence in sequences {
            let expected = if kept.contains(&sequence) {
                Taken::Known
            } else {
                let mut with = kept.clone();
                with.insert(sequence);
                if runs(&with) > RUNS { Taken::TooFar } else { Taken::New }
            };
            prop_assert_eq!(through.take(sequence), expected);
            if expected == Taken::New {
                kept.insert(sequence);
            }
            prop_assert_eq!(through.through(), contiguous(&kept));
            prop_assert_eq!(through.has_a_gap(), runs(&kept) > 0);
            let restored = Through::restore(through.through(), &through.stored_runs());
            prop_assert_eq!(restored.as_ref(), Some(&through));
        }
        for sequence in 1..=600 {
            prop_assert_eq!(through.has(sequence), kept.contains(&sequence));
        }
    }

    #[test]
    fn what_was_not_written_by_it_is_refused_or_in_order(through in 0_i64..100, text in "[0-9,-]{0,30}") {
        if let Some(restored) = Through::restore(through, &text) {
            prop_assert_eq!(restored.through(), through);
            prop_assert_eq!(Through::restore(through, &restored.stored_runs()), Some(restored));
        }
    }
}

#[test]
fn the_largest_numbers_are_numbers() {
    let mut through = Through::default();
    assert_eq!(through.take(i64::MAX), Taken::New);
    assert_eq!(through.take(i64::MAX), Taken::Known);
    assert_eq!(through.take(i64::MAX - 1), Taken::New);
    assert_eq!(through.take(1), Taken::New);
    assert_eq!(through.through(), 1);
}
