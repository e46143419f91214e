//! `flightdeck sim`: the embedded AWS behind a socket, for other programs.

use std::sync::Arc;

use super::{
    Failure,
    args::{Args, DEMO, SimArgs},
    exit,
};
use crate::{
    clock::Clock,
    release::no_alias::option,
    sim::{Sim, scenario, server, world::spec::EndpointSpec},
};

/// Serves a scenario until it is interrupted.
pub fn run(args: &Args, sim: &SimArgs) -> Result<u8, Failure> {
    let name = args.scenario().unwrap_or(DEMO);
    let scenario = scenario::find(name).map_err(Failure::refused)?;
    let clock = Clock::embedded(args.global.speed.unwrap_or(1.0));
    let world = Arc::new(Sim::open(name, clock).map_err(Failure::refused)?);
    let runtime = tokio::runtime::Runtime::new().map_err(|error| Failure::failed(format!("cannot start: {error}")))?;
    runtime.block_on(async {
        let served = server::serve(world, sim.port)
            .await
            .map_err(|error| Failure::failed(format!("cannot listen on 127.0.0.1:{}: {error}", sim.port)))?;
        print!("{}", greeting(&scenario, &format!("http://{}", served.addr), clock.speed()));
        tokio::signal::ctrl_c().await.map_err(|error| Failure::failed(format!("cannot wait for Ctrl-C: {error}")))?;
        drop(served);
        Ok(exit::DONE)
    })
}

fn greeting(scenario: &scenario::Scenario, url: &str, speed: f64) -> String {
    let named = scenario.world.functions.iter().find_map(|function| Some((function, function.aliases.first()?)));
    let alias = named.map_or_else(String::new, |(function, alias)| {
        format!("aws lambda get-alias {} --name {}\n", option("--function-name", &function.name), alias.name)
    });
    let address = |endpoint: &EndpointSpec| endpoint.url.split_once("://").map(|(_, address)| address.to_owned());
    let endpoint = scenario.world.endpoints.iter().find(|endpoint| endpoint.method == "GET").and_then(address);
    let endpoint = endpoint.map_or_else(String::new, |address| format!("curl {url}/endpoints/{address}\n"));
    let region = &scenario.world.region;
    format!(
        "{title}\n\
         Endpoint: {url}   (scenario {name}, clock ×{speed}; Ctrl-C ends it)\n\n\
         export AWS_ENDPOINT_URL={url} AWS_REGION={region} AWS_DEFAULT_REGION={region}\n\
         export AWS_ACCESS_KEY_ID=embedded AWS_SECRET_ACCESS_KEY=embedded\n\
         aws lambda list-functions\n\
         {alias}\
         aws cloudwatch describe-alarms\n\
         {endpoint}\
         flightdeck --endpoint-url {url} status\n",
        title = scenario.title,
        name = scenario.name,
    )
}
