//! What the wrapper is asked by the name it is called by, and by its arguments.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use cowork_policy::confinement::SHELLS;

use crate::Refusal;
#[cfg(not(target_os = "linux"))]
use crate::elsewhere as system;
#[cfg(target_os = "linux")]
use crate::linux as system;
use crate::proof::Targets;
use crate::wanted::Wanted;
use crate::yard::WRAPPER;
use system::run;

/// The command that has the engine's own surroundings prove the box of `folder`. It is to be run where the engine runs.
#[must_use]
pub fn prove(wrapper: &Path, folder: &Path) -> Command {
    let mut command = Command::new(wrapper);
    command.arg("prove").arg("--folder").arg(folder);
    command
}

/// The arguments of the wrapper by which it runs git in a folder, for the app itself. They are to be given where the
/// engine runs, as those of [`prove`].
#[must_use]
pub fn git(folder: &Path, arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    ["git".into(), "--folder".into(), folder.into(), "--".into()]
        .into_iter()
        .chain(arguments)
        .collect()
}

/// Answers a call of the wrapper, whose first word is the name it was called by.
pub fn answer(words: impl IntoIterator<Item = OsString>) -> ExitCode {
    let mut words = words.into_iter();
    let called = words.next().unwrap_or_default();
    // A login shell is called with a hyphen before its name.
    let name = Path::new(&called)
        .file_name()
        .and_then(OsStr::to_str)
        .unwrap_or_default();
    let name = name.strip_prefix('-').unwrap_or(name).to_owned();
    match dispatch(&name, words.collect()) {
        Ok(code) => code,
        Err(refusal) => refusal.report(),
    }
}

fn dispatch(name: &str, words: Vec<OsString>) -> Result<ExitCode, Refusal> {
    // Programs are files with an ending on Windows.
    let name = name.strip_suffix(std::env::consts::EXE_SUFFIX).unwrap_or(name);
    if SHELLS.contains(&name) {
        if script(&words).is_some_and(cowork_policy::goes_unasked) {
            return Err(Refusal::new(
                "it names no program, and so nobody was asked for it",
                "Write it with one, such as : before an arrow or test instead of brackets",
            ));
        }
        return run(&Wanted::Shell {
            name: name.to_owned(),
            arguments: words,
            trial: false,
        });
    }
    if name == "git" {
        return run(&Wanted::Git { arguments: words });
    }
    if name != WRAPPER {
        return Err(Refusal::new(
            format!("it stands in front of no program called {name}"),
            format!("Call it {WRAPPER}, or by the name of a shell or of git"),
        ));
    }
    let mut words = words.into_iter();
    let verb = words.next().unwrap_or_default();
    let verb = verb.to_str().unwrap_or_default();
    match verb {
        "attack" => Ok(system::attack(words)),
        "victim" => {
            // It is there to be attacked, until its input ends.
            let _ended = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
            Ok(ExitCode::SUCCESS)
        }
        "mcp" => program(Options::read(words)?),
        "git" => {
            let mut options = Options::read(words)?;
            let folder = options.folder()?;
            std::env::set_current_dir(&folder).map_err(|error| {
                Refusal::new(
                    format!("{} is not there ({error})", folder.display()),
                    "Open the folder again",
                )
            })?;
            run(&Wanted::Git {
                arguments: options.rest,
            })
        }
        // By this the proof has its attack run before anything is proven. A command gains nothing by it: in its box
        // there are no rules by which another one could be made.
        "try-shell" => run(&Wanted::Shell {
            name: if cfg!(windows) { "powershell" } else { "bash" }.to_owned(),
            arguments: words.collect(),
            trial: true,
        }),
        "prove" => {
            let mut options = Options::read(words)?;
            Ok(system::prove(&Targets {
                folder: options.folder()?,
                secret: options.last("--secret").map(PathBuf::from),
                sockets: options.all("--socket").map(PathBuf::from).collect(),
                ports: options
                    .all("--port")
                    .filter_map(|port| port.to_str()?.parse().ok())
                    .collect(),
                outside: options.all("--outside").map(PathBuf::from).collect(),
            }))
        }
        _ => of_system(verb, words),
    }
}

/// The text that a shell of this family is told to run by its arguments.
fn script(words: &[OsString]) -> Option<&str> {
    let is_told = |word: &OsString| {
        let letters = word.to_str().and_then(|word| word.strip_prefix('-'));
        letters.is_some_and(|letters| !letters.starts_with('-') && letters.ends_with('c'))
    };
    let at = words.iter().position(is_told)?;
    words.get(at + 1)?.to_str()
}

/// What the wrapper is asked only where it makes its boxes by namespaces or Landlock.
#[cfg(target_os = "linux")]
fn of_system(verb: &str, words: impl Iterator<Item = OsString>) -> Result<ExitCode, Refusal> {
    match verb {
        "inside" => Ok(system::inside(words)),
        "connect" => system::connect(words),
        "ssh" => system::ssh(words),
        "means" => {
            let possible = serde_json::to_string(&system::probe());
            let possible = possible.map_err(|error| Refusal::box_failed("saying what is possible", error))?;
            let _unread = std::io::Write::write_fmt(&mut std::io::stdout(), format_args!("{possible}\n"));
            Ok(ExitCode::SUCCESS)
        }
        "grant" => {
            let mut options = Options::read(words)?;
            let folder = options.folder()?;
            let process = options.process()?;
            if options.revoke {
                system::revoke(process, &folder)?;
            } else {
                system::grant(process, &folder, !options.read_only, options.bars_links)?;
            }
            Ok(ExitCode::SUCCESS)
        }
        "bar-links" => {
            let options = Options::read(words)?;
            let folders: Vec<PathBuf> = options.all("--folder").map(PathBuf::from).collect();
            system::bar_links(options.process()?, &folders)?;
            Ok(ExitCode::SUCCESS)
        }
        _ => Err(usage("it was not told what to do")),
    }
}

