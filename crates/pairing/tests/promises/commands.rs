//! What is done with commands, and what is not.

use std::time::Duration;

use cowork_pairing::broker::{BrokerError, Outcome};
use cowork_pairing::commands::{Record, Stage};
use cowork_pairing::connection::State;
use cowork_pairing_protocol::wire::{Command, Lease, Policy, RemoteAuthority, ResultStatus};
use jiff::SignedDuration;
use serde_json::json;

use crate::world::{DEVICE, Fate, Held, World, command, prompt};

fn leased(mut command: Command, token: &str, end: &str) -> Command {
    command.lease = Some(Lease {
        leased_by: DEVICE.to_owned(),
        lease_token: token.to_owned(),
        lease_expires_at: end.to_owned(),
    });
    command
}

const LATER: &str = "2026-08-01T13:00:00Z";

#[tokio::test(start_paused = true)]
async fn what_the_policy_does_not_allow_is_said_to_be_blocked() {
    let world = World::new();
    world.set_policy(Policy {
        allow_remote_prompts: false,
        allow_remote_abort: false,
        remote_approvals: RemoteAuthority::Disabled,
        remote_questions: RemoteAuthority::LocalConfirmation,
        ..Policy::default()
    });
    world.give(prompt(1));
    world.give(command(2, "abort", json!(null)));
    world.give(command(
        3,
        "permission.respond",
        json!({ "permissionId": "p", "allowed": true }),
    ));
    world.give(command(
        4,
        "question.reply",
        json!({ "requestId": "q", "answers": [["a"]] }),
    ));
    world.give(command(5, "create_session", json!({})));
    world.give(command(6, "status", json!(null)));
    let connection = world.connect();
    world
        .until("the last is answered", |held| held.queue[5].result.is_some())
        .await;
    for id in ["command_1", "command_2", "command_3", "command_5"] {
        assert_eq!(
            world.result(id).unwrap().status,
            ResultStatus::BlockedByPolicy,
            "{id}"
        );
    }
    let held = world.held();
    assert_eq!(held.effects, ["command_6"]);
    assert_eq!(
        held.proposed,
        ["command_4"],
        "an answer is shown to the person, and not given"
    );
    assert_eq!(held.queue[0].result.as_ref().unwrap().0, Outcome::Fail);
    assert_eq!(held.queue[3].result.as_ref().unwrap().0, Outcome::Ack);
    drop((held, connection));
}

#[tokio::test(start_paused = true)]
async fn what_the_person_takes_back_is_not_done_although_it_came_before() {
    let world = World::new();
    world.held().slow = Duration::from_secs(3);
    world.give(prompt(1));
    world.give(prompt(2));
    let connection = world.connect();
    world
        .until("the first of both is being done", |held| {
            let stage = held.records.get("command_1").map(|record| &record.stage);
            held.records.len() == 2 && stage == Some(&Stage::Doing)
        })
        .await;
    world.set_policy(Policy {
        allow_remote_prompts: false,
        ..Policy::default()
    });
    world
        .until("both are answered", |held| held.answered.len() == 2)
        .await;
    assert_eq!(world.held().effects, ["command_1"]);
    assert_eq!(
        world.result("command_2").unwrap().status,
        ResultStatus::BlockedByPolicy
    );
    drop(connection);
}

#[tokio::test(start_paused = true)]
async fn attachments_are_taken_where_the_policy_says_so() {
    let world = World::new();
    world.give(command(1, "prompt", json!({ "text": "a", "attachments": [{}] })));
    world.give(command(2, "prompt", json!({ "text": "a", "attachments": [] })));
    world.give(command(
        3,
        "create_session",
        json!({ "prompt": { "text": "a", "attachments": [1] } }),
    ));
    let connection = world.connect();
    world
        .until("the last is answered", |held| held.queue[2].result.is_some())
        .await;
    assert_eq!(world.held().effects, ["command_2"]);
    drop(connection);
}

