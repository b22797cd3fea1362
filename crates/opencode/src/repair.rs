//! JSON that is nearly well-formed, made readable.

/// Replaces invalid UTF-8 and halves of surrogate pairs by U+FFFD; none when there was nothing to replace.
///
/// A tool's output may be any bytes, and JavaScript cuts strings between the halves of a pair and then writes the
/// half as an escape no JSON reader takes. One odd character should not cost the event it stands in.
pub(crate) fn repaired(json: &[u8]) -> Option<Vec<u8>> {
    let text = String::from_utf8_lossy(json);
    let mut changed = matches!(text, std::borrow::Cow::Owned(_));
    let mut bytes = text.into_owned().into_bytes();
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'\\', &bytes[at..]) {
        let escape = at + found;
        match unit(&bytes, escape) {
            None => at = escape + 2,
            Some(0xD800..=0xDBFF) if matches!(unit(&bytes, escape + 6), Some(0xDC00..=0xDFFF)) => {
                at = escape + 12;
            }
            Some(0xD800..=0xDFFF) => {
                bytes[escape + 2..escape + 6].copy_from_slice(b"fffd");
                changed = true;
                at = escape + 6;
            }
            Some(_) => at = escape + 6,
        }
        if at >= bytes.len() {
            break;
        }
    }
    changed.then_some(bytes)
}

/// The code unit of the `\uXXXX` escape at `at`.
fn unit(bytes: &[u8], at: usize) -> Option<u32> {
    let escape = bytes.get(at..at + 6)?;
    let digits = std::str::from_utf8(escape.strip_prefix(b"\\u")?).ok()?;
    u32::from_str_radix(digits, 16).ok()
}
