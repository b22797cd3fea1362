//! Which step answers a request.

use crate::conversation::{Conversation, DEMO_MODEL, TOUR_MODEL};
use crate::demo;
use crate::marker;
use crate::record::RequestKind;
use crate::script::{Action, InvalidScript, Scripts, Step};

/// What the engine's title agent is told it is. The request also offers no tools.
const TITLE_INSTRUCTION: &str = "title generator";
/// What the engine's compaction agent is told it is.
const SUMMARY_INSTRUCTION: &str = "context summarization agent";
/// How the title request introduces the prompt it carries.
const TITLE_PREFACE: &str = "Generate a title for this conversation";
/// Longest title in characters: what the engine's title agent is asked for.
const TITLE_CHARACTERS: usize = 50;

/// The summary given for every compaction; the demo knows a compacted session by its first words.
const SUMMARY: &str = "\
## Objective
- (scripted summary) This conversation was with a scripted model, which understands nothing and so keeps nothing.

## Important Details
- (none)

## Work State
### Completed
- (none)

### Active
- (none)

### Blocked
- (none)

## Next Move
1. (none)

## Relevant Files
- (none)";

const SCRIPT_OVER: &str = "The script is over: it has no step for this request.";

const PLAIN_REPLY: &str = "This is a scripted model: no AI read your prompt and none answers it. It plays scripts \
for tests, and the prompt asked for none.";

/// Chooses the step for a request.
///
/// # Errors
/// [`InvalidScript`] when the prompt asks for a script that cannot be played.
pub(crate) fn cast(
    conversation: &Conversation,
    named: &Scripts,
    demo_pace_milliseconds: u64,
) -> Result<(Step, RequestKind), InvalidScript> {
    if conversation.tools.is_empty() {
        if conversation.instructed(TITLE_INSTRUCTION) {
            return Ok((say(title(conversation)), RequestKind::Title));
        }
        if conversation.instructed(SUMMARY_INSTRUCTION) {
            return Ok((say(SUMMARY), RequestKind::Summary));
        }
    }
    let mut is_last_prompt = true;
    for (index, prompt) in conversation.prompts().rev() {
        if let Some(script) = marker::find(prompt, named) {
            let step = conversation.replies_after(index);
            let mut steps = script?.steps;
            if step < steps.len() {
                return Ok((steps.swap_remove(step), RequestKind::Script { step }));
            }
            if is_last_prompt {
                return Ok((say(SCRIPT_OVER), RequestKind::Script { step }));
            }
            // A played script does not govern the prompts that follow it.
            break;
        }
        is_last_prompt = false;
    }
    if conversation.model == DEMO_MODEL || conversation.model == TOUR_MODEL {
        return Ok((
            demo::play(conversation, demo_pace_milliseconds),
            RequestKind::Demo,
        ));
    }
    // The engine always offers several; who offers one wants to see whether it is called.
    if let [tool] = conversation.tools.as_slice() {
        let arguments = serde_json::json!({ "word": "OK" });
        return Ok((Step::new([Action::tool(tool, arguments)]), RequestKind::Plain));
    }
    Ok((say(PLAIN_REPLY), RequestKind::Plain))
}

/// Whether a reply of the model is the summary above.
pub(crate) fn is_summary(reply: &str) -> bool {
    reply.contains("(scripted summary)")
}

fn say(text: impl Into<String>) -> Step {
    Step::new([Action::text(text)])
}

/// The first words of the prompt, without a script's marker.
fn title(conversation: &Conversation) -> String {
    let prompt = conversation
        .prompts()
        .map(|(_, prompt)| marker::strip(prompt))
        .find(|prompt| !prompt.is_empty() && !prompt.starts_with(TITLE_PREFACE))
        .unwrap_or_default();
    let mut title = String::new();
    let mut characters = 0;
    for word in prompt.split(' ') {
        let length = word.chars().count();
        if characters + length > TITLE_CHARACTERS {
            break;
        }
        if !title.is_empty() {
            title.push(' ');
        }
        title.push_str(word);
        characters += length + 1;
    }
    if title.is_empty() {
        // One word longer than a title may be.
        title = prompt.chars().take(TITLE_CHARACTERS).collect();
    }
    let title = title.trim_end_matches(|character: char| character.is_ascii_punctuation());
    let mut characters = title.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => "Scripted session".to_owned(),
    }
}
