//! From a key to what it does: to the screen while no call is answered, and to the wire for R.

use std::{
    thread,
    time::{Duration, Instant},
};

use flightdeck::sim::wire::Operation;

use crate::{
    Figure, ms, percentile,
    places::{Embedded, FUNCTIONS, Folder, hanging, ten_functions, ten_functions_at},
    screen::Screen,
};

const PRESSES: usize = 500;
/// Between two presses, so that they meet ticks, time limits and retries of the calls that hang.
const PAUSE: Duration = Duration::from_millis(20);
const LIMIT: Duration = Duration::from_secs(10);
const ROLLBACKS: usize = 5;
/// AWS, and its stand-in, allow 15 control-plane calls a second: a rest before the next ones.
const REST: Duration = Duration::from_secs(2);

/// The cursor goes up and down through ten functions.
pub fn measure_keys() -> Vec<Figure> {
    let home = Folder::new();
    let config = home.write("config.toml", &ten_functions_at(hanging()));
    let mut screen = Screen::start(&home, &["--config", &config]);
    screen.until("the cursor", LIMIT, |text| cursor(text).is_some());
    screen.watch_for(Duration::from_millis(20));
    let mut times = Vec::with_capacity(PRESSES);
    let down_and_up = (0..).flat_map(|_| ["j"; FUNCTIONS - 1].into_iter().chain(["k"; FUNCTIONS - 1]));
    for key in down_and_up.take(PRESSES) {
        let before = cursor(&screen.text());
        let pressed = screen.press(key);
        let has_moved = |text: &str| cursor(text).is_some_and(|row| Some(row) != before);
        let drawn = screen.until("the next row", LIMIT, has_moved);
        times.push(drawn.saturating_duration_since(pressed));
        thread::sleep(PAUSE);
    }
    let p99 = percentile(&times, 99);
    let worst = percentile(&times, 100);
    vec![Figure {
        what: "key to repaint at 160x45, ten functions, every AWS call hanging",
        goal: "p99 < 16 ms",
        measured: format!("p50 {}, p99 {}, worst {} of {PRESSES}", ms(percentile(&times, 50)), ms(p99), ms(worst)),
        reached: Some(p99 < Duration::from_millis(16)),
    }]
}

/// The function in the row of the cursor.
fn cursor(text: &str) -> Option<String> {
    let row = text.lines().find_map(|line| line.strip_prefix("│▸"))?;
    row.split_whitespace().next().map(str::to_owned)
}

/// The line above the keys, where short messages appear.
fn message(text: &str) -> &str {
    text.lines().nth_back(1).unwrap_or_default()
}

/// A release of ten functions is rolled back, and the rollback undone, again and again.
pub fn measure_rollback() -> Vec<Figure> {
    let aws = Embedded::serve(&ten_functions());
    let home = Folder::new();
    let config = home.write("config.toml", &ten_functions_at(aws.addr));
    let mut screen = Screen::start(&home, &["--config", &config]);
    let waits = |text: &str| text.matches(" waits").count() == FUNCTIONS;
    screen.until("ten functions with a new version", LIMIT, waits);
    let mut times = Vec::with_capacity(ROLLBACKS);
    for round in 0..ROLLBACKS {
        confirm(&mut screen, if round == 0 { "1" } else { "u" });
        let done = if round == 0 { "shifted 10 of 10" } else { "undid the rollback of 10 of 10" };
        screen.until("ten splits", LIMIT, |text| message(text).contains(done));
        screen.watch_for(REST);
        times.push(roll_back(&aws, &mut screen));
        screen.until("the end of it", LIMIT, |text| message(text).contains("rolled back 10 of 10"));
        screen.press("\u{1b}");
        screen.watch_for(REST);
    }
    let worst = percentile(&times, 100);
    vec![Figure {
        what: "R with ten functions: key to the last of ten UpdateAlias at the other end of the wire",
        goal: "20 ms",
        measured: format!("{} median, {} worst of {ROLLBACKS}", ms(percentile(&times, 50)), ms(worst)),
        reached: Some(worst <= Duration::from_millis(20)),
    }]
}

/// Opens a plan and confirms it once it has been on screen long enough.
fn confirm(screen: &mut Screen, key: &str) {
    screen.press(key);
    screen.until("the plan", LIMIT, |text| text.contains("PLAN: ") && text.contains("fn9"));
    screen.watch_for(Duration::from_millis(300));
    screen.press("y");
}

/// The time from the key to the arrival of the last of ten writes.
fn roll_back(aws: &Embedded, screen: &mut Screen) -> Duration {
    let before = writes(aws).len();
    let pressed = aws.sim.clock().now().wall;
    screen.press("R");
    let deadline = Instant::now() + LIMIT;
    while writes(aws).len() < before + FUNCTIONS {
        assert!(Instant::now() < deadline, "ten writes did not arrive:\n{}", screen.text());
        thread::sleep(Duration::from_millis(50));
    }
    writes(aws)[before + FUNCTIONS - 1].saturating_sub(pressed)
}

/// When each `UpdateAlias` arrived.
fn writes(aws: &Embedded) -> Vec<Duration> {
    let seen = aws.sim.requests().into_iter().filter(|seen| seen.operation == Operation::UpdateAlias);
    let mut times: Vec<_> = seen.map(|seen| seen.at.wall).collect();
    times.sort_unstable();
    times
}
