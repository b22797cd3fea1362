//! What becomes of what agents ask: what policy says, what the person allowed for good, and what is shown.

use std::path::{Path, PathBuf};

use cowork_engine::{CallId, EngineEvent, MessageId, MessageWithParts, PermissionAsk, SessionId};
use cowork_store::Allowance;

use super::{Effect, State};
use crate::{find, render, view};

/// What becomes of an ask.
enum Judgement {
    Ask,
    Allow(Vec<i64>),
    Refuse(String),
}

impl State {
    /// Why policy denies an ask, if it does.
    pub(crate) fn denial(&self, ask: &PermissionAsk, folder: &Path) -> Option<String> {
        let surroundings = cowork_policy::Surroundings {
            box_of_tools: self.box_of_tools(folder),
            unboxed_allowed: self.folders.is_unboxed(folder),
        };
        let in_persons_home = self.safety.home == view::EngineHome::Machine;
        if let Some(reason) = cowork_policy::refused_fetch(ask, in_persons_home) {
            return Some(reason);
        }
        if self.safety.boxed == view::BoxState::Boxed {
            let open = self.folders.in_engines_box();
            let open = open.iter().map(PathBuf::as_path);
            if let Some(reason) = cowork_policy::refused_change(ask, folder, open) {
                return Some(reason);
            }
        }
        match cowork_policy::decide(&ask.kind, surroundings) {
            cowork_policy::Decision::Deny { reason } => Some(reason),
            cowork_policy::Decision::Ask => None,
        }
    }

    /// Whether commands in a folder are held by a box. One that was made with bubblewrap holds only as long as the
    /// engine's does, which it stands in.
    fn box_of_tools(&self, folder: &Path) -> cowork_policy::BoxOfTools {
        use cowork_policy::BoxOfTools;
        let engine_unboxed = matches!(self.safety.boxed, view::BoxState::Unboxed { .. });
        match self.folders.proof(folder) {
            view::BoxProof::Proven { reduced: None } if engine_unboxed => BoxOfTools::Failed,
            view::BoxProof::Proven { .. } => BoxOfTools::Proven,
            view::BoxProof::Failed { .. } => BoxOfTools::Failed,
            view::BoxProof::Unknown | view::BoxProof::Proving => BoxOfTools::Unproven,
        }
    }

    /// What policy says of an ask, and else what the person said for good. `told` are messages that are not held yet.
    fn judge(&self, ask: &PermissionAsk, told: &[MessageWithParts], folder: &Path) -> Judgement {
        if let Some(reason) = self.denial(ask, folder) {
            return Judgement::Refuse(reason);
        }
        // Rules are for one agent: whose ask it is has to be known.
        let Some(agent) = self.known_agent_of(ask, told) else {
            return Judgement::Ask;
        };
        let rules: Vec<_> = self.rules_of(ask, &agent, folder).collect();
        match cowork_policy::covered_by(ask, rules.iter().copied().map(allowed_pattern)) {
            Some(taken) if !self.waits_for_proof(ask, folder) => {
                Judgement::Allow(taken.into_iter().map(|index| rules[index].id).collect())
            }
            _ => Judgement::Ask,
        }
    }

