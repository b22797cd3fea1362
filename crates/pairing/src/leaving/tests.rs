mod any;

use cowork_engine::{
    CallId, FileChange, Message, ModelReference, Part, PartContent, PermissionAsk, PermissionId,
    PermissionKind, Question, QuestionAsk, QuestionId, QuestionOption, Role, SessionId, Todo, TodoState,
    ToolCall, ToolKind, ToolState,
};
use cowork_pairing_protocol::session::{STRING_LIMIT, SharedThread};
use cowork_pairing_protocol::wire::Policy;
use serde_json::{Value, json};

use super::{Leaving, Places};

fn places() -> Places {
    Places {
        folder: Some("/home/ada/analytical engine".into()),
        home: Some("/home/ada".into()),
        roots: vec!["projects".to_owned()],
    }
}

fn leaving() -> Leaving {
    Leaving::new(&Policy::default(), &places())
}

#[test]
fn paths_of_this_machine_do_not_leave() {
    for (text, expected) in [
        ("see /home/ada/notes.txt.", "see [path]."),
        (
            "in /home/ada/analytical engine/src/main.rs:12",
            "in src/main.rs:12",
        ),
        ("in `/home/ada/analytical engine`", "in `.`"),
        ("/home/ada/analytical engine/../diary", "[path]"),
        ("/home/ada/analytical engine2/x", "[path] engine2/x"),
        ("/home/adam/x and /home/ada", "[path] and [path]"),
        ("PATH=/usr/bin:/home/ada/bin", "PATH=[path]:[path]"),
        ("cc -I/usr/include -L/home/ada/lib", "cc -I[path] -L[path]"),
        (
            "open \"/home/ada/My Documents/a b.txt\" now",
            "open \"[path]\" now",
        ),
        ("cat /etc/ssl/My\\ Keys/x", "cat [path]"),
        ("cd ~/diary; ls", "cd [path]; ls"),
        ("file:///home/ada/x.html and FILE:///C:/a:b", "[path] and [path]"),
        ("[x](file:///tmp/x) (/tmp/y)", "[x]([path]) ([path])"),
        ("C:\\Users\\ada\\x.txt, D:/work", "[path], [path]"),
        ("{\"p\":\"C:\\\\Users\\\\ada\"}", "{\"p\":\"[path]\"}"),
        ("/projects/secret/plan", "[path]"),
        ("\\\\?\\C:\\x", "[path]"),
        // Behind what ends a line or changes the colour, as it is and as code writes it.
        (r#""a\n/etc/ssl/acme.key\n/srv/b""#, r#""a\n[path]\n[path]""#),
        (
            r"x\tC:\\Users\\bob and a\nfile:///srv/y",
            r"x\t[path] and a\n[path]",
        ),
        (
            "\u{1b}[1;35m/srv/plan\u{1b}[0m \u{1b}[35m\u{1b}[K/etc/x",
            "\u{1b}[1;35m[path]\u{1b}[0m \u{1b}[35m\u{1b}[K[path]",
        ),
        (
            r"\u001b[35m/srv/plan \x1b[0m/srv/x",
            r"\u001b[35m[path] \x1b[0m[path]",
        ),
        (r"{\/home\/ada\/x}", "{[path]}"),
    ] {
        assert_eq!(leaving().text(text), expected, "from {text:?}");
    }
}

#[test]
fn what_is_no_path_of_this_machine_stays() {
    for text in [
        "and/or, 1/2, https://example.com/home/x/y?z=/a",
        "GET /api/users/7 and the command /help",
        "src/main.rs and ./lib/x and ../other",
        "a ~ b, ~5 minutes, C: is a drive, 12:30/13:00",
        "s/foo/bar/ // a comment /* and another */",
        "/ and /tmp alone say nothing",
        "a[0m/home/x and n/home/y",
    ] {
        assert_eq!(leaving().text(text), text);
    }
}

#[test]
fn secrets_do_not_leave_and_neither_do_our_own_tokens() {
    let text = "token=hunter2hunter2 ocp_Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7jKl0nOpQ \
                oct_Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7jKl0nOpQ sk-ant-abcdefghijklmnop";
    let cleaned = leaving().text(text);
    assert_eq!(cleaned, "token=[redacted] [redacted] [redacted] [redacted]");
}

#[test]
fn who_exposes_paths_exposes_no_secrets() {
    let policy = Policy {
        expose_local_paths: true,
        ..Policy::default()
    };
    let cleaned = Leaving::new(&policy, &places()).text("password=hunter2 in /home/ada/notes");
    assert_eq!(cleaned, "password=[redacted] in /home/ada/notes");
}

#[test]
fn a_value_leaves_within_its_bounds() {
    let deep = (0..9).fold(json!("x"), |value, _| json!({ "in": value }));
    let cleaned = leaving().value(&json!({
        "long": "y".repeat(40_000),
        "list": (0..80).collect::<Vec<_>>(),
        "deep": deep,
        "apiKey": { "value": "plain" },
        "password": 12345,
        "path": "/home/ada/x",
        "mcpServers": { "files": { "command": "npx", "args": ["x"], "env": { "A": "b" }, "cwd": "/x", "pid": 3, "label": "Files" } },
        "command": "ls",
    }));
    assert_eq!(cleaned["long"].as_str().unwrap().len(), STRING_LIMIT);
    assert_eq!(cleaned["list"].as_array().unwrap().len(), 50);
    assert!(cleaned["deep"].to_string().contains("[not shared]"));
    assert_eq!(cleaned["apiKey"], "[redacted]");
    assert_eq!(cleaned["password"], "[redacted]");
    assert_eq!(cleaned["path"], "[path]");
    assert_eq!(cleaned["command"], "ls", "a command of a shell is no server's");
    let files = &cleaned["mcpServers"]["files"];
    assert_eq!(files["label"], "Files");
    for field in ["command", "args", "env", "cwd", "pid"] {
        assert_eq!(files[field], "[not shared]", "{field}");
    }
    let many: Value = (0..300)
        .map(|at| (format!("k{at}"), json!(at)))
        .collect::<serde_json::Map<_, _>>()
        .into();
    assert_eq!(leaving().value(&many).as_object().unwrap().len(), 100);
}

#[test]
fn how_tool_servers_are_started_does_not_leave_however_deep_it_is_said() {
    let cleaned = leaving().value(&json!({
        "mcpServers": { "files": { "command": "hidden", "transport": { "args": ["hidden"] } } },
        "config": { "mcp": { "files": { "type": "local", "command": ["hidden", "-y"], "enabled": true } } },
    }));
    assert!(!cleaned.to_string().contains("hidden"), "{cleaned}");
    assert_eq!(cleaned["config"]["mcp"]["files"]["enabled"], true);
}

#[test]
fn details_of_tool_servers_leave_where_the_policy_says_so() {
    let policy = Policy {
        expose_local_mcp_details: true,
        ..Policy::default()
    };
    let value = json!({ "mcp": { "command": "npx", "args": ["-y"] } });
    assert_eq!(Leaving::new(&policy, &places()).value(&value), value);
}

fn call(kind: ToolKind, state: ToolState) -> ToolCall {
    ToolCall::new(CallId::from("call"), "tool".to_owned(), kind, state)
}

#[test]
fn a_calls_output_leaves_by_its_end() {
    let mut call = call(ToolKind::Shell, ToolState::Completed);
    call.output = format!(
        "-----BEGIN PRIVATE KEY-----\n{}the end",
        "line of output\n".repeat(20_000)
    );
    call.output.insert_str(0, "x\n");
    let cleaned = leaving().call(&call);
    assert!(cleaned.output.len() <= STRING_LIMIT && cleaned.shortened);
    call.output = format!("{}the end", "line of output\n".repeat(20_000));
    let cleaned = leaving().call(&call);
    assert!(cleaned.output.starts_with("[cut]\n") && cleaned.output.ends_with("the end"));
    call.state = ToolState::Running;
    assert!(leaving().call(&call).output.len() <= 4 * 1024);
}

/// Secrets that are none before they are there whole.
const GROWING: [&str; 4] = [
    "postgres://ada:hunter2@db.example.com/x",
    "key ghp_AbCdEfGhIjKlMnOpQrStUvWxYz0123456789 it is",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
    "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0\nBAQEFAASCBKcwggSjAgEA\n-----END PRIVATE KEY-----",
];

/// What is told nowhere of them.
const PARTS: [&str; 5] = ["hunter2", "AbCdEf", "eyJzdWIi", "MIIEvQ", "BAQEFA"];

#[test]
fn no_part_of_a_secret_leaves_in_whatever_pieces_it_comes() {
    for secret in GROWING {
        let whole = format!("Here it is: {secret}\nand that was it");
        let pieces_of = |lengths: &[usize]| {
            let (mut stream, mut out, mut rest) = (leaving().stream(), String::new(), whole.as_str());
            for length in lengths
                .iter()
                .chain(std::iter::repeat(&lengths[lengths.len() - 1]))
            {
                if rest.is_empty() {
                    break;
                }
                let (piece, after) = rest.split_at((*length).min(rest.len()));
                out.push_str(&stream.push(piece));
                rest = after;
            }
            out.push_str(&stream.finish());
            out
        };
        for first in 1..whole.len() {
            for next in [1, 2, 7, whole.len()] {
                let out = pieces_of(&[first, next]);
                assert!(PARTS.iter().all(|part| !out.contains(part)), "{out:?}");
                assert_eq!(out, leaving().text(&whole));
            }
        }
    }
}

#[test]
fn of_what_a_running_call_printed_no_part_of_a_secret_leaves_wherever_it_stands() {
    for secret in GROWING {
        let whole = format!("listening\n{secret}\nready\n");
        for end in 0..=whole.len() {
            let mut call = call(ToolKind::Shell, ToolState::Running);
            whole[..end].clone_into(&mut call.output);
            let output = leaving().call(&call).output;
            assert!(
                PARTS.iter().all(|part| !output.contains(part)),
                "{output:?} of {:?}",
                &whole[..end]
            );
            assert!(end < "listening\n".len() || output.starts_with("listening\n"));
        }
    }
}

#[test]
fn the_end_of_a_secret_that_the_beginning_of_an_output_was_cut_in_does_not_leave() {
    let body = "QmFzZTY0Qm9keU9mQUtleVRoYXRJc0xvbmdFbm91Z2g\n".repeat(80);
    let block = format!("-----BEGIN PRIVATE KEY-----\n{body}-----END PRIVATE KEY-----\n");
    for more in 0..4 {
        for state in [ToolState::Running, ToolState::Completed] {
            let mut call = call(ToolKind::Shell, state);
            call.output = format!("{}{}the end\n", block.repeat(30), "x\n".repeat(more * 500));
            let output = leaving().call(&call).output;
            assert!(
                !output.contains("QmFzZTY0"),
                "{} bytes of {state:?}",
                output.len()
            );
            // Of one that runs a tail is held back.
            assert!(output.starts_with("[cut]\n"));
            assert!(state == ToolState::Running || output.ends_with("the end\n"));
        }
    }
}

#[test]
fn a_long_line_is_never_cut_in_a_path() {
    for quoted in [
        r#""/home/bob/My hidden/x","#,
        r#""/srv/hidden","#,
        "/opt/hidden:",
        r"a\n/srv/hidden",
    ] {
        for before in 0..40 {
            let text = format!("{},{}", "y".repeat(before), quoted.repeat(1_200)) + &"z".repeat(2_000);
            let mut stream = leaving().stream();
            let mut out = String::new();
            for piece in text.as_bytes().chunks(1_000) {
                out.push_str(&stream.push(std::str::from_utf8(piece).unwrap()));
            }
            out.push_str(&stream.finish());
            let at = out.find("hidden").map(|at| &out[at.saturating_sub(40)..at + 6]);
            assert_eq!(at, None, "of {quoted}");
            assert_eq!(out, leaving().text(&text));
        }
    }
}

#[test]
fn neither_a_title_nor_a_model_that_is_named_by_its_file_says_where_something_is() {
    let mut message = Message::new("m".into(), SessionId::from("s"), Role::Assistant, 1);
    message.model = ModelReference::parse("llama//srv/hidden/model.gguf");
    let thread: SharedThread = serde_json::from_value(json!({
        "title": "Why /srv/hidden and password=hunter2",
        "model": "llama//srv/hidden/model.gguf",
        "throwAway": false,
        "created": 1,
        "updated": 1,
        "cost": 0.0,
        "demo": false,
    }))
    .unwrap();
    let thread = leaving().thread(&thread);
    assert_eq!(thread.model.as_deref(), Some("llama/[path]"));
    assert_eq!(thread.title, "Why [path] and password=[redacted]");
    let cleaned = leaving().message(&message).model.unwrap();
    assert_eq!(
        (cleaned.provider.as_str(), cleaned.model.as_str()),
        ("llama", "[path]")
    );
    message.model = ModelReference::parse("router/maker/model:free");
    assert_eq!(leaving().message(&message).model, message.model);
}

#[test]
fn what_is_a_path_and_nothing_else_says_nothing_of_what_lies_beside_the_folder() {
    let mut call = call(ToolKind::Read, ToolState::Completed);
    for (target, expected) in [
        ("../another client/plan.txt", "[path]"),
        ("src/../../hidden", "[path]"),
        ("\\\\server\\share\\hidden", "[path]"),
        ("~ada/hidden", "[path]"),
        ("src/..hidden/x...rs", "src/..hidden/x...rs"),
    ] {
        call.target = Some(target.to_owned());
        assert_eq!(leaving().call(&call).target.as_deref(), Some(expected));
    }
}

#[test]
fn whatever_is_asked_one_event_holds_it() {
    let long = "\u{1}\"x".repeat(8_000);
    let ask = PermissionAsk {
        id: PermissionId::from("p"),
        session: SessionId::from("s"),
        kind: PermissionKind::Shell,
        patterns: vec![long.clone(); 60],
        always: vec![long.clone(); 60],
        command: Some(long.clone()),
        path: None,
        leads_to: None,
        diff: Some(long.clone()),
        call: None,
    };
    let cleaned = leaving().permission(&ask);
    assert_eq!(cleaned.command.as_deref(), Some(leaving().line(&long).as_str()));
    let length = |json: Result<String, serde_json::Error>| json.unwrap().len();
    assert!(length(serde_json::to_string(&cleaned)) < 300_000);
    let question = Question {
        header: long.clone(),
        text: long.clone(),
        options: vec![
            QuestionOption {
                label: long.clone(),
                description: long.clone()
            };
            60
        ],
        multiple: false,
        custom: true,
    };
    let asks = QuestionAsk {
        id: QuestionId::from("q"),
        session: SessionId::from("s"),
        questions: vec![question; 60],
        call: None,
    };
    assert!(length(serde_json::to_string(&leaving().question(&asks))) < 400_000);
    let todo = Todo {
        content: long.clone(),
        state: TodoState::Pending,
    };
    assert!(length(serde_json::to_string(&leaving().todos(&vec![todo; 60]))) < 300_000);
    let mut call = call(ToolKind::Other, ToolState::Completed);
    for text in [
        &mut call.target,
        &mut call.description,
        &mut call.arguments,
        &mut call.error,
    ] {
        *text = Some(long.clone());
    }
    call.output = long;
    assert!(length(serde_json::to_string(&leaving().call(&call))) < 300_000);
}

#[test]
fn what_was_made_leaves_by_name_alone() {
    let mut call = call(ToolKind::Write, ToolState::Completed);
    call.target = Some("/home/ada/analytical engine/poem.txt".to_owned());
    call.arguments = Some(json!({ "content": "roses" }).to_string());
    call.change = Some(FileChange {
        path: "/home/ada/analytical engine/poem.txt".to_owned(),
        patch: "+roses".to_owned(),
        additions: 1,
        deletions: 0,
    });
    call.kept_output = Some("/home/ada/.cache/x".to_owned());
    call.given = Some(1);
    let part = Part {
        id: "p".into(),
        message: "m".into(),
        content: PartContent::Tool(Box::new(call)),
    };
    let cleaned = serde_json::to_string(&leaving().part(&part)).unwrap();
    assert!(cleaned.contains("poem.txt") && !cleaned.contains("roses") && !cleaned.contains("ada"));
    let policy = Policy {
        expose_artifact_bodies: true,
        ..Policy::default()
    };
    let exposed = serde_json::to_string(&Leaving::new(&policy, &places()).part(&part)).unwrap();
    assert!(exposed.contains("+roses"));
}

#[test]
fn an_ask_says_what_is_asked_without_saying_where_this_machine_keeps_it() {
    let ask = PermissionAsk {
        id: PermissionId::from("p"),
        session: SessionId::from("s"),
        kind: PermissionKind::Shell,
        patterns: (0..70).map(|at| format!("cat /home/ada/{at}")).collect(),
        always: vec!["cat *".to_owned()],
        command: Some("curl -H 'Authorization: Bearer abc' /home/ada/x".to_owned()),
        path: Some("/home/ada/x".to_owned()),
        leads_to: Some("/home/ada/analytical engine/y".to_owned()),
        diff: Some("-password=hunter2\n+x".to_owned()),
        call: None,
    };
    let cleaned = leaving().permission(&ask);
    assert_eq!(cleaned.patterns.len(), 50);
    assert_eq!(cleaned.patterns[49], "[and 21 more]");
    assert_eq!(cleaned.leads_to.as_deref(), Some("y"));
    let text = serde_json::to_string(&cleaned).unwrap();
    assert!(
        !text.contains("ada") && !text.contains("hunter2") && !text.contains("abc"),
        "{text}"
    );
}

#[test]
fn a_paragraph_is_read_while_it_is_written() {
    let mut stream = leaving().stream();
    let (mut given, mut out) = (0, 0);
    for word in "and the next word follows on the one before it "
        .split_inclusive(' ')
        .cycle()
        .take(500)
    {
        given += word.len();
        out += stream.push(word).len();
        assert!(given - out <= 256, "{given} bytes came and {out} went out");
    }
}
