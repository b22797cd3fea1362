//! What became of a tool call, read from the result the engine sends back to the model.

/// The engine's words for a rejection, whether a person's or a rule's.
const REJECTIONS: [&str; 3] = [
    "rejected permission",
    "dismissed this question",
    "specified a rule which prevents",
];
/// The engine's words for a run that was stopped.
const INTERRUPTIONS: [&str; 2] = ["Tool execution aborted", "Tool execution was interrupted"];
const FEEDBACK: &str = "with the following feedback: ";

/// How a tool call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The tool did its work; its output.
    Done(String),
    /// A person or a rule said no, with the person's words if there were any.
    Denied { feedback: Option<String> },
    /// It was stopped, or its result is missing.
    Interrupted,
    /// The tool failed; the first line of its error.
    Failed(String),
}

impl Outcome {
    /// Reads the result of a call of `tool`.
    pub(super) fn read(tool: &str, result: Option<&str>) -> Self {
        let Some(result) = result else {
            return Self::Interrupted;
        };
        if let Some((_, feedback)) = result.split_once(FEEDBACK) {
            return Self::Denied {
                feedback: Some(feedback.trim().to_owned()),
            };
        }
        if REJECTIONS.iter().any(|words| result.contains(words)) {
            return Self::Denied { feedback: None };
        }
        if INTERRUPTIONS.iter().any(|words| result.contains(words)) {
            return Self::Interrupted;
        }
        // Of these tools the engine's success has one wording, and a model sees errors as plain text.
        if matches!(tool, "write" | "edit") && !result.contains("successfully") {
            return Self::Failed(result.lines().next().unwrap_or_default().to_owned());
        }
        Self::Done(result.to_owned())
    }

    pub(super) fn is_done(&self) -> bool {
        matches!(self, Self::Done(_))
    }

    /// The label chosen in a question tool's output: `…: "Which colour?"="Red". You can now …`.
    pub(super) fn answer(&self) -> Option<&str> {
        let Self::Done(output) = self else { return None };
        let (_, rest) = output.split_once("\"=\"")?;
        let end = rest.find("\". You can now").or_else(|| rest.rfind('"'))?;
        Some(&rest[..end])
    }
}
