//! Whether a value looks random.
//!
//! Beside a name that means a secret any value is one. Beside a weak name (`key`, `auth`, `seed`) most values are
//! words, and one is taken for a secret only if it was hardly written by a person:
//!
//! - it has at least [`SHORTEST`] characters of base64, of an address's base64 or hexadecimal, and nothing else;
//! - it changes between small letters, capitals and digits at [`CHANGES`] places or more, and at a quarter of the
//!   places where two of them meet. A capital before a small letter begins a word and is no change. Random base62
//!   changes at 45 in 100 places and random hexadecimal at 47, `getUserSettingsPage2` at 21;
//! - its characters have a Shannon entropy of at least [`ENTROPY`] bits each. Sixteen random hexadecimal digits have
//!   3.2 on average, sixteen of base64 3.7; `aB1aB1aB1aB1aB1a` has 1.6.
//!
//! A UUID names something and is none. Letters of one case alone are never taken for random, nor are digits alone:
//! what a person writes cannot be told from them. About three in a hundred random values of sixteen characters are
//! missed so, and one in a hundred of thirty-two.

/// Shorter values are too short to tell.
pub(crate) const SHORTEST: usize = 16;
/// Of longer values the beginning is judged.
const LONGEST_JUDGED: usize = 512;
/// Changes of class a random value has at least.
const CHANGES: usize = 4;
/// Bits of entropy a character of a random value has at least.
const ENTROPY: f64 = 2.75;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Small,
    Capital,
    Digit,
    Other,
}

fn kind(byte: u8) -> Kind {
    match byte {
        b'a'..=b'z' => Kind::Small,
        b'A'..=b'Z' => Kind::Capital,
        b'0'..=b'9' => Kind::Digit,
        _ => Kind::Other,
    }
}

/// Whether a value of [`crate::shapes::Class::Credential`] looks random, see the module.
pub(crate) fn is_random(value: &[u8]) -> bool {
    if value.len() < SHORTEST || is_uuid(value) {
        return false;
    }
    let value = &value[..value.len().min(LONGEST_JUDGED)];
    let (mut changes, mut meetings) = (0_usize, 0_usize);
    for two in value.windows(2) {
        match (kind(two[0]), kind(two[1])) {
            (Kind::Other, _) | (_, Kind::Other) => {}
            (Kind::Capital, Kind::Small) => meetings += 1,
            (before, after) => {
                meetings += 1;
                changes += usize::from(before != after);
            }
        }
    }
    changes >= CHANGES && changes * 4 >= meetings && entropy(value) >= ENTROPY
}

/// Shannon entropy of the bytes, in bits for each.
fn entropy(value: &[u8]) -> f64 {
    let mut counts = [0_u16; 256];
    for byte in value {
        counts[usize::from(*byte)] += 1;
    }
    let length = f64::from(u16::try_from(value.len()).unwrap_or(u16::MAX));
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| {
            let share = f64::from(*count) / length;
            -share * share.log2()
        })
        .sum()
}

fn is_uuid(value: &[u8]) -> bool {
    value.len() == 36
        && value.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::{entropy, is_random};

    #[test]
    fn entropy_is_that_of_shannon() {
        assert!(entropy(b"aaaaaaaa").abs() < 1e-9);
        assert!((entropy(b"abababab") - 1.0).abs() < 1e-9);
        assert!((entropy(b"abcdefgh") - 3.0).abs() < 1e-9);
    }

    #[test]
    fn what_a_generator_made_looks_random() {
        for value in [
            "9f86d081884c7d659a2feaa0c55ad015",
            "3Kf9aQ7xLp2Vw8Zt",
            "kT9v/2QmX7cR+bL4hWn0ZsE8uYd1JgPa5FoC3xVi",
            "Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MA==",
            "q8Z-1xT_v93Lk0pWm2YsR7",
        ] {
            assert!(is_random(value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn what_a_person_wrote_does_not() {
        for value in [
            "user-settings-page",
            "user-settings-page-2",
            "getUserSettingsPage2",
            "3Kf9aQ7xLp2Vw8Z",
            "550e8400-e29b-41d4-a716-446655440000",
            "aB1aB1aB1aB1aB1aB1aB1aB1",
            "1234567890123456",
            "abcdefghijklmnopqrstuvwxyz",
            "src/components/SettingsPage.tsx",
            "uploads/2026/11/21/IMG_20261121_0946.jpg",
            "v1.2.3-beta.4+build.5",
            "com.example.app.MainActivity",
            "AES-256-GCM-SHA384-HMAC",
            "CONTROL_SHIFT_PAGE_DOWN",
            "a-b-c-d-e-f-g-h-i-j-k-l",
        ] {
            assert!(!is_random(value.as_bytes()), "{value}");
        }
    }
}