    /// The person's rules that hold where an ask comes from: those of its folder and agent, and of them those of a
    /// thread in that thread alone.
    pub(super) fn rules_for<'a>(
        &'a self,
        ask: &PermissionAsk,
        folder: &'a Path,
    ) -> impl Iterator<Item = &'a Allowance> + use<'a> {
        self.rules_of(ask, &self.agent_of(ask), folder)
    }

    fn rules_of<'a>(
        &'a self,
        ask: &PermissionAsk,
        agent: &str,
        folder: &'a Path,
    ) -> impl Iterator<Item = &'a Allowance> + use<'a> {
        let agent = agent.to_owned();
        let thread = self.root_of(&ask.session);
        self.allowances.iter().filter(move |rule| {
            let here = rule
                .only_in
                .as_deref()
                .is_none_or(|session| session == thread.as_str());
            Path::new(&rule.folder) == folder && rule.agent == agent && here
        })
    }

    /// Whether it is not known yet that what an ask would run is held by a box. It is not answered by itself then.
    pub(crate) fn waits_for_proof(&self, ask: &PermissionAsk, folder: &Path) -> bool {
        cowork_policy::runs_program(&ask.kind)
            && !self.folders.is_unboxed(folder)
            && self.box_of_tools(folder) == cowork_policy::BoxOfTools::Unproven
    }

    /// The agent that asks: the one whose answer the call stands in, else the session's.
    pub(crate) fn agent_of(&self, ask: &PermissionAsk) -> String {
        let answers = ask.call.as_ref().and_then(|(message, _)| {
            let live = self.live.get(&ask.session)?;
            live.transcript.entry(message)?.message.agent.clone()
        });
        answers
            .or_else(|| self.rows.get(&ask.session)?.agent.clone())
            .unwrap_or_default()
    }

    /// The same where it is certain: none when the answer that the call stands in is neither held nor told.
    fn known_agent_of(&self, ask: &PermissionAsk, told: &[MessageWithParts]) -> Option<String> {
        if let Some((message, _)) = &ask.call {
            let live = self.live.get(&ask.session);
            let held = live.and_then(|live| live.transcript.entry(message));
            let told = || told.iter().find(|known| known.message.id == *message);
            let answer = held
                .map(|entry| &entry.message)
                .or_else(|| told().map(|known| &known.message))?;
            if let Some(agent) = &answer.agent {
                return Some(agent.clone());
            }
        }
        Some(
            self.rows
                .get(&ask.session)
                .and_then(|row| row.agent.clone())
                .unwrap_or_default(),
        )
    }

    /// Takes the asks out of a list that need no person, and says what is done with each. `told` are messages that are not
    /// held yet.
    pub(super) fn sift(
        &self,
        asks: Vec<PermissionAsk>,
        told: &[MessageWithParts],
        folder: &Path,
        effects: &mut Vec<Effect>,
    ) -> Vec<PermissionAsk> {
        let mut left = Vec::new();
        for ask in asks {
            match self.judge(&ask, told, folder) {
                Judgement::Ask => left.push(ask),
                Judgement::Allow(rules) => effects.push(Effect::Allow {
                    ask: Box::new(ask),
                    folder: folder.to_owned(),
                    rules,
                }),
                Judgement::Refuse(reason) => effects.push(Effect::Refuse {
                    ask: Box::new(ask),
                    folder: folder.to_owned(),
                    reason,
                }),
            }
        }
        left
    }

    /// What is to be done with the asks that stand open, after rules or the box changed.
    pub(crate) fn judge_open_asks(&self) -> Vec<Effect> {
        let mut effects = Vec::new();
        for (session, live) in &self.live {
            let folder = self.folder_of(session).unwrap_or_default();
            self.sift(live.transcript.permissions().to_vec(), &[], &folder, &mut effects);
        }
        effects
    }

    /// Shows an ask after all, because what was to be answered by itself could not be.
    pub(crate) fn show_ask(&mut self, ask: PermissionAsk, now: i64, effects: &mut Vec<Effect>) {
        let session = ask.session.clone();
        self.apply_to(&session, EngineEvent::PermissionAsked(ask), now, effects);
    }

    /// What waits for the person in a session and its sub-agents.
    pub(super) fn asks(&self, root: &SessionId) -> (Vec<view::PermissionCard>, Vec<view::QuestionCard>) {
        let (mut permissions, mut questions) = (Vec::new(), Vec::new());
        let mut sessions: Vec<_> = self
            .live
            .iter()
            .filter(|(id, live)| {
                (!live.transcript.permissions().is_empty() || !live.transcript.questions().is_empty())
                    && (*id == root || self.descends(id, root))
            })
            .collect();
        sessions.sort_by_key(|(id, _)| (*id != root, (*id).clone()));
        for (id, live) in sessions {
            let folder = self.folder_of(id).unwrap_or_default();
            let subagent =
                (id != root).then(|| self.rows.get(id).map(|row| row.title.clone()).unwrap_or_default());
            permissions.extend(live.transcript.permissions().iter().map(|ask| {
                let mut card = render::permission_card(ask, &folder, self.agent_of(ask));
                card.subagent.clone_from(&subagent);
                card.overruled = self.is_overruled(ask);
                card.place = self.place_of_ask(root, id, ask.call.as_ref());
                card
            }));
            questions.extend(live.transcript.questions().iter().map(|ask| {
                let mut card = render::question_card(ask, subagent.clone());
                card.place = self.place_of_ask(root, id, ask.call.as_ref());
                card
            }));
        }
        (permissions, questions)
    }

    /// Where in a conversation stands what asks: the call itself, or the one that started the sub-agent.
    fn place_of_ask(
        &self,
        root: &SessionId,
        asking: &SessionId,
        call: Option<&(MessageId, CallId)>,
    ) -> Option<view::BlockReference> {
        let transcript = &self.live.get(root)?.transcript;
        if asking == root {
            let (message, call) = call?;
            return find::block_of_call(transcript, message, call);
        }
        let mut child = asking;
        while let Some(parent) = self
            .rows
            .get(child)?
            .parent
            .as_ref()
            .filter(|parent| *parent != root)
        {
            child = parent;
        }
        find::block_of_child(transcript, child)
    }
}

