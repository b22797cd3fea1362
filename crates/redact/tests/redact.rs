//! What is taken out, and what is left alone.

use std::borrow::Cow;
use std::path::Path;

use cowork_redact::{MARK, Redactor, redact};
use proptest::prelude::*;

/// Text, and the secret in it that must go.
const SECRETS: &[(&str, &str)] = &[
    // Keys by their shape.
    ("using sk-abcdefghijklmnop1234 now", "abcdefghijklmnop1234"),
    ("sk-proj-AbCd_efgh-ijklmnop1234", "AbCd_efgh"),
    ("sk-ant-api03-AbCdEfGh-IjKl_MnOp", "AbCdEfGh"),
    ("AIzaSyA1234567890abcdefghijklmnopqrstuv", "SyA1234567890"),
    ("ya29.a0AfH6SMBabcdefghij", "a0AfH6SMB"),
    ("xoxb-123456789012-abcdefGHIJ", "abcdefGHIJ"),
    ("xapp-1-A111-222-abcdef", "abcdef"),
    ("ghp_abcdefghijklmnopqrstuvwxyz0123456789", "abcdefghijklm"),
    ("gho_abcdefghijklmnopqrstuvwxyz0123456789", "abcdefghijklm"),
    ("ghu_abcdefghijklmnopqrstuvwxyz0123456789", "abcdefghijklm"),
    ("ghs_abcdefghijklmnopqrstuvwxyz0123456789", "abcdefghijklm"),
    ("my_ghp_abcdefghijklmnopqrstuvwxyz0123456789", "abcdefghijklm"),
    ("log:\\nghp_abcdefghijklmnopqrstuvwxyz0123456789", "abcdefghijklm"),
    ("github_pat_11ABCDEFG0abcdefghij_klmnop", "11ABCDEFG0"),
    ("glpat-abcdefghij0123456789", "abcdefghij"),
    ("id AKIAIOSFODNN7EXAMPLE", "IOSFODNN7EXAMPLE"),
    ("id ASIAIOSFODNN7EXAMPLE", "IOSFODNN7EXAMPLE"),
    ("hf_abcdefghijklmnopqrstuvwx", "abcdefghij"),
    ("npm_abcdefghijklmnopqrstuvwxyz0123456789", "abcdefghij"),
    ("gsk_abcdefghijklmnopqrstuvwx", "abcdefghij"),
    ("xai-abcdefghijklmnopqrstuvwx", "abcdefghij"),
    ("ocp_AbCdEfGhIjKlMnOpQrStUvWxYz-_0123456789abcd", "AbCdEfGhIj"),
    ("sk_live_abcdefgh12345678", "abcdefgh12345678"),
    ("rk_live_abcdefgh12345678", "abcdefgh12345678"),
    ("whsec_abcdefgh12345678abcd", "abcdefgh12345678"),
    ("SG.abcdefghijklmnopqr.stuvwxyz0123456789", "stuvwxyz"),
    (
        "jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N",
        "dozjgNryP4J3",
    ),
    (
        "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKC\nabc=\n-----END RSA PRIVATE KEY-----",
        "MIIEowIBAAKC",
    ),
    (
        "-----BEGIN PRIVATE KEY-----\\nMIIEvQIB\\n-----END PRIVATE KEY-----",
        "MIIEvQIB",
    ),
    (
        "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk cut here",
        "b3BlbnNzaC1rZXk",
    ),
    (
        "-----BEGIN PGP PRIVATE KEY BLOCK-----\nlQOYBF\n-----END PGP PRIVATE KEY BLOCK-----",
        "lQOYBF",
    ),
    // Headers.
    ("Authorization: Bearer abc.def", "abc.def"),
    ("authorization: Basic dXNlcjpwYXNz", "dXNlcjpwYXNz"),
    (
        "curl -H \"Authorization: Bearer short\" https://x.example",
        "short",
    ),
    (
        "curl -H 'Cookie: a=\"b\"; session=hunter2' https://x.example",
        "hunter2",
    ),
    ("Cookie: a=\"b\"; session=hunter2", "hunter2"),
    ("Set-Cookie: id=hunter2; HttpOnly", "hunter2"),
    ("GET / HTTP/1.1\\r\\nCookie: id=hunter2\\r\\nHost: x", "hunter2"),
    (
        "{\"authorization\": \"Bearer hunter2\", \"host\": \"x\"}",
        "hunter2",
    ),
    ("{\"proxy-authorization\":[\"Basic hunter2\"]}", "hunter2"),
    ("x-api-key: hunter2", "hunter2"),
    ("x-goog-api-key=hunter2", "hunter2"),
    ("sent Bearer AbCdEfGh1234 to it", "AbCdEfGh1234"),
    ("sent basic dXNlcjpwYXNzd29yZA== to it", "dXNlcjpwYXNzd29yZA"),
    // Addresses.
    ("https://me:hunter2@example.org/x", "hunter2"),
    ("postgres://me:p@ss@db/x", "p@ss"),
    ("https://onlytoken@example.org/x", "onlytoken"),
    ("\"https://me:hunter2@example.org\"", "hunter2"),
    ("https://x.example/a?token=hunter2&b=c", "hunter2"),
    ("https://x.example/a?b=c&key=hunter2", "hunter2"),
    ("https://x.example/a?sig=hunter2#top", "hunter2"),
    ("https://x.example/a?auth_token=hunter2", "hunter2"),
    ("https://x.example/a?access_token=hunter2", "hunter2"),
    (
        "https://x.example/a?X-Amz-Signature=hunter2&X-Amz-Date=1",
        "hunter2",
    ),
    ("https://x.example/a?X-Amz-Credential=hunter2%2F2026", "hunter2"),
    ("https://x.example/cb?code=hunter2&state=1", "hunter2"),
    // Values beside names.
    ("PASSWORD=hunter2", "hunter2"),
    ("export OPENAI_API_KEY='hunter 2'", "hunter 2"),
    ("OPENCODE_SERVER_PASSWORD=hunter2 PATH=/bin", "hunter2"),
    ("AWS_SECRET_ACCESS_KEY=wJalr/XUtnFEMI+K7MDENG", "wJalr"),
    ("{\"password\":\"hunter2\"}", "hunter2"),
    ("{\"password\":\"hun\\\"ter2\"}", "ter2"),
    ("{\"clientSecret\" : \"hunter2\"}", "hunter2"),
    ("{\"apiKey\":\"hunter2\",\"n\":1}", "hunter2"),
    ("\"{\\\"apiKey\\\":\\\"hun\\\\\\\"ter2\\\",\\\"n\\\":1}\"", "ter2"),
    ("{\"pin_token\":12345,\"n\":2}", "12345"),
    ("password: hunter2", "hunter2"),
    ("api key: hunter2", "hunter2"),
    ("Config { token: Some(\"hunter2\"), n: 1 }", "hunter2"),
    ("Config { token: \"hunter2\", n: 1 }", "hunter2"),
    ("{'password': b'hunter2'}", "hunter2"),
    ("//registry.example/:_authToken=hunter2", "hunter2"),
    ("mysql --password hunter2 -u me", "hunter2"),
    ("tool --api-key=hunter2", "hunter2"),
    ("tool --github-token 'hunter2 x'", "hunter2"),
    ("token: Bearer abc", "abc"),
    ("token: secret: hunter2", "hunter2"),
    ("token=secret=\"hunter2\"", "hunter2"),
    ("secret => hunter2", "hunter2"),
    ("passphrase := hunter2", "hunter2"),
    ("db.password.1=hunter2 token2=hunter3", "hunter3"),
    ("PGPASSWORD=hun,ter2;x", "ter2"),
    ("pässwörd password=hünter2", "hünter2"),
    ("PWD=hunter2", "hunter2"),
];

