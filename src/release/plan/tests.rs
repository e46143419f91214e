//! Plans: what is refused and in which words, what may be confirmed and by whom.

mod movers;

use std::time::Duration;

use super::*;
use crate::release::{facts::VersionState, names::ReleaseId};

const STABLE: Version = Version::Number(42);
const NEW: Version = Version::Number(43);

fn info(version: Version) -> VersionInfo {
    VersionInfo {
        runtime: "python3.12".into(),
        role: "role".into(),
        timeout: Duration::from_secs(3),
        state: Some(VersionState::Active),
        ..VersionInfo::bare(version)
    }
}

fn entry() -> Entry {
    Entry {
        id: ReleaseId::new("r-1"),
        target: Target::new("pay", "live"),
        stable: STABLE,
        new: NEW,
        before: Routing::only(STABLE),
        by: "ada".into(),
        owner: String::new(),
        since: jiff::Timestamp::UNIX_EPOCH,
        shifts: Vec::new(),
        whole: false,
        told: false,
    }
}

/// What is known of one function; each test changes what it is about.
struct Facts {
    routing: Routing,
    entry: Option<Entry>,
    candidate: Option<Version>,
    versions: Vec<VersionInfo>,
    provisioned: Option<ProvisionedConcurrency>,
    percent: f64,
}

impl Facts {
    fn usual() -> Self {
        Self {
            routing: Routing::only(STABLE),
            entry: None,
            candidate: Some(NEW),
            versions: vec![info(STABLE), info(NEW)],
            provisioned: None,
            percent: 10.0,
        }
    }

    fn row(&self) -> PlanRow {
        let alias = Alias {
            routing: self.routing,
            revision: RevisionId::new("r1"),
            description: String::new(),
            account: None,
            setting: crate::release::facts::Setting::Alias,
        };
        let known = Known {
            target: &Target::new("pay", "live"),
            alias: &alias,
            entry: self.entry.as_ref(),
            candidate: self.candidate,
            no_candidate: "no published version above 42",
            versions: &self.versions,
            provisioned: self.provisioned.as_ref(),
        };
        shift_row(known, self.percent, SplitStyle::WeightNew)
    }
}

fn refusal(change: impl FnOnce(&mut Facts)) -> Option<String> {
    let mut facts = Facts::usual();
    change(&mut facts);
    facts.row().refusal
}

#[test]
fn a_row_says_what_is_and_what_would_be() {
    let row = Facts::usual().row();
    assert_eq!((row.stable, row.new, row.from), (STABLE, NEW, Routing::only(STABLE)));
    assert_eq!(row.to, Routing { primary: STABLE, weighted: Some((NEW, 0.1)) });
    assert_eq!((row.revision, row.refusal), (Some(RevisionId::new("r1")), None));
    let mut facts = Facts::usual();
    facts.percent = 100.0;
    assert_eq!(facts.row().to, Routing::only(NEW), "a hundred percent is the new version and an empty map");
}

#[test]
fn every_refusal_says_why() {
    type Change = fn(&mut Facts);
    let cases: &[(Change, &str)] = &[
        (|f| f.candidate = None, "no published version above 42"),
        (|f| f.candidate = Some(Version::Latest), "$LATEST cannot take part in a split"),
        (|f| f.routing = Routing::only(Version::Latest), "$LATEST cannot take part in a split"),
        (|f| f.candidate = Some(Version::Number(99)), "version 99 does not exist"),
        (|f| f.versions[1].state = Some(VersionState::Pending), "version 43 is Pending"),
        (|f| f.versions[1].state = Some(VersionState::Inactive), "version 43 is Inactive"),
        (|f| f.versions[1].state = Some(VersionState::Other("Deleting".into())), "version 43 is Deleting"),
        (
            |f| {
                f.versions[1].state = Some(VersionState::Failed);
                f.versions[1].state_reason = Some("the image is gone".into());
            },
            "version 43 is Failed: the image is gone",
        ),
        (|f| f.versions[1].role = "another".into(), "different execution roles"),
        (|f| f.versions[1].dead_letter = Some("queue".into()), "different dead-letter queues"),
        (
            |f| f.routing = Routing { primary: STABLE, weighted: Some((NEW, 0.3)) },
            "somebody else split the traffic (42 70% + 43 30%)",
        ),
        (
            |f| {
                f.entry = Some(entry());
                f.routing = Routing { primary: STABLE, weighted: Some((Version::Number(44), 0.3)) };
            },
            "the alias sends traffic to version 44, which is not part of this release",
        ),
        (
            |f| {
                f.provisioned = Some(ProvisionedConcurrency { status: "IN_PROGRESS".into(), requested: 5 });
                f.routing = Routing { primary: STABLE, weighted: Some((NEW, 0.3)) };
            },
            "AWS is moving the alias' provisioned concurrency",
        ),
    ];
    for (change, words) in cases {
        let why = refusal(change).unwrap_or_else(|| panic!("not refused: {words}"));
        assert!(why.contains(words), "{why:?} has not {words:?}");
    }
}

