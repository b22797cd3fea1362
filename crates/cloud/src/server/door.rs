//! Who may come in: how many connections there are, in all and of each address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use crate::sign_in::rates::key_of;

/// Counts connections.
#[derive(Debug)]
pub(super) struct Door {
    most: usize,
    most_of_address: usize,
    inside: Mutex<Inside>,
}

#[derive(Debug, Default)]
struct Inside {
    all: usize,
    of_address: HashMap<String, usize>,
}

/// A connection that came in. It is out when this is dropped.
#[derive(Debug)]
pub(super) struct Ticket {
    door: Arc<Door>,
    key: Option<String>,
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut inside = self.door.inside.lock().unwrap_or_else(PoisonError::into_inner);
        inside.all = inside.all.saturating_sub(1);
        if let Some(key) = &self.key
            && let Some(count) = inside.of_address.get_mut(key)
        {
            *count = count.saturating_sub(1);
            if *count == 0 {
                inside.of_address.remove(key);
            }
        }
    }
}

impl Door {
    pub(super) fn new(most: usize, most_of_address: usize) -> Arc<Self> {
        Arc::new(Self {
            most,
            most_of_address,
            inside: Mutex::default(),
        })
    }

    /// Lets one in, when there is room. One that `stands_for_many` is counted in all alone.
    pub(super) fn enter(self: &Arc<Self>, address: IpAddr, stands_for_many: bool) -> Option<Ticket> {
        let key = (!stands_for_many).then(|| key_of(address));
        let mut inside = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        let of_address = key
            .as_ref()
            .and_then(|key| inside.of_address.get(key))
            .copied()
            .unwrap_or_default();
        if inside.all >= self.most || of_address >= self.most_of_address {
            return None;
        }
        inside.all += 1;
        if let Some(key) = key.clone() {
            *inside.of_address.entry(key).or_default() += 1;
        }
        Some(Ticket {
            door: self.clone(),
            key,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_address_and_all_together_are_bounded() {
        let door = Door::new(3, 2);
        let one: IpAddr = "192.0.2.1".parse().unwrap();
        let other: IpAddr = "192.0.2.2".parse().unwrap();
        let tickets = [door.enter(one, false), door.enter(one, false)];
        assert!(tickets.iter().all(Option::is_some));
        assert!(door.enter(one, false).is_none());
        let last = door.enter(other, false);
        assert!(last.is_some());
        assert!(door.enter("192.0.2.3".parse().unwrap(), true).is_none());
        drop(last);
        assert!(door.enter(one, true).is_some());
        drop(tickets);
        assert!(door.inside.lock().unwrap().of_address.is_empty());
        assert_eq!(door.inside.lock().unwrap().all, 0);
    }
}