/// Text that holds no secret and stays as it is.
const HARMLESS: &[&str] = &[
    "",
    "listening on http://127.0.0.1:4096",
    "GET /session/ses_123/message 200",
    "tokens=123 max_tokens: 8192",
    "{\"tokens\":{\"input\":5,\"output\":7}}",
    "token_count=5 tokenizer=fast",
    "{\"secret\":true,\"password\":null,\"token\":\"\"}",
    "secret=false password: none",
    "crate::token::Kind",
    "token://x",
    "{\"token\":{\"kind\":1}}",
    "task-manager-with-a-rather-long-name",
    "risk-assessment-of-the-whole-thing",
    "keyboard=us monkey=1",
    "https://example.org/a?page=2&sort=key",
    "https://example.org/keys?id=5",
    "git+ssh://git@example.org/x",
    "mail me@example.org about https://example.org",
    "basic authentication is off, bearer authentication on",
    "a Basic understanding",
    "PWD=/srv/work OLDPWD=/srv",
    "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
    "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----",
    "commit 0123456789abcdef0123456789abcdef01234567",
    "ses_01JABCDEFGHJKMNPQRSTVWXYZ0 per_01JABCDEFGHJKMNPQRSTVWXYZ0",
    "eyJ is how they begin",
    "the password was wrong",
    "the cookie jar",
    "--token",
    "--token --verbose",
    "C:\\Users\\ada\\notes",
    "🔑 é 中文",
];

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
    assert!(SECRETS.len() + HARMLESS.len() >= 60, "the table has shrunk");
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

#[test]
fn hostile_lengths_are_read_to_the_end() {
    // Each would not come back within the test's patience if reading took the square of the length.
    for unit in [
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
    ] {
        let text = unit.repeat(400_000 / unit.len());
        let redactor = Redactor::new(Some(Path::new("/home/ada")));
        let once = redactor.redact(&text);
        assert!(once.len() <= text.len() * 3, "{unit:?} over and over grew");
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
