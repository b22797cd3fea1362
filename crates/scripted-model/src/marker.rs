//! How a script travels in a prompt: `SCRIPT:<base64>` and `SCRIPT-NAME:<name>`.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};

use crate::script::{InvalidScript, Script, Scripts};

const SCRIPT: &str = "SCRIPT:";
const SCRIPT_NAME: &str = "SCRIPT-NAME:";

impl Script {
    /// The script as it is put into a prompt: `SCRIPT:<base64 of its JSON>`.
    ///
    /// # Errors
    /// [`InvalidScript`] when a bound is broken or the script has no JSON form.
    pub fn to_marker(&self) -> Result<String, InvalidScript> {
        self.validate()?;
        let json = serde_json::to_vec(self).map_err(|error| InvalidScript::Format(error.to_string()))?;
        Ok(format!("{SCRIPT}{}", STANDARD.encode(json)))
    }
}

/// The script a prompt asks for: `None` when it asks for none, an error when it asks for one that
/// cannot be played. The last marker of the prompt counts.
pub(crate) fn find(prompt: &str, named: &Scripts) -> Option<Result<Script, InvalidScript>> {
    let (start, is_name) = match (prompt.rfind(SCRIPT), prompt.rfind(SCRIPT_NAME)) {
        (Some(blob), Some(name)) if name > blob => (name, true),
        (Some(blob), _) => (blob, false),
        (None, Some(name)) => (name, true),
        (None, None) => return None,
    };
    let rest = &prompt[start..];
    let body = &rest[if is_name { SCRIPT_NAME.len() } else { SCRIPT.len() }..];
    let body = &body[..body
        .find(|character| !is_marker_character(character))
        .unwrap_or(body.len())];
    Some(if is_name {
        by_name(body, named)
    } else {
        decode(body)
    })
}

/// The prompt without its markers, for titles and for matching keywords.
pub(crate) fn strip(prompt: &str) -> String {
    prompt
        .split_whitespace()
        .filter(|word| !word.contains(SCRIPT) && !word.contains(SCRIPT_NAME))
        .collect::<Vec<_>>()
        .join(" ")
}

/// Base64 in both alphabets with its padding; names use the same characters.
fn is_marker_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '+' | '/' | '-' | '_' | '=')
}

fn by_name(name: &str, named: &Scripts) -> Result<Script, InvalidScript> {
    let script = named
        .get(name)
        .ok_or_else(|| InvalidScript::UnknownName(name.to_owned()))?;
    script.validate()?;
    Ok(script.clone())
}

fn decode(text: &str) -> Result<Script, InvalidScript> {
    let standard: String = text
        .trim_end_matches('=')
        .chars()
        .map(|character| match character {
            '-' => '+',
            '_' => '/',
            other => other,
        })
        .collect();
    let json = STANDARD_NO_PAD
        .decode(standard)
        .map_err(|error| InvalidScript::Encoding(error.to_string()))?;
    let script: Script =
        serde_json::from_slice(&json).map_err(|error| InvalidScript::Format(error.to_string()))?;
    script.validate()?;
    Ok(script)
}
