//! Random walks: whatever happens in whatever order, the machine keeps its promises.

use proptest::prelude::*;

use super::{
    tests::{OLD, confirmed, one_shift, whole},
    *,
};
use crate::release::{
    names::{Target, Version},
    plan::Purpose,
};

fn moved() -> impl Strategy<Value = Moved> {
    prop_oneof![
        4 => Just(Moved::All),
        1 => Just(Moved::Some(vec![Target::new("ship", "live")])),
        1 => Just(Moved::None)
    ]
}

fn standing() -> impl Strategy<Value = Standing> {
    prop_oneof![
        6 => Just(Standing::Pass),
        2 => Just(Standing::Undecided),
        1 => Just(Standing::Failed),
        1 => Just(Standing::Alike)
    ]
}

/// An input, where evidence gets its time from the walk.
#[derive(Debug, Clone)]
enum Event {
    Plain(Input),
    Evidence(Standing, bool),
    WholeCourse,
    /// A plan that takes another version for stable, as a careless reader of the alias in mid-release would.
    Confused,
}

fn event() -> impl Strategy<Value = Event> {
    let plain = prop_oneof![
        12 => Just(Input::Tick),
        10 => moved().prop_map(Input::Shifted),
        3 => moved().prop_map(Input::RolledBack),
        3 => prop_oneof![3 => Just(vec![]), 1 => Just(vec![Obstacle::Required { item: "snapshot".into() }])]
            .prop_map(Input::Obstacles),
        5 => prop_oneof![Just(10.0), Just(25.0), Just(50.0), Just(100.0)].prop_map(one_shift),
        2 => Just(Input::Hold),
        4 => Just(Input::Resume),
        1 => Just(Input::Extend),
        2 => Just(Input::GoOn),
        2 => Just(Input::Retry),
        1 => Just(Input::RollBack),
        1 => Just(Input::Finish),
        1 => Just(Input::Disturbed),
        3 => any::<bool>().prop_map(Input::Owner),
    ];
    prop_oneof![
        200 => plain.prop_map(Event::Plain),
        80 => (standing(), prop::bool::weighted(0.8)).prop_map(|(standing, whole)| Event::Evidence(standing, whole)),
        30 => Just(Event::WholeCourse),
        10 => Just(Event::Confused),
        1 => Just(Event::Plain(Input::Abandon)),
    ]
}

fn a_course() -> impl Strategy<Value = Course> {
    let rollback = prop_oneof![Just(OnFailure::Ask), Just(OnFailure::Auto), Just(OnFailure::Never)];
    let undecided = prop_oneof![Just(OnUndecided::Ask), Just(OnUndecided::Hold), Just(OnUndecided::RollBack)];
    let advance = prop_oneof![Just(Advance::ByItself), Just(Advance::ByHand)];
    (advance, rollback, undecided).prop_map(|(advance, rollback, on_undecided)| Course {
        advance,
        rollback,
        on_undecided,
        ..Course::default()
    })
}

/// What a walk has seen so far.
#[derive(Default)]
struct Seen {
    allowed: Vec<f64>,
    in_flight: bool,
    has_shifted: bool,
    stable: Vec<(Target, Version)>,
}

impl Seen {
    fn before(&mut self, input: &Input) {
        if let Input::Confirmed(mandate) = input {
            let asked = [10.0, 25.0, 50.0, 100.0].into_iter().filter(|percent| mandate.covers(*percent));
            self.allowed.extend(asked);
        }
    }
}

/// Whether an input is nobody's wish: what happens then, happens by itself.
fn is_by_itself(input: &Input) -> bool {
    matches!(input, Input::Tick | Input::Evidence(_) | Input::Shifted(_) | Input::RolledBack(_) | Input::Disturbed)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn promises_are_kept(course in a_course(), events in prop::collection::vec((event(), -30_i64..240), 1..120)) {
        let mut run = Run::new(course.clone());
        let mut seen = Seen::default();
        let mut now: Timestamp = "2026-11-20T14:00:00Z".parse().unwrap();
        for (event, seconds) in events {
            now += SignedDuration::from_secs(seconds);
            let input = match event {
                Event::Plain(input) => input,
                Event::Evidence(standing, is_complete) => {
                    Input::Evidence(Evidence { at: now, standing, is_complete })
                }
                Event::WholeCourse => whole(&course),
                Event::Confused => {
                    let plan = confirmed(&["pay"], Version::Number(7), Purpose::Shift { percent: 10.0 });
                    Input::Confirmed(Mandate::for_shift(&plan).unwrap())
                }
            };
            seen.before(&input);
            check(&mut run, &mut seen, &course, &input, now)?;
        }
    }
}

