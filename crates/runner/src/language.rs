//! The languages that can run.

use std::fmt;

/// A language that can run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Language {
    /// Python 3.
    Python,
    /// JavaScript.
    JavaScript,
    /// TypeScript.
    TypeScript,
    /// Go.
    Go,
    /// Rust.
    Rust,
    /// Java.
    Java,
    /// C.
    C,
    /// C++.
    Cpp,
    /// Ruby.
    Ruby,
    /// C#.
    CSharp,
    /// The shell.
    Shell,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Python,
        Self::JavaScript,
        Self::TypeScript,
        Self::Go,
        Self::Rust,
        Self::Java,
        Self::C,
        Self::Cpp,
        Self::Ruby,
        Self::CSharp,
        Self::Shell,
    ];

    /// The words that name it after a code fence, the usual one first.
    #[must_use]
    pub fn fences(self) -> &'static [&'static str] {
        match self {
            Self::Python => &["python", "py", "python3", "py3"],
            Self::JavaScript => &["javascript", "js", "mjs", "cjs", "node", "nodejs"],
            Self::TypeScript => &["typescript", "ts", "mts", "cts"],
            Self::Go => &["go", "golang"],
            Self::Rust => &["rust", "rs"],
            Self::Java => &["java"],
            Self::C => &["c", "c99", "c11", "c17"],
            Self::Cpp => &["cpp", "c++", "cxx", "cc", "c++17", "c++20"],
            Self::Ruby => &["ruby", "rb"],
            Self::CSharp => &["csharp", "cs", "c#"],
            Self::Shell => &["bash", "sh", "shell", "zsh"],
        }
    }

    /// The programs that run or compile it, in the order in which they are preferred.
    #[must_use]
    pub fn programs(self) -> &'static [&'static str] {
        match self {
            Self::Python => &["python3", "python"],
            Self::JavaScript => &["node", "bun", "deno"],
            Self::TypeScript => &["node", "bun", "deno", "tsc"],
            Self::Go => &["go"],
            Self::Rust => &["rustc"],
            Self::Java => &["javac"],
            Self::C => &["cc", "gcc", "clang"],
            Self::Cpp => &["c++", "g++", "clang++"],
            Self::Ruby => &["ruby"],
            Self::CSharp => &["dotnet", "mcs"],
            Self::Shell => &["bash", "zsh", "sh"],
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Python => "Python",
            Self::JavaScript => "JavaScript",
            Self::TypeScript => "TypeScript",
            Self::Go => "Go",
            Self::Rust => "Rust",
            Self::Java => "Java",
            Self::C => "C",
            Self::Cpp => "C++",
            Self::Ruby => "Ruby",
            Self::CSharp => "C#",
            Self::Shell => "The shell",
        })
    }
}

/// The language that the words after a code fence name, such as `py` or `rust,ignore`.
#[must_use]
pub fn language_of_fence(words: &str) -> Option<Language> {
    let word = words
        .trim_start()
        .split(|end: char| end.is_whitespace() || matches!(end, ',' | '{' | ':'))
        .next()?
        .to_ascii_lowercase();
    Language::ALL
        .into_iter()
        .find(|language| language.fences().contains(&word.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fence_names_its_language_and_nothing_else_does() {
        for (words, language) in [
            ("py", Language::Python),
            ("Python3", Language::Python),
            ("js", Language::JavaScript),
            ("ts twoslash", Language::TypeScript),
            ("rust,ignore", Language::Rust),
            ("c", Language::C),
            ("c++", Language::Cpp),
            ("cs", Language::CSharp),
            ("rb", Language::Ruby),
            ("zsh", Language::Shell),
            ("bash{1,3}", Language::Shell),
            (" golang ", Language::Go),
        ] {
            assert_eq!(language_of_fence(words), Some(language), "{words}");
        }
        for none in ["", "text", "json", "console", "html", "pythonic"] {
            assert_eq!(language_of_fence(none), None, "{none}");
        }
        let mut all: Vec<&str> = Language::ALL
            .iter()
            .flat_map(|language| language.fences())
            .copied()
            .collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count, "no word names two languages");
    }
}
