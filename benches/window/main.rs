//! What a person sees of the speed, measured in the real webview with the real engine: `scripts/bench window`.
//!
//! Everything is made from seeds. Each figure is printed beside its goal; none is asserted, because a machine that is
//! busy with something else must not look like a fault. What is missing from the screen is a fault and fails.

#![expect(clippy::expect_used, reason = "what cannot be driven cannot be measured")]
#![expect(clippy::print_stdout, reason = "the figures are its output")]

#[path = "../../tests/end_to_end/harness/mod.rs"]
#[expect(
    dead_code,
    unused_imports,
    reason = "what drives the app is shared with the tests, which use more of it"
)]
mod harness;
mod page;
mod palette;
mod processes;
mod scenarios;
mod seed;
mod switching;

use std::process::ExitCode;

/// A figure with its goal.
pub(crate) fn figure(what: &str, goal: &str, measured: &str) {
    println!("{what:<58} {goal:>14}   {measured}");
}

/// The 95th percentile, the median and the longest.
pub(crate) fn spread(mut measured: Vec<f64>) -> String {
    measured.sort_by(f64::total_cmp);
    let at = |percent: usize| {
        let place = (measured.len() * percent).div_ceil(100).saturating_sub(1);
        measured.get(place).copied().unwrap_or_default()
    };
    format!("{:.0} ms (median {:.0}, longest {:.0})", at(95), at(50), at(100))
}

fn main() -> ExitCode {
    // Cargo adds flags of its own; words choose scenarios.
    let wanted: Vec<_> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'))
        .collect();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            println!("no runtime: {error}");
            return ExitCode::FAILURE;
        }
    };
    let failed = runtime.block_on(scenarios::run(&wanted));
    if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
