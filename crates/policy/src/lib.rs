//! What an agent may do at once, what it has to ask for, and what is refused.
//!
//! One place decides, so that it can be read in one sitting and tested without an engine: the permission rules
//! an engine is started with ([`engine_rules`]), what happens to an ask that arrives ([`decide`]), why it asks
//! ([`reason`]), what deserves a warning beside it ([`ask_danger`]), whether it may be allowed for good
//! ([`may_always`]), by which rules ([`proposals`], [`refused_rule`]) and whether it was ([`covered`]), how text to be approved is shown ([`visible`]), which model addresses may be connected to
//! ([`may_connect`]), which links may leave for the system browser ([`external_link`]), which words of a failure are the app's own
//! ([`own_words`]), which folders may be opened to an
//! agent at all ([`may_open`]), and what a program the agent starts may see, change and reach ([`Rules`]).
//!
//! Everything here is pure: no file is read, no name resolved, no clock asked; addresses come in as arguments.
//! Do not put here how an engine spells its configuration (that is its adapter's) or how a refusal looks (the
//! edge's).

mod allowance;
mod always;
mod ask;
mod change;
pub mod confinement;
mod danger;
mod fetch;
mod folder;
mod kept;
mod limits;
mod link;
mod model_url;
mod own_words;
mod rules;
mod visible;

pub use allowance::{AllowedPattern, covered, covered_by, matched_by, permission_name};
pub use always::{Proposal, RuleRefusal, asking_rule, proposals, refused_rule, rules_cover};
pub use ask::{
    AskReason, BoxOfTools, Decision, Surroundings, ask_danger, ask_dangers, decide, may_always, reason,
    runs_program,
};
pub use change::refused_change;
pub use confinement::{Network, REGISTRIES};
pub use danger::{Danger, DangerKind, danger, dangers, goes_unasked, programs};
pub use fetch::refused_fetch;
pub use folder::may_open;
pub use kept::{Kept, kept, may_offer, may_offer_for_git};
pub use limits::{bytes_in_words, seconds_in_words};
pub use link::external_link;
pub use model_url::{Connection, UrlRefusal, may_connect};
pub use own_words::{OWN_WORDS, own_words};
pub use rules::{
    Action, PermissionName, Rule, agent_rules, engine_rules, evaluate, is_secret_file, to_object,
};
pub use visible::visible;
