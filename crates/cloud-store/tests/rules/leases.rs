//! No history of claims, answers, ends of leases and crashes lets a command take effect twice.

use cowork_cloud_store::CommandState;
use cowork_cloud_store::rules::claims::{Candidate, Decision, Wish, choose};
use cowork_cloud_store::rules::commands::{Answer, GRACE, Held, Standing, answer, due, may_be_cancelled};
use proptest::prelude::*;

/// What happens next.
#[derive(Clone, Copy, Debug)]
enum Next {
    /// Somebody asks for commands; whether they keep what they do with them, whether they ask for the first time, and
    /// whether the answer arrives.
    Claim {
        redelivery: bool,
        first: bool,
        arrives: bool,
    },
    /// The desktop does what it has, if it did not, and says so under one of its leases.
    Answer { which: usize, arrives: bool },
    /// Time goes by.
    Wait(i64),
    /// Somebody looks for what is over.
    Sweep,
    /// Whoever gave it takes it back.
    Cancel,
}

fn next() -> impl Strategy<Value = Next> {
    prop_oneof![
        (any::<bool>(), any::<bool>(), any::<bool>()).prop_map(|(redelivery, first, arrives)| Next::Claim {
            redelivery,
            first,
            arrives
        }),
        (0_usize..4, any::<bool>()).prop_map(|(which, arrives)| Next::Answer { which, arrives }),
        prop_oneof![1_i64..1_000, 40_000_i64..60_000, 300_000_i64..700_000].prop_map(Next::Wait),
        Just(Next::Sweep),
        Just(Next::Cancel),
    ]
}

/// A command that arrived.
struct Arrived {
    lease: usize,
    /// Whoever got it remembers what they do with commands.
    remembers: bool,
    /// Whoever does not did this one.
    did: bool,
}

struct World {
    command: Standing,
    /// The lease it was given out under last.
    lease: usize,
    now: i64,
    leases: usize,
    /// What arrived at the desktop.
    arrived: Vec<Arrived>,
    /// How often it took effect.
    effects: u32,
    /// What a desktop that remembers did.
    remembered: bool,
    taken: u32,
}

impl World {
    fn becomes(&mut self, state: CommandState) {
        assert!(
            !self.command.state.is_over(),
            "{:?} is for good",
            self.command.state
        );
        self.command.state = state;
        self.command.held = None;
    }

    fn step(&mut self, next: Next) {
        match next {
            Next::Wait(milliseconds) => self.now += milliseconds,
            Next::Sweep => {
                if let Some(state) = due(self.command, self.now) {
                    self.becomes(state);
                }
            }
            Next::Cancel => {
                if may_be_cancelled(self.command) {
                    self.becomes(CommandState::Cancelled);
                }
            }
            Next::Claim {
                redelivery,
                first,
                arrives,
            } => {
                // The query finds what is not over.
                if self.command.state.is_over() {
                    return;
                }
                let words = ["prompt".to_owned()];
                let candidate = Candidate {
                    sequence: 1,
                    standing: self.command,
                    kind: words[0].clone(),
                    workspace: words[0].clone(),
                };
                let wish = Wish {
                    after: 0,
                    limit: 1,
                    kinds: &words,
                    workspaces: &words,
                    redelivery,
                    first,
                };
                match choose(&[candidate], wish, self.now)[0] {
                    Decision::Leave => {}
                    Decision::Becomes(state) => self.becomes(state),
                    Decision::Give => {
                        assert!(self.now < self.command.deadline, "given after its time");
                        self.leases += 1;
                        self.lease = self.leases;
                        self.command.state = CommandState::Leased;
                        self.command.held = Some(Held {
                            until: self.now + 45_000,
                            redelivery,
                        });
                        self.command.attempts += 1;
                        if arrives {
                            self.arrived.push(Arrived {
                                lease: self.lease,
                                remembers: redelivery,
                                did: false,
                            });
                        }
                    }
                }
            }
            Next::Answer { which, arrives } => {
                let Some(arrived) = self.arrived.get_mut(which) else {
                    return;
                };
                // Whoever remembers does it once; whoever does not, each time it is given.
                let did = if arrived.remembers {
                    &mut self.remembered
                } else {
                    &mut arrived.did
                };
                self.effects += u32::from(!std::mem::replace(did, true));
                let lease = arrived.lease;
                if arrives {
                    match answer(self.command, lease == self.lease, self.now) {
                        Answer::Take => {
                            assert_eq!(self.command.state, CommandState::Leased);
                            self.command.state = CommandState::Done;
                            self.taken += 1;
                        }
                        Answer::Repeated => assert!(self.command.state == CommandState::Done),
                        Answer::Stale => {}
                    }
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn a_command_takes_effect_once_or_not_at_all(history in prop::collection::vec(next(), 0..60)) {
        let mut world = World {
            command: Standing { state: CommandState::Queued, held: None, attempts: 0, deadline: 600_000 },
            lease: 0,
            now: 0,
            leases: 0,
            arrived: Vec::new(),
            effects: 0,
            remembered: false,
            taken: 0,
        };
        for next in history {
            world.step(next);
            prop_assert!(world.effects <= 1, "it took effect {} times", world.effects);
            prop_assert!(world.taken <= 1);
            // What is said to have done nothing did nothing.
            if matches!(world.command.state, CommandState::Cancelled | CommandState::Expired) {
                prop_assert_eq!(world.command.attempts, 0);
                prop_assert_eq!(world.effects, 0);
            }
        }
        // Time alone brings everything to an end.
        world.now += 2_000_000 + GRACE;
        for _ in 0..2 {
            if let Some(state) = due(world.command, world.now) {
                world.becomes(state);
            }
        }
        prop_assert!(world.command.state.is_over());
    }

    #[test]
    fn a_claim_gives_no_more_than_is_asked_for_and_in_order(
        sequences in prop::collection::btree_set(1_i64..100, 0..30),
        after in 0_i64..100,
        limit in 0_u32..80,
        redelivery in any::<bool>(),
        first in any::<bool>(),
    ) {
        let words = ["prompt".to_owned()];
        let standing = Standing { state: CommandState::Queued, held: None, attempts: 0, deadline: 10 };
        let candidates: Vec<_> = sequences
            .iter()
            .map(|sequence| Candidate {
                sequence: *sequence,
                standing,
                kind: words[0].clone(),
                workspace: words[0].clone(),
            })
            .collect();
        let wish = Wish { after, limit, kinds: &words, workspaces: &words, redelivery, first };
        let decisions = choose(&candidates, wish, 0);
        let given: Vec<_> = candidates
            .iter()
            .zip(&decisions)
            .filter(|(_, decision)| **decision == Decision::Give)
            .map(|(candidate, _)| candidate.sequence)
            .collect();
        let expected: Vec<_> = sequences
            .iter()
            .copied()
            .filter(|sequence| redelivery || *sequence > after)
            .take(limit.min(50) as usize)
            .collect();
        prop_assert_eq!(given, expected);
    }
}
