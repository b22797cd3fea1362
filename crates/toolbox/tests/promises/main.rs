//! What the box promises, held against the real wrapper in a real outer box.
#![cfg(target_os = "linux")]

mod commands;
mod git;
mod grant;
mod landlock;
mod limits;
mod network;
mod walls;
mod world;
