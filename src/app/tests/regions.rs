//! One function in two regions, released together: each is a target of its own with a memory of its own, one key takes
//! all of them back, and what is called alike in two regions is told apart.

use super::{outside::ringing, *};
use crate::{
    config::{AlarmMatch, AlarmRule},
    release::{facts::Severity, stages::State},
};

const AWAY: &str = "us-east-1";

fn pay_away() -> Target {
    target("pay").in_region(Some(AWAY.into()))
}

/// `pay` and `ship` of eu-west-1 and `pay` of us-east-1.
fn bench_with(change: impl FnOnce(&mut Environment)) -> Bench {
    Bench::with(|environment| {
        let away = FunctionSettings { target: pay_away(), ..environment.functions[0].clone() };
        environment.functions.push(away);
        change(environment);
    })
}

fn places(bench: &Bench) -> [String; 3] {
    let away = bench.aliases.borrow()[&pay_away()].routing.to_string();
    [bench.live("pay"), bench.live("ship"), away]
}

#[test]
fn a_release_moves_all_regions_and_one_key_takes_all_back() {
    let mut bench = bench_with(|_| {});
    bench.check("1 <300ms> y");
    assert_eq!(places(&bench), ["42 90% + 43 10%", "42 90% + 43 10%", "42 90% + 43 10%"]);
    let entries = [target("pay"), pay_away()].map(|target| bench.journal[&target].release.clone().unwrap());
    assert_eq!(entries[0].id, entries[1].id, "one release, an entry for each region");
    bench.take_writes();

    bench.hold(Hold::Writes);
    bench.check("R");
    let writes = bench.effects.iter().filter(|effect| matches!(effect, Effect::Write(..))).count();
    assert_eq!(writes, 3, "every region's write leaves in the same turn");
    bench.release(Hold::Writes);
    bench.settle();
    assert_eq!(places(&bench), ["42 100%", "42 100%", "42 100%"]);
    assert_eq!(bench.app.state(), Some(State::RolledBack));
}

#[test]
fn where_one_region_refuses_it_is_said_which_and_r_takes_the_others_back() {
    let mut bench = bench_with(|_| {});
    bench.troubles.insert(pay_away(), VecDeque::from([(Trouble::Denied, false)]));
    bench.check("1 <300ms> y");
    assert_eq!(places(&bench), ["42 90% + 43 10%", "42 90% + 43 10%", "42 100%"]);
    assert!(matches!(bench.app.state(), Some(State::Torn { .. })), "{}", bench.timeline());
    assert!(bench.timeline().contains("us-east-1/pay"), "{}", bench.timeline());
    bench.check("<1s> R");
    bench.settle();
    assert_eq!(places(&bench), ["42 100%", "42 100%", "42 100%"]);
}

#[test]
fn an_alarm_that_rang_before_hides_no_alarm_of_the_same_name_in_another_region() {
    let mut bench = bench_with(|environment| {
        let matches = AlarmMatch::Prefix("api".into());
        environment.alarms.push(AlarmRule::new(matches.clone(), Severity::Critical));
        let away = AlarmRule { region: Some(AWAY.into()), ..AlarmRule::new(matches, Severity::Critical) };
        environment.alarms.push(away);
    });
    bench.outside.alarms = vec![ringing("api-5xx")];
    bench.check("<15s> 1 <300ms> y <1m>");
    assert_eq!(bench.app.state(), Some(State::Observing), "{}", bench.timeline());
    let since = Some(bench.now.world);
    let away = crate::release::facts::Alarm { region: Some(AWAY.into()), since, ..ringing("api-5xx") };
    bench.outside.alarms.push(away);
    bench.check("<2m>");
    assert!(bench.timeline().contains("us-east-1/api-5xx is in ALARM"), "{}", bench.timeline());
}

#[test]
fn the_console_is_that_of_the_functions_region() {
    let mut bench = bench_with(|_| {});
    bench.check("j j o");
    let Some(Overlay::ConsoleUrl(url)) = &bench.app.view.overlay else { panic!("no address") };
    assert!(url.starts_with("https://us-east-1.console.aws.amazon.com/lambda/home?region=us-east-1"), "{url}");
}
