//! What a person set: what each value may be, and what of it is stored. The defaults are one file beside the type
//! ([`Settings`]).
//!
//! Only what differs from the defaults is stored, so that a better default reaches everyone who never chose. What is
//! stored and no longer fits is told and left out; it never keeps the app from starting.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use crate::view::Settings;

/// A number that can be set.
#[derive(Clone, Debug)]
pub struct SettingRange {
    /// Its name on the wire.
    pub name: &'static str,
    /// What it is called where it is refused.
    words: &'static str,
    /// The smallest and the largest value.
    pub range: RangeInclusive<u32>,
    /// What a button makes of it, up or down. Any value within the range can be stored.
    pub step: u32,
    value: fn(&Settings) -> u32,
}

/// The numbers that can be set. A text below four fifths of its size is below 11 pixels, and one above one and a half
/// leaves a narrow window no room; half to double is what WCAG asks of a zoom, and a window of 480 pixels at its least.
/// Logs of three months at 16 MB a day are 1.4 GB at most; a month of what answers took is what the pages of usage show at
/// the least, and a year can be looked back on.
pub static RANGES: [SettingRange; 12] = [
    range(
        "interfaceSize",
        "The size of the interface's text",
        80..=150,
        10,
        |of| of.interface_size,
    ),
    range(
        "readingSize",
        "The size of the text to read",
        80..=200,
        10,
        |of| of.reading_size,
    ),
    range("codeSize", "The size of code", 80..=200, 10, |of| of.code_size),
    range("zoom", "The zoom", 50..=200, 10, |of| of.zoom),
    range("restartFailures", "Failures", 1..=50, 1, |of| of.restart_failures),
    range("restartWindow", "The window in seconds", 10..=3_600, 10, |of| {
        of.restart_window
    }),
    range(
        "memoryLimit",
        "The memory limit in megabytes",
        512..=65_536,
        256,
        |of| of.memory_limit,
    ),
    range(
        "requestCap",
        "The requests a run may make",
        10..=1_000_000,
        100,
        |of| of.request_cap,
    ),
    range(
        "journalDays",
        "The days unfinished answers are kept",
        1..=365,
        1,
        |of| of.journal_days,
    ),
    range("logDays", "The days logs are kept", 1..=90, 1, |of| of.log_days),
    range(
        "answeredDays",
        "The days it is kept what was answered",
        1..=400,
        1,
        |of| of.answered_days,
    ),
    range(
        "usageDays",
        "The days it is kept what answers took",
        31..=400,
        1,
        |of| of.usage_days,
    ),
];

const fn range(
    name: &'static str,
    words: &'static str,
    range: RangeInclusive<u32>,
    step: u32,
    value: fn(&Settings) -> u32,
) -> SettingRange {
    SettingRange {
        name,
        words,
        range,
        step,
        value,
    }
}

/// 35 characters hold every tag that is in use (RFC 5646, 4.4.1).
const LONGEST_LANGUAGE_TAG: usize = 35;

/// Whether this has the shape of a language tag: subtags of one to eight letters and digits, the first of letters alone.
fn is_language_tag(tag: &str) -> bool {
    let subtag =
        |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let language = tag.split('-').next().unwrap_or_default();
    tag.len() <= LONGEST_LANGUAGE_TAG
        && language.len() >= 2
        && language.bytes().all(|byte| byte.is_ascii_alphabetic())
        && tag.split('-').all(subtag)
}

/// Whether every value is one that can be, and what is wrong where one is not.
pub(crate) fn check(settings: &Settings) -> Result<(), String> {
    for SettingRange {
        words, range, value, ..
    } in &RANGES
    {
        if !range.contains(&value(settings)) {
            let (least, most) = (range.start(), range.end());
            return Err(format!(
                "{words} can be {least} to {most}. Change it and save again."
            ));
        }
    }
    if settings
        .language
        .as_deref()
        .is_some_and(|tag| !is_language_tag(tag))
    {
        return Err("This is no language. Choose one of the list.".to_owned());
    }
    Ok(())
}

/// A stored value that no longer fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Misfit {
    /// The setting's name, or what is stored in place of all.
    pub(crate) name: String,
    /// Why it was left out, with what was stored.
    pub(crate) why: String,
}

/// Characters of a value that are told: it may be anything that was ever written there.
const TOLD_OF_A_VALUE: usize = 40;

fn told(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(TOLD_OF_A_VALUE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// The settings of a store: the defaults with what fits of what is stored, and what does not fit.
pub(crate) fn read(stored: &Value) -> (Settings, Vec<Misfit>) {
    let Value::Object(stored) = stored else {
        let why = format!("{} is stored in the place of all settings", told(stored));
        return (
            Settings::default(),
            vec![Misfit {
                name: "settings".to_owned(),
                why,
            }],
        );
    };
    let mut fitting = object(&Settings::default());
    let mut misfits = Vec::new();
    for (name, value) in stored {
        // What a newer version stored stays stored, and says nothing here.
        let Some(default) = fitting.insert(name.clone(), value.clone()) else {
            fitting.remove(name);
            continue;
        };
        let parsed = serde_json::from_value::<Settings>(Value::Object(fitting.clone()));
        let misfit = match parsed.map_err(|error| error.to_string()) {
            Ok(settings) => check(&settings).err(),
            Err(why) => Some(why),
        };
        if let Some(why) = misfit {
            misfits.push(Misfit {
                name: name.clone(),
                why: format!("{} is stored, {} is used. {why}", told(value), told(&default)),
            });
            fitting.insert(name.clone(), default);
        }
    }
    // Each value fitted when it was put in.
    let settings = serde_json::from_value(Value::Object(fitting)).unwrap_or_else(|_| Settings::default());
    (settings, misfits)
}

/// What is stored of settings: what differs from the defaults, and what `before` had that this version does not know.
pub(crate) fn differences(settings: &Settings, before: Option<&Value>) -> Map<String, Value> {
    let usual = object(&Settings::default());
    let unknown = before
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter(|(name, _)| !usual.contains_key(*name))
        .map(|(name, value)| (name.clone(), value.clone()));
    let changed = object(settings)
        .into_iter()
        .filter(|(name, value)| usual.get(name) != Some(value));
    unknown.chain(changed).collect()
}

fn object(settings: &Settings) -> Map<String, Value> {
    match serde_json::to_value(settings) {
        Ok(Value::Object(object)) => object,
        // A struct of plain fields is an object.
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests;
