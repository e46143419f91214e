//! Two environments behind one face: each keeps its own, and what goes on in one goes on behind the other.

use super::*;

/// Opens the second environment, once.
struct Pair(Option<(App, Services)>);

impl Opener for Pair {
    async fn open(&mut self, name: &str) -> Result<(App, Services), String> {
        self.0.take().filter(|(app, _)| app.deck.environment.name == name).ok_or_else(|| "it is broken".to_owned())
    }
}

/// The second environment, under this name, on a world of its own.
async fn other(name: &str) -> (Stage, Pair) {
    let mut stage = Stage::open().await;
    let mut second = Stage::open().await;
    let mut environment = second.app.deck.environment.clone();
    environment.name = name.to_owned();
    let place = second.app.deck.place.clone();
    let config = Config::default();
    let app = App::new(&config, environment, place, Scope::Cockpit, Keymap::default());
    second.services.alarms.clear();
    stage.app.deck.environment.name = "first".to_owned();
    let pair = Pair(Some((app, second.services)));
    stage.other = Some(second.sim);
    (stage, pair)
}

fn neighbours(stage: &Stage) -> Vec<Neighbour> {
    let named = |name: &str| {
        let environment = crate::config::Environment { name: name.to_owned(), ..stage.app.deck.environment.clone() };
        Neighbour::of(&environment, false)
    };
    vec![named("first"), named("second")]
}

fn name(app: &App) -> &str {
    &app.deck.environment.name
}

async fn run_pair(
    stage: &mut Stage,
    pair: &mut Pair,
    decide: impl FnMut(&App, Now) -> Deed,
) -> (std::io::Result<u8>, Vec<App>) {
    let neighbours = neighbours(stage);
    let mut face = Hands { decide, keys: VecDeque::new() };
    run_fleet(&mut stage.app, &stage.services, neighbours, pair, &mut face).await
}

#[tokio::test(start_paused = true)]
async fn a_rollback_goes_on_behind_another_environment_and_each_keeps_its_view() {
    let (mut stage, mut pair) = Box::pin(other("second")).await;
    stage.sim.disturb("UpdateAlias", Disturbance::Throttled, Some(25));
    let mut has_shown = false;
    let (code, opened) = run_pair(&mut stage, &mut pair, |app, now| match (name(app), has_shown) {
        ("first", false) if app.is_moving() => {
            has_shown = true;
            Deed::Press("E j enter")
        }
        ("first", false) if is_ready(app, now) => Deed::Press("R"),
        ("second", true) if app.view.overlay.is_none() && !app.deck.functions[0].alias.is_answered() => Deed::Nothing,
        ("second", true) if app.neighbours[0].standing.as_ref().is_some_and(|it| it.release.is_none()) => {
            Deed::Press("E k enter")
        }
        ("first", true) if is_finished(app) => Deed::Leave(5),
        _ => Deed::Nothing,
    })
    .await;
    assert_eq!(code.unwrap(), 5);
    assert!(stage.are_all_stable(), "it came to its end behind the other");
    assert_eq!(stage.app.view.overlay, Some(Overlay::Progress), "what was on screen is on screen again");
    assert_eq!(opened.len(), 1);
    let other = stage.other.as_ref().unwrap();
    assert!(other.requests().iter().all(|seen| seen.operation != Called::UpdateAlias), "nothing moved in the other");
    assert!(other.requests().iter().any(|seen| seen.operation == Called::GetAlias), "which asks its own AWS");
}

#[tokio::test(start_paused = true)]
async fn an_environment_that_is_not_shown_costs_nothing() {
    let (mut stage, mut pair) = Box::pin(other("second")).await;
    let mut until = None;
    let (code, opened) = run_pair(&mut stage, &mut pair, |_, now| {
        let until = *until.get_or_insert(now.wall + Duration::from_mins(3));
        if now.wall >= until { Deed::Leave(0) } else { Deed::Nothing }
    })
    .await;
    assert_eq!((code.unwrap(), opened.len()), (0, 0));
    assert_eq!(stage.other.as_ref().unwrap().requests().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn one_that_cannot_be_opened_says_why_and_the_first_stays() {
    let (mut stage, _) = Box::pin(other("second")).await;
    let mut broken = Pair(None);
    let mut has_pressed = false;
    let (code, _) = run_pair(&mut stage, &mut broken, |app, now| {
        if !std::mem::replace(&mut has_pressed, true) {
            return Deed::Press("E j enter");
        }
        let said = app.view.toast.as_ref().is_some_and(|toast| toast.text == "second cannot be shown: it is broken");
        if said && name(app) == "first" && now.wall < Duration::from_mins(1) { Deed::Leave(3) } else { Deed::Nothing }
    })
    .await;
    assert_eq!(code.unwrap(), 3);
}

#[tokio::test(start_paused = true)]
async fn leaving_one_waits_for_what_is_on_its_way_in_the_other() {
    let (mut stage, mut pair) = Box::pin(other("second")).await;
    stage.sim.disturb("UpdateAlias", Disturbance::SlowMs(2_000), None);
    let mut has_shown = false;
    let (code, _) = run_pair(&mut stage, &mut pair, |app, now| match name(app) {
        "first" if app.is_moving() && !has_shown => {
            has_shown = true;
            Deed::Press("E j enter")
        }
        "first" if !has_shown && is_ready(app, now) => Deed::Press("R"),
        // Once for the question, and once more for the answer.
        "second" if !app.leaving => Deed::Press("q"),
        _ => Deed::Nothing,
    })
    .await;
    assert_eq!(code.unwrap(), 0);
    assert!(stage.are_all_stable());
    assert!(pair.0.is_none(), "the other was opened");
}
