//! From the start of the program to the first full frame.

use std::time::Duration;

use crate::{Figure, ms, percentile, places::Folder, screen::Screen};

const RUNS: usize = 20;
const LIMIT: Duration = Duration::from_secs(10);

/// The demo's functions with their versions, as its world opens: those in traffic, and those that wait.
const VERSIONS: [(&str, &str); 10] = [
    ("receipt_crud", "42 → 43"),
    ("ocr_refine", "17 → 18"),
    ("sync_handler", "88 → 89"),
    ("thumbna…nerator", "31"),
    ("warrant…checker", "14 → 15"),
    ("weekly_summary", "9"),
    ("user_deletion", "6"),
    ("export_handler", "19"),
    ("categor…handler", "23"),
    ("presign…nerator", "35 → 36"),
];

/// Starts the demo again and again.
pub fn measure() -> Vec<Figure> {
    let runs: Vec<Run> = (0..RUNS).map(|_| run()).collect();
    let figure = |what, goal, part: fn(&Run) -> Duration| {
        let times: Vec<_> = runs.iter().map(part).collect();
        let (median, worst) = (percentile(&times, 50), percentile(&times, 100));
        let limit: Option<u64> = goal_ms(goal);
        let measured = format!("{} median, {} worst of {RUNS}", ms(median), ms(worst));
        Figure { what, goal, measured, reached: limit.map(|limit| worst <= Duration::from_millis(limit)) }
    };
    vec![
        figure("first paint of `flightdeck demo`", "", |run| run.painted),
        figure("first full frame: every version, alarms, budgets", "50 ms", |run| run.full),
        figure("the same with metrics and charts", "", |run| run.charted),
    ]
}

fn goal_ms(goal: &str) -> Option<u64> {
    goal.strip_suffix(" ms")?.parse().ok()
}

/// Times from the start.
struct Run {
    painted: Duration,
    full: Duration,
    charted: Duration,
}

fn run() -> Run {
    let home = Folder::new();
    let mut screen = Screen::start(&home, &["demo"]);
    let started = screen.started;
    let painted = screen.until("a frame", LIMIT, |text| text.contains("Functions") && text.contains("quit"));
    let full = if is_full(&screen.text()) { painted } else { screen.until("a full frame", LIMIT, is_full) };
    let charted = if is_charted(&screen.text()) { full } else { screen.until("the charts", LIMIT, is_charted) };
    Run { painted: painted - started, full: full - started, charted: charted - started }
}

fn is_full(text: &str) -> bool {
    let function = |(name, versions): &(&str, &str)| {
        let mut lines = text.lines().filter_map(|line| line.split_once(name));
        lines.any(|(_, rest)| rest.trim_start_matches(|c: char| !c.is_ascii_digit() && c != '│').starts_with(versions))
    };
    let panels = ["rv-ocr-errors", "rv-service-health", "forecast", "oncall-admin"];
    VERSIONS.iter().all(function) && panels.iter().all(|words| text.contains(words))
}

/// The right edges of the charts are drawn, and no panel waits.
fn is_charted(text: &str) -> bool {
    is_full(text) && !text.contains("reading") && ["p99", "v43 ", "✔ ok"].iter().all(|words| text.contains(words))
}
