//! The permission rules an engine is started with.

use std::borrow::Cow;

use serde_json::{Map, Value};

/// What a rule says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Goes ahead at once.
    Allow,
    /// Waits for the person.
    Ask,
    /// Is refused, and the person is not asked.
    Deny,
}

impl Action {
    /// The word engines use for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Ask => "ask",
            Self::Deny => "deny",
        }
    }
}

/// The name of a permission, or a pattern over such names: `*` stands for any run of characters, `?` for one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PermissionName(Cow<'static, str>);

impl PermissionName {
    /// A name or pattern as the engine spells it.
    #[must_use]
    pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
        Self(name.into())
    }

    /// All tools of one MCP server. Engines put the server's name before the tool's, with everything but
    /// letters, digits, `-` and `_` replaced; the same is done here, so a name holding `*` is no pattern.
    #[must_use]
    pub fn of_server(server: &str) -> Self {
        let plain = |character: char| character.is_ascii_alphanumeric() || "-_".contains(character);
        let name: String = server
            .chars()
            .map(|character| if plain(character) { character } else { '_' })
            .collect();
        Self(Cow::Owned(format!("{name}_*")))
    }

    /// The name as it is spelled.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One rule. In a list of them the last one that matches counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// What it is about.
    pub permission: PermissionName,
    /// Which commands, paths or addresses it is about, with `*` and `?` as in [`PermissionName`].
    pub pattern: String,
    /// What it says.
    pub action: Action,
    /// Why, for whoever reads the list.
    pub reason: &'static str,
}

/// What reads and plans, and changes nothing.
const ALLOWED: [(&str, &str); 9] = [
    (
        "read",
        "reading in the granted folder is what the folder was granted for",
    ),
    ("glob", "finds names in the granted folder"),
    ("grep", "searches in the granted folder"),
    ("list", "lists the granted folder"),
    ("lsp", "asks a language server about the granted folder"),
    ("todowrite", "keeps the agent's own plan"),
    ("todoread", "reads the agent's own plan"),
    ("question", "puts a question to the person, which asks by itself"),
    (
        "invalid",
        "tells the model that it called a tool wrongly, and does nothing",
    ),
];

/// What changes something, leaves the machine or leaves the folder.
const ASKED: [(&str, &str); 8] = [
    ("bash", "a shell command can do anything the person can"),
    ("edit", "changes files"),
    ("webfetch", "sends an address, and what is in it, to the network"),
    ("websearch", "sends what is searched for to the network"),
    ("task", "starts another agent"),
    ("external_directory", "leaves the granted folder"),
    ("skill", "takes in instructions from a file"),
    ("doom_loop", "repeats the same call again and again"),
];

/// Files that hold secrets by custom. Reading one sends it to the model's provider.
pub(crate) const SECRET_FILES: [&str; 22] = [
    "*.env",
    "*.env.*",
    "*.envrc",
    "*.pem",
    "*.key",
    "*.p12",
    "*.pfx",
    "*.jks",
    "*.keystore",
    "*.kdbx",
    "*id_rsa*",
    "*id_dsa*",
    "*id_ecdsa*",
    "*id_ed25519*",
    "*.netrc",
    "*.npmrc",
    "*.pypirc",
    "*.pgpass",
    "*.git-credentials",
    "*credentials.json",
    "*.aws/credentials",
    "*.tfstate",
];

/// What looks like a secret file and is made to be shown.
const EXAMPLE_FILES: [&str; 3] = ["*.env.example", "*.env.sample", "*.env.template"];

/// Whether a path names a file that holds secrets by custom, in whatever case it is written.
#[must_use]
pub fn is_secret_file(path: &str) -> bool {
    let path = path.to_lowercase();
    let is_one_of = |patterns: &[&str]| patterns.iter().any(|pattern| matches(pattern, &path));
    is_one_of(&SECRET_FILES) && !is_one_of(&EXAMPLE_FILES)
}

/// The rules every engine is started with, weakest first: whatever has no rule is denied, reading in the
/// granted folder is allowed, everything that changes or sends something asks, and so does every tool of the
/// MCP servers named.
///
/// A search for text (`grep`) is allowed although it could show a line of a secret file: engines' searches
/// pass over hidden files, which is what most secret files are.
#[must_use]
pub fn engine_rules(mcp_servers: &[&str]) -> Vec<Rule> {
    let unknown = "nobody has said yet what this permission means, so it is not given";

    let mut rules = vec![rule("*", "*", Action::Deny, unknown)];
    // Servers come before the names that are known, so that no server's name can loosen one of them.
    for server in mcp_servers {
        rules.push(Rule {
            permission: PermissionName::of_server(server),
            pattern: "*".to_owned(),
            action: Action::Ask,
            reason: "a server's tool can do anything its maker wrote",
        });
    }
    for (permission, reason) in ALLOWED {
        rules.extend(allowed(permission, reason));
    }
    rules.extend(ASKED.map(|(permission, reason)| rule(permission, "*", Action::Ask, reason)));
    rules
}

