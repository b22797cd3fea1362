//! Commands as they are written: templates of prompts, with places for arguments and for what a shell prints.
//!
//! A line of shell in a template never runs in the engine. There it would run beside the engine's password, outside of
//! every box and without an ask; here it becomes words that ask the agent to run it, in its box and with the ask.

use std::path::{Path, PathBuf};

use cowork_engine::{Command, CommandSource};
use sha2::{Digest as _, Sha256};

use super::plain;

/// Commands of one folder. More than these nobody looks through.
const MOST: usize = 100;

/// Files and folders that are looked at for them.
const MOST_ENTRIES: usize = 2_000;

/// Bytes of a template. Those that are in use have some thousand.
pub(crate) const TEMPLATE_BYTES: u64 = 64 * 1024;

/// Folders in the folder of commands.
const DEEPEST: usize = 4;

/// Where a folder keeps its commands.
const PLACES: [&str; 2] = [".opencode/command", ".opencode/commands"];

/// Where a template comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    Engine,
    Server,
    Skill,
    /// A file of the folder, which the engine is not told of.
    Folder,
}

/// A command with its template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template {
    pub(crate) name: String,
    pub(crate) origin: Origin,
    pub(crate) description: String,
    /// What the author says its arguments are.
    pub(crate) hint: String,
    pub(crate) body: String,
    pub(crate) agent: Option<String>,
    pub(crate) model: Option<String>,
    /// Where it is, from the folder on.
    pub(crate) path: Option<String>,
}

impl Template {
    pub(crate) fn of_engine(command: Command) -> Self {
        Self {
            name: command.name,
            origin: match command.source {
                CommandSource::Engine => Origin::Engine,
                CommandSource::Server => Origin::Server,
                CommandSource::Skill => Origin::Skill,
            },
            description: command.description.unwrap_or_default(),
            hint: String::new(),
            body: command.template,
            agent: command.agent,
            model: command.model,
            path: None,
        }
    }

    /// What of it is shell.
    pub(crate) fn shell(&self) -> Vec<String> {
        pieces(&self.body)
            .into_iter()
            .filter_map(|piece| match piece {
                Piece::Shell(line) => Some(line.to_owned()),
                Piece::Words(_) => None,
            })
            .collect()
    }

    /// Whether a person has to have read it before it is used: it is the folder's and not theirs, or it has shell in it.
    pub(crate) fn needs_trust(&self) -> bool {
        self.origin == Origin::Folder || !self.shell().is_empty()
    }

    /// Whether nobody can know what it says: a tool server makes it when it is run.
    pub(crate) fn is_unknown(&self) -> bool {
        self.origin == Origin::Server || (self.origin != Origin::Folder && self.body.trim().is_empty())
    }

    /// Names it among commands of the same name from elsewhere.
    pub(crate) fn key(&self) -> String {
        let origin = match self.origin {
            Origin::Folder => "folder",
            Origin::Engine | Origin::Server | Origin::Skill => "engine",
        };
        format!("{origin}/{}", self.name)
    }

    /// Tells apart what it says: all that shapes what is sent.
    pub(crate) fn hash(&self) -> String {
        let mut hash = Sha256::new();
        for part in [
            self.body.as_str(),
            self.agent.as_deref().unwrap_or_default(),
            self.model.as_deref().unwrap_or_default(),
        ] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        hex::encode(hash.finalize())
    }

    /// All that it says, as a person reads it before they trust it: with the agent and the model that it chooses, and with
    /// what hides or reorders text made visible.
    pub(crate) fn shown(&self) -> String {
        let chosen = [("agent", &self.agent), ("model", &self.model)];
        let chosen = chosen.map(|(name, value)| value.as_ref().map(|value| format!("{name}: {value}\n")));
        let head: String = chosen.into_iter().flatten().collect();
        let text = match head.as_str() {
            "" => self.body.clone(),
            head => format!("---\n{head}---\n{}", self.body),
        };
        cowork_policy::visible(&text).into_owned()
    }

