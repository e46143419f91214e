//! What headless commands say of the runbook when traffic is taken back: every step for a rollback, to be taken by
//! people. None is run from here: there is nobody to show a plan to.

use serde_json::{Value, json};

use crate::{
    app::App,
    aws::clean,
    config::{RunbookStep, StepMoment, Way},
};

/// The steps for a rollback, each as an object.
pub(super) fn json_steps(app: &App) -> Vec<Value> {
    let step = |step: &RunbookStep| {
        let url = match &step.way {
            Way::Page(url) => Some(url),
            Way::ByHand | Way::Run(_) => None,
        };
        json!({
            "runbook": step.title,
            "text": step.text,
            "url": url,
            "run": step.command().map(|command| &command.argv),
            "command_line": step.command_line(),
        })
    };
    app.steps_of(StepMoment::RollBack).map(step).collect()
}

/// Tells the steps for a rollback to whoever reads stderr.
pub(super) fn tell(app: &App) {
    for line in lines(app) {
        eprintln!("flightdeck: {}", clean(&line));
    }
}

fn lines(app: &App) -> Vec<String> {
    let steps: Vec<&RunbookStep> = app.steps_of(StepMoment::RollBack).collect();
    if steps.is_empty() {
        return Vec::new();
    }
    let mut lines = vec!["not put back by this, and not run from here; the runbook says:".to_owned()];
    for (index, step) in steps.into_iter().enumerate() {
        lines.push(format!("  {}. {}", index + 1, step.title));
        let url = match &step.way {
            Way::Page(url) => Some(url.clone()),
            Way::ByHand | Way::Run(_) => None,
        };
        let command = step.command_line().map(|line| format!("$ {line}"));
        lines.extend([step.text.clone(), url, command].into_iter().flatten().map(|words| format!("     {words}")));
    }
    lines
}
