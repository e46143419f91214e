//! The runbook: what is wanted when, what runs and what does not, and what the journal keeps of it.

use super::{outside::command, *};
use crate::{
    app::runbook::StepState,
    config::{RunbookStep, StepMoment, Way},
    release::{
        gates::command::Moment,
        page::Entry,
        record::{Kind, Line, StepOutcome},
    },
};

pub(super) fn by_hand(title: &str, when: StepMoment) -> RunbookStep {
    RunbookStep { title: title.into(), when, text: Some("Look twice.".into()), way: Way::ByHand }
}

fn run(title: &str, when: StepMoment) -> RunbookStep {
    let command = command(title, Moment::RollBack).command;
    RunbookStep { title: title.into(), when, text: None, way: Way::Run(Box::new(command)) }
}

fn steps() -> Vec<RunbookStep> {
    vec![
        by_hand("look", StepMoment::Before),
        run("down", StepMoment::RollBack),
        by_hand("page", StepMoment::RollBack),
        by_hand("tidy", StepMoment::After),
    ]
}

fn bench() -> Bench {
    Bench::with(|environment| environment.runbook = steps())
}

fn ran(bench: &mut Bench) -> usize {
    bench.take_log().iter().filter(|line| line.starts_with("read Command")).count()
}

fn wanted(bench: &Bench) -> Vec<&str> {
    bench.app.wanted_steps().iter().map(|step| step.title.as_str()).collect()
}

/// What the journal keeps of the runbook: release or none, outcome, lines of output.
fn kept(bench: &Bench) -> Vec<(bool, StepOutcome, usize)> {
    let entries = bench.pages.iter().flat_map(|page| page.entries.iter());
    let lines = entries.filter_map(|entry| match entry {
        Entry::Lines(lines) => Some(lines),
        _ => None,
    });
    let told = lines.flatten().filter_map(|line| match line {
        Line::Happened(happening) => Some(happening),
        _ => None,
    });
    told.filter_map(|happening| match &happening.kind {
        Kind::Runbook { outcome, output, .. } => Some((happening.release.is_some(), *outcome, output.len())),
        _ => None,
    })
    .collect()
}

#[test]
fn a_rollback_asks_for_its_steps_and_runs_none_by_itself() {
    let mut bench = bench();
    assert_eq!(bench.app.steps_before(), (1, 1));
    bench.check("1 <300ms> y");
    assert_eq!(wanted(&bench), Vec::<&str>::new());
    bench.check("R");
    assert_eq!(wanted(&bench), ["down", "page"]);
    assert_eq!(ran(&mut bench), 0);
    bench.check("x space");
    assert!(matches!(bench.app.runbook.state("down"), Some(StepState::Done { .. })), "ticked where the cursor is");
    bench.check("j space esc");
    assert_eq!(wanted(&bench), Vec::<&str>::new(), "nothing is left to do");
    assert_eq!(kept(&bench), [(true, StepOutcome::Done, 0), (true, StepOutcome::Done, 0)]);
}

#[test]
fn a_command_runs_after_its_plan_while_the_rollback_goes_on() {
    let mut bench = bench();
    bench.check("1 <300ms> y");
    bench.holds.insert(Hold::Writes);
    bench.check("R x enter");
    assert_eq!(ran(&mut bench), 0, "the plan is on screen");
    bench.check("enter y");
    assert_eq!(ran(&mut bench), 0, "nobody reads a plan in no time, and Enter is no yes");
    bench.check("<300ms> y");
    assert_eq!(ran(&mut bench), 1);
    assert!(bench.app.is_rolling_back(), "it waited for nothing and held nothing up");
    assert!(matches!(bench.app.runbook.state("down"), Some(StepState::Ran { .. })));
    bench.check("y");
    assert_eq!(ran(&mut bench), 0, "a second y in one breath");
    bench.check("<300ms> y");
    assert_eq!(ran(&mut bench), 1, "again, when it is meant");
    bench.check("esc esc");
    assert_eq!(bench.app.view.overlay, Some(Overlay::Progress), "the rollback is in sight again");
}

#[test]
fn a_failed_command_stays_wanted_and_is_told() {
    let mut bench = bench();
    bench.outside.exit_code = 2;
    bench.check("1 <300ms> y R x enter <300ms> y");
    assert_eq!(wanted(&bench), ["down", "page"]);
    assert!(bench.timeline().contains("“down”: exit code 2"), "{}", bench.timeline());
    assert_eq!(kept(&bench), [(true, StepOutcome::Begun, 0), (true, StepOutcome::Failed, 0)]);
}

#[test]
fn a_protected_environment_wants_its_name_and_a_read_only_one_runs_nothing() {
    let mut bench = Bench::with(|environment| {
        environment.runbook = vec![run("down", StepMoment::RollBack)];
        environment.protected = true;
    });
    bench.check("x enter <300ms> y");
    assert_eq!(ran(&mut bench), 0, "y is a letter of the name");
    bench.check("ctrl-u \"shop\" y");
    assert_eq!(ran(&mut bench), 1);
    bench.check("<300ms> y");
    assert_eq!(ran(&mut bench), 0, "the name is wanted for every run");

    let mut bench = Bench::with(|environment| {
        environment.runbook = vec![run("down", StepMoment::RollBack)];
        environment.read_only = true;
    });
    bench.check("x enter <300ms> y");
    assert_eq!(ran(&mut bench), 0);
}

#[test]
fn what_is_done_before_a_release_goes_in_with_it_and_what_a_command_did_is_always_kept() {
    let mut bench = bench();
    bench.check("x space esc <1s>");
    assert_eq!(kept(&bench), [], "there is no release yet");
    bench.check("x j enter <300ms> y esc esc <1s>");
    assert_eq!(kept(&bench), [(false, StepOutcome::Begun, 0), (false, StepOutcome::Passed, 0)]);
    bench.check("1 <300ms> y");
    assert!(kept(&bench).contains(&(true, StepOutcome::Done, 0)), "{:?}", kept(&bench));
}

#[test]
fn the_next_release_begins_with_an_open_runbook() {
    let mut bench = bench();
    bench.check("x space esc 3 <300ms> y esc d <300ms> y esc");
    assert_eq!(wanted(&bench), ["tidy"], "the release is over");
    assert_eq!(bench.app.steps_before(), (1, 1), "and the next one has not begun");
}

#[test]
fn leaving_ends_a_command_so_it_is_asked() {
    let mut bench = bench();
    bench.holds.insert(Hold::Checks);
    bench.check("x j enter <300ms> y esc esc q");
    assert_eq!(bench.app.view.overlay, Some(Overlay::Quit));
    assert_eq!(bench.has_quit, None);
    let last = bench.app.last_words(bench.now);
    assert!(format!("{last:?}").contains("was ended with flightdeck"), "{last:?}");
}
