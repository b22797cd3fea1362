//! A desktop that crashes between any two steps.

use cowork_pairing::commands::Stage;
use cowork_pairing_protocol::wire::{Policy, RemoteAuthority, ResultStatus};
use serde_json::json;

use crate::world::{Fate, World, command, event, prompt};

const EVENTS: u64 = 12;

fn given(world: &World) -> Vec<&'static str> {
    world.set_policy(Policy {
        remote_questions: RemoteAuthority::RemoteAllowed,
        ..Policy::default()
    });
    world.give(prompt(1));
    world.give(command(2, "abort", json!(null)));
    world.give(command(
        3,
        "permission.respond",
        json!({ "permissionId": "per_1", "allowed": true }),
    ));
    world.give(command(4, "question.reject", json!({ "requestId": "que_1" })));
    world.give(command(5, "create_session", json!({})));
    world.held().events = (1..=EVENTS).map(event).collect();
    vec![
        "prompt",
        "abort",
        "permission.respond",
        "question.reject",
        "create_session",
    ]
}

/// Everything that was promised, of a world in which nothing is under way any more.
fn check(world: &World, at: usize) {
    let held = world.held();
    for kept in &held.queue {
        let (id, kind) = (&kept.command.id, kept.command.kind.as_str());
        let effects = held.effects.iter().filter(|effect| *effect == id).count();
        let (_, result) = kept.result.as_ref().unwrap();
        assert!(effects <= 1, "crash at {at}: {kind} took effect {effects} times");
        match kind {
            "permission.respond" => {
                assert_eq!(
                    result.status,
                    ResultStatus::RequiresLocalConfirmation,
                    "crash at {at}"
                );
                assert_eq!((effects, &held.proposed), (0, &vec![id.clone()]), "crash at {at}");
            }
            "abort" if result.status == ResultStatus::Failed => {
                let outcome = result.data.as_ref().and_then(|data| data.get("outcome")).unwrap();
                assert_eq!(
                    outcome, "unknown",
                    "crash at {at}: nobody can tell, and it is said"
                );
            }
            _ => {
                assert_eq!(result.status, ResultStatus::Completed, "crash at {at}: {kind}");
                assert_eq!(effects, 1, "crash at {at}: {kind} was said to be done");
            }
        }
    }
    let sequences: Vec<_> = held.log.iter().map(|event| event.sequence.unwrap()).collect();
    assert_eq!(
        sequences,
        (1..=EVENTS).collect::<Vec<_>>(),
        "crash at {at}: each event once, in order"
    );
    assert!(held.most_in_flight <= 1, "one request with events at a time");
    assert!(
        held.records
            .values()
            .all(|record| matches!(record.stage, Stage::Answered(_)))
    );
}

async fn all_over(world: &World) {
    world
        .until("every command is answered and every event there", |held| {
            let answered = held.records.len() == held.queue.len()
                && held
                    .records
                    .values()
                    .all(|record| matches!(record.stage, Stage::Answered(_)));
            answered && held.log.len() as u64 == EVENTS && held.delivered == EVENTS
        })
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_command_takes_effect_at_most_once_and_an_event_arrives_once_wherever_the_desktop_crashes() {
    let mut times = 0;
    for at in 1.. {
        let world = World::new();
        given(&world);
        world.crash_at(Some(at));
        let connection = world.connect();
        let crashed = tokio::select! {
            () = world.crashed.notified() => true,
            () = all_over(&world) => false,
        };
        drop(connection);
        tokio::task::yield_now().await;
        if !crashed {
            check(&world, at);
            break;
        }
        times += 1;
        world.held().in_flight = 0;
        world.crash_at(None);
        let connection = world.connect();
        all_over(&world).await;
        connection.stop().await;
        check(&world, at);
    }
    assert!(times > 60, "there are many places to crash at: {times}");
}

#[tokio::test(start_paused = true)]
async fn it_holds_too_when_the_desktop_crashes_twice_and_answers_get_lost() {
    for (first, second) in (1..70)
        .step_by(3)
        .flat_map(|first| (1..30).step_by(4).map(move |second| (first, second)))
    {
        let world = World::new();
        given(&world);
        world.fate("answer", [Fate::LosesAnswer, Fate::Hangs]);
        world.fate("events", [Fate::LosesAnswer]);
        world.fate("claim", [Fate::LosesAnswer]);
        for at in [first, second] {
            world.crash_at(Some(at));
            let connection = world.connect();
            let crashed = tokio::select! {
                () = world.crashed.notified() => true,
                () = all_over(&world) => false,
            };
            drop(connection);
            tokio::task::yield_now().await;
            world.held().in_flight = 0;
            if !crashed {
                break;
            }
        }
        world.crash_at(None);
        let connection = world.connect();
        all_over(&world).await;
        connection.stop().await;
        check(&world, first * 1000 + second);
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_of_the_published_protocol_alone_gets_no_command_done_twice_either() {
    for at in 1..90 {
        let world = World::new();
        given(&world);
        world.held().plain = true;
        world.crash_at(Some(at));
        let connection = world.connect();
        let crashed = tokio::select! {
            () = world.crashed.notified() => true,
            () = all_over(&world) => false,
        };
        drop(connection);
        tokio::task::yield_now().await;
        if !crashed {
            break;
        }
        world.held().in_flight = 0;
        world.crash_at(None);
        let connection = world.connect();
        // Such a server gives a command once: what was given out and got lost stays lost.
        world
            .until("the events are there", |held| held.delivered == EVENTS)
            .await;
        tokio::time::sleep(std::time::Duration::from_mins(2)).await;
        connection.stop().await;
        let held = world.held();
        for kept in &held.queue {
            let effects = held
                .effects
                .iter()
                .filter(|effect| **effect == kept.command.id)
                .count();
            assert!(
                effects <= 1,
                "crash at {at}: {} took effect {effects} times",
                kept.command.kind
            );
        }
        let sequences: Vec<_> = held.log.iter().map(|event| event.sequence.unwrap()).collect();
        assert_eq!(sequences, (1..=EVENTS).collect::<Vec<_>>(), "crash at {at}");
    }
}
