//! Text written from the registry: each function gives the whole content of one file.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use cowork_workspace::view::{LimitName, Settings};
use cowork_workspace::{SETTING_RANGES, SettingRange};

use crate::registry::{self, Command, WireType};

const NOTE: &str =
    "Written from the command registry by `cargo run -p cowork-api --bin generate-ipc`; do not edit.";

/// Every generated file: its path from the root of the repository, and its content.
#[must_use]
pub fn files() -> Vec<(PathBuf, String)> {
    let commands = registry::commands();
    vec![
        (PathBuf::from("src-tauri/src/commands.rs"), handlers(&commands)),
        (
            PathBuf::from("src-tauri/permissions/commands.toml"),
            permissions(&commands),
        ),
        (PathBuf::from("capabilities/main.json"), capability()),
        (
            PathBuf::from("ui/src/backend/generated.ts"),
            typescript(&commands),
        ),
        (PathBuf::from("docs/ipc.md"), documentation(&commands)),
    ]
}

/// `session_open` → `allow-session-open`.
fn permission_identifier(command: &Command) -> String {
    format!("allow-{}", command.name.replace('_', "-"))
}

/// `session_open` → `sessionOpen`.
fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let mut result = words.next().unwrap_or_default().to_owned();
    for word in words {
        let (first, rest) = word.split_at(1);
        result.push_str(&first.to_uppercase());
        result.push_str(rest);
    }
    result
}

fn handlers(commands: &[Command]) -> String {
    let mut text = format!(
        "//! The commands a window can invoke.\n//!\n//! {NOTE}\n\n\
         use cowork_api::{{Api, ApiError, json, view}};\n\
         use tauri::ipc::{{Channel, Invoke}};\nuse tauri::{{Runtime, State}};\n\n\
         /// Dispatches an invocation to its command.\n\
         #[expect(clippy::too_many_lines, reason = \"one line for each command\")]\n\
         pub(crate) fn handler<R: Runtime>() -> impl Fn(Invoke<R>) -> bool + Send + Sync + 'static {{\n    \
         tauri::generate_handler![\n"
    );
    for command in commands {
        let _ = writeln!(text, "        {},", command.name);
    }
    text.push_str("    ]\n}\n");
    for command in commands {
        let mut parameters = String::from("api: State<'_, Api>");
        let mut arguments = String::new();
        if let Some(request) = &command.request {
            let _ = write!(parameters, ", request: {}", request.rust);
            arguments.push_str("request");
        }
        if let Some(stream) = &command.stream {
            let _ = write!(parameters, ", channel: Channel<{}>", stream.rust);
            let separator = if arguments.is_empty() { "" } else { ", " };
            let _ = write!(arguments, "{separator}move |item| channel.send(item).is_ok()");
        }
        let response = command.response.rust;
        let _ = write!(
            text,
            "\n/// {}\n#[tauri::command]\npub(crate) async fn {name}({parameters}) -> Result<{response}, ApiError> {{\n    api.{name}({arguments}).await\n}}\n",
            command.description,
            name = command.name,
        );
    }
    text
}

fn permissions(commands: &[Command]) -> String {
    let mut text = format!("# {NOTE}\n");
    for command in commands {
        let _ = write!(
            text,
            "\n[[permission]]\nidentifier = \"{}\"\ndescription = \"{}\"\ncommands.allow = [\"{}\"]\n",
            permission_identifier(command),
            command.description.replace('"', "'"),
            command.name,
        );
    }
    let mut windows: BTreeMap<_, Vec<String>> = BTreeMap::new();
    for command in commands {
        windows
            .entry(command.window)
            .or_default()
            .push(permission_identifier(command));
    }
    for (window, identifiers) in windows {
        let _ = write!(
            text,
            "\n[[set]]\nidentifier = \"{label}-window\"\ndescription = \"Everything the {label} window may call.\"\npermissions = [\n",
            label = window.label(),
        );
        for identifier in identifiers {
            let _ = writeln!(text, "  \"{identifier}\",");
        }
        text.push_str("]\n");
    }
    text
}

fn capability() -> String {
    let label = registry::Window::Main.label();
    format!(
        "{{\n  \"identifier\": \"{label}\",\n  \"description\": \"{NOTE}\",\n  \"local\": true,\n  \"windows\": [\"{label}\"],\n  \"permissions\": [\"{label}-window\"]\n}}\n"
    )
}

