//! What the program writes while all of this happens: no secret of anybody is in it.

use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::common::{Answer, Asked};

struct Program {
    child: Child,
    address: std::net::SocketAddr,
    code: String,
    folder: tempfile::TempDir,
}

async fn start() -> Program {
    let folder = tempfile::tempdir().unwrap();
    // Port 0 would be shown in the link as the one that was taken; so it is looked for in what is printed.
    let mut child = Command::new(env!("CARGO_BIN_EXE_open-cowork-cloud"))
        .args(["--listen", "127.0.0.1:0", "--log-level", "debug", "--database"])
        .arg(format!("sqlite:{}", folder.path().join("cloud.db").display()))
        .env_clear()
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let listening = lines
        .next_line()
        .await
        .unwrap()
        .expect("it says where it listens");
    let port = listening.rsplit_once(':').unwrap().1.parse().unwrap();
    let mut code = None;
    while code.is_none() {
        let line = lines.next_line().await.unwrap().expect("it prints the link");
        code = line.split_once("#owner=").map(|(_, code)| code.to_owned());
    }
    // What else it says there is read, so that it never waits for it.
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    Program {
        child,
        address: std::net::SocketAddr::from(([127, 0, 0, 1], port)),
        code: code.unwrap(),
        folder,
    }
}

impl Program {
    fn ask(&self, method: &str, path: &str) -> Asked {
        let origin = format!("http://localhost:{}", self.address.port());
        Asked::new(self.address, method, path).header("origin", &origin)
    }

    /// Ends it as an operator does, and gives what it wrote.
    async fn end(mut self) -> (bool, String) {
        let id = self.child.id().unwrap();
        let sent = Command::new("kill")
            .arg("-TERM")
            .arg(id.to_string())
            .status()
            .await
            .unwrap();
        assert!(sent.success());
        let mut log = String::new();
        self.child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut log)
            .await
            .unwrap();
        let status = self.child.wait().await.unwrap();
        drop(self.folder);
        (status.success(), log)
    }
}

fn cookie(answer: &Answer) -> String {
    answer
        .header("set-cookie")
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn no_token_cookie_password_or_link_is_in_the_log_and_each_line_is_json_with_its_request_s_id() {
    let program = start().await;
    let password = "correct-Horse-7-battery";
    let welcome = json!({
        "code": program.code, "name": "Ada", "email": "ada@example.org", "password": password,
        "organization": "Analytical",
    });
    let came = program
        .ask("POST", "/api/welcome")
        .json(&welcome)
        .send()
        .await
        .is(201);
    let (cookie, csrf) = (cookie(&came), came.said("/csrf"));
    let organization = came.said("/organizations/0/id");
    let ask = |method: &str, path: &str| {
        program
            .ask(method, path)
            .header("cookie", &cookie)
            .header("x-csrf-token", &csrf)
    };
    let below = |rest: &str| format!("/api/organizations/{organization}/{rest}");
    let token = ask("POST", &below("tokens"))
        .json(&json!({ "label": "program", "scopes": ["read"], "days": 1 }))
        .send()
        .await
        .is(201)
        .said("/secret");
    let link = ask("POST", &below("invitations"))
        .json(&json!({ "email": "bob@example.org", "role": "member" }))
        .send()
        .await
        .is(201)
        .said("/link");
    let desktop = crate::common::Desktop::new(program.address, "a");
    ask("POST", &below("desktops"))
        .json(&desktop.enrolment())
        .send()
        .await
        .is(201);
    desktop.post("/heartbeat", &desktop.heartbeat()).await.is(204);
    let refused = desktop
        .post("/heartbeat", &json!({ "pairingId": desktop.token }))
        .await
        .is(400);
    let id = refused.header("x-request-id").unwrap().to_owned();
    // In places where they do not belong, too.
    let bearer = format!("Bearer {token}");
    program
        .ask("GET", &format!("/api/me?token={token}"))
        .header("authorization", &bearer)
        .send()
        .await
        .is(200);
    program
        .ask("GET", &format!("/{token}/{}", desktop.token))
        .header("referer", &link)
        .send()
        .await
        .is(404);
    let wrong = json!({ "email": password, "password": password });
    program
        .ask("POST", "/api/sign-in")
        .json(&wrong)
        .send()
        .await
        .is(401);

    let code = program.code.clone();
    let (stopped_well, log) = program.end().await;
    assert!(stopped_well, "{log}");
    let (_, session) = cookie.split_once('=').unwrap();
    let (_, invitation) = link.split_once('=').unwrap();
    let secrets = [
        ("the cookie", session),
        ("the word against forgery", csrf.as_str()),
        ("the program's token", token.as_str()),
        ("the invitation", invitation),
        ("the owner link", code.as_str()),
        ("the desktop's token", desktop.token.as_str()),
        ("the password", password),
        ("an address", "ada@example.org"),
    ];
    for (what, secret) in secrets {
        assert!(!log.contains(secret), "{what} is in the log:\n{log}");
    }
    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(lines.len() > 5, "{log}");
    let of_refused = lines
        .iter()
        .find(|line| line["span"]["request_id"] == json!(id))
        .unwrap_or_else(|| panic!("no line has {id}:\n{log}"));
    assert_eq!(of_refused["status"], json!(400));
    assert_eq!(of_refused["route"], json!("/api/desktop-pairing/heartbeat"));
}
