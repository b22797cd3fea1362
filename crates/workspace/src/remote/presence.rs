//! The loss and the return of a connection, as the audit has them: each by itself where they are seldom, and gathered where a
//! server comes and goes, so that nothing of what was done is washed out by it.

use std::sync::Arc;

use crate::workspace::{Inner, blocking, now};

/// Milliseconds in which a loss and a return are written down by themselves.
const GATHERED: i64 = 10 * 60_000;
/// Rows in that time.
const ROWS: u32 = 2;

/// A connection was lost, or is there again.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Change {
    is_there: bool,
    detail: String,
    at: i64,
}

/// What of a connection's losses and returns is written down, and what waits for that.
#[derive(Clone, Debug, Default)]
pub(crate) struct Presence {
    /// When the time began in which rows are counted.
    since: i64,
    rows: u32,
    /// The last, where it is not written down.
    untold: Option<Change>,
    /// Losses that no row tells of.
    lost: u64,
}

impl Presence {
    fn note(&mut self, change: Change) -> Option<Change> {
        let now = change.at;
        self.lost += u64::from(!change.is_there);
        self.untold = Some(change);
        self.due(now)
    }

    /// What is to be written down now.
    fn due(&mut self, now: i64) -> Option<Change> {
        // A clock that was set back must not hold it up.
        if !(0..GATHERED).contains(&(now - self.since)) {
            (self.since, self.rows) = (now, 0);
        }
        if self.rows < ROWS { self.rest() } else { None }
    }

    /// All there is.
    fn rest(&mut self) -> Option<Change> {
        let mut change = self.untold.take()?;
        self.rows += 1;
        let lost = std::mem::take(&mut self.lost);
        if lost > u64::from(!change.is_there) {
            let often = if lost == 1 {
                "once".to_owned()
            } else {
                format!("{lost} times")
            };
            change.detail = format!("{}; lost {often} since the row before", change.detail);
        }
        Some(change)
    }

    /// When what waits is due.
    fn due_at(&self) -> Option<i64> {
        self.untold.as_ref().map(|_| self.since + GATHERED)
    }
}

impl Inner {
    /// The connection of a pairing was lost, or is there again.
    pub(super) async fn presence_changed(self: &Arc<Self>, pairing: &str, is_there: bool, detail: &str) {
        let change = Change {
            is_there,
            detail: detail.to_owned(),
            at: now(),
        };
        self.write_presence(pairing, |presence| presence.note(change))
            .await;
    }

    /// Writes down what waited, where it is due.
    pub(super) async fn write_due_presence(self: &Arc<Self>, pairing: &str) {
        self.write_presence(pairing, |presence| presence.due(now())).await;
    }

    /// Writes down what waited: nobody watches over that connection any more.
    pub(super) async fn write_last_presence(self: &Arc<Self>, pairing: &str) {
        self.write_presence(pairing, Presence::rest).await;
    }

    /// When something of this is due.
    pub(super) fn next_presence(&self, pairing: &str) -> Option<i64> {
        let state = self.state();
        state.remote.find(pairing)?.presence.due_at()
    }

    async fn write_presence(
        self: &Arc<Self>,
        pairing: &str,
        which: impl FnOnce(&mut Presence) -> Option<Change>,
    ) {
        let change = self
            .state()
            .remote
            .find_mut(pairing)
            .and_then(|known| which(&mut known.presence));
        let Some(change) = change else { return };
        let action = if change.is_there {
            "pairing.connected"
        } else {
            "pairing.offline"
        };
        let mut row = self.audit_row(pairing, action, None, &change.detail);
        row.at = change.at;
        let store = self.store.clone();
        let written = blocking(move || Ok(store.add_audit(&[row])?)).await;
        self.saved(written);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(is_there: bool, at: i64) -> Change {
        Change {
            is_there,
            detail: if is_there { "there" } else { "gone" }.to_owned(),
            at,
        }
    }

    /// A server that is lost and back every second for so long, and what is written down of it.
    fn flapping(presence: &mut Presence, seconds: i64) -> Vec<Change> {
        let all = (0..seconds).map(|second| change(second % 2 == 1, 1_000_000 + second * 1_000));
        all.filter_map(|change| presence.note(change)).collect()
    }

    #[test]
    fn what_happens_now_and_then_is_written_down_as_it_happens() {
        let mut presence = Presence::default();
        for round in 1..20 {
            let at = round * 2 * GATHERED;
            for change in [change(false, at), change(true, at + 5_000)] {
                assert_eq!(presence.note(change.clone()), Some(change));
            }
        }
        assert_eq!(presence.due_at(), None);
    }

    #[test]
    fn a_server_that_comes_and_goes_leaves_two_rows_in_ten_minutes_and_how_often_it_was_lost() {
        let mut presence = Presence::default();
        let rows = flapping(&mut presence, 3_600);
        assert_eq!(rows.len(), 12, "{rows:?}");
        let told = |row: &Change| -> u64 {
            match row.detail.split_once("; lost ") {
                Some((_, counted)) => counted.split(' ').next().unwrap().parse().unwrap(),
                None => u64::from(!row.is_there),
            }
        };
        let waits = presence.lost;
        assert_eq!(rows.iter().map(told).sum::<u64>() + waits, 1_800, "{rows:?}");
    }

    #[test]
    fn how_it_stands_at_last_is_written_down_when_the_time_is_over_or_nobody_watches_any_more() {
        let mut presence = Presence::default();
        flapping(&mut presence, 100);
        let last = 1_000_000 + 100_000;
        assert_eq!(presence.note(change(false, last)), None);
        let due = presence.due_at().unwrap();
        assert_eq!((due, presence.due(due - 1)), (1_000_000 + GATHERED, None));
        let written = presence.due(due).unwrap();
        assert_eq!((written.is_there, written.at), (false, last), "when it was lost");
        assert_eq!((presence.due_at(), presence.rest()), (None, None));
        assert!(presence.note(change(true, due + 1_000)).is_some());
        for (is_there, at) in [(false, due + 2_000), (true, due + 3_000)] {
            assert_eq!(presence.note(change(is_there, at)), None);
        }
        let left = presence.rest().unwrap();
        assert_eq!(left.detail, "there; lost once since the row before");
    }

    #[test]
    fn a_clock_that_is_set_back_holds_nothing_up() {
        let mut presence = Presence::default();
        flapping(&mut presence, 10);
        assert!(presence.note(change(false, 5_000)).is_some());
    }
}
