//! Other environments as the one on screen knows them: what is said of them, and how another is chosen.

use super::{outside::command, *};
use crate::{
    app::neighbours::{Neighbour, Standing},
    release::gates::command::Moment,
};

fn neighbours(trouble: Option<&str>, release: Option<&str>) -> Vec<Neighbour> {
    let here = Neighbour { is_shown: true, ..Neighbour::of(&environment(), false) };
    let production = Environment { protected: true, ..Environment::named("production") };
    let standing =
        Standing { release: release.map(str::to_owned), trouble: trouble.map(str::to_owned), ..Standing::default() };
    vec![Neighbour { standing: Some(standing), ..Neighbour::of(&production, false) }, here]
}

#[test]
fn trouble_elsewhere_is_said_once_with_its_name_and_rings() {
    let mut bench = Bench::new();
    let effects = bench.app.heed_neighbours(neighbours(Some("GATES FAILED"), None), bench.now);
    assert_eq!(effects, [Effect::Bell]);
    assert_eq!(bench.said(), "PRODUCTION: GATES FAILED.");
    assert_eq!(bench.app.heed_neighbours(neighbours(Some("GATES FAILED"), None), bench.now), []);
    assert_eq!(bench.app.troubles_elsewhere().len(), 1, "it stands there until it is over");
    bench.app.heed_neighbours(neighbours(None, None), bench.now);
    assert_eq!(bench.app.troubles_elsewhere().len(), 0);
}

#[test]
fn enter_shows_the_one_that_needs_a_person_and_moves_nothing() {
    let mut bench = Bench::new();
    bench.check("E");
    assert_eq!(bench.said(), "The configuration has no other environment.");
    bench.app.heed_neighbours(neighbours(Some("GATES FAILED"), None), bench.now);
    bench.check("E");
    assert_eq!(bench.app.view.overlay, Some(Overlay::Environments(0)), "where the trouble is");
    bench.check("enter");
    assert_eq!(bench.take_log(), ["show production"]);
    assert_eq!(bench.app.view.overlay, None);
    bench.check("E j enter");
    assert_eq!(bench.take_log(), [""; 0], "this one is shown already");
}

#[test]
fn leaving_asks_for_all_of_them() {
    let mut bench = Bench::new();
    bench.app.heed_neighbours(neighbours(None, Some("r-1 at 10%")), bench.now);
    bench.check("q");
    assert_eq!((&bench.app.view.overlay, &bench.has_quit), (&Some(Overlay::Quit), &None));
    bench.check("q");
    assert_eq!(bench.has_quit, Some(Effect::Quit));
}

#[test]
fn behind_the_screen_only_what_must_go_on_does() {
    let mut bench = Bench::with(|environment| environment.commands.push(command("smoke", Moment::Stage)));
    assert!(!bench.app.is_at_work(), "nothing is under way, and everything is read");
    bench.check("1 <300ms> y");
    assert!(bench.app.is_at_work());
    assert_eq!(bench.app.standing().release.as_deref().map(|it| it.ends_with("at 10%")), Some(true));
    bench.check("R <1m>");
    assert_eq!((bench.app.standing().release, bench.app.standing().outcome), (None, Some("ROLLED BACK")));
    assert!(!bench.app.is_at_work());
}
