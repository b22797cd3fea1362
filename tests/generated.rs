//! What is written from the command registry agrees with it.

#[test]
fn every_file_written_from_the_registry_is_up_to_date() {
    for (path, expected) in cowork_api::generate::files() {
        let found = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            found == expected,
            "{} is stale; run `cargo run -p cowork-api --bin generate-ipc`",
            path.display()
        );
    }
}
