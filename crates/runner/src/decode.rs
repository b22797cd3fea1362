//! Bytes that come in pieces, as text.

/// Turns the bytes of one stream into text. A letter whose bytes come in two pieces stays whole; what is no letter is
/// replaced.
#[derive(Default)]
pub(crate) struct Decoder {
    /// The beginning of a letter: three bytes at most.
    begun: Vec<u8>,
}

impl Decoder {
    pub(crate) fn push(&mut self, bytes: &[u8]) -> String {
        let mut all = std::mem::take(&mut self.begun);
        all.extend_from_slice(bytes);
        let mut rest = all.as_slice();
        let mut text = String::with_capacity(rest.len());
        loop {
            match std::str::from_utf8(rest) {
                Ok(valid) => {
                    text.push_str(valid);
                    return text;
                }
                Err(error) => {
                    let (valid, after) = rest.split_at(error.valid_up_to());
                    text.push_str(&String::from_utf8_lossy(valid));
                    let Some(wrong) = error.error_len() else {
                        self.begun = after.to_vec();
                        return text;
                    };
                    text.push(char::REPLACEMENT_CHARACTER);
                    rest = &after[wrong..];
                }
            }
        }
    }

    /// What is left at the end.
    pub(crate) fn finish(&mut self) -> String {
        String::from_utf8_lossy(&std::mem::take(&mut self.begun)).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_the_same_in_whatever_pieces_it_comes() {
        let bytes = "aé€😀\u{0}z".as_bytes();
        for cut in 0..bytes.len() {
            let mut decoder = Decoder::default();
            let text = decoder.push(&bytes[..cut]) + &decoder.push(&bytes[cut..]) + &decoder.finish();
            assert_eq!(text, "aé€😀\u{0}z", "cut at {cut}");
        }
    }

    #[test]
    fn what_is_no_text_is_replaced_and_nothing_is_lost_beside_it() {
        let mut decoder = Decoder::default();
        let text = decoder.push(b"a\xffb\xc3(\xf0\x9f") + &decoder.push(b"x\xe2\x82") + &decoder.finish();
        assert_eq!(text, "a\u{fffd}b\u{fffd}(\u{fffd}x\u{fffd}");
    }
}
