//! How each language is compiled and run.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::find::{Finder, Program};
use crate::language::Language;

/// A program of a language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tool {
    /// One of [`Language::programs`].
    pub(crate) name: &'static str,
    pub(crate) program: Program,
}

/// How a source is run. In the box the source lies in `/code`, which is read-only, what is compiled in `/out`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Recipe {
    /// The name of the source's file.
    pub(crate) file: String,
    /// The command that compiles it, if there is one.
    pub(crate) compile: Option<Vec<OsString>>,
    /// The command that runs it.
    pub(crate) run: Vec<OsString>,
    /// What of the person's home the programs need.
    pub(crate) needs: Vec<PathBuf>,
}

/// One phase in a box.
pub(crate) struct Job<'a> {
    /// What is run.
    pub(crate) command: &'a [OsString],
    /// What of the person's home it needs.
    pub(crate) needs: &'a [PathBuf],
    /// The directory of the source.
    pub(crate) work: Option<&'a Path>,
    /// The directory of what is compiled, and whether it is written.
    pub(crate) out: Option<(&'a Path, bool)>,
}

impl Job<'_> {
    /// The directory that it writes to, beside its scratch.
    pub(crate) fn grows(&self) -> Option<PathBuf> {
        let (out, _) = self.out.filter(|(_, writable)| *writable)?;
        Some(out.to_owned())
    }

    /// All variables there are in the box.
    pub(crate) fn environment(&self) -> Vec<(&'static str, OsString)> {
        let mut path = OsString::new();
        for need in self.needs {
            let directory = if need.join("bin").is_dir() {
                need.join("bin")
            } else {
                need.parent().unwrap_or(need).to_owned()
            };
            path.push(directory);
            path.push(":");
        }
        path.push("/usr/local/bin:/usr/bin:/bin");
        let mut variables = vec![("PATH", path)];
        variables.extend(FIXED.iter().map(|(name, value)| (*name, OsString::from(value))));
        variables
    }
}

/// No colours, nothing asked of a network, everything that is written below `/tmp`.
const FIXED: &[(&str, &str)] = &[
    ("HOME", "/tmp"),
    ("TMPDIR", "/tmp"),
    ("LANG", "C.UTF-8"),
    ("TERM", "dumb"),
    ("NO_COLOR", "1"),
    ("PYTHONDONTWRITEBYTECODE", "1"),
    ("PYTHONUNBUFFERED", "1"),
    ("GOCACHE", "/tmp/go-build"),
    ("GOPATH", "/tmp/go"),
    ("GOPROXY", "off"),
    ("GOTOOLCHAIN", "local"),
    ("CGO_ENABLED", "0"),
    ("DENO_NO_UPDATE_CHECK", "1"),
    ("DOTNET_CLI_TELEMETRY_OPTOUT", "1"),
    ("DOTNET_NOLOGO", "1"),
    ("DOTNET_EnableDiagnostics", "0"),
    ("DOTNET_GCHeapHardLimit", "0x10000000"),
];

/// Half of what a process may have: what is beside the heap has to fit, too.
const JAVA: [&str; 4] = [
    "-Xmx256m",
    "-Xss1m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
];

/// How `source` is run by `tool`, whose version is the first two numbers of `version`. Other programs of the language
/// are looked for by `finder`; without one, their bare names are used. None where the tool cannot run it.
pub(crate) fn recipe(
    language: Language,
    source: &str,
    tool: &Tool,
    version: Option<(u32, u32)>,
    finder: Option<&Finder>,
) -> Option<Recipe> {
    let mut needs = tool.program.needs.clone();
    let mut other = |name: &str| -> Option<OsString> {
        let Some(finder) = finder else {
            return Some(name.into());
        };
        let found = finder.find(name)?;
        needs.extend(found.needs);
        Some(found.path.into())
    };
    let program = tool.program.path.clone().into_os_string();
    let with = |first: OsString, rest: &[&str]| -> Vec<OsString> {
        std::iter::once(first)
            .chain(rest.iter().map(OsString::from))
            .collect()
    };
    let compiled = || vec![OsString::from("/out/main")];
    let (file, compile, run) = match language {
        Language::Python => ("main.py", None, with(program, &["-B", "-u", "/code/main.py"])),
        Language::Ruby => ("main.rb", None, with(program, &["/code/main.rb"])),
        Language::Shell => ("main.sh", None, with(program, &["/code/main.sh"])),
        Language::JavaScript => {
            let file = if is_module(source) { "main.mjs" } else { "main.js" };
            (file, None, with(program, &javascript(tool.name, file)))
        }
        Language::TypeScript => typescript(source, tool.name, program, version, &mut other)?,
        Language::Go => {
            let compile = with(
                program,
                &["build", "-trimpath", "-o", "/out/main", "/code/main.go"],
            );
            ("main.go", Some(compile), compiled())
        }
        Language::Rust => {
            let options = [
                "--edition=2021",
                "--color=never",
                "-Copt-level=1",
                "-Cdebuginfo=0",
                "-o",
                "/out/main",
                "/code/main.rs",
            ];
            ("main.rs", Some(with(program, &options)), compiled())
        }
        Language::C => {
            let compile = with(
                program,
                &["-O1", "-pipe", "-o", "/out/main", "/code/main.c", "-lm"],
            );
            ("main.c", Some(compile), compiled())
        }
        Language::Cpp => {
            let options = [
                "-O1",
                "-pipe",
                "-std=c++17",
                "-o",
                "/out/main",
                "/code/main.cpp",
                "-lm",
                "-pthread",
            ];
            ("main.cpp", Some(with(program, &options)), compiled())
        }
        Language::Java => {
            let java = other("java")?;
            return Some(of_java(source, program, java, needs));
        }
        Language::CSharp if tool.name == "mcs" => {
            let compile = with(program, &["-out:/out/main.exe", "/code/main.cs"]);
            ("main.cs", Some(compile), with(other("mono")?, &["/out/main.exe"]))
        }
        Language::CSharp => {
            let compile = with("sh".into(), &["-c", BUILD_CSHARP, "sh"]);
            let compile = compile.into_iter().chain([program.clone()]).collect();
            ("main.cs", Some(compile), with(program, &["/out/main.dll"]))
        }
    };
    Some(Recipe {
        file: file.to_owned(),
        compile,
        run,
        needs,
    })
}

