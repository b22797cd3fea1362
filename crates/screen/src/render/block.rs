//! The blocks of a message.

use std::path::Path;

use cowork_engine::{Role, SessionId, ToolCall, ToolKind, ToolState};
use cowork_transcript::{Block, BlockContent, Entry, ToolView as Tool, Transcript};

use super::{Documents, display_path, file_diff, output};
use crate::view;

/// Finds the transcript of a sub-agent's session, if it is held in memory.
pub type Lanes<'a> = dyn Fn(&SessionId) -> Option<&'a Transcript> + 'a;

/// One block as a window shows it. Brings the block's rendered markdown up to date.
pub fn block(
    entry: &Entry,
    block: &Block,
    open: bool,
    folder: &Path,
    documents: &mut Documents,
    lanes: &Lanes<'_>,
) -> view::Block {
    let content = match &block.content {
        BlockContent::Text { text } if entry.message.role == Role::User => view::BlockContent::Text {
            plain: text.clone(),
            html: Vec::new(),
            open: false,
        },
        BlockContent::Text { text } => view::BlockContent::Text {
            plain: String::new(),
            html: documents.whole(&block.id, text, open),
            open,
        },
        BlockContent::Reasoning { text, started, ended } => view::BlockContent::Reasoning {
            html: documents.whole(&block.id, text, open),
            first_line: first_line(text),
            started: *started,
            ended: *ended,
            open,
        },
        BlockContent::Tool(tool) if tool.call.kind == ToolKind::Task => view::BlockContent::Lane {
            lane: Box::new(lane(tool, lanes, DEEPEST)),
        },
        BlockContent::Tool(tool) => view::BlockContent::Tool {
            tool: Box::new(tool_view(tool, folder)),
        },
        BlockContent::File { name, media_type } => view::BlockContent::File {
            file: view::FilePart {
                name: name.clone(),
                media_type: media_type.clone(),
            },
        },
        BlockContent::Compaction => view::BlockContent::Compaction,
    };
    view::Block {
        id: block.id.to_string(),
        content,
    }
}

fn first_line(text: &str) -> String {
    const SHOWN: usize = 200;
    let line = text
        .lines()
        .find(|line| !line.trim().is_empty())
        .unwrap_or_default()
        .trim();
    line.chars()
        .filter(|character| !matches!(character, '*' | '`' | '#'))
        .take(SHOWN)
        .collect()
}

fn mark(tool: &Tool) -> view::ToolMark {
    match tool.call.state {
        _ if tool.interrupted => view::ToolMark::Interrupted,
        ToolState::Failed if tool.call.denied => view::ToolMark::Denied,
        ToolState::Failed => view::ToolMark::Failed,
        ToolState::Completed => view::ToolMark::Done,
        _ if tool.waiting => view::ToolMark::Waiting,
        ToolState::Running => view::ToolMark::Running,
        ToolState::Pending => view::ToolMark::Queued,
    }
}

fn shape(kind: ToolKind) -> view::ToolShape {
    match kind {
        ToolKind::Shell => view::ToolShape::Shell,
        ToolKind::Read => view::ToolShape::Read,
        ToolKind::Write => view::ToolShape::Write,
        ToolKind::Edit => view::ToolShape::Edit,
        ToolKind::Search => view::ToolShape::Search,
        ToolKind::List => view::ToolShape::List,
        ToolKind::Fetch => view::ToolShape::Fetch,
        ToolKind::Task => view::ToolShape::Task,
        ToolKind::Question => view::ToolShape::Question,
        ToolKind::Plan => view::ToolShape::Plan,
        ToolKind::Skill => view::ToolShape::Skill,
        ToolKind::Other => view::ToolShape::Other,
    }
}

/// What a call works on, with paths made relative.
pub(super) fn target(call: &ToolCall, folder: &Path) -> Option<String> {
    let target = call.target.as_deref()?;
    let target = &*cowork_policy::visible(target);
    Some(match call.kind {
        ToolKind::Read | ToolKind::Write | ToolKind::Edit | ToolKind::List => display_path(target, folder),
        _ => target.to_owned(),
    })
}

/// Bytes of what a call works on that stand in its row; of a longer command the rest is shown like an output.
const TARGET: usize = 2_000;

