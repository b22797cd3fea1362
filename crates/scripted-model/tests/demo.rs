//! The demo shows its whole loop, reacts to what the person does, and always says that it is scripted.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(dead_code, reason = "each test binary uses a part of the common client")]

mod common;

use common::{Reply, play, post, request, start};
use cowork_scripted_model::demo::{DEMO_FILE, KEYWORDS};
use cowork_scripted_model::{RequestKind, Server};
use serde_json::{Value, json};

const ANSWER: &str = "User has answered your questions: \"Scripted question: what shall the demo do next?\"=\"Show the \
file\". You can now continue with the user's answers in mind.";
const REJECTED: &str = "The user rejected permission to use this specific tool call.";

/// A session: the engine's side of the conversation, with results made up by the test.
struct Session {
    messages: Vec<Value>,
    result: fn(&str) -> String,
}

fn willing(tool: &str) -> String {
    match tool {
        "write" => "Wrote file successfully.".to_owned(),
        "edit" => "Edit applied successfully.".to_owned(),
        "question" => ANSWER.to_owned(),
        _ => "output".to_owned(),
    }
}

impl Session {
    fn new(result: fn(&str) -> String) -> Self {
        let system = "<env>\n  Working directory: /demo\n  Platform: linux\n</env>";
        Self {
            messages: vec![json!({ "role": "system", "content": system })],
            result,
        }
    }

    /// Plays a prompt to its last reply. A plain rejection ends the turn, as it does in the engine.
    async fn prompt(&mut self, server: &Server, prompt: &str) -> Vec<Reply> {
        self.messages.push(json!({ "role": "user", "content": prompt }));
        let mut replies = Vec::new();
        loop {
            assert!(replies.len() < 20, "a programme ends");
            let reply = play(server, &request("demo", &self.messages)).await;
            self.messages.push(reply.as_message());
            let mut stopped = reply.calls.is_empty();
            for (id, (tool, _)) in reply.call_ids.iter().zip(&reply.calls) {
                let result = (self.result)(tool);
                stopped |= result == REJECTED;
                self.messages
                    .push(json!({ "role": "tool", "tool_call_id": id, "content": result }));
            }
            replies.push(reply);
            if stopped {
                return replies;
            }
        }
    }
}

fn tools(replies: &[Reply]) -> Vec<&str> {
    replies
        .iter()
        .flat_map(|reply| reply.calls.iter().map(|(tool, _)| tool.as_str()))
        .collect()
}

fn call(replies: &[Reply], tool: &str) -> Value {
    replies.iter().find_map(|reply| reply.arguments(tool)).unwrap()
}