/// What a rule of the person's allows.
pub(super) fn allowed_pattern(rule: &Allowance) -> cowork_policy::AllowedPattern<'_> {
    cowork_policy::AllowedPattern {
        permission: &rule.permission,
        pattern: &rule.pattern,
    }
}

#[cfg(test)]
mod tests {
    use cowork_engine::PermissionKind;

    use super::*;
    use crate::told;

    /// What becomes of an ask that a rule of the agent "build" covers, by what the conversation says of who asks.
    fn answered_by_rule(told: &[MessageWithParts]) -> bool {
        let session = SessionId::from("ses_1");
        let mut state = State::new(view::EngineState::Stopping, view::Settings::default());
        state.allowances.push(Allowance {
            id: 1,
            folder: told::FOLDER.to_owned(),
            agent: "build".to_owned(),
            permission: "edit".to_owned(),
            pattern: "*".to_owned(),
            origin: String::new(),
            session: session.to_string(),
            created: 1,
            only_in: None,
            thread: String::new(),
            edited: false,
            uses: 0,
            last_used: None,
        });
        let mut effects = Vec::new();
        state.session_changed(&told::listed(&session, None), &mut effects);
        state.rows.get_mut(&session).unwrap().agent = Some("build".to_owned());
        let mut ask = told::ask(PermissionKind::Edit, &["a.txt"], &["*"]);
        ask.call = Some((MessageId::from("msg_1"), CallId::from("call_1")));
        let left = state.sift(vec![ask], told, Path::new(told::FOLDER), &mut effects);
        left.is_empty()
    }

    #[test]
    fn a_rule_of_one_agent_answers_no_ask_of_another_whose_answer_is_not_held_yet() {
        let session = SessionId::from("ses_1");
        let of = |agent: Option<&str>| {
            let mut answer = told::finished(&session, "msg_1", 1, Vec::new());
            answer.message.agent = agent.map(str::to_owned);
            [answer]
        };
        assert!(answered_by_rule(&of(Some("build"))));
        assert!(!answered_by_rule(&of(Some("plan"))));
        assert!(answered_by_rule(&of(None)), "the session's own asks");
        assert!(!answered_by_rule(&[]), "nobody knows who asks");
    }
}
