//! The engine sees what it was given and nothing of the person's shell.

// They look at processes through /proc, and start shells.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::PathBuf;

use common::{bystander_with, kill_minus_nine};
use cowork_supervisor::HomeLayout;
use cowork_supervisor::environment::{PASSED, child_environment};

fn child(parent: &[(&str, &str)], tools: &[&str], added: &[(&str, &str)]) -> BTreeMap<String, String> {
    let own = |pairs: &[(&str, &str)]| -> Vec<(OsString, OsString)> {
        pairs
            .iter()
            .map(|(name, value)| (name.into(), value.into()))
            .collect()
    };
    let tools: Vec<PathBuf> = tools.iter().map(PathBuf::from).collect();
    let layout = HomeLayout::new("/private".into());
    let child = child_environment(
        own(parent),
        &layout,
        &tools,
        None,
        own(added).into_iter().collect(),
    );
    child
        .into_iter()
        .map(|(name, value)| (name.into_string().unwrap(), value.into_string().unwrap()))
        .collect()
}

#[test]
fn exactly_the_table_passes() {
    let parent: Vec<(String, String)> = PASSED
        .iter()
        .map(|variable| {
            if variable.is_prefix {
                format!("{}TIME", variable.name)
            } else {
                variable.name.to_owned()
            }
        })
        .chain(
            [
                "AWS_SECRET_ACCESS_KEY",
                "GITHUB_TOKEN",
                "OPENAI_API_KEY",
                "SSH_AUTH_SOCK",
                "LD_PRELOAD",
                "NODE_OPTIONS",
                "BASH_ENV",
                "DBUS_SESSION_BUS_ADDRESS",
                "XDG_RUNTIME_DIR",
                "SHELL",
                "TERM",
                "LANGUAGES",
                "LC",
                "lang",
                "USERS",
            ]
            .map(str::to_owned),
        )
        .map(|name| (name, "value".to_owned()))
        .collect();
    let parent: Vec<(&str, &str)> = parent
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let child = child(&parent, &[], &[]);
    let names: BTreeSet<&str> = child.keys().map(String::as_str).collect();
    let expected = [
        "ALL_PROXY",
        "ENGINE_HOME_MARK",
        "HOME",
        "HTTPS_PROXY",
        "HTTP_PROXY",
        "LANG",
        "LANGUAGE",
        "LC_TIME",
        "LOGNAME",
        "NODE_EXTRA_CA_CERTS",
        "NO_PROXY",
        "PATH",
        "SSL_CERT_DIR",
        "SSL_CERT_FILE",
        "TMPDIR",
        "TZ",
        "USER",
        "XDG_CACHE_HOME",
        "XDG_CONFIG_HOME",
        "XDG_DATA_HOME",
        "XDG_STATE_HOME",
        "all_proxy",
        "http_proxy",
        "https_proxy",
        "no_proxy",
    ];
    assert_eq!(names, BTreeSet::from(expected));
    assert!(
        PASSED.iter().all(|variable| !variable.reason.is_empty()),
        "each entry says why"
    );
}

#[test]
fn the_directories_are_the_private_homes_whatever_the_parent_says() {
    let child = child(
        &[
            ("HOME", "/home/person"),
            ("XDG_CONFIG_HOME", "/elsewhere"),
            ("TMPDIR", "/tmp"),
        ],
        &[],
        &[],
    );
    for (name, directory) in [
        ("HOME", "/private/home"),
        ("XDG_CONFIG_HOME", "/private/config"),
        ("XDG_DATA_HOME", "/private/data"),
        ("XDG_CACHE_HOME", "/private/cache"),
        ("XDG_STATE_HOME", "/private/state"),
        ("TMPDIR", "/private/tmp"),
    ] {
        assert_eq!(child[name], directory, "{name}");
    }
}

#[test]
fn the_search_path_begins_with_our_tools_and_holds_no_relative_entry() {
    let child = child(
        &[("PATH", "/usr/bin::.:bin:/bin")],
        &["/opt/tools", "/with:colon"],
        &[],
    );
    assert_eq!(child["PATH"], "/opt/tools:/usr/bin:/bin");
}

#[test]
fn what_the_login_shell_has_comes_before_what_we_have_and_each_once() {
    let layout = HomeLayout::new("/private".into());
    let parent = [("PATH".into(), "/usr/bin:/bin".into())];
    let login = std::ffi::OsStr::new("/home/person/.bin:relative:/usr/bin");
    let child = child_environment(
        parent,
        &layout,
        &["/opt/tools".into()],
        Some(login),
        BTreeMap::new(),
    );
    assert_eq!(
        child[std::ffi::OsStr::new("PATH")],
        "/opt/tools:/home/person/.bin:/usr/bin:/bin"
    );
}

#[test]
fn a_missing_search_path_becomes_the_systems() {
    assert_eq!(
        child(&[], &["/opt/tools"], &[])["PATH"],
        "/opt/tools:/usr/local/bin:/usr/bin:/bin"
    );
}

#[test]
fn loopback_is_never_proxied() {
    let alone = child(&[], &[], &[]);
    assert_eq!(
        (alone["NO_PROXY"].as_str(), alone["no_proxy"].as_str()),
        ("127.0.0.1,localhost,::1", "127.0.0.1,localhost,::1")
    );
    let merged = child(&[("no_proxy", "corp.example, localhost")], &[], &[]);
    assert_eq!(merged["no_proxy"], "corp.example, localhost,127.0.0.1,::1");
    assert_eq!(
        merged["NO_PROXY"], merged["no_proxy"],
        "tools that read the other case see the same"
    );
}

#[test]
fn what_the_plan_adds_wins_but_the_mark_is_ours() {
    let child = child(
        &[("LANG", "de_DE.UTF-8")],
        &[],
        &[("LANG", "C"), ("EXTRA", "1"), ("ENGINE_HOME_MARK", "/forged")],
    );
    assert_eq!((child["LANG"].as_str(), child["EXTRA"].as_str()), ("C", "1"));
    assert_eq!(child["ENGINE_HOME_MARK"], "/private");
}

#[test]
fn a_started_engine_sees_no_variable_of_ours() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().to_str().unwrap();
    for confinement in ["strongest", "without-box"] {
        let (child, said) = bystander_with(
            &["supervise", root, confinement, "healthy"],
            &[("API_TOKEN", "secret-of-the-shell"), ("LC_TIME", "C")],
        );
        let engine = said.split(' ').nth(1).expect("it says where the engine is");
        let environment = std::fs::read_to_string(format!("/proc/{engine}/environ")).unwrap();
        kill_minus_nine(child);
        assert!(
            environment.contains("LC_TIME=C\0"),
            "the engine's environment was read: {environment}"
        );
        assert!(
            !environment.contains("secret-of-the-shell"),
            "{confinement}: a secret reached the engine"
        );
        let layout = HomeLayout::new(root.into());
        let allowed = child_environment(
            [("LC_TIME".into(), "C".into())],
            &layout,
            &[],
            None,
            BTreeMap::new(),
        );
        let passed = child_environment(std::env::vars_os(), &layout, &[], None, BTreeMap::new());
        for name in environment
            .split_terminator('\0')
            .filter_map(|pair| pair.split('=').next())
        {
            let name = OsString::from(name);
            // bubblewrap sets PWD for what it runs; each run has a nonce.
            let expected = allowed.contains_key(&name)
                || passed.contains_key(&name)
                || ["PWD", "ENGINE_RUN_NONCE"].iter().any(|own| name == *own);
            assert!(expected, "{confinement}: {} reached the engine", name.display());
        }
    }
}
