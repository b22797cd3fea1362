//! What becomes of drafts and of prompts that did not arrive.

use cowork_pairing_protocol::wire::ResultStatus;
use cowork_store::CommandStep;

use super::*;

fn open() -> (Store, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = Store::open(&folder.path().join("index.db"), 0).unwrap();
    (store, folder)
}

fn session() -> SessionId {
    SessionId::from("ses_1")
}

/// What a thread opens with of which the engine has these messages, while nothing is on its way.
fn opened(store: &Store, has: &[&str]) -> String {
    draft(
        store,
        &session(),
        &|message| has.contains(&message.as_str()),
        &|_| false,
    )
    .unwrap()
}

fn save(store: &Store, text: &str) {
    keep_draft(store, &session(), text, false).unwrap();
}

#[test]
fn a_prompt_that_was_not_taken_is_the_draft_until_the_composer_holds_it() {
    let (store, _folder) = open();
    let message = MessageId::from("msg_1");
    keep_prompt(&store, &session(), &message, "Do not lose me", 5).unwrap();
    prompt_returned(&store, &message, None).unwrap();
    assert_eq!(opened(&store, &[]), "Do not lose me");
    save(&store, "Do not lose me, please");
    assert_eq!(opened(&store, &[]), "Do not lose me, please");
}

#[test]
fn clearing_the_composer_loses_no_prompt_it_never_held() {
    let (store, _folder) = open();
    let message = MessageId::from("msg_1");
    keep_prompt(&store, &session(), &message, "go", 5).unwrap();
    prompt_returned(&store, &message, None).unwrap();
    save(&store, "go");
    save(&store, "");
    save(&store, "google it");
    assert_eq!(opened(&store, &[]), "go\n\ngoogle it");
    save(&store, "");
    assert_eq!(opened(&store, &[]), "", "what was shown can be thrown away");
}

#[test]
fn a_prompt_that_was_sent_again_is_no_draft() {
    let (store, _folder) = open();
    let [first, second] = ["msg_1", "msg_2"].map(MessageId::from);
    for again in ["Do it", "Do it, please", "First\n\nDo it"] {
        keep_prompt(&store, &session(), &first, "Do it", 5).unwrap();
        prompt_returned(&store, &first, Some("no engine")).unwrap();
        // The composer that sent it holds it, and goes on from there.
        if again != "Do it" {
            save(&store, again);
        }
        keep_prompt(&store, &session(), &second, again, 6).unwrap();
        store.outbox_accepted("msg_2").unwrap();
        prompt_delivered(&store, &session(), &second).unwrap();
        assert_eq!(opened(&store, &["msg_2"]), "", "{again}");
    }
    // What came back later and was taken into a composer is that composer's.
    keep_prompt(&store, &session(), &first, "Do more", 7).unwrap();
    prompt_returned(&store, &first, None).unwrap();
    keep_draft(&store, &session(), "Do more", true).unwrap();
    save(&store, "Do less");
    assert_eq!(opened(&store, &[]), "Do less");
}

#[test]
fn a_prompt_that_came_back_after_it_was_sent_again_stays_away() {
    let (store, _folder) = open();
    let [first, second] = ["msg_1", "msg_2"].map(MessageId::from);
    keep_prompt(&store, &session(), &first, "Do it", 5).unwrap();
    keep_prompt(&store, &session(), &second, "Do it", 6).unwrap();
    prompt_delivered(&store, &session(), &second).unwrap();
    prompt_returned(&store, &first, None).unwrap();
    assert_eq!(opened(&store, &["msg_2"]), "");
}

#[test]
fn a_prompt_that_arrived_after_all_is_no_draft_any_more() {
    let (store, _folder) = open();
    let message = MessageId::from("msg_1");
    keep_prompt(&store, &session(), &message, "Do it", 5).unwrap();
    prompt_returned(&store, &message, Some("no answer in time")).unwrap();
    assert_eq!(store.draft("ses_1").unwrap().as_deref(), Some("Do it"));
    assert_eq!(opened(&store, &["msg_1"]), "");
}

#[test]
fn a_draft_is_cleared_by_the_prompt_it_was_unless_that_came_back_before() {
    let (store, _folder) = open();
    let message = MessageId::from("msg_1");
    save(&store, "Do it");
    keep_prompt(&store, &session(), &message, "Do it", 5).unwrap();
    store.outbox_accepted("msg_1").unwrap();
    assert_eq!(store.draft("ses_1").unwrap(), None);
    save(&store, "Do it");
    prompt_returned(&store, &message, None).unwrap();
    store.outbox_accepted("msg_1").unwrap();
    assert_eq!(opened(&store, &[]), "Do it");
}