fn typescript(commands: &[Command]) -> String {
    let mut declarations = registry::failure().declarations;
    let every = |command: &Command| -> Vec<WireType> {
        [
            command.request.clone(),
            Some(command.response.clone()),
            command.stream.clone(),
        ]
        .into_iter()
        .flatten()
        .collect()
    };
    for wire_type in commands.iter().flat_map(every) {
        declarations.extend(wire_type.declarations);
    }
    let mut text = format!("// {NOTE}\n\n");
    for declaration in declarations.values() {
        let _ = writeln!(text, "{}\n", declaration.trim_end());
    }
    text.push_str("/** Every command: what it takes and what it answers. */\nexport interface Commands {\n");
    for command in commands.iter().filter(|command| command.stream.is_none()) {
        let request = command
            .request
            .as_ref()
            .map_or_else(String::new, |request| format!("request: {}", request.typescript));
        let _ = writeln!(
            text,
            "  /** {} */\n  {}({request}): Promise<{}>;",
            command.description,
            camel_case(command.name),
            answer(command),
        );
    }
    text.push_str("}\n\n/** Every subscription: what it sends. */\nexport interface Streams {\n");
    for command in commands {
        if let Some(stream) = &command.stream {
            let _ = writeln!(
                text,
                "  /** {} */\n  {}(receive: (item: {}) => void): Promise<void>;",
                command.description,
                camel_case(command.name),
                stream.typescript,
            );
        }
    }
    text.push_str("}\n\n/** The names on the wire. */\nexport const commandNames = {\n");
    for command in commands.iter().filter(|command| command.stream.is_none()) {
        let _ = writeln!(text, "  {}: \"{}\",", camel_case(command.name), command.name);
    }
    text.push_str("} as const satisfies Record<keyof Commands, string>;\n\nexport const streamNames = {\n");
    for command in commands.iter().filter(|command| command.stream.is_some()) {
        let _ = writeln!(text, "  {}: \"{}\",", camel_case(command.name), command.name);
    }
    text.push_str("} as const satisfies Record<keyof Streams, string>;\n");
    text.push_str(&limit_ranges());
    text.push_str(&settings());
    text
}

/// What the limits of a folder may be set to, so that a page asks for nothing that is refused.
fn limit_ranges() -> String {
    let mut text =
        "\n/** What each limit of a folder may be set to, in the order they are listed in. */\n".to_owned();
    text.push_str("export const limitRanges = {\n");
    for (name, range) in LimitName::ranges() {
        let name = serde_json::to_string(&name).unwrap_or_default();
        let _ = writeln!(
            text,
            "  {}: {{ least: {}, usual: {}, most: {} }},",
            name.trim_matches('"'),
            range.least,
            range.usual,
            range.most,
        );
    }
    text.push_str(
        "} as const satisfies Record<LimitName, { least: number; usual: number; most: number }>;\n",
    );
    text
}

/// The defaults of the settings and what numbers among them may be, so that a page repeats neither.
fn settings() -> String {
    // A struct of plain fields has JSON.
    let defaults = serde_json::to_string_pretty(&Settings::default()).unwrap_or_default();
    let mut text = format!(
        "\n/** What holds where the person set nothing. */\nexport const defaultSettings: Settings = {defaults};\n"
    );
    text.push_str(
        "\n/** What each number of the settings may be, and what a button makes of it, up or down. */\n",
    );
    text.push_str("export const settingRanges = {\n");
    for SettingRange {
        name, range, step, ..
    } in &SETTING_RANGES
    {
        let (least, most) = (range.start(), range.end());
        let _ = writeln!(
            text,
            "  {name}: {{ least: {least}, most: {most}, step: {step} }},"
        );
    }
    text.push_str("} as const satisfies { [Name in keyof Settings]?: { least: number; most: number; step: number } };\n");
    text
}

/// What a client gets: TypeScript has no unit value, so nothing is `void`.
fn answer(command: &Command) -> &str {
    if command.response.rust == "()" {
        "void"
    } else {
        &command.response.typescript
    }
}

fn documentation(commands: &[Command]) -> String {
    let mut text = format!(
        "# Commands\n\n{NOTE}\n\nEach command can be called from the window named and from no other place. A failure \
         is an `ApiError` with a stable `code` and a `message` that says what to do next. The types are in \
         `ui/src/backend/generated.ts`.\n\n| command | window | takes | answers | what it does |\n|---|---|---|---|---|\n"
    );
    let code = |text: &str| format!("`{}`", text.replace('|', "\\|"));
    for command in commands {
        let takes = command
            .request
            .as_ref()
            .map_or_else(|| "–".to_owned(), |request| code(&request.typescript));
        let answers = match &command.stream {
            Some(stream) => format!("a stream of {}", code(&stream.typescript)),
            None if command.response.rust == "()" => "–".to_owned(),
            None => code(&command.response.typescript),
        };
        let _ = writeln!(
            text,
            "| `{}` | {} | {takes} | {answers} | {} |",
            command.name,
            command.window.label(),
            command.description,
        );
    }
    text
}