    /// How many numbered places for arguments it has, and whether it takes whatever is written behind it.
    pub(crate) fn places(&self) -> (u32, bool) {
        (highest_place(&self.body), self.body.contains("$ARGUMENTS"))
    }

    /// The prompt, with these arguments.
    pub(crate) fn expand(&self, arguments: &str) -> String {
        let words = split(arguments);
        let highest = highest_place(&self.body) as usize;
        let mut prompt = String::new();
        for piece in pieces(&self.body) {
            match piece {
                Piece::Words(text) => fill(text, arguments, &words, highest, &mut prompt),
                Piece::Shell(line) => {
                    let mut filled = String::new();
                    fill(line, arguments, &words, highest, &mut filled);
                    prompt.push_str("(run this command first and use what it prints: `");
                    prompt.push_str(&filled);
                    prompt.push_str("`)");
                }
            }
        }
        if highest == 0 && !self.body.contains("$ARGUMENTS") && !arguments.trim().is_empty() {
            prompt.push_str("\n\n");
            prompt.push_str(arguments.trim());
        }
        prompt.trim().to_owned()
    }
}

enum Piece<'a> {
    Words(&'a str),
    Shell(&'a str),
}

/// The words of a template and its shell, which stands in backquotes behind an exclamation mark.
fn pieces(body: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = body;
    while let Some((words, behind)) = rest.split_once("!`") {
        let Some((line, next)) = behind.split_once('`') else {
            break;
        };
        if line.is_empty() {
            // Words, and what stands behind them may be shell all the same.
            pieces.push(Piece::Words(&rest[..rest.len() - next.len()]));
            rest = next;
            continue;
        }
        pieces.push(Piece::Words(words));
        pieces.push(Piece::Shell(line));
        rest = next;
    }
    pieces.push(Piece::Words(rest));
    pieces
}

/// The largest number behind a dollar sign.
fn highest_place(body: &str) -> u32 {
    let numbered = body.split('$').skip(1).filter_map(|behind| {
        let digits: String = behind.chars().take_while(char::is_ascii_digit).collect();
        digits
            .parse::<u32>()
            .ok()
            .filter(|place| (1..=99).contains(place))
    });
    numbered.max().unwrap_or(0)
}

/// Puts arguments into their places; the last place takes all that is left.
fn fill(text: &str, arguments: &str, words: &[String], highest: usize, into: &mut String) {
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('$') {
        into.push_str(before);
        if let Some(next) = behind.strip_prefix("ARGUMENTS") {
            into.push_str(arguments.trim());
            rest = next;
            continue;
        }
        let digits = behind.bytes().take_while(u8::is_ascii_digit).count();
        let (number, next) = behind.split_at(digits);
        match number
            .parse::<usize>()
            .ok()
            .filter(|place| (1..=99).contains(place))
        {
            Some(place) if place == highest => {
                into.push_str(&words.get(place - 1..).unwrap_or_default().join(" "));
            }
            Some(place) => into.push_str(words.get(place - 1).map_or("", String::as_str)),
            None => {
                into.push('$');
                into.push_str(number);
            }
        }
        rest = next;
    }
    into.push_str(rest);
}

/// The words of arguments; what stands in quotes is one.
fn split(arguments: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let (mut quote, mut open) = (None, false);
    for character in arguments.chars() {
        match quote {
            Some(mark) if character == mark => quote = None,
            None if matches!(character, '"' | '\'') => (quote, open) = (Some(character), true),
            None if character.is_whitespace() => {
                if open || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                open = false;
            }
            _ => word.push(character),
        }
    }
    if open || !word.is_empty() {
        words.push(word);
    }
    words
}

/// The commands that a folder brings, but for those in what is covered. Looks at the disk.
pub(crate) fn of_folder(folder: &Path, covered: &[PathBuf]) -> Vec<Template> {
    let Ok(root) = folder.canonicalize() else {
        return Vec::new();
    };
    let mut gathering = Gathering {
        root,
        covered,
        entries_left: MOST_ENTRIES,
        found: Vec::new(),
    };
    for place in PLACES {
        gathering.gather(Path::new(place), "", 0);
    }
    let mut found = gathering.found;
    found.sort_by(|one: &Template, other| one.name.cmp(&other.name));
    found.dedup_by(|one, other| one.name == other.name);
    found
}

/// Looks for commands in one folder.
struct Gathering<'a> {
    root: PathBuf,
    covered: &'a [PathBuf],
    entries_left: usize,
    found: Vec<Template>,
}

