//! Links that leave for the system browser.

use url::Url;

/// What every browser still opens; a longer link is a mistake or an attack.
const LONGEST: usize = 2048;
/// What a mail link may fill in. Some mail programs attach files by further keys.
const MAIL_KEYS: [&str; 4] = ["subject", "body", "cc", "bcc"];

/// The link to hand to the system, or nothing when it may not leave: only `http`, `https` and `mailto`, at most
/// 2,048 bytes, no credentials (they are how one address poses as another) and no invisible characters. What is
/// opened must be the address answered here, not the text that was given.
#[must_use]
pub fn external_link(text: &str) -> Option<Url> {
    let hidden = |character: char| character.is_control() || character.is_whitespace();
    if text.len() > LONGEST || text.chars().any(hidden) {
        return None;
    }
    let url = Url::parse(text).ok()?;
    let allowed = match url.scheme() {
        "http" | "https" => url.has_host() && url.username().is_empty() && url.password().is_none(),
        "mailto" => {
            url.path().contains('@')
                && url
                    .query_pairs()
                    .all(|(key, _)| MAIL_KEYS.contains(&key.to_ascii_lowercase().as_str()))
        }
        _ => false,
    };
    // Escaping makes an address longer.
    (allowed && url.as_str().len() <= 3 * LONGEST).then_some(url)
}
