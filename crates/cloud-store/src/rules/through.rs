//! Which events of a pairing are kept: all up to a sequence, and some beyond a gap.

/// Runs of events beyond gaps that are remembered. A client sends what is beyond `through` again, so that forgetting
/// costs a repetition and no event: what would need one run more is not taken.
pub const RUNS: usize = 64;

/// What is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Through {
    through: i64,
    /// From and to, both kept, in order, with a gap between each two.
    runs: Vec<(i64, i64)>,
}

/// What becomes of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It is new.
    New,
    /// It was kept before.
    Known,
    /// It would need one run more than is remembered.
    TooFar,
}

impl Through {
    /// Everything up to this sequence is kept.
    #[must_use]
    pub fn through(&self) -> i64 {
        self.through
    }

    /// There is something beyond a gap.
    #[must_use]
    pub fn has_a_gap(&self) -> bool {
        !self.runs.is_empty()
    }

    /// Whether an event is kept.
    #[must_use]
    pub fn has(&self, sequence: i64) -> bool {
        sequence <= self.through
            || self
                .runs
                .iter()
                .any(|(from, to)| (*from..=*to).contains(&sequence))
    }

    /// Takes an event. A sequence begins at 1.
    pub fn take(&mut self, sequence: i64) -> Taken {
        if self.has(sequence) {
            return Taken::Known;
        }
        if sequence == self.through + 1 {
            self.through = sequence;
            if let Some(&(from, to)) = self.runs.first()
                && from == sequence + 1
            {
                self.through = to;
                self.runs.remove(0);
            }
            return Taken::New;
        }
        let place = self.runs.partition_point(|(from, _)| *from < sequence);
        let joins_before = place > 0 && self.runs[place - 1].1 + 1 == sequence;
        let joins_after = self
            .runs
            .get(place)
            .is_some_and(|(from, _)| *from == sequence.saturating_add(1));
        match (joins_before, joins_after) {
            (true, true) => {
                self.runs[place - 1].1 = self.runs[place].1;
                self.runs.remove(place);
            }
            (true, false) => self.runs[place - 1].1 = sequence,
            (false, true) => self.runs[place].0 = sequence,
            (false, false) if self.runs.len() >= RUNS => return Taken::TooFar,
            (false, false) => self.runs.insert(place, (sequence, sequence)),
        }
        Taken::New
    }

    /// As it is stored: the runs beyond gaps.
    #[must_use]
    pub fn stored_runs(&self) -> String {
        self.runs
            .iter()
            .map(|(from, to)| format!("{from}-{to}"))
            .collect::<Vec<_>>()
            .join(",")
    }

    /// As it was stored; none when that cannot be.
    #[must_use]
    pub fn restore(through: i64, runs: &str) -> Option<Self> {
        let mut restored = Self {
            through,
            runs: Vec::new(),
        };
        let mut last = through;
        for run in runs.split(',').filter(|run| !run.is_empty()) {
            let (from, to) = run.split_once('-')?;
            let (from, to) = (from.parse::<i64>().ok()?, to.parse::<i64>().ok()?);
            if from <= last.checked_add(1)? || to < from || restored.runs.len() >= RUNS {
                return None;
            }
            last = to;
            restored.runs.push((from, to));
        }
        Some(restored)
    }
}
