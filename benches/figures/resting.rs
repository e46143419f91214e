//! What the program takes while nobody presses a key: processor time and memory.

use std::{thread, time::Duration};

use flightdeck::sim::scenario;

use crate::{
    Figure,
    places::{Embedded, Folder},
    process::{processor_time, resident_mib},
    screen::Screen,
};

const WARMING_UP: Duration = Duration::from_secs(40);
const WATCHED: Duration = Duration::from_secs(20);

/// Three cockpits rest for a minute: on the demo in real time and thirty times as fast, and on an AWS behind a socket.
pub fn measure() -> Vec<Figure> {
    let demo = scenario::find("demo").unwrap();
    let aws = Embedded::serve(&demo.world);
    let home = Folder::new();
    let region = "region = \"eu-west-1\"";
    let config = demo.config_toml.replace(region, &format!("{region}\nendpoint_url = \"http://{}\"", aws.addr));
    let config = home.write("config.toml", &config);
    let cockpits = [
        ("on AWS behind a socket", Screen::start(&home, &["--config", &config])),
        ("demo, real time", Screen::start(&home, &["demo", "--speed", "1"])),
        ("demo, ×30", Screen::start(&home, &["demo"])),
    ];
    thread::sleep(WARMING_UP);
    let before = cockpits.each_ref().map(|(_, screen)| processor_time(screen.process()));
    thread::sleep(WATCHED);
    let shares: Vec<Option<f64>> = std::iter::zip(&cockpits, before)
        .map(|((_, screen), before)| {
            let used = processor_time(screen.process())?.checked_sub(before?)?;
            Some(used.as_secs_f64() / WATCHED.as_secs_f64() * 100.0)
        })
        .collect();
    let memory: Vec<Option<f64>> = cockpits.iter().map(|(_, screen)| resident_mib(screen.process())).collect();
    let list = |values: &[Option<f64>], unit: &str| {
        let value = |value: &Option<f64>| value.map_or("not measured".to_owned(), |value| format!("{value:.1} {unit}"));
        let parts: Vec<_> =
            std::iter::zip(&cockpits, values).map(|((name, _), share)| format!("{name} {}", value(share))).collect();
        parts.join("; ")
    };
    let below = |values: &[Option<f64>], limit: f64| {
        values.iter().copied().collect::<Option<Vec<_>>>().map(|values| values.iter().all(|value| *value < limit))
    };
    vec![
        // The fast demo is at work: it redraws thirty times as often as a cockpit at rest.
        Figure {
            what: "idle CPU over 20 s, of one core",
            goal: "< 1 % in real time",
            measured: list(&shares, "%"),
            reached: below(&shares[..2], 1.0),
        },
        Figure {
            what: "resident memory after a minute",
            goal: "< 25 MiB",
            measured: list(&memory, "MiB"),
            reached: below(&memory, 25.0),
        },
    ]
}