/// The whole of a call's command, as it is shown.
pub fn command(call: &ToolCall) -> Option<std::borrow::Cow<'_, str>> {
    call.target.as_deref().map(cowork_policy::visible)
}

fn tool_view(tool: &Tool, folder: &Path) -> view::ToolView {
    let call = &tool.call;
    let running = matches!(call.state, ToolState::Running | ToolState::Pending) && !tool.interrupted;
    view::ToolView {
        shape: shape(call.kind),
        name: call.name.clone(),
        mark: mark(tool),
        target: target(call, folder).map(|mut target| {
            if target.len() > TARGET {
                target.truncate(target.floor_char_boundary(TARGET));
                target.push('…');
            }
            target
        }),
        command: command(call)
            .filter(|command| command.len() > TARGET)
            .map(|command| output::view(&command, false)),
        description: call.description.as_deref().map(output::short),
        arguments: call
            .arguments
            .as_deref()
            .map(|arguments| output::view(arguments, false)),
        output: output::view(&call.output, running),
        shortened: call.shortened,
        error: call.error.as_deref().map(|error| output::view(error, false)),
        change: call.change.as_ref().map(|change| file_diff(change, folder)),
        exit: call.exit,
        started: call.started,
        ended: call.ended,
    }
}

/// Sub-agents of sub-agents that are shown, in levels: what is deeper is seen in a thread that is opened. It ends a loop in
/// what an engine reports, too.
const DEEPEST: usize = 4;

/// Sub-agents of one that are shown below it; a thread that is opened shows all.
const MOST_BELOW: usize = 32;

fn lane(tool: &Tool, lanes: &Lanes<'_>, levels: usize) -> view::Lane {
    let call = &tool.call;
    let child = call.child.as_ref().and_then(lanes);
    let below = match child {
        Some(child) if levels > 1 => below(child, lanes, levels - 1),
        _ => Vec::new(),
    };
    let waits = child.is_some_and(asks) || below.iter().any(|lane| lane.mark == view::ToolMark::Waiting);
    view::Lane {
        session: call.child.as_ref().map(ToString::to_string),
        agent: call.target.clone().unwrap_or_default(),
        task: call.description.clone().unwrap_or_default(),
        mark: match mark(tool) {
            view::ToolMark::Running if waits => view::ToolMark::Waiting,
            mark => mark,
        },
        activity: child.map(activity).unwrap_or_default(),
        tokens: child.map_or(0, |child| child.usage().context()),
        error: call.error.as_deref().map(output::short),
        started: call.started,
        ended: call.ended,
        lanes: below,
    }
}

/// The sub-agents that a sub-agent started, at most the last [`MOST_BELOW`].
fn below(transcript: &Transcript, lanes: &Lanes<'_>, levels: usize) -> Vec<view::Lane> {
    let tasks = transcript.tasks().take(MOST_BELOW);
    let mut found: Vec<_> = tasks.map(|tool| lane(tool, lanes, levels)).collect();
    found.reverse();
    found
}

fn asks(transcript: &Transcript) -> bool {
    !transcript.permissions().is_empty() || !transcript.questions().is_empty()
}

