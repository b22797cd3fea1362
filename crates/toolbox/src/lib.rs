//! The box that programs of an agent run in, and the wrapper that puts them there.
//!
//! An engine hands its whole environment and all of its reach to every command that a model thinks of. So each command
//! goes through a wrapper, `cowork-box`, under the names of the shells and of git: it finds the rules of the folder it
//! was started in ([`cowork_policy::confinement`] has them as data), builds the strongest box the machine can do, and
//! runs the real program there. Without rules it runs nothing.
//!
//! What each part is for:
//!
//! - [`yard`]: the directory the app makes for the engine, with the wrapper, its names and the rules.
//! - [`proof`]: what `cowork-box prove` found when it attacked a box from within, and how to ask for it.
//! - [`means`]: which kind of box this machine can do, and why.
//! - [`grant`]: opening a folder to an engine that is already running in its outer box.
//! - [`plain_file`]: reading files in places where commands may write.
//! - `removal`: taking away what commands wrote.
//! - the rest is the wrapper's own, and not for the app.
//!
//! Not held, and said so: memory is watched by a parent each half second and not by a control group, because those need
//! a user manager that containers and many systems lack. What processes have mapped counts, and files in memory that they
//! hold open or that lie in the box's temporary places; what only the kernel holds (a file in memory on its way through a
//! socket, System V segments nobody has attached) counts only when the machine runs short of it. Temporary files of a
//! folder's commands are kept on the disk, and nobody cleans them up but the commands.

pub mod command_line;
#[cfg(any(not(target_os = "linux"), test))]
#[cfg_attr(
    target_os = "linux",
    expect(
        dead_code,
        reason = "there only its tests use it, and not all of it can be tried"
    )
)]
mod elsewhere;
pub mod environment;
mod git;
pub mod grant;
#[cfg(unix)]
mod home;
#[cfg(unix)]
mod limits;
#[cfg(target_os = "linux")]
mod linux;
pub mod means;
mod plain;
pub mod plain_file;
pub mod proof;
mod proving;
pub mod refusal;
#[cfg(unix)]
pub mod removal;
pub mod repository;
mod wanted;
pub mod yard;

pub use proof::Proof;
pub use refusal::Refusal;
pub use yard::Yard;
