//! How often somebody may try.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

use cowork_cloud_store::rules::bucket::{Bucket, Rate};

use crate::clock;
use crate::http::refusal::Refusal;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Counted {
    /// Sign-ins, owner links and invitations from an address.
    SignInsOfAddress,
    /// Sign-ins into an account, from wherever.
    SignInsOfAccount,
    /// Cookies, tokens and pairings that nobody has, from an address.
    Strangers,
    /// Requests of a person.
    Person,
    /// Requests of a program's token.
    Program,
    /// Requests of a desktop, but for the next.
    Desktop,
    /// Those that tell events: however much a desktop tells, it is heard when it asks and answers.
    DesktopEvents,
}

impl Counted {
    fn rate(self) -> Rate {
        match self {
            // An office signs in behind one address in the morning; a list of passwords takes weeks.
            Self::SignInsOfAddress => Rate {
                burst: 20,
                each: 3_000,
            },
            // Twenty wrong ones in a row are no typing error. From then on one in fifteen seconds, so that nobody is
            // kept out of their account for long by somebody else's attempts.
            Self::SignInsOfAccount => Rate {
                burst: 20,
                each: 15_000,
            },
            // Secrets have 256 bits, so that guessing need not be bounded. Whoever tries is told to go, and shows in
            // the figures.
            Self::Strangers => Rate {
                burst: 60,
                each: 1_000,
            },
            // A page that is opened asks some ten things; somebody who clicks as fast as they can, ten in a second.
            Self::Person => Rate { burst: 300, each: 40 },
            Self::Program => Rate {
                burst: 120,
                each: 100,
            },
            // A plain client sends an event for each word, some fifty in a second; ours a batch in 100 ms.
            Self::Desktop | Self::DesktopEvents => Rate { burst: 400, each: 10 },
        }
    }
}

/// Buckets that are kept. Full ones are let go before; beyond that everybody is counted as one.
const KEPT: usize = 100_000;

/// How seldom full buckets are looked for, in milliseconds: looking goes through all.
const SWEEP_EVERY: i64 = 1_000;

/// Counts.
#[derive(Debug)]
pub struct Rates {
    /// Of whoever comes: addresses and names that anybody makes up.
    strangers: Mutex<Buckets>,
    /// Of those who showed who they are, who never are too many because of the former.
    known: Mutex<Buckets>,
    factor: u32,
}

#[derive(Debug, Default)]
struct Buckets {
    by_key: HashMap<(Counted, String), Bucket>,
    swept: i64,
}

impl Buckets {
    /// The bucket of a key. When there are too many, those that are new share one.
    fn of(&mut self, counted: Counted, who: &str, now: i64) -> &mut Bucket {
        let mut key = (counted, who.to_owned());
        if !self.by_key.contains_key(&key) && !self.has_room(now) {
            key.1.clear();
        }
        self.by_key.entry(key).or_insert_with(|| Bucket::full(now))
    }

    /// Lets full ones go when there are too many, and says whether there is room then.
    fn has_room(&mut self, now: i64) -> bool {
        if self.by_key.len() >= KEPT && now.saturating_sub(self.swept) >= SWEEP_EVERY {
            self.swept = now;
            self.by_key.retain(|_, bucket| !bucket.is_full(now));
        }
        self.by_key.len() < KEPT
    }
}

/// What stands for an address: of IPv6 the network that one machine has to itself.
#[must_use]
pub fn key_of(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            if let Some(address) = address.to_ipv4_mapped() {
                return address.to_string();
            }
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).to_string()
        }
    }
}

impl Rates {
    /// With every rate multiplied, for trials in which one address stands for many.
    #[must_use]
    pub fn new(factor: u32) -> Self {
        Self {
            strangers: Mutex::default(),
            known: Mutex::default(),
            factor: factor.max(1),
        }
    }

    /// Takes one.
    ///
    /// # Errors
    /// When there is none, with the time until there is.
    pub fn take(&self, counted: Counted, who: &str) -> Result<(), Refusal> {
        self.take_at(counted, who, clock::now())
    }

    fn take_at(&self, counted: Counted, who: &str, now: i64) -> Result<(), Refusal> {
        let Rate { burst, each } = counted.rate();
        let rate = Rate {
            burst: burst.saturating_mul(self.factor),
            each: (each / self.factor).max(1),
        };
        let buckets = match counted {
            Counted::SignInsOfAddress | Counted::SignInsOfAccount | Counted::Strangers => &self.strangers,
            Counted::Person | Counted::Program | Counted::Desktop | Counted::DesktopEvents => &self.known,
        };
        // What another request's panic left is a count, and as good as before.
        let mut buckets = buckets.lock().unwrap_or_else(PoisonError::into_inner);
        buckets
            .of(counted, who, now)
            .take(rate, now)
            .map_err(|seconds| Refusal::too_many("Too many attempts; wait a little.", seconds))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_counted_by_itself_and_told_how_long_to_wait() {
        let rates = Rates::new(1);
        for _ in 0..20 {
            rates.take_at(Counted::SignInsOfAccount, "ada", 0).unwrap();
        }
        let refusal = rates.take_at(Counted::SignInsOfAccount, "ada", 0).unwrap_err();
        assert_eq!((refusal.status.as_u16(), refusal.retry_after), (429, Some(15)));
        rates.take_at(Counted::SignInsOfAccount, "bob", 0).unwrap();
        rates.take_at(Counted::SignInsOfAddress, "ada", 0).unwrap();
        rates.take_at(Counted::SignInsOfAccount, "ada", 15_000).unwrap();
    }

    #[test]
    fn what_is_kept_is_bounded_however_many_come_and_keeps_out_nobody_who_was_there() {
        let rates = Rates::new(1);
        rates.take_at(Counted::Strangers, "before", 0).unwrap();
        for number in 0..KEPT + 100 {
            // The bound is on what is kept; those beyond share a bucket and may be refused.
            drop(rates.take_at(Counted::Strangers, &number.to_string(), 0));
        }
        let kept = || rates.strangers.lock().unwrap().by_key.len();
        assert!(kept() <= KEPT + 1);
        assert!(rates.take_at(Counted::Strangers, "new", 0).is_err());
        rates.take_at(Counted::Strangers, "before", 0).unwrap();
        rates.take_at(Counted::Person, "ada", 0).unwrap();
        rates.take_at(Counted::Strangers, "later", 10_000_000).unwrap();
        assert_eq!(kept(), 1);
    }

    #[test]
    fn a_network_of_one_machine_is_one_address() {
        let key = |text: &str| key_of(text.parse().unwrap());
        assert_eq!(key("2001:db8:1:2:3:4:5:6"), key("2001:db8:1:2::9"));
        assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
        assert_eq!(key("::ffff:192.0.2.1"), key("192.0.2.1"));
    }
}
