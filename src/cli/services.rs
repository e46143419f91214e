//! Builds what the loop works with: AWS or an embedded one, the journal, the clock.

use std::sync::Arc;

use super::{Failure, resolve::Setting};
use crate::{
    app::{App, asking::Scope, deck::Whereabouts},
    aws::{Cloud, Place, Transport},
    clock::Clock,
    config::Environment,
    journal::{Journal, of_scenario},
    keys::Keymap,
    notify::Tries,
    release::names::Target,
    runtime::Services,
    sim::{Sim, scenario},
    web::Web,
};

/// How fast the demo's clock runs unless told otherwise: its story unfolds in a minute or two.
pub const DEMO_SPEED: f64 = 30.0;

/// The app at its start, and what it works with.
///
/// # Errors
/// When the region is missing, a scenario is broken, or the keys in the configuration conflict.
pub async fn open(setting: &Setting, scope: Scope) -> Result<(App, Services), Failure> {
    open_in(setting, scope, &mut None).await
}

/// An embedded world and its clock, once it is open: all environments of a run are in the same one.
pub(super) type World = Option<(Arc<Sim>, Clock)>;

/// The same in the world of this run.
pub(super) async fn open_in(setting: &Setting, scope: Scope, world: &mut World) -> Result<(App, Services), Failure> {
    let environment = setting.environment.clone();
    let place = Place {
        region: environment.region.clone(),
        profile: environment.profile.clone(),
        role_arn: environment.role_arn.clone(),
        endpoint_url: environment.endpoint_url.clone(),
        endpoint_urls: environment.endpoint_urls.clone(),
        read_only: setting.read_only,
    };
    let keymap = Keymap::with_changes(&setting.config.keys).map_err(Failure::refused)?;
    let (cloud, journal, web) = if let Some(name) = &setting.embedded {
        embedded(name, setting, scope, &place, world).await?
    } else {
        let clock = Clock::system();
        let cloud = Cloud::open(&place, Transport::Network, clock).await.map_err(Failure::refused)?;
        let journal = Journal::of_platform(cloud.endpoint(), cloud.region());
        (cloud, journal, Web::new(clock))
    };
    refuse_twice(&environment, cloud.region())?;
    let clock = web.clock();
    let os_user = std::env::var("USER").or_else(|_| std::env::var("USERNAME")).unwrap_or_else(|_| "someone".to_owned());
    let whereabouts = Whereabouts {
        region: cloud.region().to_owned(),
        endpoint: cloud.endpoints().first().map(|(_, url)| url.clone()),
        embedded: setting.embedded.clone(),
        read_only: setting.read_only,
        speed: clock.speed(),
        program: program(setting),
        owner: owner(&os_user, scope),
        os_user,
    };
    let services = Services {
        cloud,
        tries: Tries::default(),
        journal: Arc::new(journal),
        clock,
        web,
        alarms: environment.alarms.clone(),
        budgets: environment.budget_names(),
    };
    Ok((App::new(&setting.config, environment, whereabouts, scope, keymap), services))
}

/// Where the region comes from a flag or from `AWS_REGION`, a function of several regions may be there twice: two rows
/// would move one alias.
fn refuse_twice(environment: &Environment, home: &str) -> Result<(), Failure> {
    let targets = || environment.functions.iter().map(|settings| &settings.target);
    let is_here = |target: &&Target| target.region.as_deref() == Some(home);
    let plain = |target: &Target| target.clone().in_region(None);
    match targets().filter(is_here).find(|target| targets().any(|other| *other == plain(target))) {
        None => Ok(()),
        Some(target) => Err(Failure::refused(format!(
            "in {home}, {} and {target} are the same: the environment {} names both, and its own region is another one",
            plain(target),
            environment.name
        ))),
    }
}

/// A connection without an app, for whoever has no configuration yet: to AWS, or to the embedded one in this scenario.
pub(super) async fn cloud(
    place: &Place,
    scenario: Option<&str>,
    speed: Option<f64>,
) -> Result<(Cloud, Clock), Failure> {
    let Some(name) = scenario else {
        let clock = Clock::system();
        let cloud = Cloud::open(place, Transport::Network, clock).await.map_err(Failure::refused)?;
        return Ok((cloud, clock));
    };
    let region = scenario::find(name).map_err(Failure::refused)?.world.region;
    let clock = Clock::embedded(speed.unwrap_or(1.0));
    let sim = Arc::new(Sim::open(name, clock).map_err(Failure::refused)?);
    let place = Place { region: place.region.clone().or(Some(region)), ..place.clone() };
    let cloud = Cloud::open(&place, Transport::Embedded(sim.http_client()), clock).await.map_err(Failure::failed)?;
    Ok((cloud, clock))
}

/// The program with the flags that choose this place, for a person to copy.
fn program(setting: &Setting) -> String {
    let config = setting.config_flag.as_ref().map(|file| format!(" -c {}", file.display())).unwrap_or_default();
    format!("flightdeck{config} -e {}", setting.environment.name)
}

/// The name under which this run owns a release. A single shift is over before the release is: nobody runs it then.
fn owner(os_user: &str, scope: Scope) -> String {
    let person = format!("{}@{}", one_word(os_user), one_word(&host()));
    if scope == Scope::Shift { person } else { format!("{person}/{}", std::process::id()) }
}

/// This machine's name, short.
fn host() -> String {
    let name = gethostname::gethostname().to_string_lossy().into_owned();
    name.split('.').next().unwrap_or("somewhere").chars().take(32).collect()
}

/// A name without spaces and brackets, which would end it in the release record.
fn one_word(name: &str) -> String {
    name.chars().map(|c| if c.is_alphanumeric() || "._-".contains(c) { c } else { '_' }).take(32).collect()
}

async fn embedded(
    name: &str,
    setting: &Setting,
    scope: Scope,
    place: &Place,
    world: &mut World,
) -> Result<(Cloud, Journal, Web), Failure> {
    // Headless commands run in real time: there is no story to wait for.
    let default = if scope == Scope::Cockpit { DEMO_SPEED } else { 1.0 };
    let (sim, clock) = if let Some(world) = world {
        world.clone()
    } else {
        let clock = Clock::embedded(setting.speed.unwrap_or(default));
        let sim = Arc::new(Sim::open(name, clock).map_err(Failure::refused)?);
        world.insert((sim, clock)).clone()
    };
    // The world looks back over its past when it is first asked. It may as well do so while the screen is set up.
    let opening = Arc::clone(&sim);
    tokio::task::spawn_blocking(move || opening.with_world(|_| ()));
    let release = scenario::find(name).map_err(Failure::refused)?.release;
    let opened = clock.now().world;
    let memories = release.map(|text| of_scenario::memories(text, opened)).transpose();
    let memories = memories.map_err(Failure::refused)?.unwrap_or_default();
    let cloud = Cloud::open(place, Transport::Embedded(sim.http_client()), clock).await.map_err(Failure::failed)?;
    let journal = Journal::of_world(name, cloud.region(), opened, memories);
    Ok((cloud, journal, Web::embedded(clock, sim.web())))
}
