use proptest::prelude::*;

use super::*;

fn plain(printed: &str) -> String {
    Reduced::of(printed).into_text()
}

fn looks(printed: &str) -> Vec<(String, String)> {
    Reduced::of(printed)
        .spans()
        .into_iter()
        .map(|span| (span.text, span.look))
        .collect()
}

#[test]
fn colours_become_classes_and_titles_links_and_modes_go() {
    assert_eq!(
        looks(
            "\u{1b}[1;31mred\u{1b}[0m \u{1b}]0;title\u{7}\u{1b}]8;;https://example.org\u{1b}\\link\u{1b}]8;;\u{1b}\\\u{1b}[?25l!"
        ),
        [
            ("red".into(), "ink-red bold".into()),
            (" link!".into(), String::new())
        ]
    );
    assert_eq!(
        looks("\u{1b}[38;5;196;48;2;0;0;200;4;7mx\u{1b}[24;27;39;49;9;2;3my"),
        [
            ("x".into(), "ink-red ground-blue underlined inverse".into()),
            ("y".into(), "dim italic struck".into())
        ]
    );
    assert_eq!(
        looks("\u{1b}[38:2::250:250:250mx"),
        [("x".into(), "ink-bright-white".into())]
    );
}

#[test]
fn a_look_goes_on_over_lines_until_it_is_ended() {
    assert_eq!(
        looks("\u{1b}[32mone\ntwo\u{1b}[m\nthree"),
        [
            ("one\ntwo\n".into(), "ink-green".into()),
            ("three".into(), String::new())
        ]
    );
}

#[test]
fn what_is_written_over_a_line_replaces_as_much_as_it_is_long() {
    assert_eq!(plain("10%\r55%\r100%\ndone\r\n"), "100%\ndone\n");
    assert_eq!(plain("abcdef\rxy"), "xycdef");
    assert_eq!(plain("abcdef\r\u{1b}[Kxy"), "xy");
    assert_eq!(plain("abc\u{8}\u{8}X"), "aXc");
    assert_eq!(plain("abc\u{1b}[1GX\u{1b}[5GY"), "Xbc Y");
    assert_eq!(plain("abc\u{1b}[2DX\u{1b}[3CY"), "aXc  Y");
    assert_eq!(plain("日本\rx"), "x 本");
    assert_eq!(plain("a\tb\tc"), "a\tb\tc");
    assert_eq!(plain("a\tb\r1234"), "1234    b");
}

#[test]
fn a_progress_display_that_moves_up_shows_its_last_state() {
    let mut printed = String::from("begin\n");
    for step in 0..50 {
        let shown = format!("one {step}\u{1b}[K\ntwo {step}\u{1b}[K\n\u{1b}[2A");
        printed.push_str(&shown);
    }
    printed.push_str("\u{1b}[2Bend\n");
    assert_eq!(plain(&printed), "begin\none 49\ntwo 49\nend\n");
    assert_eq!(plain("a\nb\nc\u{1b}[2A\r\u{1b}[Jx"), "x\n\n");
}

#[test]
fn a_screen_that_is_cleared_loses_nothing() {
    assert_eq!(
        plain("before\u{1b}[2J\u{1b}[Hafter\u{1b}[8mconcealed"),
        "before\nafterconcealed"
    );
}

#[test]
fn a_sequence_without_an_end_takes_no_more_than_its_line() {
    assert_eq!(plain("a\u{1b}]0;never ended\nb\u{1b}[31\nc"), "a\nb\nc");
}

#[test]
fn what_reorders_or_hides_text_is_shown() {
    assert_eq!(
        plain("a\u{202e}b\u{2028}c\u{9b}31md\u{7f}"),
        "a\u{fffd}b\u{fffd}c31md"
    );
    assert_eq!(plain("e\u{301} 👩\u{200d}👧"), "e\u{301} 👩\u{200d}👧");
}

#[test]
fn a_line_of_a_megabyte_is_cut_into_rows_that_say_so() {
    let line = "x".repeat(1_000_000);
    let reduced = Reduced::of(&line);
    assert_eq!(reduced.text(), line);
    let spans = reduced.spans();
    assert_eq!(spans.iter().filter(|span| span.look == GOES_ON).count(), 999);
    assert!(spans.iter().all(|span| span.text.len() <= row::COLUMNS));
}