/// The last thing a sub-agent did, in a line.
fn activity(transcript: &Transcript) -> String {
    let last = transcript
        .messages()
        .iter()
        .rev()
        .filter(|entry| entry.message.role == Role::Assistant)
        .find_map(|entry| entry.blocks.last());
    match last.map(|block| &block.content) {
        Some(BlockContent::Tool(tool)) => format!(
            "{} {}",
            tool.call.name,
            tool.call.target.as_deref().unwrap_or_default()
        )
        .trim()
        .to_owned(),
        Some(BlockContent::Text { text } | BlockContent::Reasoning { text, .. }) => {
            const SHOWN: usize = 160;
            let line = text
                .lines()
                .rev()
                .find(|line| !line.trim().is_empty())
                .unwrap_or_default();
            line.chars().take(SHOWN).collect()
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use cowork_engine::EngineEvent;

    use super::*;
    use crate::told;

    /// A session at work that started these sub-agents.
    fn working<Name: AsRef<str>>(name: &str, children: &[Name]) -> Transcript {
        let session = SessionId::from(name);
        let mut transcript = Transcript::new(session.clone());
        let id = format!("msg_{name}");
        let message = EngineEvent::MessageChanged(told::answer(&session, &id, 1));
        let mut events = vec![told::busy(&session), message];
        for child in children.iter().map(AsRef::as_ref) {
            let task = ToolCall {
                target: Some("explore".to_owned()),
                child: Some(SessionId::from(child)),
                started: Some(1),
                ..told::call(ToolKind::Task, ToolState::Running)
            };
            let part = told::part(&id, &format!("prt_{child}"), told::tool(task));
            events.push(told::changed(&session, part));
        }
        for event in events {
            transcript.apply(event, 1, &mut Vec::new());
        }
        transcript
    }

    fn lane_of(transcript: &Transcript, sessions: &[(&str, Transcript)]) -> view::Lane {
        let lanes = |id: &SessionId| {
            let found = sessions.iter().find(|(name, _)| *name == id.as_str());
            found.map(|(_, transcript)| transcript)
        };
        let entry = &transcript.messages()[0];
        match block(
            entry,
            &entry.blocks[0],
            false,
            Path::new("/"),
            &mut Documents::default(),
            &lanes,
        )
        .content
        {
            view::BlockContent::Lane { lane } => *lane,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn sub_agents_of_a_sub_agent_are_shown_below_it_and_their_waiting_is_its_own() {
        let mut deepest = working::<&str>("ses_c", &[]);
        let root = working("ses_root", &["ses_a"]);
        let middle = || working("ses_a", &["ses_b", "ses_c"]);
        let quiet = lane_of(
            &root,
            &[("ses_a", middle()), ("ses_c", working::<&str>("ses_c", &[]))],
        );
        let below: Vec<_> = quiet.lanes.iter().map(|lane| lane.session.as_deref()).collect();
        assert_eq!(below, [Some("ses_b"), Some("ses_c")]);
        assert_eq!(quiet.mark, view::ToolMark::Running);
        let ask = cowork_engine::PermissionAsk {
            id: cowork_engine::PermissionId::from("per_1"),
            session: SessionId::from("ses_c"),
            kind: cowork_engine::PermissionKind::Shell,
            patterns: Vec::new(),
            always: Vec::new(),
            command: None,
            path: None,
            leads_to: None,
            diff: None,
            call: None,
        };
        deepest.apply(EngineEvent::PermissionAsked(ask), 1, &mut Vec::new());
        let waiting = lane_of(&root, &[("ses_a", middle()), ("ses_c", deepest)]);
        assert_eq!(waiting.mark, view::ToolMark::Waiting);
        assert_eq!(waiting.lanes[1].mark, view::ToolMark::Waiting);
        assert_eq!(waiting.lanes[0].mark, view::ToolMark::Running);
    }

    #[test]
    fn of_thousands_of_sub_agents_the_newest_are_looked_at() {
        let many: Vec<_> = (0..5_000).map(|number| format!("ses_{number}")).collect();
        let (root, middle) = (working("ses_root", &["ses_a"]), working("ses_a", &many));
        let looked = Cell::new(0);
        let lanes = |id: &SessionId| {
            looked.set(looked.get() + 1);
            (id.as_str() == "ses_a").then_some(&middle)
        };
        let entry = &root.messages()[0];
        let shown = block(
            entry,
            &entry.blocks[0],
            false,
            Path::new("/"),
            &mut Documents::default(),
            &lanes,
        );
        let view::BlockContent::Lane { lane } = shown.content else {
            panic!("a call of a sub-agent is a lane")
        };
        assert_eq!(lane.lanes.len(), MOST_BELOW);
        assert_eq!(
            lane.lanes.last().and_then(|last| last.session.as_deref()),
            Some("ses_4999")
        );
        assert_eq!(looked.get(), 1 + MOST_BELOW);
    }

    #[test]
    fn an_engine_that_reports_a_loop_of_sub_agents_is_followed_a_few_levels_only() {
        let turn = || working("ses_a", &["ses_a"]);
        let mut lane = lane_of(&turn(), &[("ses_a", turn())]);
        let mut levels = 1;
        while let Some(below) = lane.lanes.pop() {
            lane = below;
            levels += 1;
        }
        assert_eq!(levels, DEEPEST);
    }
}
