//! Texts of any kind.

use proptest::prelude::*;

use super::*;

/// What texts of all kinds are made of.
fn soup() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("/home/ada".to_owned()),
        Just("/home/ada/analytical engine".to_owned()),
        Just("/etc/passwd".to_owned()),
        Just("\"/home/ada/a b".to_owned()),
        Just("file:///".to_owned()),
        Just("C:\\Users".to_owned()),
        Just("password=".to_owned()),
        Just("sk-ant-abcdefghijklmnop".to_owned()),
        Just("-----BEGIN PRIVATE KEY-----\n".to_owned()),
        Just("-----END PRIVATE KEY-----\n".to_owned()),
        Just("\n".to_owned()),
        Just(" ".to_owned()),
        Just("words that follow on each other without end ".repeat(5)),
        Just("\\ ".to_owned()),
        Just("ünïcödé ".repeat(300)),
        Just("x".repeat(5_000)),
        Just("/tmp/".to_owned() + &"y".repeat(9_000)),
        "[a-z/~:\\\\\"'`., ]{0,20}",
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// Long lines of paths that can be seen to be ones, with what stands between such in what programs print.
fn lines() -> impl Strategy<Value = String> {
    let path = prop_oneof![
        Just("/etc/hidden"),
        Just("/srv/a/hidden.d/hidden"),
        Just("/projects/hidden"),
        Just("/home/ada/hidden"),
        Just("\"/opt/my hidden/hidden\""),
        Just("'/home/ada/my hidden'"),
        Just("~/hidden"),
        Just("C:\\hidden\\hidden"),
        Just("C:\\\\hidden\\\\hidden"),
        Just("file:///hidden/hidden"),
    ];
    let between = prop_oneof![
        Just(" "),
        Just(","),
        Just("\":"),
        Just("\\n"),
        Just("\u{1b}[0m\u{1b}[35m"),
        Just(" = "),
        Just("\n"),
    ];
    let filler = prop_oneof![
        4 => Just(String::new()),
        2 => (0..200_usize).prop_map(|length| "x".repeat(length)),
        1 => (7_000..9_500_usize).prop_map(|length| "x".repeat(length)),
        1 => Just("words and words ".repeat(20)),
    ];
    let piece =
        (filler, between, path).prop_map(|(filler, between, path)| format!("{filler}{between}{path}"));
    prop::collection::vec(piece, 1..60).prop_map(|pieces| format!("{},", pieces.join(",")))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn a_text_in_pieces_comes_out_as_it_would_whole(
        text in soup(), pieces in prop::collection::vec(1_usize..6_000, 1..8), small in any::<bool>(),
    ) {
        let leaving = leaving();
        let (mut stream, mut out, mut rest) = (leaving.stream(), String::new(), text.as_str());
        for length in pieces.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let length = if small { length % 37 + 1 } else { *length };
            let (piece, after) = rest.split_at(rest.ceil_char_boundary(rest.len().min(length)));
            out.push_str(&stream.push(piece));
            rest = after;
        }
        out.push_str(&stream.finish());
        prop_assert_eq!(out, leaving.text(&text));
    }

    #[test]
    fn no_path_leaves_however_long_the_line_is_that_it_stands_in(text in lines()) {
        let cleaned = leaving().text(&text);
        let at = cleaned.find("hidden").map(|at| &cleaned[cleaned.floor_char_boundary(at.saturating_sub(60))..at + 6]);
        prop_assert_eq!(at, None);
    }

    #[test]
    fn the_home_folder_is_nowhere_in_what_leaves(text in soup()) {
        let cleaned = leaving().text(&text);
        let named = cleaned.match_indices("/home/ada").any(|(at, found)| {
            !cleaned[at + found.len()..].starts_with(|next: char| next.is_alphanumeric() || "_-.[".contains(next))
        });
        prop_assert!(!named, "{cleaned:?}");
    }
}