/// What the attack leaves behind there is the wrapper itself.
#[cfg(not(target_os = "linux"))]
fn of_system(verb: &str, words: impl Iterator<Item = OsString>) -> Result<ExitCode, Refusal> {
    match verb {
        "linger" => Ok(system::linger(words)),
        _ => Err(usage("it was not told what to do")),
    }
}

fn program(mut options: Options) -> Result<ExitCode, Refusal> {
    let folder = match options.last("--name") {
        Some(id) => {
            let rules = crate::Yard::find().map(|yard| yard.read_rules()).transpose()?;
            let named = rules
                .into_iter()
                .flat_map(|rules| rules.folders)
                .find(|folder| folder.id.as_str() == id);
            named
                .map(|folder| folder.path)
                .ok_or_else(|| usage("no folder has this --name"))?
        }
        None if options.last("--folder").is_some() => options.folder()?,
        // An engine starts a server in the folder that it is for.
        None => std::env::current_dir().map_err(|_| usage("--folder PATH is missing"))?,
    };
    let environment = options
        .all("--env")
        .filter_map(|word| {
            let text = word.to_string_lossy().into_owned();
            match text.split_once('=') {
                Some((name, value)) => Some((name.into(), value.into())),
                // A value that is in our own environment need not be in a list of processes.
                None => std::env::var_os(&word).map(|value| (word, value)),
            }
        })
        .collect();
    let mut rest = std::mem::take(&mut options.rest).into_iter();
    let program = rest.next().ok_or_else(|| usage("the command is missing"))?;
    run(&Wanted::Program {
        folder,
        environment,
        program,
        arguments: rest.collect(),
    })
}

fn usage(problem: &str) -> Refusal {
    Refusal::new(
        problem,
        "Usage: cowork-box mcp [--folder PATH | --name ID] [--env NAME[=VALUE]]… -- COMMAND…; cowork-box git --folder PATH -- \
         ARGUMENTS…; cowork-box prove --folder \
         PATH [--secret FILE] [--socket PATH]… [--port N]… [--outside DIRECTORY]…; cowork-box grant --pid N --folder \
         PATH [--read-only | --revoke] [--bar-links]; cowork-box bar-links --pid N [--folder PATH]…; cowork-box means",
    )
}

/// Options with a value each, and what follows `--`.
#[derive(Debug, Default)]
struct Options {
    given: Vec<(String, OsString)>,
    revoke: bool,
    read_only: bool,
    bars_links: bool,
    rest: Vec<OsString>,
}

impl Options {
    fn read(words: impl IntoIterator<Item = OsString>) -> Result<Self, Refusal> {
        let mut options = Self::default();
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            let name = word.to_str().unwrap_or_default().to_owned();
            match name.as_str() {
                "--" => {
                    options.rest = words.collect();
                    break;
                }
                "--revoke" => options.revoke = true,
                "--read-only" => options.read_only = true,
                "--bar-links" => options.bars_links = true,
                "--folder" | "--name" | "--env" | "--secret" | "--socket" | "--port" | "--outside"
                | "--pid" => {
                    let value = words
                        .next()
                        .ok_or_else(|| usage(&format!("{name} has no value")))?;
                    options.given.push((name, value));
                }
                _ => return Err(usage(&format!("{name} is not known"))),
            }
        }
        Ok(options)
    }

    fn all(&self, name: &'static str) -> impl Iterator<Item = OsString> {
        let given = self.given.iter().filter(move |(given, _)| given == name);
        given.map(|(_, value)| value.clone())
    }

    fn last(&self, name: &'static str) -> Option<OsString> {
        self.all(name).last()
    }

    /// The process whose box is to be changed.
    #[cfg(target_os = "linux")]
    fn process(&self) -> Result<u32, Refusal> {
        let given = self
            .last("--pid")
            .and_then(|process| process.to_str()?.parse().ok());
        given.ok_or_else(|| usage("--pid NUMBER is missing"))
    }

    fn folder(&mut self) -> Result<PathBuf, Refusal> {
        let folder = self
            .last("--folder")
            .ok_or_else(|| usage("--folder PATH is missing"))?;
        Ok(folder.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_found_behind_its_option_alone() {
        let of = |words: &[&str]| {
            let words: Vec<OsString> = words.iter().map(OsString::from).collect();
            script(&words).map(str::to_owned)
        };
        assert_eq!(of(&["-c", "> x"]).as_deref(), Some("> x"));
        assert_eq!(of(&["-l", "-ec", "> x", "-c"]).as_deref(), Some("> x"));
        assert_eq!(of(&["--rcfile", "x.sh"]), None);
    }

    #[test]
    fn options_are_read_up_to_the_command() {
        let words = [
            "--folder", "/a", "--env", "A=1", "--env", "B=2", "--", "run", "--env",
        ]
        .map(OsString::from);
        let mut options = Options::read(words).unwrap();
        assert_eq!(options.folder().unwrap(), PathBuf::from("/a"));
        assert_eq!(options.all("--env").collect::<Vec<_>>(), ["A=1", "B=2"]);
        assert_eq!(options.rest, ["run", "--env"]);
        assert!(Options::read(["--unknown".into()]).is_err());
    }
}