fn of_java(source: &str, compiler: OsString, java: OsString, needs: Vec<PathBuf>) -> Recipe {
    let main = java_main(source);
    // Java wants a file to be called as the class in it.
    let file = format!("{}.java", main.rsplit('.').next().unwrap_or("Main"));
    let mut compile = vec![compiler];
    let options = [
        "-J-Xmx512m",
        "-J-XX:+UseSerialGC",
        "-J-XX:TieredStopAtLevel=1",
        "-d",
        "/out",
    ];
    compile.extend(options.map(OsString::from));
    compile.push(format!("/code/{file}").into());
    let mut run = vec![java];
    run.extend(JAVA.map(OsString::from));
    run.extend(["-cp", "/out", &main].map(OsString::from));
    Recipe {
        file,
        compile: Some(compile),
        run,
        needs,
    }
}

/// The compiler wants a project, and writes beside it.
const BUILD_CSHARP: &str = "mkdir /tmp/main && cp /code/main.cs /tmp/main && cd /tmp/main && printf '%s' \
'<Project Sdk=\"Microsoft.NET.Sdk\"><PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net'\"$(\"$1\" \
--version | cut -d. -f1,2)\"'</TargetFramework><ImplicitUsings>enable</ImplicitUsings><AssemblyName>main\
</AssemblyName></PropertyGroup></Project>' > main.csproj && \"$1\" build -o /out -v quiet --nologo";

type Steps = (&'static str, Option<Vec<OsString>>, Vec<OsString>);

fn typescript(
    source: &str,
    tool: &str,
    program: OsString,
    version: Option<(u32, u32)>,
    other: &mut dyn FnMut(&str) -> Option<OsString>,
) -> Option<Steps> {
    let file = if is_module(source) { "main.mts" } else { "main.ts" };
    let path = format!("/code/{file}");
    let mut command = vec![program];
    match tool {
        "node" if version >= Some((23, 6)) => command.push(path.into()),
        "node" if version >= Some((22, 6)) => {
            let options = ["--experimental-strip-types", "--no-warnings", &path];
            command.extend(options.map(OsString::from));
        }
        "node" => return None,
        "tsc" => {
            let options = [
                "--outDir",
                "/out",
                "--target",
                "es2022",
                "--module",
                "commonjs",
                "--pretty",
                "false",
                "/code/main.ts",
            ];
            command.extend(options.map(OsString::from));
            let run = vec![other("node")?, "/out/main.js".into()];
            return Some(("main.ts", Some(command), run));
        }
        runtime => command.extend(javascript(runtime, file).iter().map(OsString::from)),
    }
    Some((file, None, command))
}

/// The arguments by which a runtime of JavaScript runs a file.
fn javascript(runtime: &str, file: &str) -> Vec<&'static str> {
    let path = match file {
        "main.mjs" => "/code/main.mjs",
        "main.mts" => "/code/main.mts",
        "main.ts" => "/code/main.ts",
        _ => "/code/main.js",
    };
    match runtime {
        // Its own permissions are those of the box.
        "deno" => vec!["run", "--no-remote", "--allow-all", path],
        "bun" => vec!["run", path],
        _ => vec![path],
    }
}

