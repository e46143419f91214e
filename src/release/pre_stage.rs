//! The stage before the first: another alias of the same function goes to the new version whole, and its probe must
//! answer well before the traffic that counts is touched. The row for that move, and what the probe's answers mean.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    carried,
    facts::Alias,
    gates::probe::ProbeResult,
    names::{Target, Version},
    plan::PlanRow,
    routing::Routing,
};

/// A pre-stage that was moved, remembered with the function whose release it belongs to, so that R puts it back too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreStaged {
    /// The other alias.
    pub target: Target,
    /// The version that it had.
    pub stable: Version,
    /// The version that it was given.
    pub new: Version,
}

/// The row that moves the other alias to what `main` releases.
///
/// # Errors
/// In a sentence, where it cannot be moved: then the function itself is not moved either.
pub fn row(main: &PlanRow, target: &Target, alias: &Alias) -> Result<PlanRow, String> {
    let from = alias.routing;
    if from.is_split() && from.versions().any(|version| version != main.new) {
        return Err(format!(
            "its pre-stage {} is split ({from}): finish what is going on there, or take it back first",
            target.alias
        ));
    }
    let of_its_own = carried::own(&alias.description).filter(|own| from.reaches(own.new));
    if let Some(own) = of_its_own.filter(|_| from != Routing::only(main.new)) {
        return Err(format!(
            "its pre-stage {} is in a release of its own ({}, run by {}): finish that first, or take it back",
            target.alias, own.id, own.owner
        ));
    }
    Ok(PlanRow {
        target: target.clone(),
        stable: from.primary,
        new: main.new,
        from,
        to: Routing::only(main.new),
        revision: Some(alias.revision.clone()),
        description: None,
        remarks: Vec::new(),
        ..main.clone()
    })
}

/// What a plan says of it beforehand.
pub fn in_words(row: &PlanRow, probe: &str) -> String {
    let alias = &row.target.alias;
    if row.is_nothing_to_do() {
        return format!("before it: {alias} is at {} already; the probe “{probe}” must answer well there", row.new);
    }
    format!(
        "before it: {alias} goes from {} to {} whole, and the probe “{probe}” must answer well there",
        row.stable, row.new
    )
}

/// What a probe has shown since the other alias was moved: `None` while it may still change its mind.
pub fn verdict(answers: &[ProbeResult], since: Timestamp, failures: usize) -> Option<Result<(), String>> {
    let since_then = || answers.iter().filter(|answer| answer.at >= since);
    if since_then().any(|answer| answer.refusal.is_none()) {
        return Some(Ok(()));
    }
    let bad = since_then().count();
    let last = since_then().next_back()?.refusal.clone()?;
    (bad >= failures.max(1)).then(|| Err(format!("{last} ({bad} answers in a row)")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::release::{
        facts::Setting,
        names::RevisionId,
        plan::{Purpose, roll_back_row},
        routing::SplitStyle,
    };

    fn main_row() -> PlanRow {
        roll_back_row(&Target::new("api", "production"), None, Version::Number(41), Version::Number(42))
    }

    fn alias(routing: Routing) -> Alias {
        Alias {
            routing,
            revision: RevisionId::new("r7"),
            description: "what staging calls".to_owned(),
            account: None,
            setting: Setting::Alias,
        }
    }

    #[test]
    fn the_other_alias_goes_whole_with_its_own_revision_and_keeps_its_description() {
        let staging = Target::new("api", "staging");
        let row = row(&main_row(), &staging, &alias(Routing::only(Version::Number(40)))).unwrap();
        assert_eq!((row.stable, row.new), (Version::Number(40), Version::Number(42)));
        assert_eq!(row.to, Routing::only(Version::Number(42)));
        assert_eq!(row.revision, Some(RevisionId::new("r7")));
        assert_eq!(row.description, None);
        assert!(in_words(&row, "staging health").starts_with("before it: staging goes from 40"), "{row:?}");
        assert!(Purpose::PreStage.is_forward());
    }

    #[test]
    fn an_alias_that_is_split_is_somebody_s_business() {
        let split = Routing::at_percent(Version::Number(40), Version::Number(41), 10.0, SplitStyle::WeightNew);
        let why = row(&main_row(), &Target::new("api", "staging"), &alias(split)).unwrap_err();
        assert!(why.contains("staging is split"), "{why}");
    }

    #[test]
    fn an_alias_in_a_release_of_its_own_is_left_to_it() {
        let staging = Target::new("api", "staging");
        let text = "[flightdeck r-1 40>41 100% 2026-11-20T14:32:07Z bob@there/2]";
        let busy = |version| Alias { description: text.to_owned(), ..alias(Routing::only(Version::Number(version))) };
        let why = row(&main_row(), &staging, &busy(41)).unwrap_err();
        assert!(why.contains("in a release of its own (r-1, run by bob@there/2)"), "{why}");
        assert!(row(&main_row(), &staging, &busy(40)).is_ok(), "a record of what is over counts no more");
        assert!(row(&main_row(), &staging, &busy(42)).is_ok(), "it is where it shall be, and nothing is written");
    }

    fn answer(second: i64, refusal: Option<&str>) -> ProbeResult {
        ProbeResult {
            at: Timestamp::from_second(second).unwrap(),
            asked: true,
            refusal: refusal.map(str::to_owned),
            status: None,
            ms: 1.0,
            version: None,
        }
    }

    #[test]
    fn one_good_answer_is_enough_and_so_many_bad_ones_are_too_many() {
        let since = Timestamp::from_second(100).unwrap();
        let before = answer(99, None);
        assert_eq!(verdict(std::slice::from_ref(&before), since, 3), None, "what was said before says nothing");
        let bad = |second| answer(second, Some("status 503"));
        assert_eq!(verdict(&[before, bad(100), bad(101)], since, 3), None);
        let failed = verdict(&[bad(100), bad(101), bad(102)], since, 3);
        assert_eq!(failed, Some(Err("status 503 (3 answers in a row)".to_owned())));
        assert_eq!(verdict(&[bad(100), answer(101, None)], since, 3), Some(Ok(())), "it took a moment to start");
        assert_eq!(verdict(&[bad(100)], since, 0), Some(Err("status 503 (1 answers in a row)".to_owned())));
    }
}
