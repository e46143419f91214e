//! What the cockpit asks of CloudWatch: its loop runs in this process on the demo's world, ten world minutes long.

use std::{collections::BTreeMap, sync::Arc};

use flightdeck::{
    app::{App, asking::Scope, deck::Whereabouts, event::Event},
    aws::{Cloud, Place, Transport},
    clock::{Clock, Now},
    config::Config,
    journal::{Journal, of_scenario},
    keys::Keymap,
    notify::Tries,
    runtime::{Face, Services, Turn, run},
    sim::{Sim, scenario, wire::Operation},
    web::Web,
};
use jiff::{SignedDuration, Timestamp};

use crate::Figure;

const MINUTES: i64 = 10;
/// World seconds a second: a minute passes in one.
const SPEED: f64 = 60.0;

/// Looks on until the time is over.
struct Onlooker {
    until: Timestamp,
}

impl Face for Onlooker {
    async fn input(&mut self) -> Event {
        std::future::pending().await
    }

    fn turn(&mut self, _: &mut App, now: Now) -> std::io::Result<Turn> {
        Ok(if now.world >= self.until { Turn::Leave(0) } else { Turn::Wait })
    }
}

/// Counts how often each series was asked for in a minute of the world.
pub fn measure() -> Vec<Figure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    // Twenty seconds past the minute, so that minutes of the clock and minutes of the plan are the same ones.
    let clock = Clock::starting_at("2026-11-20T14:32:20Z".parse().unwrap(), SPEED);
    let sim = Arc::new(Sim::open("demo", clock).unwrap());
    runtime.block_on(watch(&sim, clock));
    let mut asked: BTreeMap<(i64, String), usize> = BTreeMap::new();
    for seen in sim.requests().iter().filter(|seen| seen.operation == Operation::GetMetricData) {
        for series in &seen.series {
            let name = format!("{:?} {} {:?}", series.metric, series.stat, series.period);
            *asked.entry((seen.at.world.as_second().div_euclid(60), name)).or_default() += 1;
        }
    }
    let most = asked.values().copied().max().unwrap_or(0);
    let minutes: BTreeMap<i64, usize> = asked.iter().fold(BTreeMap::new(), |mut minutes, ((minute, _), count)| {
        *minutes.entry(*minute).or_default() += count;
        minutes
    });
    let busiest = minutes.values().copied().max().unwrap_or(0);
    // $0.01 for 1,000 metrics requested: https://aws.amazon.com/cloudwatch/pricing/
    let dollars = f64::from(u32::try_from(busiest).unwrap()) * 60.0 * 0.01 / 1000.0;
    vec![Figure {
        what: "GetMetricData of the cockpit on the demo, ten functions, two in release",
        goal: "each series at most once a minute",
        measured: format!(
            "at most {most} in {} minutes; {busiest} metrics a minute, ${dollars:.3} an hour",
            minutes.len()
        ),
        reached: Some(most == 1 && i64::try_from(minutes.len()).unwrap() >= MINUTES),
    }]
}

async fn watch(sim: &Arc<Sim>, clock: Clock) {
    let scenario = scenario::find("demo").unwrap();
    let config = Config::parse(scenario.config_toml, "config.toml").unwrap();
    let environment = config.environment(None).unwrap().clone();
    let place = Place { region: environment.region.clone(), ..Place::default() };
    let cloud = Cloud::open(&place, Transport::Embedded(sim.http_client()), clock).await.unwrap();
    let memories = of_scenario::memories(scenario.release.unwrap(), clock.now().world).unwrap();
    let whereabouts = Whereabouts {
        region: cloud.region().to_owned(),
        endpoint: None,
        embedded: Some("demo".to_owned()),
        read_only: false,
        program: "flightdeck".into(),
        speed: clock.speed(),
        owner: "ada@bench/1".to_owned(),
        os_user: "ada".to_owned(),
    };
    let services = Services {
        cloud,
        tries: Tries::default(),
        journal: Arc::new(Journal::in_process(memories)),
        clock,
        web: Web::new(clock),
        alarms: environment.alarms.clone(),
        budgets: environment.budget_names(),
    };
    let mut app = App::new(&config, environment, whereabouts, Scope::Cockpit, Keymap::default());
    let until = clock.now().world + SignedDuration::from_mins(MINUTES);
    run(&mut app, &services, &mut Onlooker { until }).await.unwrap();
}
