//! What is taken out, and what is left alone.

mod tables;

use std::borrow::Cow;
use std::path::Path;

use cowork_redact::{MARK, Redactor, redact};
use proptest::prelude::*;
use tables::{HARMLESS, KEYS, SECRETS};

#[test]
fn secrets_go_and_the_rest_stays_readable() {
    for (text, secret) in SECRETS {
        let cleaned = redact(text);
        assert!(!cleaned.contains(secret), "{text:?} became {cleaned:?}");
        assert!(
            cleaned.contains(MARK),
            "{text:?} became {cleaned:?}, which does not say that something is gone"
        );
    }
    assert!(
        SECRETS.len() + KEYS.len() >= 280 && HARMLESS.len() >= 130,
        "the tables have shrunk to {}, {} and {}",
        SECRETS.len(),
        KEYS.len(),
        HARMLESS.len()
    );
}

#[test]
fn every_known_key_goes_wherever_it_stands() {
    for (prefix, rest) in KEYS {
        let key = format!("{prefix}{rest}");
        for (text, cleaned) in [
            (key.clone(), MARK.to_owned()),
            (format!("using {key} now"), format!("using {MARK} now")),
            (format!("(\"{key}\", 1)"), format!("(\"{MARK}\", 1)")),
            (format!("a\\n{key}\\nb"), format!("a\\n{MARK}\\nb")),
            (format!("my_{key}, and"), format!("my_{MARK}, and")),
            (format!("<{key}>"), format!("<{MARK}>")),
        ] {
            assert_eq!(redact(&text), cleaned, "from {text:?}");
        }
    }
}

#[test]
fn what_holds_no_secret_is_not_even_copied() {
    for text in HARMLESS {
        let cleaned = redact(text);
        assert!(
            matches!(cleaned, Cow::Borrowed(same) if same == *text),
            "{text:?} became {cleaned:?}"
        );
    }
}

#[test]
fn what_stands_around_a_secret_stays() {
    for (text, cleaned) in [
        ("PASSWORD=hunter2 PATH=/bin", "PASSWORD=[redacted] PATH=/bin"),
        (
            "{\"password\":\"hunter2\",\"n\":1}",
            "{\"password\":\"[redacted]\",\"n\":1}",
        ),
        (
            "https://me:hunter2@example.org/x",
            "https://[redacted]@example.org/x",
        ),
        (
            "https://x.example/a?token=hunter2&b=c",
            "https://x.example/a?token=[redacted]&b=c",
        ),
        ("a sk-abcdefghijklmnop1234, b", "a [redacted], b"),
        (
            "curl -H \"Authorization: Bearer x\" -v",
            "curl -H \"Authorization: [redacted]\" -v",
        ),
        ("sent Bearer AbCdEfGh1234 to it", "sent Bearer [redacted] to it"),
        ("(token=hunter2)", "(token=[redacted])"),
        ("token=hunter2, n=1", "token=[redacted], n=1"),
    ] {
        assert_eq!(redact(text), cleaned);
    }
}

#[test]
fn the_home_folder_becomes_a_tilde() {
    let redactor = Redactor::new(Some(Path::new("/home/ada")));
    for (text, cleaned) in [
        ("in /home/ada/notes", "in ~/notes"),
        ("in /home/ada", "in ~"),
        ("\"file:///home/ada/x\"", "\"file://~/x\""),
        ("/home/ada:/home/ada/bin", "~:~/bin"),
        ("in /home/adam/notes", "in /home/adam/notes"),
        ("in /home/ada-2/notes", "in /home/ada-2/notes"),
    ] {
        assert_eq!(redactor.redact(text), cleaned);
    }
    let windows = Redactor::new(Some(Path::new("C:\\Users\\Ada Lovelace\\")));
    for (text, cleaned) in [
        ("in C:\\Users\\Ada Lovelace\\x", "in ~\\x"),
        (
            "{\"cwd\":\"C:\\\\Users\\\\Ada Lovelace\\\\x\"}",
            "{\"cwd\":\"~\\\\x\"}",
        ),
        ("C:/Users/Ada Lovelace/x", "~/x"),
    ] {
        assert_eq!(windows.redact(text), cleaned);
    }
    assert_eq!(
        Redactor::new(Some(Path::new("/"))).redact("/a/b"),
        "/a/b",
        "a home of / is everywhere"
    );
}

