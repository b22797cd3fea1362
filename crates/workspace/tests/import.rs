//! What the engine held before the app knew of it is in the list and found, and is read once.
//!
//! The tests need `COWORK_ENGINE` and `COWORK_RIPGREP`, which the check script brings.
#![cfg(all(target_os = "linux", debug_assertions))]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::path::Path;
use std::process::{Command, Stdio};

use common::{PATIENCE, Place, life};
use cowork_brand::Places;
use cowork_store::{Document, DocumentKind, Store};
use cowork_supervisor::{Holder, HomeLayout, PrivateHome};
use cowork_workspace::Workspace;
use cowork_workspace::view::{ConversationPage, IndexProgress, IndexState, SearchAnswer, SearchFacets};
use serde_json::{Value, json};

const BEGAN: i64 = 1_790_000_000_000;
const ROOT: &str = "ses_00000000000100000000000000";
const CHILD: &str = "ses_00000000000200000000000000";
const LONG: &str = "ses_00000000000300000000000000";
/// More messages than the engine gives at once.
const LONG_MESSAGES: u32 = 1_200;

/// A key as a provider gives them out; put together, so that no scan for secrets takes this file for a find.
fn secret() -> String {
    format!("sk-proj-{}", "a1B2c3D4e5F6g7H8".repeat(3))
}

fn id(kind: &str, number: u32) -> String {
    format!("{kind}_{number:012}00000000000000")
}

/// A message with one text, in the engine's own form.
fn message(session: &str, number: u32, answers: Option<u32>, text: &str) -> Value {
    let created = BEGAN + i64::from(number) * 1_000;
    let own = id("msg", number);
    let info = match answers {
        None => json!({
            "id": own, "sessionID": session, "role": "user", "time": { "created": created }, "agent": "build",
            "model": { "providerID": "elsewhere", "modelID": "large" },
        }),
        Some(prompt) => json!({
            "id": own, "sessionID": session, "role": "assistant", "parentID": id("msg", prompt),
            "time": { "created": created, "completed": created + 500 }, "providerID": "elsewhere", "modelID": "large",
            "mode": "build", "agent": "build", "path": { "cwd": "/", "root": "/" }, "cost": 0.25, "finish": "stop",
            "tokens": { "input": 100, "output": 20, "reasoning": 3, "cache": { "read": 40, "write": 5 } },
        }),
    };
    json!({
        "info": info,
        "parts": [{ "id": id("prt", number), "sessionID": session, "messageID": own, "type": "text", "text": text }],
    })
}

fn session(folder: &Path, id: &str, parent: Option<&str>, title: &str, messages: &[Value]) -> Value {
    let mut info = json!({
        "id": id, "slug": "quiet-river", "version": "1.0.0", "projectID": "global", "directory": folder, "title": title,
        "time": { "created": BEGAN, "updated": BEGAN + 2_000_000 },
    });
    if let Some(parent) = parent {
        info["parentID"] = json!(parent);
    }
    json!({ "info": info, "messages": messages })
}

/// Has the engine itself take a session into its home, as its own command does.
fn import(place: &Place, folder: &Path, session: &Value) {
    let home = HomeLayout::new(places(place).private_home);
    let file = place.root.path().join("session.json");
    std::fs::write(&file, session.to_string()).unwrap();
    let output = Command::new(std::env::var_os("COWORK_ENGINE").unwrap())
        .arg("import")
        .arg(&file)
        .current_dir(folder)
        .env_clear()
        .envs([
            ("HOME", home.home_directory()),
            ("XDG_CONFIG_HOME", home.config_directory()),
            ("XDG_DATA_HOME", home.data_directory()),
            ("XDG_CACHE_HOME", home.cache_directory()),
            ("XDG_STATE_HOME", home.state_directory()),
            ("TMPDIR", place.root.path().to_owned()),
        ])
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("OPENCODE_DISABLE_MODELS_FETCH", "1")
        .env("OPENCODE_DISABLE_AUTOUPDATE", "1")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    assert!(
        output.status.success() && said.concat().contains("Imported session"),
        "{said:?}"
    );
}

fn places(place: &Place) -> Places {
    Places::under(&place.root.path().join("app")).unwrap()
}

/// A window that draws its first picture, which the reading waits for.
fn look(workspace: &Workspace) {
    workspace.subscribe(|_| true);
    workspace.acknowledge(0);
}

