//! What each field has to be. Every rule answers with the words that follow the field's name in the message.

use url::Url;

/// Names are shown in window titles and menus; longer ones are cut there anyway.
const NAME_LENGTH: usize = 64;
/// The bound of Apple's bundle identifiers, the tightest of the systems.
const APP_ID_LENGTH: usize = 155;
/// Half of what file systems take, so that suffixes of ours still fit.
const FOLDER_NAME_LENGTH: usize = 64;
/// Schemes are typed and registered with the system; a longer one is a mistake.
const SCHEME_LENGTH: usize = 32;
/// What every browser still opens.
const URL_LENGTH: usize = 2048;

pub(crate) fn visible_name(text: &str) -> Result<(), &'static str> {
    let length = text.chars().count();
    if length == 0 || length > NAME_LENGTH || text.trim() != text || !text.chars().all(visible) {
        return Err("must be 1 to 64 visible characters, without space at either end");
    }
    Ok(())
}

/// Invisible and direction-changing characters would let one product pose as another.
fn visible(character: char) -> bool {
    let disguise = matches!(
        character,
        '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}'
    );
    !disguise && !character.is_control()
}

pub(crate) fn reverse_dns(text: &str) -> Result<(), &'static str> {
    let segments = text.split('.').collect::<Vec<_>>();
    let good = |segment: &str| {
        segment.starts_with(|first: char| first.is_ascii_alphabetic())
            && !segment.ends_with('-')
            && segment
                .chars()
                .all(|character| character.is_ascii_alphanumeric() || character == '-')
    };
    if segments.len() < 2 || text.len() > APP_ID_LENGTH || !segments.iter().all(|segment| good(segment)) {
        return Err(
            "must be a reverse-DNS id such as \"org.example.desktop\": at least two parts of letters, \
                    digits and hyphens, each beginning with a letter",
        );
    }
    Ok(())
}

pub(crate) fn folder_name(text: &str) -> Result<(), &'static str> {
    let safe = |character: char| character.is_ascii_alphanumeric() || "._-".contains(character);
    if text.len() > FOLDER_NAME_LENGTH
        || !text.starts_with(|first: char| first.is_ascii_alphanumeric())
        || text.ends_with('.')
        || !text.chars().all(safe)
    {
        return Err(
            "must be 1 to 64 letters, digits, dots, hyphens or underscores, beginning with a letter or \
                    digit and not ending with a dot",
        );
    }
    // Windows takes a device's name for the device, whatever follows the first dot.
    let stem = text.split('.').next().unwrap_or_default().to_ascii_uppercase();
    let numbered = |prefix: &str| {
        stem.strip_prefix(prefix)
            .is_some_and(|rest| rest.len() == 1 && rest.as_bytes()[0].is_ascii_digit())
    };
    if ["CON", "PRN", "AUX", "NUL"].contains(&stem.as_str()) || numbered("COM") || numbered("LPT") {
        return Err("must not be a name Windows keeps for a device, such as CON or NUL");
    }
    Ok(())
}

pub(crate) fn url_scheme(text: &str) -> Result<(), &'static str> {
    let safe = |character: char| {
        character.is_ascii_lowercase() || character.is_ascii_digit() || "+.-".contains(character)
    };
    if text.len() < 2
        || text.len() > SCHEME_LENGTH
        || !text.starts_with(|first: char| first.is_ascii_lowercase())
        || !text.chars().all(safe)
    {
        return Err(
            "must be 2 to 32 lower-case letters, digits, dots, hyphens or plus signs, beginning with a \
                    letter",
        );
    }
    // Taking one of these over would route a person's other links into the app, or the app's own pages out.
    let taken = [
        "about",
        "asset",
        "blob",
        "chrome",
        "data",
        "file",
        "ftp",
        "http",
        "https",
        "ipc",
        "javascript",
        "mailto",
        "resource",
        "sms",
        "ssh",
        "tauri",
        "tel",
        "view-source",
        "ws",
        "wss",
    ];
    if taken.contains(&text) {
        return Err("must not be a scheme that other programs own");
    }
    Ok(())
}

pub(crate) fn https_url(text: &str) -> Result<(), &'static str> {
    let reason = "must be an https:// address without credentials";
    if text.len() > URL_LENGTH
        || text
            .chars()
            .any(|character| character.is_control() || character == ' ')
    {
        return Err(reason);
    }
    let url = Url::parse(text).map_err(|_| reason)?;
    let plain =
        url.scheme() == "https" && url.has_host() && url.username().is_empty() && url.password().is_none();
    if plain { Ok(()) } else { Err(reason) }
}

/// The bound the store keeps for a provider's id.
const PROVIDER_ID_LENGTH: usize = 64;
/// The longest of the engine's has some 90.
const MODEL_ID_LENGTH: usize = 200;
/// A line or two in a dialog.
const SENTENCE_LENGTH: usize = 300;

pub(crate) fn provider_id(text: &str) -> Result<(), &'static str> {
    let safe = |character: char| {
        character.is_ascii_lowercase() || character.is_ascii_digit() || "._-".contains(character)
    };
    if text.len() > PROVIDER_ID_LENGTH
        || !text.starts_with(|first: char| first.is_ascii_lowercase() || first.is_ascii_digit())
        || !text.chars().all(safe)
    {
        return Err(
            "must be 1 to 64 lower-case letters, digits, dots, hyphens or underscores, beginning with a letter or \
                    digit, such as \"openrouter\"",
        );
    }
    Ok(())
}

pub(crate) fn model_id(text: &str) -> Result<(), &'static str> {
    if text.is_empty() || text.len() > MODEL_ID_LENGTH || text.contains(' ') || !text.chars().all(visible) {
        return Err("must be 1 to 200 visible characters without a space, as the provider writes it");
    }
    Ok(())
}

pub(crate) fn sentence(text: &str) -> Result<(), &'static str> {
    if text.chars().count() > SENTENCE_LENGTH || !text.chars().all(visible) {
        return Err("must be at most 300 visible characters");
    }
    Ok(())
}

pub(crate) fn variable_name(text: &str) -> Result<(), &'static str> {
    let safe = |character: char| character.is_ascii_alphanumeric() || character == '_';
    if text.len() > PROVIDER_ID_LENGTH
        || !text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        || !text.chars().all(safe)
    {
        return Err("must be 1 to 64 letters, digits or underscores, not beginning with a digit");
    }
    Ok(())
}