fn is_module(source: &str) -> bool {
    source.lines().any(|line| {
        [
            "import ", "import{", "import\"", "import'", "export ", "export{", "await ",
        ]
        .iter()
        .any(|word| line.starts_with(word))
    })
}

/// The class with `main`, with its package: the one declared last before it, at the outermost level.
fn java_main(source: &str) -> String {
    let mut package = None;
    let mut class = None;
    let mut depth = 0_usize;
    let code = without_comments(source);
    let mut words = tokens(&code).peekable();
    while let Some(word) = words.next() {
        match word {
            "package" if class.is_none() => package = words.peek().copied(),
            "class" | "interface" | "enum" | "record" if depth == 0 => {
                class = words.peek().copied().or(class);
            }
            "{" => depth += 1,
            "}" => depth = depth.saturating_sub(1),
            "main" if words.peek() == Some(&"(") && class.is_some() => break,
            _ => {}
        }
    }
    let class = class.unwrap_or("Main");
    match package {
        Some(package) => format!("{package}.{class}"),
        None => class.to_owned(),
    }
}

fn tokens(code: &str) -> impl Iterator<Item = &str> {
    let is_word = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '$' | '.');
    let mut rest = code;
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        let first = rest.chars().next()?;
        let length = if is_word(first) {
            rest.find(|letter| !is_word(letter)).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        let (token, after) = rest.split_at(length);
        rest = after;
        Some(token)
    })
}

fn without_comments(source: &str) -> String {
    let mut code = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(start) = rest.find('/') {
        code.push_str(&rest[..start]);
        rest = &rest[start..];
        if rest.starts_with("//") {
            rest = rest.find('\n').map_or("", |end| &rest[end..]);
        } else if rest.starts_with("/*") {
            rest = rest.find("*/").map_or("", |end| &rest[end + 2..]);
            code.push(' ');
        } else {
            code.push('/');
            rest = &rest[1..];
        }
    }
    code + rest
}

/// The first two numbers of what a program says about its version.
pub(crate) fn numbers(version: &str) -> Option<(u32, u32)> {
    let start = version.find(|letter: char| letter.is_ascii_digit())?;
    let mut numbers = version[start..].split(|letter: char| !letter.is_ascii_digit());
    let first = numbers.next()?.parse().ok()?;
    Some((
        first,
        numbers.next().and_then(|second| second.parse().ok()).unwrap_or(0),
    ))
}

/// What a program is asked for its version by.
pub(crate) fn version_argument(tool: &str) -> &'static str {
    match tool {
        "go" => "version",
        "javac" => "-version",
        _ => "--version",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tool(name: &'static str) -> Tool {
        Tool {
            name,
            program: Program {
                path: name.into(),
                needs: Vec::new(),
            },
        }
    }

    #[test]
    fn typescript_takes_the_way_its_runtime_knows() {
        let run = |name, version| {
            let recipe = recipe(
                Language::TypeScript,
                "let x: number = 1",
                &tool(name),
                version,
                None,
            )?;
            let words: Vec<String> = recipe
                .run
                .iter()
                .map(|word| word.to_string_lossy().into_owned())
                .collect();
            Some((recipe.compile.is_some(), words.join(" ")))
        };
        assert_eq!(run("node", Some((20, 20))), None);
        assert_eq!(run("node", None), None);
        let strips = "node --experimental-strip-types --no-warnings /code/main.ts";
        assert_eq!(run("node", Some((22, 13))), Some((false, strips.to_owned())));
        assert_eq!(
            run("node", Some((24, 1))),
            Some((false, "node /code/main.ts".to_owned()))
        );
        assert_eq!(
            run("bun", None),
            Some((false, "bun run /code/main.ts".to_owned()))
        );
        assert_eq!(run("tsc", None), Some((true, "node /out/main.js".to_owned())));
    }

    #[test]
    fn the_class_with_main_is_found() {
        for (source, main) in [
            (
                "public class Hello { public static void main(String[] a) {} }",
                "Hello",
            ),
            ("class A { } class B { static void main(String[] a) {} }", "B"),
            (
                "package a.b;\n// class No {\nclass C { class Inner {} static void main(String[] a) {} }",
                "a.b.C",
            ),
            ("record R(int x) { static void main(String[] a) {} }", "R"),
            (
                "/* class X */ enum E { ONE; public static void main(String[] a) {} }",
                "E",
            ),
            ("int x;", "Main"),
        ] {
            assert_eq!(java_main(source), main, "{source}");
        }
    }

    #[test]
    fn versions_are_read_from_what_programs_say() {
        assert_eq!(numbers("v22.6.0"), Some((22, 6)));
        assert_eq!(numbers("Python 3.11.7"), Some((3, 11)));
        assert_eq!(numbers("go version go1.22 linux"), Some((1, 22)));
        assert_eq!(numbers("none"), None);
    }
}
