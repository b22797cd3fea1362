//! The keys that seal what is too large for the keychain, as the keychain keeps them.

use zeroize::Zeroizing;

/// The first byte of the keychain's item.
const VERSION: u8 = 1;
/// Bytes of a key's name.
pub(crate) const ID_BYTES: usize = 8;
/// Bytes of a key.
const KEY_BYTES: usize = 32;

/// Tells one key from another. Random, and no secret.
pub(crate) type KeyId = [u8; ID_BYTES];

/// A key that seals values, and its name.
pub(crate) struct DataKey {
    pub(crate) id: KeyId,
    pub(crate) key: Zeroizing<[u8; KEY_BYTES]>,
}

impl DataKey {
    /// # Errors
    /// When the operating system has no random source to offer.
    pub(crate) fn random() -> Result<Self, getrandom::Error> {
        let mut id = [0; ID_BYTES];
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        getrandom::fill(&mut id)?;
        getrandom::fill(&mut *key)?;
        Ok(Self { id, key })
    }
}

/// The keys of the keychain's item.
pub(crate) struct DataKeys {
    /// Seals.
    pub(crate) current: DataKey,
    /// Only opens: a rotation is not finished.
    pub(crate) former: Option<DataKey>,
}

impl DataKeys {
    /// The key of that name.
    pub(crate) fn find(&self, id: KeyId) -> Option<&DataKey> {
        let keys = std::iter::once(&self.current).chain(&self.former);
        keys.into_iter().find(|key| key.id == id)
    }

    /// `version | (id | key) of the current one | (id | key) of the former one, if any`.
    pub(crate) fn to_item(&self) -> Zeroizing<Vec<u8>> {
        // Room for all of it at once: a vector that grows leaves copies of keys behind.
        let mut item = Zeroizing::new(Vec::with_capacity(1 + 2 * (ID_BYTES + KEY_BYTES)));
        item.push(VERSION);
        for key in std::iter::once(&self.current).chain(&self.former) {
            item.extend_from_slice(&key.id);
            item.extend_from_slice(&*key.key);
        }
        item
    }

    /// `None` when it is not what [`Self::to_item`] writes.
    pub(crate) fn from_item(item: &[u8]) -> Option<Self> {
        let (&VERSION, rest) = item.split_first()? else {
            return None;
        };
        let (current, rest) = read_key(rest)?;
        let former = if rest.is_empty() {
            None
        } else {
            let (former, rest) = read_key(rest)?;
            if !rest.is_empty() {
                return None;
            }
            Some(former)
        };
        Some(Self { current, former })
    }
}

fn read_key(bytes: &[u8]) -> Option<(DataKey, &[u8])> {
    let (id, rest) = bytes.split_first_chunk::<ID_BYTES>()?;
    let (key, rest) = rest.split_first_chunk::<KEY_BYTES>()?;
    let key = DataKey {
        id: *id,
        key: Zeroizing::new(*key),
    };
    Some((key, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let current = DataKey::random().unwrap();
        let former = DataKey::random().unwrap();
        let (first, second) = (current.key.clone(), former.id);
        let item = DataKeys {
            current,
            former: Some(former),
        }
        .to_item();
        let read = DataKeys::from_item(&item).unwrap();
        assert_eq!(*read.current.key, *first);
        assert_eq!(read.former.as_ref().unwrap().id, second);
        assert!(read.find(second).is_some());
        let alone = DataKeys {
            current: read.current,
            former: None,
        }
        .to_item();
        assert!(DataKeys::from_item(&alone).unwrap().former.is_none());
    }

    #[test]
    fn what_was_not_written_here_is_not_read() {
        let keys = DataKeys {
            current: DataKey::random().unwrap(),
            former: Some(DataKey::random().unwrap()),
        };
        let item = keys.to_item();
        for length in (0..item.len()).filter(|length| *length != 1 + ID_BYTES + KEY_BYTES) {
            assert!(DataKeys::from_item(&item[..length]).is_none(), "{length} bytes");
        }
        let mut longer = item.clone();
        longer.push(0);
        assert!(DataKeys::from_item(&longer).is_none());
        let mut newer = item;
        newer[0] = 2;
        assert!(DataKeys::from_item(&newer).is_none());
    }
}
