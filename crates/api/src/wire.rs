//! What a command of the registry is, and the types it takes and answers as TypeScript has them.

use std::any::TypeId;
use std::collections::BTreeMap;

use ts_rs::{Config, TS, TypeVisitor};

/// A window that may call commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Window {
    /// The app's one main window.
    Main,
}

impl Window {
    /// The window's label in the shell.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Main => "main",
        }
    }
}

/// A type on the wire: its TypeScript name and the declarations it needs, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WireType {
    /// How TypeScript spells it.
    pub typescript: String,
    /// How Rust spells it, from the root of a crate that uses this one.
    pub rust: &'static str,
    /// TypeScript declarations of it and of everything it names.
    pub declarations: BTreeMap<String, String>,
}

/// One command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// Its name on the wire.
    pub name: &'static str,
    /// What it does, one sentence or two.
    pub description: String,
    /// The window it is for.
    pub window: Window,
    /// What it takes.
    pub request: Option<WireType>,
    /// What it answers.
    pub response: WireType,
    /// What it sends through a channel until the window closes.
    pub stream: Option<WireType>,
}

/// How numbers and the like are spelled in TypeScript.
fn configuration() -> Config {
    // Every integer on this wire is below 2^53: sizes, counts and milliseconds.
    Config::default().with_large_int("number")
}

struct Declarations<'a> {
    configuration: &'a Config,
    seen: Vec<TypeId>,
    found: BTreeMap<String, String>,
}

impl Declarations<'_> {
    fn add<T: TS + 'static + ?Sized>(&mut self) {
        if self.seen.contains(&TypeId::of::<T>()) {
            return;
        }
        self.seen.push(TypeId::of::<T>());
        // Only types that would be exported to a file of their own have a declaration.
        if T::output_path().is_some() {
            let documentation = T::docs().unwrap_or_default();
            let declaration = format!("{documentation}export {}", T::decl(self.configuration));
            self.found.insert(T::ident(self.configuration), declaration);
        }
        T::visit_dependencies(self);
    }
}

impl TypeVisitor for Declarations<'_> {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        self.add::<T>();
        T::visit_generics(self);
    }
}

impl WireType {
    pub(crate) fn of<T: TS + 'static>(rust: &'static str) -> Self {
        let configuration = configuration();
        let mut declarations = Declarations {
            configuration: &configuration,
            seen: Vec::new(),
            found: BTreeMap::new(),
        };
        declarations.add::<T>();
        T::visit_generics(&mut declarations);
        Self {
            typescript: T::name(&configuration),
            rust,
            declarations: declarations.found,
        }
    }
}