/// Texts that hurt when they are repeated: what begins and does not end, what fails late, what is looked back from.
const HOSTILE: &[&str] = &[
    "token:",
    "token=",
    "token: secret: ",
    "token:\"",
    "token:\\\"",
    "\\\"token\\\":\\\"x",
    "://",
    "eyJ",
    "eyJaaaaaaaa.",
    "sk-",
    "-----BEGIN PRIVATE KEY-----",
    "-----BEGIN ",
    "pwd=/",
    "pwd=~:",
    "\"cookie: a\n",
    "'\\\"cookie: a\n",
    "cookie:",
    "--",
    "--token ",
    "bearer ",
    "basic  ",
    "&key=",
    "?token=&",
    "/home/ada",
    "\\",
    "token \\\\\\\"",
    "token=&a",
    "password=,",
    "token=  ",
    "Some(",
    "_eyJ",
    "_eyJaaaaaaaa",
    "SG.aaaaaaaaaaaaaaaaaaaa",
    ".",
    ".aaaaaa.",
    "MTIzNDU2Nzg5MDEyMzQ1Njc4.GaBcDe.",
    "123456789:AA",
    "x8Q~",
    "0a1b2c3d4e5f60718293a4b5c6d7e8f9-us",
    ".atlasv1.",
    "key=",
    "key:\"aB3",
    "key=aB3dE5gH7jK9mN1p ",
    "PWD:~/a ",
    "PWD=/a ",
    "--aaaa",
    "--aaaatoken ",
    "api key",
    "token\t",
    "ghp_",
    "-----BEGIN RSA ",
    "[redacted]",
    "token=[redacted]",
    "x@",
    "中",
    "\u{2003}token=",
    "&a=&",
    "token:b\"é",
];

#[test]
fn hostile_lengths_are_read_to_the_end() {
    // Each would not come back within the test's patience if reading took the square of the length.
    let redactor = Redactor::new(Some(Path::new("/home/ada")));
    for unit in HOSTILE {
        let text = unit.repeat(400_000 / unit.len());
        let once = redactor.redact(&text);
        assert!(once.len() <= text.len() * 3, "{unit:?} over and over grew");
    }
}

#[test]
fn a_long_run_after_a_hostile_beginning_is_read_to_the_end() {
    for (beginning, run) in [
        ("token=a:", " "),
        ("token", " "),
        ("token", "\\"),
        ("token=", "\\"),
        ("token=a=", "\\\""),
        ("key=", "aB3"),
        ("Bearer ", "a"),
        ("_eyJ", "_eyJ"),
        ("https://", "a"),
        ("--", "a-"),
        ("-----BEGIN PRIVATE KEY-----", "-"),
    ] {
        let text = format!("{beginning}{} token=hunter2", run.repeat(4_000_000 / run.len()));
        assert!(
            !redact(&text).contains("hunter2"),
            "{beginning:?} and then {run:?}"
        );
    }
}

#[test]
fn ten_megabytes_are_read_to_the_end() {
    let line =
        "2026-11-21T09:46:21Z INFO the key: of GET https://example.org/a?b=c (3.14 ms), token=hunter2\n";
    let count = 10 * 1024 * 1024 / line.len();
    let text = line.repeat(count);
    let cleaned = redact(&text);
    assert_eq!(cleaned.matches(MARK).count(), count);
    assert!(!cleaned.contains("hunter2"), "a secret is left");
}

#[test]
fn a_value_apart_from_its_name_goes_when_the_name_says_so() {
    let redactor = Redactor::new(Some(Path::new("/home/ada")));
    for (name, value, cleaned) in [
        ("apiKey", "hunter2", MARK),
        ("PASSWORD", "hunter2", MARK),
        ("token2", "hunter2", MARK),
        ("proxy-authorization", "hunter2", MARK),
        ("Set-Cookie", "hunter2", MARK),
        ("key", "3Kf9aQ7xLp2Vw8ZtR1", MARK),
        ("key", "user-settings-page", "user-settings-page"),
        ("cache_key", "3Kf9aQ7xLp2Vw8ZtR1", "3Kf9aQ7xLp2Vw8ZtR1"),
        ("monkey", "3Kf9aQ7xLp2Vw8ZtR1", "3Kf9aQ7xLp2Vw8ZtR1"),
        ("max_tokens", "8192", "8192"),
        ("token", "null", "null"),
        ("note", "token=hunter2 in /home/ada/x", "token=[redacted] in ~/x"),
        ("", "plain", "plain"),
    ] {
        assert_eq!(redactor.redact_value(name, value), cleaned, "{name}: {value}");
    }
}