impl Gathering<'_> {
    /// A link would lead to what the person did not open, so none is followed: neither to a command nor on the way.
    fn gather(&mut self, folder: &Path, prefix: &str, depth: usize) {
        if self.is_covered(folder) {
            return;
        }
        // Most folders have none; of what cannot be read nothing is offered.
        let Ok(entries) = plain::entries(&self.root, folder, self.entries_left) else {
            return;
        };
        self.entries_left -= entries.len().min(self.entries_left);
        for entry in entries {
            if self.found.len() == MOST {
                return;
            }
            let path = folder.join(&entry.name);
            if entry.is_folder && depth < DEEPEST {
                self.gather(&path, &format!("{prefix}{}/", entry.name), depth + 1);
            } else if !entry.is_folder
                && !self.is_covered(&path)
                && let Some(stem) = entry.name.strip_suffix(".md").filter(|stem| is_name(stem))
                && let Ok(bytes) = plain::read(&self.root, &path, TEMPLATE_BYTES)
                && let Ok(text) = String::from_utf8(bytes)
            {
                let shown = path.display().to_string();
                self.found
                    .push(parse(format!("{prefix}{stem}"), Some(shown), &text));
            }
        }
    }

    fn is_covered(&self, path: &Path) -> bool {
        let path = self.root.join(path);
        self.covered.iter().any(|cover| path.starts_with(cover))
    }
}

/// A name that can be typed behind a slash.
fn is_name(stem: &str) -> bool {
    !stem.is_empty()
        && stem
            .chars()
            .all(|character| character.is_alphanumeric() || "-_.:".contains(character))
}

