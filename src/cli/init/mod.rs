//! `flightdeck init`: asks AWS what there is, reading only, lets a person choose, and writes the configuration that
//! stands for it.

mod choosing;
mod file;

use std::{fmt::Write as _, io::IsTerminal as _, path::Path};

use futures_util::future::join_all;

use super::{
    Failure,
    args::{Args, GlobalArgs},
    exit,
    init_args::InitArgs,
    output::print,
    services,
};
use crate::{
    aws::{Cloud, Place},
    clock::Clock,
    config::{Config, words},
    init::{Aliased, Chosen, Draft, alarms, alias, writing},
    release::{
        count,
        error::{CloudError, Trouble},
        facts::{Alarm, Caller},
        names::Target,
    },
    ui::Theme,
};

/// The environment's name unless `-e` gives another.
const ENVIRONMENT: &str = "production";
/// Routine reads of Lambda are five a second: with more functions than this a round of them takes a while.
const MANY: usize = 100;

/// Asks, writes, and says what to do next.
pub async fn run(args: &Args, init: &InitArgs) -> Result<u8, Failure> {
    let flags = &args.global;
    let environment = flags.environment.as_deref().unwrap_or(ENVIRONMENT);
    let environment = words::name(environment).map_err(|why| Failure::refused(format!("--environment: {why}")))?;
    let destination = file::destination(flags, init)?;
    let (cloud, clock) = open(flags).await?;
    let caller = cloud.caller().await;
    if let Err(error) = &caller
        && matches!(error.kind, Trouble::CredentialsExpired | Trouble::NoCredentials)
    {
        return Err(Failure::failed(format!("{} Nothing was written.", error.message)));
    }
    let caller = caller.ok();
    let theme = theme(flags)?;
    let Some(names) = choosing::choose(&cloud, init, &place_in_words(&cloud, caller.as_ref()), &theme).await? else {
        print("Nothing was chosen, and nothing was written.");
        return Ok(exit::DONE);
    };
    if std::io::stderr().is_terminal() {
        let functions = count::several(names.len(), "function");
        eprintln!("flightdeck: reading the aliases of {functions}, the alarms and the budgets …");
    }
    let draft = draft(&cloud, environment, caller, flags, clock, names, init.alias.as_deref()).await;
    let text = writing::write(&draft);
    Config::parse(&text, "the new configuration").map_err(|error| {
        Failure::failed(format!("the new configuration is not in order: {error}\nNothing was written."))
    })?;
    let Some(path) = destination else {
        print(text.trim_end());
        return Ok(exit::DONE);
    };
    file::write(&path, &text)?;
    print(farewell(&draft, &path, flags, init));
    Ok(exit::DONE)
}

/// Never with leave to write, whatever the flags say.
async fn open(flags: &GlobalArgs) -> Result<(Cloud, Clock), Failure> {
    let place = Place {
        region: flags.region.clone(),
        profile: flags.profile.clone(),
        role_arn: flags.role_arn.clone(),
        endpoint_url: flags.endpoint_url.clone(),
        read_only: true,
        ..Place::default()
    };
    services::cloud(&place, flags.embedded.as_deref(), flags.speed).await
}

fn theme(flags: &GlobalArgs) -> Result<Theme, Failure> {
    let name = flags.theme.clone().unwrap_or_else(|| Config::default().theme);
    let theme = Theme::load(&name, None).map_err(Failure::refused)?;
    let is_colourless = flags.no_color || std::env::var("NO_COLOR").is_ok_and(|value| !value.is_empty());
    Ok(if is_colourless { theme.without_colour() } else { theme })
}

fn place_in_words(cloud: &Cloud, caller: Option<&Caller>) -> String {
    let who = caller.map(|caller| format!("account {} as {} · ", caller.account, caller.short())).unwrap_or_default();
    let elsewhere = cloud.endpoint().map(|url| format!(" · {url}")).unwrap_or_default();
    format!("{who}{}{elsewhere}", cloud.region())
}

/// Asks for what belongs to the functions. What is refused is said in the file.
async fn draft(
    cloud: &Cloud,
    environment: String,
    caller: Option<Caller>,
    flags: &GlobalArgs,
    clock: Clock,
    names: Vec<String>,
    wanted: Option<&str>,
) -> Draft {
    let chosen = join_all(names.iter().map(|name| chosen(cloud, name, wanted)));
    let budgets = async {
        match &caller {
            Some(caller) => cloud.budget_names(&caller.account).await.map_err(|error| in_words(&error)),
            None => Err("STS did not say which account this is".to_owned()),
        }
    };
    let (functions, alarms, budgets) = tokio::join!(chosen, cloud.all_alarms(), budgets);
    let of_these = |alarms: Vec<Alarm>| {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        nameable(alarms::belonging(&names, &alarms))
    };
    Draft {
        environment,
        region: cloud.region().to_owned(),
        profile: flags.profile.clone(),
        role_arn: flags.role_arn.clone(),
        endpoint_url: flags.endpoint_url.clone(),
        made: clock.now().world,
        functions,
        alarms: alarms.map(of_these).map_err(|error| in_words(&error)),
        budgets: budgets.map(nameable),
        caller,
    }
}

async fn chosen(cloud: &Cloud, name: &str, wanted: Option<&str>) -> Chosen {
    let alias = match cloud.aliases(&Target::new(name, alias::USUAL)).await {
        Ok(aliases) => alias::choose(&aliases, wanted),
        Err(error) => Aliased::Unread(in_words(&error)),
    };
    Chosen { name: name.to_owned(), alias }
}

/// Names that cannot stand in a configuration are left out, each once.
fn nameable(mut names: Vec<String>) -> Vec<String> {
    names.retain(|name| writing::can_be_named(name));
    names.sort();
    names.dedup();
    names
}

fn in_words(error: &CloudError) -> String {
    format!("{}: {} ({})", error.operation, error.message, error.kind)
}

/// What was written, what of it wants a look, and the next two commands.
fn farewell(draft: &Draft, path: &Path, flags: &GlobalArgs, init: &InitArgs) -> String {
    let count = |names: &Result<Vec<String>, String>, what: &str| match names {
        Ok(names) => count::several(names.len(), what),
        Err(_) => format!("no {what}s: they could not be read"),
    };
    let mut text = format!(
        "Wrote {}: the environment {} with {}, {}, {}.\n",
        path.display(),
        draft.environment,
        count::several(draft.movable(), "function"),
        count(&draft.alarms, "alarm"),
        count(&draft.budgets, "budget"),
    );
    let mut say = |words: String| {
        // Writing into a String never fails.
        let _ = writeln!(text, "{words}");
    };
    let left_out = draft.functions.len() - draft.movable();
    if left_out > 0 {
        let (which, verb) = (count::several(left_out, "function"), if left_out == 1 { "stands" } else { "stand" });
        say(format!("{which} {verb} there commented out, with what each of them lacks and how to make it."));
    }
    if draft.movable() > MANY {
        say(format!(
            "A round through {} functions takes {} s at the five reads a second that leave Lambda to others: keep those \
             that you release.",
            draft.movable(),
            draft.movable() / 5
        ));
    }
    let is_found_by_itself = init.output.is_none() && flags.config.is_none();
    let config = if is_found_by_itself { String::new() } else { format!(" -c {}", path.display()) };
    let embedded = flags.embedded.as_ref().map(|name| format!(" --embedded {name}")).unwrap_or_default();
    say(format!(
        "\nNext:\n  flightdeck{embedded}{config} check      whether all of it can be read, and what is missing\n  \
         flightdeck{embedded}{config}            the cockpit"
    ));
    text.trim_end().to_owned()
}