fn last_todos(replies: &[Reply]) -> Vec<String> {
    let todos = replies
        .iter()
        .rev()
        .find_map(|reply| reply.arguments("todowrite"))
        .unwrap();
    todos["todos"]
        .as_array()
        .unwrap()
        .iter()
        .map(|todo| todo["status"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn the_tour_shows_plan_write_edit_question_command_and_summary() {
    let server = start().await;
    let replies = Session::new(willing)
        .prompt(&server, "what is the weather?")
        .await;
    assert_eq!(
        tools(&replies),
        [
            "todowrite",
            "write",
            "todowrite",
            "edit",
            "todowrite",
            "question",
            "todowrite",
            "bash",
            "todowrite"
        ]
    );
    assert!(!replies[0].reasoning.is_empty());
    assert!(
        replies[0].text.contains("scripted demo") && replies[0].text.contains("nothing leaves this machine")
    );
    let (write, edit) = (call(&replies, "write"), call(&replies, "edit"));
    assert_eq!(write["filePath"], format!("/demo/{DEMO_FILE}"));
    assert_eq!(edit["filePath"], write["filePath"]);
    let old = edit["oldString"].as_str().unwrap();
    assert_eq!(
        write["content"].as_str().unwrap().matches(old).count(),
        1,
        "the edit fits the file exactly once"
    );
    assert_eq!(
        call(&replies, "bash")["command"],
        format!("cat {DEMO_FILE}"),
        "the answer decides the command"
    );
    assert_eq!(last_todos(&replies), ["completed"; 4]);
    let ending = &replies.last().unwrap().text;
    for element in ["## ", "\n- ", "|:---|", "```python", "](https://"] {
        assert!(ending.contains(element), "the ending shows {element:?}");
    }
}

#[tokio::test]
async fn a_rejection_with_words_is_answered_with_them_and_the_tour_goes_on() {
    let server = start().await;
    let mut session = Session::new(|tool| match tool {
        "write" => format!("{REJECTED_WITH}not here"),
        "bash" => format!("{REJECTED_WITH}no shell"),
        tool => willing(tool),
    });
    let replies = session.prompt(&server, "hi").await;
    assert!(replies.iter().any(|reply| reply.text.contains("> not here")));
    assert!(
        !tools(&replies).contains(&"edit"),
        "what was not written is not edited"
    );
    assert_eq!(
        last_todos(&replies),
        ["cancelled", "cancelled", "completed", "cancelled"]
    );
    assert!(replies.last().unwrap().text.contains("you said no"));
}

const REJECTED_WITH: &str =
    "The user rejected permission to use this specific tool call with the following feedback: ";

#[tokio::test]
async fn a_plain_rejection_stops_and_continue_goes_on_even_after_talk() {
    let server = start().await;
    let mut session = Session::new(|tool| {
        if tool == "write" {
            REJECTED.to_owned()
        } else {
            willing(tool)
        }
    });
    assert_eq!(
        tools(&session.prompt(&server, "hi").await),
        ["todowrite", "write"]
    );
    let talk = session.prompt(&server, "why so?").await;
    assert!(tools(&talk).is_empty() && talk[0].text.contains("`continue`"));
    let replies = session.prompt(&server, "Continue!").await;
    assert_eq!(
        tools(&replies),
        ["todowrite", "question", "todowrite", "bash", "todowrite"]
    );
    let after = session.prompt(&server, "continue").await;
    assert!(
        tools(&after).is_empty(),
        "an ended tour does not begin again by itself"
    );
}

#[tokio::test]
async fn the_answer_decides_whether_a_command_runs() {
    let server = start().await;
    let mut nothing = Session::new(|tool| match tool {
        "question" => ANSWER.replace("Show the file", "Run nothing"),
        tool => willing(tool),
    });
    assert!(!tools(&nothing.prompt(&server, "hi").await).contains(&"bash"));
    let mut own_words = Session::new(|tool| match tool {
        "question" => ANSWER.replace("Show the file", "something else"),
        tool => willing(tool),
    });
    let replies = own_words.prompt(&server, "hi").await;
    assert!(
        replies.iter().any(|reply| reply.text.contains("something else")),
        "own words are quoted"
    );
    assert_eq!(call(&replies, "bash")["command"], "ls -la");
}

#[tokio::test]
async fn a_tool_that_is_not_offered_is_not_called() {
    let server = start().await;
    let body = json!({ "model": "demo", "stream": true, "messages": [{ "role": "user", "content": "hi" }] });
    let reply = play(&server, &body).await;
    assert!(reply.calls.is_empty());
    assert!(reply.text.contains("scripted"));
}

#[tokio::test]
async fn every_keyword_plays_to_its_end_and_says_that_it_is_scripted() {
    let server = start().await;
    let mut session = Session::new(willing);
    session.prompt(&server, "hello").await;
    for (keyword, _) in KEYWORDS {
        let prompt = format!("please show {keyword}");
        if keyword == "error" {
            for _ in 0..2 {
                session
                    .messages
                    .push(json!({ "role": "user", "content": prompt }));
                assert_eq!(
                    post(&server, &request("demo", &session.messages)).await.status(),
                    503
                );
                session.messages.pop();
            }
        }
        let replies = session.prompt(&server, &prompt).await;
        let said: String = replies.iter().map(|reply| reply.text.to_lowercase()).collect();
        assert!(said.contains("scripted"), "{keyword} says so: {said:?}");
        let calls = tools(&replies);
        let expected: &[&str] = match keyword {
            "todo" => &["todowrite", "todowrite"],
            "edit" => &["write", "edit"],
            "question" => &["question"],
            "bash" => &["bash"],
            "agent" => &["task"],
            "tour" => {
                assert_eq!(calls.len(), 9);
                continue;
            }
            _ => &[],
        };
        assert_eq!(calls, expected, "{keyword}");
    }
    assert!(
        server
            .requests()
            .iter()
            .all(|request| request.kind == RequestKind::Demo)
    );
}

#[tokio::test]
async fn a_sub_agent_plays_its_own_part_and_not_the_tour() {
    let server = start().await;
    let mut parent = Session::new(willing);
    let task = call(&parent.prompt(&server, "agent").await, "task");
    assert_eq!(task["subagent_type"], "general");
    let replies = Session::new(willing)
        .prompt(&server, task["prompt"].as_str().unwrap())
        .await;
    assert_eq!(tools(&replies), ["glob"]);
    assert!(replies.last().unwrap().text.contains("Scripted report"));
}

#[tokio::test]
async fn after_a_compaction_the_tour_does_not_begin_again() {
    let server = start().await;
    let summarize = json!({ "model": "demo", "stream": true, "messages": [
        { "role": "system", "content": "You are a context summarization agent." },
        { "role": "user", "content": "Here is the conversation so far" },
    ] });
    let summary = play(&server, &summarize).await;
    let messages = [
        json!({ "role": "user", "content": "What did we do so far?" }),
        summary.as_message(),
        json!({ "role": "user", "content": "continue" }),
    ];
    assert!(play(&server, &request("demo", &messages)).await.calls.is_empty());
}