/// Reads a file of a command: settings between two lines of dashes, then the template.
fn parse(name: String, path: Option<String>, text: &str) -> Template {
    let text = text
        .strip_prefix('\u{feff}')
        .unwrap_or(text)
        .replace("\r\n", "\n");
    let mut template = Template {
        name,
        origin: Origin::Folder,
        description: String::new(),
        hint: String::new(),
        body: String::new(),
        agent: None,
        model: None,
        path,
    };
    let headed = text
        .strip_prefix("---\n")
        .and_then(|rest| rest.split_once("\n---\n"));
    let Some((head, body)) = headed else {
        text.trim().clone_into(&mut template.body);
        return template;
    };
    body.trim().clone_into(&mut template.body);
    for line in head.lines() {
        let Some((key, value)) = line.split_once(':') else {
            continue;
        };
        let value = value.trim().trim_matches(['"', '\'']).to_owned();
        match key.trim() {
            "description" => template.description = value,
            "argument-hint" => template.hint = value,
            "agent" if !value.is_empty() => template.agent = Some(value),
            "model" if !value.is_empty() => template.model = Some(value),
            _ => {}
        }
    }
    template
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn template(body: &str) -> Template {
        parse("t".to_owned(), None, body)
    }

    #[test]
    fn arguments_go_to_their_places_and_the_last_takes_the_rest() {
        let expand = |body: &str, arguments: &str| template(body).expand(arguments);
        assert_eq!(expand("Fix $1 in $2.", "it 'a b' c"), "Fix it in a b c.");
        assert_eq!(expand("All: $ARGUMENTS", " x y "), "All: x y");
        assert_eq!(
            expand("Costs $ and $0 and $x", "more"),
            "Costs $ and $0 and $x\n\nmore"
        );
        assert_eq!(expand("Nothing here", ""), "Nothing here");
        assert_eq!(expand("$1$2", "only"), "only");
        assert_eq!(template("$2 $ARGUMENTS").places(), (2, true));
    }

    #[test]
    fn shell_becomes_words_and_asks_to_be_trusted() {
        let shelly = template("See !`git log $1` and `plain` !`` done");
        assert_eq!(shelly.shell(), ["git log $1"]);
        assert_eq!(
            shelly.expand("-3"),
            "See (run this command first and use what it prints: `git log -3`) and `plain` !`` done"
        );
        let mut engine = template("Just words, and `code`!");
        engine.origin = Origin::Engine;
        assert!(!engine.needs_trust());
        assert!(!engine.is_unknown());
        engine.body = "!`rm -rf .`".to_owned();
        assert!(engine.needs_trust());
        engine.origin = Origin::Server;
        assert!(engine.is_unknown());
        let behind_nothing = template("!``!`ls` and !`");
        assert_eq!(behind_nothing.shell(), ["ls"]);
        assert!(behind_nothing.expand("").starts_with("!``(run this"));
        // What a person writes behind a command is words, whatever it looks like.
        assert_eq!(template("Say $ARGUMENTS").expand("!`ls`"), "Say !`ls`");
    }

    #[test]
    fn what_is_trusted_is_shown_with_all_that_it_chooses_and_nothing_in_it_is_hidden() {
        let mut hidden = template("Review \u{202e}this\u{e0041}\u{200b}");
        assert_eq!(hidden.shown(), "Review \u{fffd}this\u{fffd}\u{fffd}");
        hidden.agent = Some("build".to_owned());
        hidden.model = Some("some/model".to_owned());
        assert!(
            hidden
                .shown()
                .starts_with("---\nagent: build\nmodel: some/model\n---\nReview ")
        );
    }

    #[test]
    fn a_folder_brings_commands_with_what_their_authors_say() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join(".opencode/command/git");
        fs::create_dir_all(&place).unwrap();
        let file = "---\ndescription: \"Writes notes: all\"\nagent: plan\nargument-hint: [version]\n---\nNotes of $1\n";
        fs::write(place.join("notes.md"), file).unwrap();
        fs::write(place.join("bad name.md"), "x").unwrap();
        fs::write(
            place.join("large.md"),
            "x".repeat(usize::try_from(TEMPLATE_BYTES).unwrap() + 1),
        )
        .unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink("/etc/hostname", place.join("link.md")).unwrap();
        let covered = folder
            .path()
            .canonicalize()
            .unwrap()
            .join(".opencode/command/git");
        assert_eq!(of_folder(folder.path(), &[covered]), []);
        let found = of_folder(folder.path(), &[]);
        assert_eq!(found.len(), 1, "{found:?}");
        let notes = &found[0];
        assert_eq!(
            (notes.name.as_str(), notes.body.as_str()),
            ("git/notes", "Notes of $1")
        );
        assert_eq!(
            (
                notes.description.as_str(),
                notes.hint.as_str(),
                notes.agent.as_deref()
            ),
            ("Writes notes: all", "[version]", Some("plan"))
        );
        assert_eq!(notes.path.as_deref(), Some(".opencode/command/git/notes.md"));
        let mut changed = notes.clone();
        assert_eq!(changed.hash(), notes.hash());
        changed.body.push('!');
        assert_ne!(changed.hash(), notes.hash());
    }

    #[cfg(unix)]
    #[test]
    fn commands_are_not_looked_for_behind_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        fs::create_dir(elsewhere.path().join("command")).unwrap();
        fs::write(elsewhere.path().join("command/leak.md"), "secret").unwrap();
        std::os::unix::fs::symlink(elsewhere.path(), folder.path().join(".opencode")).unwrap();
        assert_eq!(of_folder(folder.path(), &[]), []);
    }
}
