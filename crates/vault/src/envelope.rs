//! A sealed value: XChaCha20-Poly1305 with the data key.
//!
//! `version (1 byte) | id of the key (8) | nonce (24) | ciphertext and tag`. What must be right and is not in the
//! envelope is authenticated beside it: the version, the app (its keychain service) and the secret's name, each text
//! after its length. An envelope that was moved to another name, or to another brand of this app, does not open.
//!
//! The nonce is random: with 24 bytes none comes twice however often a key seals.

use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305};
use zeroize::Zeroizing;

use crate::data_key::{DataKey, ID_BYTES, KeyId};
use crate::name::SecretName;
use crate::sensitive::Sensitive;

/// The first byte of an envelope.
const VERSION: u8 = 1;
/// Bytes of a nonce.
const NONCE_BYTES: usize = 24;

/// The system has no random source, or the cipher refused. Neither happens with values within the bound.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct CannotSeal(String);

/// Seals a value under a name.
pub(crate) fn seal(
    key: &DataKey,
    service: &str,
    name: &SecretName,
    value: &Sensitive,
) -> Result<Vec<u8>, CannotSeal> {
    let mut nonce = [0; NONCE_BYTES];
    getrandom::fill(&mut nonce).map_err(|error| CannotSeal(error.to_string()))?;
    let payload = Payload {
        msg: value.expose().as_bytes(),
        aad: &associated(service, name),
    };
    let sealed = cipher(key)
        .encrypt(&nonce.into(), payload)
        .map_err(|error| CannotSeal(error.to_string()))?;
    let mut envelope = Vec::with_capacity(1 + ID_BYTES + NONCE_BYTES + sealed.len());
    envelope.push(VERSION);
    envelope.extend_from_slice(&key.id);
    envelope.extend_from_slice(&nonce);
    envelope.extend_from_slice(&sealed);
    Ok(envelope)
}

/// Which key an envelope says it is sealed with; `None` when it is no envelope.
pub(crate) fn key_id(envelope: &[u8]) -> Option<KeyId> {
    let (&VERSION, rest) = envelope.split_first()? else {
        return None;
    };
    rest.first_chunk().copied()
}

/// The value; `None` when it was sealed with another key, for another name or app, or was changed.
pub(crate) fn open(key: &DataKey, service: &str, name: &SecretName, envelope: &[u8]) -> Option<Sensitive> {
    if key_id(envelope)? != key.id {
        return None;
    }
    let (nonce, sealed) = envelope.get(1 + ID_BYTES..)?.split_first_chunk::<NONCE_BYTES>()?;
    let payload = Payload {
        msg: sealed,
        aad: &associated(service, name),
    };
    let value = Zeroizing::new(cipher(key).decrypt(nonce.into(), payload).ok()?);
    std::str::from_utf8(&value).ok().map(Sensitive::new)
}

fn cipher(key: &DataKey) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new((&*key.key).into())
}

fn associated(service: &str, name: &SecretName) -> Vec<u8> {
    let mut associated = vec![VERSION];
    for text in [service, name.as_str()] {
        associated.extend_from_slice(&(text.len() as u64).to_be_bytes());
        associated.extend_from_slice(text.as_bytes());
    }
    associated
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SERVICE: &str = "org.example.cowork";

    fn name(text: &str) -> SecretName {
        SecretName::new(text).unwrap()
    }

    proptest! {
        #[test]
        fn what_was_sealed_opens(value in ".{0,4000}", called in "[a-z][a-z0-9/-]{0,20}[a-z]") {
            let key = DataKey::random().unwrap();
            let Ok(called) = SecretName::new(&called) else { return Ok(()) };
            let envelope = seal(&key, SERVICE, &called, &Sensitive::new(value.as_str())).unwrap();
            let opened = open(&key, SERVICE, &called, &envelope).unwrap();
            prop_assert_eq!(opened.expose(), value);
        }

        #[test]
        fn any_flipped_bit_is_noticed(value in ".{0,60}", position in any::<prop::sample::Index>()) {
            let key = DataKey::random().unwrap();
            let mut envelope = seal(&key, SERVICE, &name("a"), &Sensitive::new(value.as_str())).unwrap();
            let bit = position.index(envelope.len() * 8);
            envelope[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(open(&key, SERVICE, &name("a"), &envelope).is_none());
        }

        #[test]
        fn a_part_of_an_envelope_does_not_open(length in 0_usize..60) {
            let key = DataKey::random().unwrap();
            let envelope = seal(&key, SERVICE, &name("a"), &Sensitive::new("0123456789012345678901234567")).unwrap();
            prop_assert!(open(&key, SERVICE, &name("a"), &envelope[..length]).is_none());
        }

        #[test]
        fn whatever_is_no_envelope_does_not_open(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(open(&DataKey::random().unwrap(), SERVICE, &name("a"), &bytes).is_none());
        }
    }

    #[test]
    fn another_name_app_or_key_does_not_open() {
        let key = DataKey::random().unwrap();
        let envelope = seal(&key, SERVICE, &name("openai"), &Sensitive::new("value")).unwrap();
        assert!(open(&key, SERVICE, &name("openai"), &envelope).is_some());
        assert!(open(&key, SERVICE, &name("openai2"), &envelope).is_none());
        assert!(open(&key, "org.example.other", &name("openai"), &envelope).is_none());
        assert!(open(&DataKey::random().unwrap(), SERVICE, &name("openai"), &envelope).is_none());
        let namesake = DataKey {
            id: key.id,
            key: DataKey::random().unwrap().key,
        };
        assert!(open(&namesake, SERVICE, &name("openai"), &envelope).is_none());
    }

    #[test]
    fn texts_that_run_together_are_told_apart() {
        let key = DataKey::random().unwrap();
        let envelope = seal(&key, "ab", &name("c"), &Sensitive::new("value")).unwrap();
        assert!(open(&key, "a", &name("bc"), &envelope).is_none());
    }

    #[test]
    fn nothing_of_the_value_shows() {
        let key = DataKey::random().unwrap();
        let seal = || seal(&key, SERVICE, &name("a"), &Sensitive::new("hunter2-hunter2")).unwrap();
        let envelope = seal();
        assert!(!envelope.windows(7).any(|window| window == b"hunter2"));
        assert_ne!(envelope, seal(), "the same value twice is not the same envelope");
    }
}