#[tokio::test(start_paused = true)]
async fn an_answer_with_remote_authority_needs_a_lease() {
    let world = World::new();
    world.set_policy(Policy {
        remote_approvals: RemoteAuthority::RemoteAllowed,
        ..Policy::default()
    });
    let respond = |sequence| {
        command(
            sequence,
            "permission.respond",
            json!({ "permissionId": "p", "allowed": true }),
        )
    };
    world.held().hostile = vec![respond(1)];
    let connection = world.connect();
    world
        .until("it was answered", |held| !held.answers.is_empty())
        .await;
    {
        let held = world.held();
        let (_, answer) = &held.answers[0];
        assert_eq!(answer.result.status, ResultStatus::BlockedByPolicy);
        assert!(held.effects.is_empty());
    }
    world.held().hostile = vec![leased(respond(2), "t", LATER)];
    connection.sync_now();
    world
        .until("it was done", |held| held.effects == ["command_2"])
        .await;
    drop(connection);
}

#[tokio::test(start_paused = true)]
async fn what_is_replayed_stale_or_anothers_is_not_done() {
    let world = World::new();
    world.give(prompt(5));
    let connection = world.connect();
    world
        .until("the first is answered", |held| held.answered.len() == 1)
        .await;
    let mut other_pairing = leased(prompt(6), "t", LATER);
    other_pairing.pairing_id = "pairing_2".to_owned();
    let mut other_device = leased(prompt(7), "t", LATER);
    other_device.lease.as_mut().unwrap().leased_by = "device_2".to_owned();
    let over = leased(prompt(8), "t", "2026-08-01T11:59:59Z");
    let no_time = leased(prompt(9), "t", "tomorrow");
    let replayed = leased(prompt(4), "t", LATER);
    let mut forged = leased(prompt(5), "t", LATER);
    forged.payload = Some(json!({ "text": "another" }));
    let mut forged_sequence = leased(prompt(5), "t", LATER);
    forged_sequence.id = "command_x".to_owned();
    for hostile in [
        other_pairing,
        other_device,
        over,
        no_time,
        replayed,
        forged,
        forged_sequence,
    ] {
        let refused = world.held().refused.len();
        world.held().hostile = vec![hostile];
        connection.sync_now();
        world
            .until("it was refused", |held| held.refused.len() > refused)
            .await;
    }
    let held = world.held();
    assert_eq!(
        held.effects,
        ["command_5"],
        "nothing but the first was done: {:?}",
        held.refused
    );
    assert_eq!(held.cursor, 5);
    assert!(
        held.answers
            .iter()
            .all(|(id, answer)| id == "command_5" || !answer.result.ok)
    );
    drop((held, connection));
}

#[tokio::test(start_paused = true)]
async fn what_is_too_long_to_be_kept_is_refused_and_keeps_nothing_else_from_being_done() {
    let world = World::new();
    let mut long = leased(prompt(1), "t1", LATER);
    long.payload = Some(json!({ "text": "x".repeat(1_000_000) }));
    let mut odd = leased(prompt(2), "t2", LATER);
    odd.kind = "x".repeat(300);
    world.held().hostile = vec![long, odd, leased(prompt(3), "t3", LATER)];
    let connection = world.connect();
    world
        .until("all are answered", |held| held.answers.len() == 3)
        .await;
    let held = world.held();
    assert_eq!(
        (held.effects.as_slice(), held.refused.len()),
        (["command_3".to_owned()].as_slice(), 2)
    );
    let kept: Vec<_> = held.records.keys().collect();
    assert_eq!(kept, ["command_3"]);
    drop((held, connection));
}

#[tokio::test(start_paused = true)]
async fn what_nobody_began_and_no_server_gives_again_is_given_up_and_said_to_be_undone() {
    let world = World::new();
    for (sequence, end) in [(1, "2026-08-01T10:30:00Z"), (2, "2026-08-01T11:50:00Z")] {
        let command = leased(prompt(sequence), "t", end);
        let stage = Stage::Received;
        world
            .held()
            .records
            .insert(command.id.clone(), Record { command, stage });
    }
    let connection = world.connect();
    let over = |held: &Held, id: &str| matches!(held.records[id].stage, Stage::Answered(_));
    world
        .until("the old one is over", |held| over(held, "command_1"))
        .await;
    assert!(!over(&world.held(), "command_2"), "it may be given again");
    world.until("both are over", |held| over(held, "command_2")).await;
    let held = world.held();
    assert!(held.effects.is_empty() && held.answers.iter().all(|(_, answer)| !answer.result.ok));
    drop((held, connection));
}

