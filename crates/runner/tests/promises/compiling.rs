//! What is compiled is compiled in a box, once.

use std::fs;
use std::time::Duration;

use cowork_runner::{Language, Phase, Reason};

use crate::common::{Desk, desk, desk_with};

const HELLO: &str = "#include <stdio.h>\nint main(void) { puts(\"hello\"); return 0; }";

fn has(desk: &Desk, language: Language) -> bool {
    desk.runner.languages().iter().any(|one| one.language == language)
}

#[tokio::test]
async fn the_second_run_of_the_same_source_is_not_compiled_again() {
    let desk = desk();
    if !has(&desk, Language::C) {
        return;
    }
    let told = desk.run(Language::C, HELLO).await;
    assert_eq!(told.phases, [Phase::Compile, Phase::Run]);
    assert!(!told.outcome.from_cache);
    assert_eq!(told.well(), "hello\n");
    let told = desk.run(Language::C, HELLO).await;
    assert_eq!(told.phases, [Phase::Run]);
    assert!(told.outcome.from_cache);
    println!("from the cache in {:?}", told.outcome.elapsed);
    assert_eq!(told.well(), "hello\n");
    let told = desk.run(Language::C, &HELLO.replace("hello", "other")).await;
    assert_eq!(told.phases, [Phase::Compile, Phase::Run]);
    assert_eq!(told.well(), "other\n");
}

#[tokio::test]
async fn what_does_not_compile_does_not_run_and_is_not_kept() {
    let desk = desk();
    for (language, source, word) in [
        (Language::C, "int main(void) { return missing; }", "missing"),
        (Language::Rust, "fn main() { missing(); }", "missing"),
        (Language::Java, "class A { void f() { missing(); } }", "missing"),
    ] {
        if !has(&desk, language) {
            continue;
        }
        let told = desk.run(language, source).await;
        assert_eq!(told.phases, [Phase::Compile], "{language}");
        assert_eq!(told.outcome.phase, Phase::Compile);
        assert_eq!(
            told.outcome.reason,
            Reason::Finished { code: 1 },
            "{language}: {told:?}"
        );
        assert!(told.error.contains(word), "{language}: {told:?}");
    }
    let kept = fs::read_dir(desk.directory.path().join("cache")).map_or(0, Iterator::count);
    assert_eq!(kept, 0);
}

#[tokio::test]
async fn a_compiler_is_in_a_box_too() {
    let desk = desk_with(|options| options.limits.compile.wall = Duration::from_secs(5));
    if !has(&desk, Language::C) {
        return;
    }
    let secret = desk.directory.path().join("secret.h");
    fs::write(&secret, "canary-5824").unwrap();
    let source = format!("#include \"{}\"\n#include \"/etc/shadow\"\n", secret.display());
    let told = desk.run(Language::C, &source).await;
    assert!(told.error.contains("No such file"), "{told:?}");
    assert!(
        !told.error.contains("canary-5824") && !told.error.contains("root:"),
        "{told:?}"
    );

    // A compiler that never ends, or takes all there is.
    let endless =
        "template<int N> struct A { static const int v = A<N+1>::v + A<N+2>::v; };\n#include \"/dev/zero\"\n";
    let told = desk.run(Language::Cpp, endless).await;
    assert_eq!(told.outcome.phase, Phase::Compile);
    assert_ne!(told.outcome.reason, Reason::Finished { code: 0 }, "{told:?}");
}
