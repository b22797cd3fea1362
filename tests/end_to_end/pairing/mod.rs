//! The desktop driven from a browser elsewhere: the real app, the org's real server and a real Chromium.

mod authority;
mod driving;
mod faults;
mod leaving;
mod policy;
mod scene;
mod tokens;
mod two;
