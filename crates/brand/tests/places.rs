//! Where files go.

use std::path::{Path, PathBuf};

use cowork_brand::{Brand, HOME_VARIABLE, Places, PlacesError};

fn root() -> PathBuf {
    std::env::temp_dir().join("somewhere")
}

fn all(places: &Places) -> [&Path; 7] {
    [
        &places.data,
        &places.config,
        &places.cache,
        &places.logs,
        &places.private_home,
        &places.sandbox_folder_root,
        &places.database,
    ]
}

#[test]
fn the_home_variable_moves_everything() {
    let brand = Brand::stock().unwrap();
    let places = Places::resolve(&brand, |name| (name == HOME_VARIABLE).then(|| root().into())).unwrap();
    for place in all(&places) {
        assert!(
            place.starts_with(root()),
            "{} lies outside the home that was named",
            place.display()
        );
    }
}

#[test]
fn without_the_variable_the_places_carry_the_brands_folder_name() {
    let brand = Brand::stock().unwrap();
    for environment in [None, Some("")] {
        let places = Places::resolve(&brand, |_| environment.map(Into::into)).unwrap();
        for place in all(&places) {
            assert!(place.is_absolute(), "{}", place.display());
            assert!(
                place.iter().any(|part| part == brand.data_dir_name.as_str()),
                "{} does not belong to the brand",
                place.display()
            );
        }
    }
}

#[test]
fn no_two_places_are_the_same() {
    let places = Places::under(&root()).unwrap();
    let all = all(&places);
    for (index, place) in all.iter().enumerate() {
        assert!(
            !all[index + 1..].contains(place),
            "{} is used twice",
            place.display()
        );
    }
}

#[test]
fn a_relative_home_is_refused_because_it_would_move_with_each_start() {
    let brand = Brand::stock().unwrap();
    let refused = Places::resolve(&brand, |_| Some("here".into()));
    assert_eq!(refused, Err(PlacesError::NotAbsolute("here".into())));
}