fn check(run: &mut Run, seen: &mut Seen, course: &Course, input: &Input, now: Timestamp) -> Result<(), TestCaseError> {
    let (before, was_owner, stood) = (run.state(), run.is_owner(), run.stay().copied());
    let obstructed = !run.obstacles().is_empty();
    let orders = run.take(input.clone(), now);
    let told = || format!("{before:?} + {input:?} -> {:?} {orders:?}", run.state());

    let shifts: Vec<f64> = orders
        .iter()
        .filter_map(|order| match order {
            Order::Shift { percent } => Some(*percent),
            _ => None,
        })
        .collect();
    let rollbacks = orders.iter().filter(|order| **order == Order::RollBack).count();
    prop_assert!(shifts.len() + rollbacks <= 1, "one move at a time: {}", told());
    for percent in &shifts {
        prop_assert!(seen.allowed.contains(percent), "only shares that somebody confirmed: {}", told());
        prop_assert!(!seen.in_flight, "one shift at a time: {}", told());
        prop_assert!(!before.is_final(), "what is over is over: {}", told());
        if is_by_itself(input) {
            prop_assert!(was_owner, "only the owner moves by itself: {}", told());
            prop_assert!(course.stages.contains(percent), "by itself only to stages: {}", told());
            prop_assert!(seen.has_shifted || !obstructed, "obstacles stop the first shift: {}", told());
            if let Some(stay) = stood {
                let baked = now.duration_since(stay.since);
                prop_assert!(baked.as_secs() >= 300, "a bake is never cut short: {}", told());
            }
        }
        seen.in_flight = true;
    }
    if rollbacks > 0 {
        prop_assert!(!seen.allowed.is_empty(), "no rollback without a confirmed plan: {}", told());
        if is_by_itself(input) {
            prop_assert!(was_owner && course.rollback != OnFailure::Never, "{}", told());
            prop_assert!(
                !matches!(before, State::Held(_) | State::Asking(_)),
                "a stopped rollback stays so: {}",
                told()
            );
        }
        seen.in_flight = false;
    }
    if *input == Input::RollBack && run.mandate().is_some() {
        prop_assert!(run.state() == State::RollingBack, "reachable from everywhere: {}", told());
    }
    if matches!(input, Input::Shifted(_)) {
        seen.in_flight = false;
        if matches!(input, Input::Shifted(Moved::All)) && matches!(before, State::Shifting { .. }) {
            seen.has_shifted = true;
        }
    }
    if matches!(before, State::Held(_)) && is_by_itself(input) {
        let stands = matches!(run.state(), State::Held(_) | State::RolledBack);
        prop_assert!(stands, "held is held: {}", told());
    }
    let rows = run.mandate().map(|mandate| mandate.rows().to_vec()).unwrap_or_default();
    for (target, stable) in &seen.stable {
        let now_stable = rows.iter().find(|row| row.target == *target).map(|row| row.stable);
        prop_assert_eq!(now_stable, Some(*stable), "stable is never lost: {}", told());
    }
    seen.stable = rows.into_iter().map(|row| (row.target, row.stable)).collect();
    Ok(())
}

#[test]
fn a_careless_plan_does_not_change_what_is_stable() {
    let course = Course::default();
    let mut run = Run::new(course.clone());
    let now = "2026-11-20T14:00:00Z".parse().unwrap();
    run.take(whole(&course), now);
    let plan = confirmed(&["pay"], Version::Number(7), Purpose::Shift { percent: 50.0 });
    run.take(Input::Confirmed(Mandate::for_shift(&plan).unwrap()), now);
    assert!(run.mandate().unwrap().rows().iter().all(|row| row.stable == OLD));
}
