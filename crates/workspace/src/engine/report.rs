//! What the health view shows, and the report a person can share.

use std::fmt::Write as _;

use super::watch;
use crate::view::{EngineHealth, HealthRow};
use crate::workspace::{Inner, now};

/// Lines of output in a report: enough to see what led to a failure.
const REPORT_LINES: usize = 100;

/// Everything the health view shows. `journal` is its size in bytes, which only the store knows.
pub(crate) fn health(inner: &Inner, journal: u64) -> EngineHealth {
    let memory_limit = watch::memory_limit(inner);
    let (state, safety) = {
        let state = inner.state();
        (state.engine.clone(), state.safety())
    };
    let diagnosis = inner.diagnosis();
    EngineHealth {
        state,
        safety,
        process_id: diagnosis.process_id,
        running_since: diagnosis.running_since,
        memory: diagnosis.memory,
        memory_limit,
        memory_keeper: diagnosis.memory_keeper(),
        breaker: diagnosis.breaker,
        automatic_starts: u32::try_from(diagnosis.starts.automatic).unwrap_or(u32::MAX),
        starts_by_person: u32::try_from(diagnosis.starts.by_person).unwrap_or(u32::MAX),
        failures: diagnosis.failures(),
        events: diagnosis.counts(),
        journal,
        screen_delay: inner.feed.screen_delay(),
    }
}

/// The report, as text to be read before it is shared. Redacted as a whole; what the engine printed may name folders
/// and threads, which is why it is read first.
pub(crate) fn report(inner: &Inner, health: &EngineHealth, parts: &[HealthRow], output: &[String]) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let mut line = |words: std::fmt::Arguments<'_>| {
        let _ = writeln!(text, "{words}");
    };
    let options = &inner.options;
    let time = jiff::Timestamp::from_millisecond(now()).unwrap_or_default();
    line(format_args!("{} {}", options.brand.name, options.version));
    line(format_args!(
        "made {time} on {} {}",
        std::env::consts::OS,
        std::env::consts::ARCH
    ));
    line(format_args!(
        "engine {} expected, {}",
        cowork_opencode::Launch::EXPECTED_VERSION,
        word(&health.state)
    ));
    line(format_args!("box: {}", word(&health.safety.boxed)));
    line(format_args!("home: {}", word(&health.safety.home)));
    line(format_args!(
        "saving: {}",
        health.safety.not_saving.as_deref().unwrap_or("yes")
    ));
    line(format_args!(
        "settings that wait: {}",
        health.safety.pending.len()
    ));
    line(format_args!(
        "starts: {} by itself, {} by the person; restarts are {}",
        health.automatic_starts,
        health.starts_by_person,
        word(&health.breaker)
    ));
    let memory = health
        .memory
        .map_or("unknown".to_owned(), |bytes| bytes.to_string());
    line(format_args!(
        "memory: {memory} bytes, limit {} bytes; journal {} bytes",
        health.memory_limit, health.journal
    ));
    line(format_args!(
        "memory of commands: {}",
        word(&health.memory_keeper)
    ));
    line(format_args!("\nParts:"));
    for row in parts {
        line(format_args!("- {}: {}", word(&row.mark), part_words(row)));
    }
    line(format_args!("\nLast failures, newest first:"));
    for failure in &health.failures {
        let at = jiff::Timestamp::from_millisecond(failure.at).unwrap_or_default();
        line(format_args!(
            "- {at} {} ({}): {}",
            failure.code, failure.context, failure.message
        ));
        for printed in failure.log.iter().rev().take(5).rev() {
            line(format_args!("    {printed}"));
        }
    }
    line(format_args!("\nEvents:"));
    for count in &health.events {
        line(format_args!("- {}: {}", count.name, count.count));
    }
    line(format_args!("\nWhat the engine printed last:"));
    for printed in output.iter().skip(output.len().saturating_sub(REPORT_LINES)) {
        line(format_args!("{printed}"));
    }
    let redactor = cowork_redact::Redactor::new(options.home_directory.as_deref());
    redactor.redact(&text).into_owned()
}

/// What is known of a part. Of a key only where it is: what it ends in is for the person alone.
fn part_words(row: &HealthRow) -> String {
    let mut part = serde_json::to_value(&row.part).unwrap_or_default();
    if let Some(key) = part.get_mut("key") {
        *key = key["kind"].take();
    }
    part.to_string()
}

/// A value by its name on the wire.
fn word(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(value) => value.to_string(),
        Err(error) => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::{HealthMark, HealthPart, KeyState};

    #[test]
    fn a_part_is_told_without_what_its_key_ends_in() {
        let part = HealthPart::Provider {
            id: "one".to_owned(),
            name: "One".to_owned(),
            key: KeyState::Kept {
                hint: "sk-…abcd".to_owned(),
                changed: 1,
            },
            left_out: None,
            requests: 3,
            failures: 1,
            last_status: Some(401),
            capped: false,
        };
        let words = part_words(&HealthRow {
            mark: HealthMark::NeedsYou,
            part,
        });
        assert!(
            words.contains("\"key\":\"kept\"") && words.contains("401"),
            "{words}"
        );
        assert!(!words.contains("abcd"), "{words}");
    }
}