#[test]
fn a_quote_that_closes_before_a_letter_beyond_ascii_is_no_trouble() {
    for text in [
        "token=x:b\"abc\"é",
        "--token token=\\\"b\"é",
        "--token key=\\\"b\"é",
    ] {
        assert!(redact(text).contains(MARK), "{text:?}");
    }
}

/// Text made of the pieces the scanner looks for, so that they meet in every way.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "token",
        "secret",
        "password",
        "api_key",
        "pwd",
        "Cookie",
        "authorization",
        "Bearer ",
        "basic ",
        "=",
        ":",
        ": ",
        "=>",
        "\"",
        "'",
        "\\",
        "\\\"",
        "\\n",
        "\n",
        " ",
        ",",
        ";",
        "&",
        "?",
        "?key=",
        "&b=",
        "://",
        "@",
        "/",
        "{",
        "}",
        "[",
        "]",
        "(",
        "Some(",
        "[redacted]",
        "[redacted",
        "redacted]",
        "null",
        "hunter2",
        "ghp_abcdefghijklmnopqrstuvwx",
        "sk-abcdefghijklmnop1234",
        "eyJabcdefgh.abcdefgh.x",
        "-----BEGIN PRIVATE KEY-----",
        "-----END",
        "-----",
        "/home/ada",
        "ada",
        "~",
        "--token ",
        "_",
        "é",
        "\t",
        "abcdefgh",
        "AKIAIOSFODNN7EXAMPLE",
        "<",
        ">",
        "`",
        "b\"",
    ]);
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

fn around() -> impl Strategy<Value = String> {
    "[a-z ,.{}\\[\\]\n]{0,20}"
}

#[test]
fn what_becomes_a_secret_by_taking_one_out_is_taken_out_too() {
    let redactor = Redactor::new(None);
    let once = redactor.redact("://Cookie://\n@").into_owned();
    assert_eq!(redactor.redact(&once), once);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn cleaning_twice_changes_nothing_more(text in pieces()) {
        let redactor = Redactor::new(Some(Path::new("/home/ada")));
        let once = redactor.redact(&text).into_owned();
        let twice = redactor.redact(&once).into_owned();
        prop_assert_eq!(twice, once, "from {:?}", text);
    }

    #[test]
    fn no_text_whatever_makes_it_panic(text in any::<String>(), home in any::<String>()) {
        let redactor = Redactor::new(Some(Path::new(&home)));
        let once = redactor.redact(&text).into_owned();
        prop_assert_eq!(redactor.redact(&once).into_owned(), once.clone());
    }

    #[test]
    fn a_planted_key_never_comes_through(before in around(), after in around(), key in "[A-Za-z0-9]{24,40}") {
        for prefix in ["sk-ant-", "sk-", "ghp_", "gho_", "github_pat_", "glpat-", "hf_", "ocp_", "sk_live_", "xoxb-"] {
            let text = format!("{before} {prefix}{key} {after}");
            prop_assert!(!redact(&text).contains(&key), "{}", text);
        }
    }

    #[test]
    fn a_planted_value_never_comes_through(
        before in around(), after in around(), secret in "[A-Z0-9][A-Za-z0-9!#$%*+/=?^_|~-]{6,20}[A-Z0-9]",
        name in prop::sample::select(vec!["password", "API_KEY", "clientSecret", "auth_token", "PASSPHRASE"]),
    ) {
        for text in [
            format!("{before} {name}={secret} {after}"),
            format!("{before} {name}: {secret} {after}"),
            format!("{before} --{name} {secret} {after}"),
            format!("{before} {{\"{name}\":\"{secret}\"}} {after}"),
            format!("{before} {{\\\"{name}\\\":\\\"{secret}\\\"}} {after}"),
            format!("{before} {name}='{secret}' {after}"),
            format!("{before} https://x.example/?{name}={secret}&b=c {after}"),
            format!("{before} Authorization: Bearer {secret}\n{after}"),
            format!("{before} Cookie: a=b; c={secret}\n{after}"),
        ] {
            prop_assert!(!redact(&text).contains(&secret), "{:?} became {:?}", text, redact(&text));
        }
    }
}
