//! `open-cowork-cloud`: the org's server.

fn main() {}