#[test]
fn what_only_a_split_forbids_is_allowed_in_one_step() {
    type Change = fn(&mut Facts);
    let changes: [Change; 4] = [
        |f| f.versions[1].role = "another".into(),
        |f| f.versions[1].dead_letter = Some("queue".into()),
        |f| f.provisioned = Some(ProvisionedConcurrency { status: "READY".into(), requested: 5 }),
        |f| f.routing = Routing::only(Version::Latest),
    ];
    for change in changes {
        let all_at_once = |facts: &mut Facts| {
            change(facts);
            facts.percent = 100.0;
        };
        assert_eq!(refusal(all_at_once), None);
    }
}

#[test]
fn a_release_keeps_to_its_versions() {
    let mut facts = Facts::usual();
    facts.entry = Some(entry());
    facts.candidate = Some(Version::Number(44));
    facts.versions.push(info(Version::Number(44)));
    facts.routing = Routing { primary: NEW, weighted: Some((STABLE, 0.9)) };
    facts.percent = 50.0;
    let row = facts.row();
    assert_eq!((row.stable, row.new, row.refusal), (STABLE, NEW, None));
    assert!(row.remarks[0].contains("newer version 44 exists"), "{:?}", row.remarks);
}

#[test]
fn what_is_so_already_is_nothing_to_do() {
    let mut facts = Facts::usual();
    facts.entry = Some(entry());
    facts.routing = Routing { primary: NEW, weighted: Some((STABLE, 0.9)) };
    assert!(facts.row().is_nothing_to_do(), "ten percent, written the other way round");
    facts.versions.clear();
    assert_eq!(facts.row().refusal, None);
}

#[test]
fn a_rollback_has_all_of_stable_and_an_empty_map() {
    let row = roll_back_row(&Target::new("pay", "live"), None, STABLE, NEW);
    assert_eq!((row.from, row.to, row.revision), (Routing::only(NEW), Routing::only(STABLE), None));
}

#[test]
fn only_a_sound_plan_is_confirmed_and_without_the_dropped_rows() {
    let sound = Facts::usual().row();
    let mut facts = Facts::usual();
    facts.candidate = None;
    let refused = PlanRow { target: Target::new("ship", "live"), ..facts.row() };
    let purpose = Purpose::Shift { percent: 10.0 };
    let mut plan = Plan { purpose, rows: vec![sound.clone(), refused] };
    assert_eq!(plan.confirm(Consent::Yes), Err(NotConfirmed::Refused(Target::new("ship", "live"))));
    assert!(!plan.is_sound());
    plan.rows[1].dropped = true;
    assert!(plan.is_sound());
    assert_eq!(plan.confirm(Consent::Yes).unwrap().plan().rows, [sound]);
    plan.rows[0].dropped = true;
    assert_eq!(plan.confirm(Consent::Yes), Err(NotConfirmed::Empty));
    assert!(!plan.is_sound());
}

#[test]
fn a_protected_environment_wants_its_name_unless_it_is_a_rollback() {
    let typed = |typed| Consent::Typed { wanted: "production", typed };
    let rows = vec![Facts::usual().row()];
    for purpose in [Purpose::Shift { percent: 10.0 }, Purpose::Undo] {
        let plan = Plan { purpose, rows: rows.clone() };
        for wrong in ["", "prod", "Production", "production "] {
            assert_eq!(plan.confirm(typed(wrong)), Err(NotConfirmed::Protected("production".into())), "{wrong:?}");
        }
        assert!(plan.confirm(typed("production")).is_ok());
    }
    assert!(Plan { purpose: Purpose::RollBack, rows }.confirm(typed("")).is_ok());
}