#[tokio::test(start_paused = true)]
async fn the_same_command_again_is_answered_again_and_not_done_again() {
    let world = World::new();
    world.held().hostile = vec![
        leased(prompt(2), "t2", LATER),
        leased(prompt(1), "t1", LATER),
        leased(prompt(1), "t1b", LATER),
    ];
    let connection = world.connect();
    world
        .until("both are answered", |held| held.answers.len() == 2)
        .await;
    world.held().hostile = vec![leased(prompt(1), "t3", LATER)];
    connection.sync_now();
    world
        .until("it is answered again", |held| held.answers.len() == 3)
        .await;
    let held = world.held();
    assert_eq!(
        held.effects,
        ["command_1", "command_2"],
        "in the order of their sequences"
    );
    let tokens: Vec<_> = held
        .answers
        .iter()
        .map(|(_, answer)| answer.lease_token.as_deref().unwrap())
        .collect();
    assert_eq!(tokens, ["t1b", "t2", "t3"], "with the lease it came with last");
    drop((held, connection));
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_read_is_answered_as_failed() {
    let world = World::new();
    world.give(command(1, "dance", json!(null)));
    world.give(command(2, "prompt", json!({ "words": 1 })));
    let mut elsewhere = prompt(3);
    elsewhere.workspace_id = "cloud".to_owned();
    world.give(elsewhere);
    let mut nowhere = prompt(4);
    nowhere.session_id = None;
    world.give(nowhere);
    let connection = world.connect();
    world
        .until("the last is answered", |held| held.queue[3].result.is_some())
        .await;
    for sequence in 1..=4 {
        let result = world.result(&format!("command_{sequence}")).unwrap();
        assert_eq!(result.status, ResultStatus::Failed);
        assert!(result.message.is_some());
    }
    assert!(world.held().effects.is_empty());
    drop(connection);
}

#[tokio::test(start_paused = true)]
async fn a_lease_is_held_against_the_servers_clock() {
    for minutes in [-30, 30] {
        let world = World::new();
        world.held().skew = SignedDuration::from_mins(minutes);
        world.give(prompt(1));
        let connection = world.connect();
        world
            .until("it is answered", |held| held.queue[0].result.is_some())
            .await;
        assert_eq!(
            world.held().effects,
            ["command_1"],
            "the clocks are {minutes} minutes apart"
        );
        drop(connection);
    }
}

#[tokio::test(start_paused = true)]
async fn what_leaves_with_a_result_is_cleaned() {
    let world = World::new();
    world.give(prompt(1));
    let connection = world.connect();
    world
        .until("it is answered", |held| held.queue[0].result.is_some())
        .await;
    assert_eq!(
        world.result("command_1").unwrap().message.as_deref(),
        Some("done in [path]")
    );
    drop(connection);
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_tried_until_it_is_taken_and_commands_go_on_meanwhile() {
    let world = World::new();
    let failed = || {
        Fate::Fails(BrokerError::Failed {
            status: 500,
            retry_after: None,
            text: String::new(),
        })
    };
    world.fate("answer", (0..4).map(|_| failed()));
    world.give(prompt(1));
    let connection = world.connect();
    world.until("it was done", |held| !held.effects.is_empty()).await;
    world.give(prompt(2));
    world
        .until("both are answered", |held| held.answered.len() == 2)
        .await;
    let held = world.held();
    assert_eq!(held.effects, ["command_1", "command_2"]);
    assert!(held.queue.iter().all(|kept| kept.result.is_some()));
    drop((held, connection));
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_refused_for_good_is_written_down_and_left() {
    let world = World::new();
    world.held().hostile = vec![leased(prompt(1), "t", LATER)];
    let connection = world.connect();
    world.until("it is over", |held| held.answered.len() == 1).await;
    tokio::time::sleep(Duration::from_mins(5)).await;
    let held = world.held();
    assert_eq!(held.answers.len(), 1, "it is not tried again");
    assert!(held.answered[0].1.as_deref().unwrap().starts_with("404"));
    drop((held, connection));
}

#[tokio::test(start_paused = true)]
async fn a_result_that_is_too_much_for_a_server_says_how_it_ended_and_no_more() {
    for status in [400, 413, 422] {
        let world = World::new();
        let text = String::new();
        world.fate("answer", [Fate::Fails(BrokerError::Refused { status, text })]);
        world.give(command(1, "status", json!(null)));
        let connection = world.connect();
        world.until("it is over", |held| held.answered.len() == 1).await;
        let result = world.result("command_1").unwrap();
        assert!(result.ok && result.sessions.is_none(), "{status}: {result:?}");
        assert_eq!(result.data, Some(json!({ "cut": true })));
        drop(connection);
    }
}

#[tokio::test(start_paused = true)]
async fn hands_that_hang_are_cut_off_and_what_they_did_is_looked_for() {
    let world = World::new();
    world.held().slow = Duration::from_hours(1);
    world.give(prompt(1));
    world.give(command(2, "abort", json!(null)));
    let connection = world.connect();
    world
        .until("both are answered", |held| {
            held.queue.iter().all(|kept| kept.result.is_some())
        })
        .await;
    let held = world.held();
    assert!(held.effects.is_empty());
    assert!(
        held.records
            .values()
            .all(|record| !record.stage.result().unwrap().ok)
    );
    drop((held, connection));
}

#[tokio::test(start_paused = true)]
async fn a_pairing_that_is_ended_by_a_command_is_over_once_that_is_answered() {
    let world = World::new();
    world.fate("answer", [Fate::Hangs]);
    world.give(command(1, "revoke_pairing", json!(null)));
    let connection = world.connect();
    let mut states = connection.states();
    states.wait_for(|state| *state == State::Revoked).await.unwrap();
    assert_eq!(world.held().effects, ["command_1"]);
    let requests = world.held().requests.len();
    tokio::time::sleep(Duration::from_mins(30)).await;
    assert_eq!(world.held().requests.len(), requests, "nothing is sent any more");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_does_not_wait_is_asked_every_two_and_a_half_seconds() {
    let world = World::new();
    world.held().plain = true;
    let connection = world.connect();
    tokio::time::sleep(Duration::from_mins(2)).await;
    let held = world.held();
    let claims: Vec<_> = held
        .requests
        .iter()
        .filter(|(of, _)| *of == "claim")
        .map(|(_, at)| *at)
        .collect();
    assert!((44..=50).contains(&claims.len()), "{}", claims.len());
    assert!(
        claims
            .windows(2)
            .all(|two| two[1].saturating_sub(two[0]) >= Duration::from_millis(500))
    );
    drop((held, connection));
}

#[tokio::test(start_paused = true)]
async fn with_a_server_that_waits_a_command_starts_at_once() {
    let world = World::new();
    let connection = world.connect();
    tokio::time::sleep(Duration::from_secs(90)).await;
    let claims = world.held().claims.len();
    assert!(claims <= 12, "a claim waits: {claims}");
    world.give(prompt(1));
    tokio::time::sleep(Duration::from_millis(150)).await;
    assert_eq!(world.held().effects, ["command_1"]);
    drop(connection);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_refuses_what_it_does_not_know_is_asked_by_the_published_protocol() {
    let world = World::new();
    world.fate(
        "claim",
        [Fate::Fails(BrokerError::Refused {
            status: 400,
            text: String::new(),
        })],
    );
    let connection = world.connect();
    world
        .until("it was asked again", |held| held.claims.len() == 2)
        .await;
    let held = world.held();
    assert!(held.claims[0].wait_seconds.is_some() && !held.claims[0].capabilities.extensions.is_empty());
    assert!(held.claims[1].wait_seconds.is_none() && held.claims[1].capabilities.extensions.is_empty());
    drop((held, connection));
}
