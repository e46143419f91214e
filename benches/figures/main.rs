//! The figures that flightdeck promises, measured on this machine: `cargo bench --bench figures`. Each figure drives the
//! real program in a pseudo-terminal, or its loop in this process, and is printed beside its goal. docs/figures.md
//! holds a run of it.

#![expect(clippy::unwrap_used, reason = "a figure that cannot be measured should fail loudly")]
#![expect(clippy::disallowed_methods, reason = "measuring is reading clocks")]

mod asking;
mod keys;
mod places;
mod process;
mod resting;
mod screen;
mod starting;

use std::time::Duration;

/// One line of the table.
struct Figure {
    what: &'static str,
    goal: &'static str,
    measured: String,
    /// Whether the goal was reached; `None` for what is told without a goal.
    reached: Option<bool>,
}

type Measure = fn() -> Vec<Figure>;

fn main() {
    // `cargo bench` passes `--bench`; a test run of all targets does not, and wants nothing measured.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    println!("{}\n", process::machine());
    println!("| what | goal | measured | |\n|---|---|---|---|");
    let asked = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let measures: [(&str, Measure); 5] = [
        ("starting", starting::measure),
        ("keys", keys::measure_keys),
        ("rollback", keys::measure_rollback),
        ("asking", asking::measure),
        ("resting", resting::measure),
    ];
    for (name, measure) in measures {
        if asked.as_ref().is_some_and(|asked| asked != name) {
            continue;
        }
        for figure in measure() {
            let verdict = match figure.reached {
                Some(true) => "✔",
                Some(false) => "✖",
                None => "",
            };
            println!("| {} | {} | {} | {verdict} |", figure.what, figure.goal, figure.measured);
        }
    }
}

/// A duration in milliseconds, such as `3.4 ms`.
fn ms(duration: Duration) -> String {
    format!("{:.1} ms", duration.as_secs_f64() * 1000.0)
}

/// The value below which `percent` of the values lie. The worst is 100.
fn percentile(values: &[Duration], percent: usize) -> Duration {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    sorted[((sorted.len() * percent).div_ceil(100)).clamp(1, sorted.len()) - 1]
}
