//! What `/metrics` says: how much and how fast, in Prometheus' text form. No person, address or id is in it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::sign_in::passwords::Passwords;

/// The upper ends of the spans that durations are counted in, in milliseconds.
const SPANS: [u64; 11] = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 5_000];

/// Requests of one route with one kind of answer.
#[derive(Clone, Copy, Debug, Default)]
struct Answers {
    count: u64,
    milliseconds: f64,
    within: [u64; SPANS.len()],
}

/// A count that only grows.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// One more.
    pub fn one(&self) {
        self.many(1);
    }

    /// So many more.
    pub fn many(&self, count: usize) {
        self.0.fetch_add(count as u64, Ordering::Relaxed);
    }

    /// How many there were.
    #[must_use]
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// How many there are now.
#[derive(Debug, Default)]
pub struct Gauge(AtomicI64);

impl Gauge {
    /// One more, for as long as what is returned lives.
    #[must_use]
    pub fn one(&self) -> Held<'_> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Held(self)
    }

    /// One more; whoever says so says [`Gauge::less`] later.
    pub fn more(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// One less.
    pub fn less(&self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }

    /// How many.
    #[must_use]
    pub fn get(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// One that is counted by a [`Gauge`].
#[derive(Debug)]
pub struct Held<'g>(&'g Gauge);

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.less();
    }
}

/// The figures.
#[derive(Debug, Default)]
pub struct Figures {
    answers: Mutex<BTreeMap<(String, u16), Answers>>,
    /// Connections that are open.
    pub connections: Gauge,
    /// Connections that were turned away because there were too many.
    pub turned_away: Counter,
    /// Claims that wait for a command.
    pub claims_waiting: Gauge,
    /// Pages that hear of a desktop at the moment.
    pub pages_listening: Gauge,
    /// Commands that were given.
    pub commands_given: Counter,
    /// Commands that went out to desktops.
    pub commands_claimed: Counter,
    /// Answers of desktops to commands.
    pub commands_answered: Counter,
    /// Events that desktops told.
    pub events_received: Counter,
    /// Sign-ins that succeeded.
    pub sign_ins: Counter,
    /// Sign-ins that failed.
    pub failed_sign_ins: Counter,
    /// Requests that were refused because somebody asked too often.
    pub too_often: Counter,
}

impl Figures {
    /// Counts an answer.
    pub fn answered(&self, route: &str, status: u16, took: Duration) {
        let milliseconds = took.as_secs_f64() * 1_000.0;
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (route.to_owned(), status);
        let counted = answers.entry(key).or_default();
        counted.count += 1;
        counted.milliseconds += milliseconds;
        for (within, span) in counted.within.iter_mut().zip(SPANS) {
            *within += u64::from(took <= Duration::from_millis(span));
        }
    }

    /// All of it as text.
    #[must_use]
    pub fn text(&self, passwords: &Passwords) -> String {
        let mut text = String::new();
        let counters = [
            (
                "connections_refused_total",
                "Connections turned away.",
                &self.turned_away,
            ),
            ("commands_given_total", "Commands given.", &self.commands_given),
            (
                "commands_claimed_total",
                "Commands given out to desktops.",
                &self.commands_claimed,
            ),
            (
                "commands_answered_total",
                "Answers to commands.",
                &self.commands_answered,
            ),
            (
                "events_received_total",
                "Events told by desktops.",
                &self.events_received,
            ),
            ("sign_ins_total", "Sign-ins.", &self.sign_ins),
            (
                "sign_ins_failed_total",
                "Sign-ins that failed.",
                &self.failed_sign_ins,
            ),
            (
                "rate_limited_total",
                "Requests refused for their rate.",
                &self.too_often,
            ),
        ];
        for (name, about, counter) in counters {
            metric(&mut text, name, "counter", about, &counter.get().to_string());
        }
        metric(
            &mut text,
            "passwords_hashed_total",
            "counter",
            "Passwords hashed, to be kept or compared.",
            &passwords.worked().to_string(),
        );
        let gauges = [
            ("connections", "Open connections.", self.connections.get()),
            ("claims_waiting", "Claims that wait.", self.claims_waiting.get()),
            (
                "pages_listening",
                "Pages that listen.",
                self.pages_listening.get(),
            ),
            (
                "passwords_waiting",
                "Passwords being hashed or waiting for it.",
                i64::try_from(passwords.waiting()).unwrap_or(i64::MAX),
            ),
        ];
        for (name, about, value) in gauges {
            metric(&mut text, name, "gauge", about, &value.to_string());
        }
        self.requests(&mut text);
        text
    }

    fn requests(&self, text: &mut String) {
        let name = "cowork_cloud_request_duration_milliseconds";
        // Writing into a string does not fail.
        let _ = writeln!(
            text,
            "# HELP {name} Requests by route and status.\n# TYPE {name} histogram"
        );
        let answers = self
            .answers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        for ((route, status), counted) in answers {
            let labels = format!("route=\"{route}\",status=\"{status}\"");
            for (within, span) in counted.within.iter().zip(SPANS) {
                let _ = writeln!(text, "{name}_bucket{{{labels},le=\"{span}\"}} {within}");
            }
            let Answers {
                count, milliseconds, ..
            } = counted;
            let _ = writeln!(
                text,
                "{name}_bucket{{{labels},le=\"+Inf\"}} {count}\n{name}_sum{{{labels}}} {milliseconds:.3}\n\
                 {name}_count{{{labels}}} {count}"
            );
        }
    }
}

fn metric(text: &mut String, name: &str, kind: &str, about: &str, value: &str) {
    // Writing into a string does not fail.
    let _ = writeln!(
        text,
        "# HELP cowork_cloud_{name} {about}\n# TYPE cowork_cloud_{name} {kind}\ncowork_cloud_{name} {value}"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_is_said_in_prometheus_form() {
        let figures = Figures::default();
        figures.answered("/api/me", 200, Duration::from_millis(3));
        figures.answered("/api/me", 200, Duration::from_millis(300));
        figures.events_received.many(7);
        let held = figures.claims_waiting.one();
        let text = figures.text(&Passwords::new(1, 1).unwrap());
        for line in [
            "cowork_cloud_events_received_total 7",
            "cowork_cloud_claims_waiting 1",
            "cowork_cloud_passwords_waiting 0",
            "cowork_cloud_passwords_hashed_total 0",
            "cowork_cloud_request_duration_milliseconds_bucket{route=\"/api/me\",status=\"200\",le=\"5\"} 1",
            "cowork_cloud_request_duration_milliseconds_bucket{route=\"/api/me\",status=\"200\",le=\"+Inf\"} 2",
            "cowork_cloud_request_duration_milliseconds_count{route=\"/api/me\",status=\"200\"} 2",
        ] {
            assert!(
                text.lines().any(|found| found == line),
                "{line} is not in\n{text}"
            );
        }
        drop(held);
        assert_eq!(figures.claims_waiting.get(), 0);
    }
}