#[test]
fn a_prompt_whose_process_died_while_sending_comes_back_unless_it_arrived() {
    let (store, _folder) = open();
    for message in ["msg_lost", "msg_arrived"] {
        keep_prompt(&store, &session(), &MessageId::from(message), message, 5).unwrap();
        store.outbox_accepted(message).unwrap();
    }
    let arrived = |message: &MessageId| message.as_str() == "msg_arrived";
    assert_eq!(
        draft(&store, &session(), &arrived, &|_| true).unwrap(),
        "",
        "this process is still sending"
    );
    assert_eq!(opened(&store, &["msg_arrived"]), "msg_lost");
}

#[test]
fn a_prompt_under_its_last_id_leaves_nothing_behind_under_the_first() {
    let (store, _folder) = open();
    let [first, second] = ["msg_1", "msg_2"].map(MessageId::from);
    keep_prompt(&store, &session(), &first, "Do it", 5).unwrap();
    rename_prompt(&store, &session(), &first, &second, "Do it", 6).unwrap();
    prompt_delivered(&store, &session(), &second).unwrap();
    assert_eq!(opened(&store, &["msg_2"]), "");
    // One that cannot be kept under it is still kept, once.
    keep_prompt(&store, &session(), &first, "Do more", 7).unwrap();
    let long = "x".repeat(cowork_store::PROMPT_LIMIT + 1);
    rename_prompt(&store, &session(), &first, &MessageId::from("msg_3"), &long, 8).unwrap_err();
    assert_eq!(pending(&store, &session()).unwrap(), [first]);
}

/// A command from afar that is being carried out as a prompt.
fn cut_off(store: &Store, message: &str) {
    let received = CommandStep::Received {
        sequence: 1,
        kind: "prompt",
        who: None,
        command: "{}",
        now: 5,
    };
    for step in [received, CommandStep::Doing] {
        store.command_step("pairing_1", message, step, &[], &[]).unwrap();
    }
    store.mark_command("pairing_1", message, message).unwrap();
    keep_prompt(store, &session(), &MessageId::from(message), "Do it", 5).unwrap();
}

#[test]
fn a_prompt_from_afar_is_no_draft_while_who_gave_it_has_it() {
    let (store, _folder) = open();
    let result = |status| serde_json::to_string(&CommandResult::new(status, None)).unwrap();
    let done = |message: &str, status| {
        let step = &result(status);
        store
            .command_step("pairing_1", message, CommandStep::Done(step), &[], &[])
            .unwrap();
    };
    cut_off(&store, "msg_1");
    assert_eq!(opened(&store, &[]), "");
    let waits = [MessageId::from("msg_1")];
    assert_eq!(
        pending(&store, &session()).unwrap(),
        waits,
        "what became of it is found out"
    );
    done("msg_1", ResultStatus::Failed);
    assert_eq!(opened(&store, &[]), "", "they were told");
    assert_eq!(pending(&store, &session()).unwrap(), []);

    cut_off(&store, "msg_2");
    done("msg_2", ResultStatus::Completed);
    assert_eq!(opened(&store, &[]), "Do it", "nobody else has its words");
    save(&store, "");

    cut_off(&store, "msg_3");
    store.forget_pairing("pairing_1").unwrap();
    assert_eq!(opened(&store, &[]), "", "it ended with its pairing");
}

#[test]
fn what_ran_when_the_app_ended_is_interrupted() {
    let (store, _folder) = open();
    let mut running = Row {
        id: session(),
        parent: None,
        folder: PathBuf::from("/work"),
        title: "Title".into(),
        agent: None,
        model: Some("demo/demo".into()),
        created: 1,
        updated: 2,
        mark: view::SessionMark::AsksPermission,
        cost: 0.5,
        tags: Vec::new(),
    };
    save_rows(
        &store,
        &[(session(), Some((view::FolderKind::Project, running.clone())))],
    )
    .unwrap();
    let starting = view::EngineState::Stopping;
    let mut state = State::new(starting, view::Settings::default());
    load(&store, &mut state).unwrap();
    running.mark = view::SessionMark::Interrupted;
    assert_eq!(state.rows[&session()], running);
}

#[test]
fn every_mark_survives_the_store() {
    for (mark, _) in MARKS {
        assert_eq!(mark_in(mark_out(mark)), mark);
    }
}
