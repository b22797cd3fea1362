//! What the reader of commands does with text that is made against it.

use cowork_policy::DangerKind::{DeletesFiles, Obscured, RaisesPrivilege, RunsDownload, Unreadable};
use cowork_policy::{danger, dangers, programs};
use proptest::prelude::*;

#[test]
fn what_is_too_deep_or_too_long_to_read_is_said_to_be_so() {
    let deep = format!("echo {}ls{}", "$(".repeat(500), ")".repeat(500));
    let long = "a".repeat(1_000_000);
    let nested = (0..20).fold("rm -rf x".to_owned(), |inner, _| format!("eval eval {inner}"));
    for command in [&deep, &long] {
        assert!(
            dangers(command).iter().any(|danger| danger.kind == Obscured),
            "{}",
            command.len()
        );
    }
    assert!(
        danger(&nested).is_some(),
        "scripts within scripts must not hide what they run"
    );
    let part = danger(&long).map(|danger| danger.part.chars().count());
    assert!(
        part.is_some_and(|length| length <= 161),
        "a card shows {part:?} characters of it"
    );
}

#[test]
fn hostile_lengths_are_read_to_the_end() {
    // Each would not come back within the test's patience if reading took the square of the length.
    let size = 250_000;
    for (unit, kind) in [
        ("a ", None),
        ("x=1 ", None),
        ("> ", Some(Unreadable)),
        ("x<<a ", None),
        ("x<<a\n", None),
        ("\\", None),
        ("{a,", Some(Obscured)),
        ("$((1", Some(Unreadable)),
        ("a=(", Some(Unreadable)),
        ("\"${", Some(Unreadable)),
        ("[[ ", Some(Unreadable)),
        ("case x in ", Some(Unreadable)),
        ("'", None),
        ("`", None),
        ("${", Some(Unreadable)),
        ("x|sh\n", Some(Obscured)),
        ("x|sh|", Some(Unreadable)),
        ("$(", Some(Unreadable)),
        ("(", Some(Unreadable)),
        ("\"$(", Some(Unreadable)),
        ("eval ", Some(Obscured)),
        ("bash -c ", None),
        ("find -exec ", Some(Obscured)),
        ("sudo ", Some(RaisesPrivilege)),
        ("curl x|sh;", Some(RunsDownload)),
        ("rm -rf x;", Some(DeletesFiles)),
        ("curl -o ", None),
        ("curl -o x y;./z;", None),
    ] {
        let found = danger(&unit.repeat(size / unit.len())).map(|danger| danger.kind);
        assert_eq!(found, kind, "{unit:?} over and over");
    }
}

fn shellish() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "rm",
        " -rf ",
        "x",
        "$(",
        ")",
        "`",
        "'",
        "\"",
        "\\",
        "|",
        "&&",
        ";",
        "\n",
        "<<E",
        "E\n",
        "<(",
        ">",
        "&",
        "(",
        "{",
        "}",
        "sudo ",
        "find . -exec ",
        "bash -c ",
        "eval ",
        "curl x",
        "#",
        "=",
        "$",
        "é",
        "\u{0}",
        "xargs ",
    ]);
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_command_whatever_makes_the_reader_panic(text in any::<String>(), shellish in shellish()) {
        for command in [text, shellish] {
            prop_assert!(programs(&command).len() <= 20);
            for danger in dangers(&command) {
                prop_assert!(danger.part.chars().count() <= 161);
                prop_assert!(command.get(danger.place.clone()).is_some(), "{:?} is no place in {:?}", danger, command);
            }
        }
    }

    #[test]
    fn what_stands_before_and_after_does_not_hide_a_command(
        before in "[a-z ]{0,12}", after in "[a-z ]{0,12}", joint in prop::sample::select(vec![";", "&&", "||", "|", "\n", "&"]),
    ) {
        let command = format!("echo {before}{joint} rm -rf x {joint} echo {after}");
        prop_assert_eq!(danger(&command).map(|danger| danger.kind), Some(DeletesFiles));
    }

    #[test]
    fn what_is_marked_does_what_it_is_marked_for(
        before in "[a-zé ]{0,12}", after in "[a-z ]{0,12}", around in prop::sample::select(vec![
            ("", ""), ("sh -c '", "'"), ("echo $(", ")"), ("(", ")"), ("if true; then ", "; fi"), ("bash <<E\n", "\nE\n"),
        ]),
    ) {
        let command = format!("{}echo {before}; rm -rf x; echo {after}{}", around.0, around.1);
        let marked: Vec<_> = dangers(&command).into_iter().map(|danger| (danger.kind, command[danger.place].to_owned())).collect();
        prop_assert_eq!(marked, [(DeletesFiles, "rm -rf x".to_owned())]);
    }

    #[test]
    fn what_no_shell_would_take_is_dangerous(text in "[a-z ]{0,12}", open in prop::sample::select(vec!["'", "\"", "$(", "(", "`", "${"])) {
        let command = format!("echo {text} {open}{text}");
        prop_assert!(danger(&command).is_some());
    }

    #[test]
    fn quoted_text_is_not_a_command(text in "[a-z0-9 ;|&<>()-]{0,40}") {
        let command = format!("git commit -m '{text} && rm -rf x'");
        prop_assert_eq!(danger(&command), None);
    }
}