/// How far the index is once nothing is left to be read.
async fn read_all(workspace: &Workspace, threads: u64) -> IndexProgress {
    let reading = async {
        loop {
            let progress = workspace.index_progress().await.unwrap();
            if progress.state == IndexState::Done && progress.threads >= threads {
                return progress;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, reading)
        .await
        .unwrap_or_else(|_| panic!("not everything was read in time"))
}

async fn search(workspace: &Workspace, text: &str) -> SearchAnswer {
    let facets = SearchFacets::default();
    workspace.search(text.to_owned(), facets, 0).await.unwrap()
}

fn ids(answer: &SearchAnswer) -> Vec<&str> {
    answer.hits.iter().map(|hit| hit.session.id.as_str()).collect()
}

/// Whether bytes stand in the database or in what lies beside it.
fn kept(place: &Place, wanted: &str) -> bool {
    let database = places(place).database;
    ["", "-wal"].iter().any(|suffix| {
        let mut path = database.clone().into_os_string();
        path.push(suffix);
        let bytes = std::fs::read(path).unwrap_or_default();
        bytes
            .windows(wanted.len())
            .any(|piece| piece == wanted.as_bytes())
    })
}

/// Three sessions in an engine's home that no app was in yet: one with a sub-agent's, and a long one.
fn fill(place: &Place) {
    let folder = place.work().canonicalize().unwrap();
    // The home as the app makes it, before the app was ever there.
    drop(PrivateHome::claim(&places(place).private_home, Holder::CommandLine).unwrap());
    let asked = format!("Why does the zebra need {}?", secret());
    import(
        place,
        &folder,
        &session(
            &folder,
            ROOT,
            None,
            "Stripes",
            &[
                message(ROOT, 1, None, &asked),
                message(ROOT, 2, Some(1), "The zebra was asked about its crème brûlée."),
            ],
        ),
    );
    import(
        place,
        &folder,
        &session(
            &folder,
            CHILD,
            Some(ROOT),
            "Look into it",
            &[
                message(CHILD, 11, None, "Count the giraffes"),
                message(CHILD, 12, Some(11), "There are nine giraffes."),
            ],
        ),
    );
    let long: Vec<_> = (0..LONG_MESSAGES)
        .map(|number| {
            let answers = (number % 2 == 1).then(|| 1_000 + number - 1);
            let text = match number {
                0 => "The first word is okapi".to_owned(),
                _ => format!("Entry {number} of the log"),
            };
            message(LONG, 1_000 + number, answers, &text)
        })
        .collect();
    import(place, &folder, &session(&folder, LONG, None, "A long one", &long));
}

/// Everything is listed, found, opened where it was found, and added up; a secret is nowhere.
fn first_start(place: &Place) {
    life(async {
        let workspace = place.open_as(|_| {}).await;
        look(&workspace);
        let progress = read_all(&workspace, 3).await;
        assert_eq!((progress.threads, progress.read), (3, 3));

        let start = workspace.start().await.unwrap();
        let mut listed: Vec<_> = start.sessions.iter().map(|row| row.id.as_str()).collect();
        listed.sort_unstable();
        assert_eq!(listed, [ROOT, LONG], "a sub-agent's session is no row of its own");
        for (words, expected) in [
            ("zebra ", ROOT),
            ("creme brulee ", ROOT),
            ("giraffes ", ROOT),
            ("okapi ", LONG),
            ("stripes ", ROOT),
        ] {
            assert_eq!(ids(&search(&workspace, words).await), [expected], "{words:?}");
        }
        let giraffes = search(&workspace, "giraffes ").await;
        let place_of = giraffes.hits[0].place.as_ref().unwrap();
        assert_eq!(
            place_of.session, CHILD,
            "what a sub-agent said is found under its thread"
        );
        let long = search(&workspace, "okapi ").await;
        assert_eq!(long.hits[0].messages, u64::from(LONG_MESSAGES));

        // Each is opened where it was found.
        let conversation = workspace
            .open_session(LONG, Some(&id("msg", 1_000)))
            .await
            .unwrap();
        assert_eq!(conversation.messages[0].id, id("msg", 1_000));
        workspace.turn_page(LONG, ConversationPage::Latest).await.unwrap();
        let child = workspace.open_session(CHILD, None).await.unwrap();
        assert_eq!(child.messages.len(), 2);

        assert_eq!(ids(&search(&workspace, "sk-proj").await), Vec::<&str>::new());
        assert!(
            !kept(place, &secret()),
            "a secret is not written down a second time"
        );

        let day = workspace.usage(vec![BEGAN]).await.unwrap();
        let answers: u64 = day.days[0].models.iter().map(|model| model.answers).sum();
        assert_eq!(answers, u64::from(LONG_MESSAGES / 2) + 2);
        let own = workspace.session_usage(ROOT).await.unwrap().models.remove(0);
        assert_eq!(
            (own.answers, own.input, own.output, own.reasoning),
            (2, 200, 46, 6)
        );
        assert!((own.cost - 0.5).abs() < 1e-9, "{own:?}");

        let tagged = workspace.set_tags(ROOT, &["animals".to_owned()]).await.unwrap();
        assert_eq!(tagged.tags, ["animals"]);
        workspace.close().await;
    });
}

/// Nothing is read again, but on a person's word, and nothing is counted twice.
fn second_start(place: &Place) {
    life(async {
        let workspace = place.open_as(|_| {}).await;
        look(&workspace);
        let progress = read_all(&workspace, 3).await;
        // What is listed anew is written within a moment; nothing of it has to be read.
        tokio::time::sleep(std::time::Duration::from_secs(2)).await;
        let later = workspace.index_progress().await.unwrap();
        assert_eq!((progress.read, later.read, later.unread), (0, 0, 0));
        let found = search(&workspace, "giraffes ").await;
        assert_eq!(ids(&found), [ROOT]);
        assert_eq!(found.hits[0].session.tags, ["animals"]);
        let day = workspace.usage(vec![BEGAN]).await.unwrap();
        let before: u64 = day.days[0].models.iter().map(|model| model.answers).sum();

        // Made anew it holds the same, and nothing is counted twice.
        workspace.rebuild_index().await.unwrap();
        let again = read_all(&workspace, 3).await;
        assert_eq!(again.read, 3);
        assert_eq!(ids(&search(&workspace, "okapi ").await), [LONG]);
        let day = workspace.usage(vec![BEGAN]).await.unwrap();
        let after: u64 = day.days[0].models.iter().map(|model| model.answers).sum();
        assert_eq!(after, before);
        workspace.close().await;
    });
}

/// What the index has and the engine has not is gone when the thread was read.
fn start_with_what_is_no_more(place: &Place) {
    let (store, _) = Store::open(&places(place).database, BEGAN).unwrap();
    store.clear_index().unwrap();
    let gone = Document {
        session: ROOT.to_owned(),
        message: "msg_of_before".to_owned(),
        kind: DocumentKind::Answer,
        agent: None,
        model: None,
        created: BEGAN + 1,
        tokens: 1,
        usage: None,
        text: "The quagga is no more.".to_owned(),
        tools: String::new(),
        changed_files: vec!["quagga.txt".to_owned()],
    };
    store.index_messages(&[gone]).unwrap();
    drop(store);
    life(async {
        let workspace = place.open_as(|_| {}).await;
        look(&workspace);
        let progress = read_all(&workspace, 3).await;
        assert_eq!(progress.read, 3);
        assert_eq!(ids(&search(&workspace, "quagga ").await), Vec::<&str>::new());
        let giraffes = search(&workspace, "giraffes ").await;
        assert_eq!(ids(&giraffes), [ROOT]);
        assert_eq!(giraffes.hits[0].changed_files, 0);
        workspace.close().await;
    });
}

/// Without its database the app finds the same in the engine.
fn start_without_database(place: &Place) {
    for suffix in ["", "-wal", "-shm"] {
        let mut path = places(place).database.into_os_string();
        path.push(suffix);
        let _ = std::fs::remove_file(path);
    }
    life(async {
        let workspace = place.open_as(|_| {}).await;
        look(&workspace);
        read_all(&workspace, 3).await;
        assert_eq!(ids(&search(&workspace, "giraffes ").await), [ROOT]);
        workspace.close().await;
    });
}

#[test]
fn what_the_engine_holds_is_listed_found_without_secrets_and_read_once() {
    let place = Place::new();
    fill(&place);
    first_start(&place);
    second_start(&place);
    start_with_what_is_no_more(&place);
    start_without_database(&place);
}
