use std::collections::BTreeSet;

use serde_json::json;

use super::*;
use crate::view::{Density, LogLevel, Theme};

#[test]
fn the_defaults_are_values_that_can_be() {
    assert_eq!(check(&Settings::default()), Ok(()));
}

#[test]
fn every_number_that_can_be_set_has_a_range() {
    let numbers: BTreeSet<_> = object(&Settings::default())
        .into_iter()
        .filter(|(_, value)| value.is_number())
        .map(|(name, _)| name)
        .collect();
    let ranges: BTreeSet<_> = RANGES.iter().map(|range| range.name.to_owned()).collect();
    assert_eq!(numbers, ranges);
    for SettingRange {
        name, range, value, ..
    } in &RANGES
    {
        let stored = json!({ *name: range.end() });
        assert_eq!(value(&read(&stored).0), *range.end(), "{name}");
    }
}

#[test]
fn only_what_differs_is_stored_and_comes_back() {
    assert!(differences(&Settings::default(), None).is_empty());
    let settings = Settings {
        theme: Theme::Light,
        zoom: 125,
        language: Some("de".to_owned()),
        ..Settings::default()
    };
    let stored = Value::Object(differences(&settings, None));
    assert_eq!(stored, json!({ "theme": "light", "zoom": 125, "language": "de" }));
    assert_eq!(read(&stored), (settings, Vec::new()));
}

#[test]
fn what_an_earlier_version_stored_whole_is_read_as_it_was() {
    let whole = json!({
        "theme": "dark", "density": "roomy", "language": null, "defaultModel": "a/b", "reviewOpen": true,
        "restartFailures": 9, "restartWindow": 120, "logLevel": "debug",
    });
    let (settings, misfits) = read(&whole);
    assert!(misfits.is_empty());
    assert_eq!(
        (
            settings.theme,
            settings.density,
            settings.log_level,
            settings.restart_failures
        ),
        (Theme::Dark, Density::Roomy, LogLevel::Debug, 9)
    );
    assert!(!differences(&settings, Some(&whole)).contains_key("restartWindow"));
}

#[test]
fn a_value_that_no_longer_fits_is_told_and_the_others_hold() {
    let stored = json!({ "theme": "sepia", "zoom": 900, "density": "compact", "language": "../de", "codeSize": "big" });
    let (settings, mut misfits) = read(&stored);
    misfits.sort_by(|one, other| one.name.cmp(&other.name));
    let names: Vec<_> = misfits.iter().map(|misfit| misfit.name.as_str()).collect();
    assert_eq!(names, ["codeSize", "language", "theme", "zoom"]);
    assert!(
        misfits[3].why.starts_with("900 is stored, 100 is used."),
        "{}",
        misfits[3].why
    );
    assert_eq!(
        settings,
        Settings {
            density: Density::Compact,
            ..Settings::default()
        }
    );
}

#[test]
fn anything_else_in_their_place_is_told_and_nothing_is_set() {
    for stored in [json!(7), json!("x".repeat(10_000)), json!([1, 2]), Value::Null] {
        let (settings, misfits) = read(&stored);
        assert_eq!((settings, misfits.len()), (Settings::default(), 1), "{stored}");
        assert!(misfits[0].why.len() < 200);
    }
}

#[test]
fn what_a_newer_version_stored_is_kept_and_what_does_not_fit_goes_with_the_next_save() {
    let before = json!({ "fromTheFuture": { "a": 1 }, "zoom": 900 });
    let (settings, misfits) = read(&before);
    assert_eq!(misfits.len(), 1);
    let stored = differences(
        &Settings {
            zoom: 110,
            ..settings
        },
        Some(&before),
    );
    assert_eq!(
        Value::Object(stored),
        json!({ "fromTheFuture": { "a": 1 }, "zoom": 110 })
    );
}

#[test]
fn a_language_is_a_tag_and_no_path() {
    for tag in ["de", "pt-BR", "zh-Hant-TW", "en-XA", "de-CH-1901"] {
        assert!(is_language_tag(tag), "{tag}");
    }
    let long = "de-".repeat(12) + "de";
    for tag in [
        "",
        "d",
        "1a",
        "de_DE",
        "de-",
        "-de",
        "../de",
        "de DE",
        "abcdefghi",
        &long,
    ] {
        assert!(!is_language_tag(tag), "{tag}");
    }
}