#[test]
fn pages_are_bounded_in_bytes_rows_and_spans() {
    let coloured: Vec<_> = (0..200_000)
        .map(|index| {
            format!(
                "\u{1b}[{}m{}",
                31 + index % 7,
                if index % 90 == 0 { '\n' } else { 'x' }
            )
        })
        .collect();
    let coloured = coloured.concat();
    for printed in [
        "x".repeat(1_000_000),
        "a line of text\n".repeat(100_000),
        "\n".repeat(300_000),
        coloured,
        "日本語\t".repeat(100_000),
    ] {
        let paged = Paged::of(&printed);
        assert!(paged.count() > 1);
        for index in 0..paged.count() {
            let page = paged.page(index);
            let rows = page
                .iter()
                .map(|span| span.text.matches('\n').count())
                .sum::<usize>();
            assert!(
                page.len() <= 1_500 && rows <= 201,
                "{} spans, {rows} rows",
                page.len()
            );
            assert!(page.iter().map(|span| span.text.len()).sum::<usize>() <= 17_000);
        }
        assert_eq!(joined(&paged), paged.text());
    }
}

#[test]
fn more_rows_than_a_webview_can_stack_are_left_to_the_copy() {
    let paged = Paged::of(&"\n".repeat(600_000));
    assert_eq!(paged.left_out(), 100_000);
    assert_eq!(paged.text().len(), 600_000);
}

fn joined(paged: &Paged) -> String {
    (0..paged.count())
        .flat_map(|index| paged.page(index))
        .filter(|span| span.look != GOES_ON)
        .map(|span| span.text)
        .collect()
}

/// Text, controls, sequences, broken sequences, in any order.
fn printed() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[ -~]{0,40}",
        2 => "\\PC{0,12}",
        1 => any::<String>(),
        3 => Just("\n".to_owned()),
        1 => proptest::sample::select(vec!["\r", "\r\n", "\u{8}", "\t", "\u{b}", "\u{7}", "\u{1b}", "\u{1b}7", "\u{1b}8", "\u{1b}M", "\u{1b}c", "\u{1b}P", "\u{1b}]8;;x\u{7}", "\u{9b}", "\u{202e}", "語", "e\u{301}", "\u{301}\u{301}"])
            .prop_map(str::to_owned),
        3 => (prop::collection::vec(0_u16..300, 0..6), "[;:]", "[@-~]")
            .prop_map(|(numbers, between, action)| {
                let numbers: Vec<_> = numbers.iter().map(ToString::to_string).collect();
                format!("\u{1b}[{}{action}", numbers.join(&between))
            }),
        1 => (1_usize..3_000).prop_map(|count| "y".repeat(count)),
        1 => (1_usize..70).prop_map(|count| "z\n".repeat(count)),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn garbage_becomes_text_without_controls(printed in printed()) {
        let paged = Paged::of(&printed);
        prop_assert!(paged.text().chars().all(|character| matches!(character, '\n' | '\t') || !character.is_control()));
        prop_assert!(!paged.text().contains(screen_hides));
        prop_assert!(paged.text().len() <= 8 * printed.len() + 300_000);
    }

    #[test]
    fn pages_together_are_the_whole_with_its_looks(printed in printed()) {
        let paged = Paged::of(&printed);
        prop_assert_eq!(joined(&paged), paged.text());
        let letters = |spans: Vec<OutputSpan>| -> Vec<(char, String)> {
            spans.iter().flat_map(|span| span.text.chars().map(|letter| (letter, span.look.clone())).collect::<Vec<_>>()).collect()
        };
        let pages = (0..paged.count()).flat_map(|index| letters(paged.page(index))).collect::<Vec<_>>();
        prop_assert_eq!(pages, letters(Reduced::of(&printed).spans()));
    }

    #[test]
    fn classes_are_of_the_closed_set(printed in printed()) {
        for span in Reduced::of(&printed).spans() {
            for class in span.look.split(' ').filter(|class| !class.is_empty()) {
                prop_assert!(
                    class.starts_with("ink-") || class.starts_with("ground-")
                        || ["bold", "dim", "italic", "underlined", "inverse", "struck", GOES_ON].contains(&class),
                    "{}", class
                );
            }
        }
    }

    #[test]
    fn text_of_no_terminal_stays_as_it_is(text in "[ -~\\t\\n\u{e0}-\u{ff}]{0,3000}") {
        prop_assert_eq!(plain(&text), text);
    }
}

fn screen_hides(character: char) -> bool {
    ('\u{202a}'..='\u{202e}').contains(&character) || ('\u{2066}'..='\u{2069}').contains(&character)
}