/// The rules that single agents have besides, by the agent's name. An engine puts the rules for all behind what it
/// says of its own agents, so an agent that may do less than others has to be told so again, after them.
#[must_use]
pub fn agent_rules() -> Vec<(&'static str, Vec<Rule>)> {
    let planning = "a plan changes nothing; what it proposes is done by another agent";
    let looking = "it looks around and changes nothing";
    let internal = "it only writes a text the app asked for";
    let mut explore = vec![rule("*", "*", Action::Deny, looking)];
    for (permission, reason) in ALLOWED.into_iter().filter(|(name, _)| LOOKING.contains(name)) {
        explore.extend(allowed(permission, reason));
    }
    explore.extend(
        ASKED
            .into_iter()
            .filter(|(name, _)| LOOKING_AFTER_ASKING.contains(name))
            .map(|(permission, reason)| rule(permission, "*", Action::Ask, reason)),
    );
    let mut agents = vec![
        ("plan", vec![rule("edit", "*", Action::Deny, planning)]),
        ("explore", explore),
    ];
    agents.extend(INTERNAL.map(|agent| (agent, vec![rule("*", "*", Action::Deny, internal)])));
    agents
}

/// What the agent that looks around may do at once.
const LOOKING: [&str; 5] = ["read", "glob", "grep", "list", "invalid"];

/// What it may do when the person says so.
const LOOKING_AFTER_ASKING: [&str; 4] = ["bash", "webfetch", "websearch", "external_directory"];

/// Agents that titles and summaries are written by.
const INTERNAL: [&str; 3] = ["compaction", "summary", "title"];

fn rule(permission: &'static str, pattern: &str, action: Action, reason: &'static str) -> Rule {
    Rule {
        permission: PermissionName::new(permission),
        pattern: pattern.to_owned(),
        action,
        reason,
    }
}

/// The rules of one permission that goes ahead; reading has exceptions.
fn allowed(permission: &'static str, reason: &'static str) -> Vec<Rule> {
    let secret = "files of this name hold secrets by custom";
    let example = "files of this name are made to be shown";
    let mut rules = vec![rule(permission, "*", Action::Allow, reason)];
    if permission == "read" {
        rules.extend(SECRET_FILES.map(|pattern| rule("read", pattern, Action::Ask, secret)));
        rules.extend(EXAMPLE_FILES.map(|pattern| rule("read", pattern, Action::Allow, example)));
    }
    rules
}

/// What a list of rules says about one permission and one command, path or address: the last rule that
/// matches counts, and where none does the answer is to deny.
#[must_use]
pub fn evaluate(rules: &[Rule], permission: &str, subject: &str) -> Action {
    rules
        .iter()
        .rev()
        .find(|rule| matches(rule.permission.as_str(), permission) && matches(&rule.pattern, subject))
        .map_or(Action::Deny, |rule| rule.action)
}

/// The rules as the object engines read: a permission with the one pattern `*` as a word, others as an object
/// from pattern to word. Keys stand in the order they are first seen, which the engine reads as their rank, so
/// the rules of one permission must stand together in the list.
#[must_use]
pub fn to_object(rules: &[Rule]) -> Map<String, Value> {
    let mut object: Map<String, Value> = Map::new();
    for rule in rules {
        let word = Value::from(rule.action.as_str());
        let entry = object
            .entry(rule.permission.as_str())
            .or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(patterns) = entry {
            // A pattern said twice counts where it was said last.
            patterns.shift_remove(&rule.pattern);
            patterns.insert(rule.pattern.clone(), word);
        }
    }
    for value in object.values_mut() {
        let only = value
            .as_object()
            .filter(|patterns| patterns.len() == 1)
            .and_then(|patterns| patterns.get("*"));
        if let Some(word) = only.cloned() {
            *value = word;
        }
    }
    object
}

/// Whether a pattern matches the whole of a text, as engines read it: a space and a `*` at the end also stand
/// for nothing, so that `ls *` matches a bare `ls`.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let bare = pattern
        .strip_suffix(" *")
        .is_some_and(|bare| matches_whole(bare, text));
    bare || matches_whole(pattern, text)
}

/// Takes at most the product of both lengths: on a mismatch only the last `*` is tried again.
fn matches_whole(pattern: &str, text: &str) -> bool {
    // Engines match Windows paths with either slash.
    let fold = |text: &str| text.replace('\\', "/").chars().collect::<Vec<_>>();
    let (pattern, text) = (fold(pattern), fold(text));
    let (mut at, mut read) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while read < text.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at + 1, read));
                at += 1;
            }
            Some(&wanted) if wanted == '?' || wanted == text[read] => {
                at += 1;
                read += 1;
            }
            _ => {
                let Some((after, from)) = star else { return false };
                star = Some((after, from + 1));
                at = after;
                read = from + 1;
            }
        }
    }
    pattern[at..].iter().all(|&rest| rest == '*')
}
