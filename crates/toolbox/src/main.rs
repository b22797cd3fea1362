//! The wrapper: see the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    cowork_toolbox::command_line::answer(std::env::args_os())
}
