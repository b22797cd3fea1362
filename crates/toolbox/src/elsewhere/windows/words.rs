//! What Windows is told in strings: names, command lines, environments. The same everywhere, so that it is tried
//! everywhere.

use std::ffi::{OsStr, OsString};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

use cowork_policy::confinement::{FolderRules, Rules};

use crate::environment::Environment;

/// The name of the container for a folder with what is open to it now. Rights to files are given to a container by its
/// name and stay with the files; with another name nothing that was once open is open still.
pub(super) fn container_name(rules: &Rules, folder: &FolderRules) -> String {
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        salt.hash(&mut hasher);
        folder.path.hash(&mut hasher);
        folder.home.hash(&mut hasher);
        for grant in &folder.granted {
            (&grant.path, grant.writable).hash(&mut hasher);
        }
        rules.opened.hash(&mut hasher);
        rules.opened_to_read.hash(&mut hasher);
        rules.read_only.hash(&mut hasher);
        hasher.finish()
    };
    // At most 64 characters.
    format!("Cowork.Box.{:016x}{:016x}", half(0), half(1))
}

/// A path without the prefix by which links are resolved there, which many programs cannot start in.
pub(super) fn plain_spelling(path: &Path) -> PathBuf {
    let text = path.to_string_lossy();
    match text.strip_prefix(r"\\?\") {
        Some(rest) if rest.as_bytes().get(1) == Some(&b':') => rest.into(),
        _ => path.to_owned(),
    }
}

/// A command line from which a program of Windows reads back the words that were meant, by the rules of Microsoft's C
/// runtime: what is between quotation marks is one word, backslashes before such a mark count by two.
pub(super) fn command_line(program: &OsStr, arguments: &[OsString]) -> OsString {
    let mut line = OsString::from("\"");
    // The first word is read without any rules but the marks, which no path there has.
    line.push(program);
    line.push("\"");
    for argument in arguments {
        line.push(" ");
        line.push(quoted(argument));
    }
    line
}

fn quoted(word: &OsStr) -> OsString {
    let bytes = word.as_encoded_bytes();
    let is_plain = |byte: &u8| !matches!(byte, b' ' | b'\t' | b'\n' | 0x0b | b'"');
    if !bytes.is_empty() && bytes.iter().all(is_plain) {
        return word.to_owned();
    }
    let mut quoted = vec![b'"'];
    let mut backslashes = 0;
    for byte in bytes {
        match byte {
            b'\\' => backslashes += 1,
            b'"' => {
                quoted.extend(std::iter::repeat_n(b'\\', backslashes + 1));
                backslashes = 0;
            }
            _ => backslashes = 0,
        }
        quoted.push(*byte);
    }
    quoted.extend(std::iter::repeat_n(b'\\', backslashes));
    quoted.push(b'"');
    // SAFETY: to the bytes of a string of the system's only characters of ASCII were added, between whole characters.
    unsafe { OsString::from_encoded_bytes_unchecked(quoted) }
}

/// An environment in one piece: `NAME=value` each with a zero behind it, sorted by name in capitals, and a zero at the end.
/// The units are those that the system counts in.
#[cfg(windows)]
pub(super) fn environment_block(environment: &Environment) -> Vec<u16> {
    use std::os::windows::ffi::OsStrExt as _;
    block(environment, |text| text.encode_wide().collect())
}

#[cfg(any(windows, test))]
fn block(environment: &Environment, encode: impl Fn(&OsStr) -> Vec<u16>) -> Vec<u16> {
    let mut sorted: Vec<_> = environment.iter().collect();
    sorted.sort_by_key(|(name, _)| name.to_ascii_uppercase());
    let mut block = Vec::new();
    for (name, value) in sorted {
        let (name, value) = (encode(name), encode(value));
        // A zero would end it early, and an equals sign the name.
        if name.is_empty()
            || name.contains(&u16::from(b'='))
            || [&name, &value].iter().any(|part| part.contains(&0))
        {
            continue;
        }
        block.extend(name);
        block.push(u16::from(b'='));
        block.extend(value);
        block.push(0);
    }
    // An empty one has two of them.
    if block.is_empty() {
        block.push(0);
    }
    block.push(0);
    block
}

#[cfg(test)]
mod tests {
    use cowork_policy::confinement::Grant;

    use super::*;
    use crate::elsewhere::testing::{folder, rules};

    #[test]
    fn words_come_back_as_they_were() {
        for (word, expected) in [
            ("plain", "plain"),
            (r"C:\a\b\", r"C:\a\b\"),
            ("", r#""""#),
            ("two words", r#""two words""#),
            (r#"say "hi""#, r#""say \"hi\"""#),
            (r"ends with \", r#""ends with \\""#),
            (r#"a\\"b"#, r#""a\\\\\"b""#),
            (r"a\b c", r#""a\b c""#),
        ] {
            assert_eq!(quoted(OsStr::new(word)), expected, "{word}");
        }
        let line = command_line(OsStr::new(r"C:\Program Files\x.exe"), &["a b".into()]);
        assert_eq!(line, r#""C:\Program Files\x.exe" "a b""#);
    }

    #[test]
    fn a_container_is_another_one_when_something_else_is_open() {
        let rules = rules("/work");
        let mut folder = folder("/work");
        let name = container_name(&rules, &folder);
        assert!(name.len() <= 64);
        assert_eq!(container_name(&rules, &folder), name);
        let mut names = vec![name];
        for writable in [false, true] {
            folder.granted = vec![Grant {
                path: "/other".into(),
                writable,
            }];
            names.push(container_name(&rules, &folder));
        }
        folder.path = "/elsewhere".into();
        names.push(container_name(&rules, &folder));
        names.sort();
        names.dedup();
        assert_eq!(names.len(), 4);
    }

    #[test]
    fn what_is_spelled_for_the_system_is_spelled_for_programs() {
        for (given, expected) in [
            (r"\\?\C:\work", r"C:\work"),
            (r"\\?\UNC\server\share", r"\\?\UNC\server\share"),
            (r"C:\work", r"C:\work"),
        ] {
            assert_eq!(plain_spelling(Path::new(given)), Path::new(expected));
        }
    }

    #[test]
    fn an_environment_is_sorted_and_nothing_in_it_ends_it_early() {
        let environment: Environment = [
            ("b", "2"),
            ("A", "1"),
            ("Z\0", "x"),
            ("C=D", "x"),
            ("E", "1\0F=2"),
        ]
        .map(|(name, value)| (name.into(), value.into()))
        .into();
        let encode = |text: &OsStr| text.to_str().unwrap().encode_utf16().collect();
        let text = String::from_utf16(&block(&environment, encode)).unwrap();
        assert_eq!(text, "A=1\0b=2\0\0");
        assert_eq!(block(&Environment::new(), encode), [0, 0]);
    }
}
