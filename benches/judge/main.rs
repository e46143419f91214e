//! `cargo bench --bench judge`: releases whose truth is known, decided by the judge and by what people use today, and
//! scored. It prints the table of docs/judge.md.

mod policies;
mod score;
mod world;

use policies::{Policy, alarm, five_checks, judge, limit, mann_whitney, one_check};
use score::Score;
use world::{Bursts, Shape, World};

const SEED: u64 = 20_261_120;
const RELEASES: usize = 600;

const BUSY: (f64, f64) = (20.0, 20_000.0);
const QUIET: (f64, f64) = (3.0, 100.0);

const WORLDS: [World; 6] = [
    World { name: "busy: 20–20,000 calls a minute", traffic: BUSY, shape: Shape::Even, bursts: Bursts::None },
    World { name: "busy, rates that swing by the minute", traffic: BUSY, shape: Shape::Even, bursts: Bursts::Swings },
    World { name: "busy, failures in fives", traffic: BUSY, shape: Shape::Even, bursts: Bursts::Clusters(5.0) },
    World { name: "busy, uneven clusters", traffic: BUSY, shape: Shape::Even, bursts: Bursts::Uneven(5.0) },
    World { name: "busy, traffic of a day, swings", traffic: BUSY, shape: Shape::Daily, bursts: Bursts::Swings },
    World { name: "quiet: 3–100 calls a minute", traffic: QUIET, shape: Shape::Daily, bursts: Bursts::None },
];

const POLICIES: [Policy; 8] = [
    Policy { name: "the judge", decide: judge },
    Policy { name: "alarm: errors > 1 % in 2 of 2 minutes", decide: |release| alarm(release, 0.01, 2) },
    Policy { name: "alarm: errors > 5 % in 2 of 2 minutes", decide: |release| alarm(release, 0.05, 2) },
    Policy { name: "alarm: errors > 5 % in 5 of 5 minutes", decide: |release| alarm(release, 0.05, 5) },
    Policy { name: "new version > 1 %, 1 check", decide: |release| one_check(release, 0.01) },
    Policy { name: "new version > 1 %, 5 checks", decide: |release| five_checks(release, 0.01) },
    Policy { name: "Mann–Whitney on rates, every minute", decide: mann_whitney },
    Policy { name: "the limit (knows the minute of onset)", decide: limit },
];

fn main() {
    for world in WORLDS {
        let releases = world.releases(SEED, RELEASES);
        println!("\n**{} ({RELEASES} releases, seed {SEED})**\n", world.name);
        println!("| policy | caught | false on good | false on shared | harm ÷ limit | minutes to stop |");
        println!("|---|---:|---:|---:|---:|---:|");
        for policy in POLICIES {
            let score: Score = releases.iter().map(|release| (release, (policy.decide)(release))).collect();
            println!("| {} | {score} |", policy.name);
        }
    }
}
