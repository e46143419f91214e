//! The table of what is left alone, case by case; what is true of all of them; and the sentences, word by word.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::release::names::FunctionName;

const OLD: Version = Version::Number(42);
const NEW: Version = Version::Number(43);

static ALIAS: LazyLock<Target> = LazyLock::new(|| Target::new("pay", "live"));
static RULE: LazyLock<Target> = LazyLock::new(|| Target::rule("web", "arn:aws:elasticloadbalancing:a:1:b/c"));
static STAGE: LazyLock<Target> = LazyLock::new(|| Target::stage("api", "a1b2", "prod"));

const TENTH: Release = Release::Told { percent: 10.0 };
const WHOLE: Release = Release::Told { percent: 100.0 };

/// A tenth to the new version.
fn split() -> Routing {
    Routing { primary: OLD, weighted: Some((NEW, 0.1)) }
}

/// At one version, and carries nothing.
fn plain() -> Seen {
    Seen { at: Routing::only(NEW), is_split: false, record: Record::None, has_candidate: false, is_back: false }
}

fn facts(target: &Target, seen: Result<Seen, Option<Trouble>>) -> Facts<'_> {
    Facts {
        target,
        is_planned: false,
        seen,
        astray: None,
        take_back: format!("flightdeck rollback --function {target}"),
    }
}

/// What is said of it, without what the sentence names.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Said {
    Nothing,
    NotInRelease,
    NotRead,
    NoRecord,
    CutRecord,
    NoSign,
}

fn said(facts: &Facts<'_>, release: Release) -> Said {
    match facts.verdict(release) {
        None => Said::Nothing,
        Some(Reason::NotInRelease { .. }) => Said::NotInRelease,
        Some(Reason::NotRead(_)) => Said::NotRead,
        Some(Reason::Unrecorded { record: Record::Cut, .. }) => Said::CutRecord,
        Some(Reason::Unrecorded { .. }) => Said::NoRecord,
        Some(Reason::NoSign) => Said::NoSign,
        Some(Reason::Astray { .. }) => panic!("it went astray: {facts:?}"),
        Some(other) => panic!("that is said of pre-stages alone: {other:?}"),
    }
}

#[test]
fn every_case_of_what_was_read() {
    use Said::{CutRecord, NoRecord, NoSign, NotInRelease, Nothing};
    let is_split = Seen { at: split(), is_split: true, ..plain() };
    let cut = Seen { record: Record::Cut, ..plain() };
    let recorded = Seen { record: Record::Whole, ..plain() };
    let waited_for = Seen { has_candidate: true, ..plain() };
    // What it is, how it stands, and what is said of it in a release of this machine, in one that another machine took
    // to 10 %, and in one that another machine took to 100 %.
    let table = [
        (&ALIAS, "at one version", plain(), [Nothing, Nothing, NoSign]),
        (&RULE, "at one group", plain(), [Nothing, Nothing, NoRecord]),
        (&STAGE, "at a deployment", plain(), [Nothing, Nothing, NoRecord]),
        (&ALIAS, "split", is_split, [NotInRelease, NoRecord, NoRecord]),
        (&RULE, "split", is_split, [NotInRelease, NoRecord, NoRecord]),
        (&STAGE, "in another release", is_split, [NotInRelease, NoRecord, NoRecord]),
        (&ALIAS, "with a cut record", cut, [Nothing, CutRecord, CutRecord]),
        (&RULE, "with a cut record", cut, [Nothing, CutRecord, CutRecord]),
        (&STAGE, "with a cut record", cut, [Nothing, CutRecord, CutRecord]),
        (&ALIAS, "with the record of what is over", recorded, [Nothing, Nothing, Nothing]),
        (&RULE, "with the record of what is over", recorded, [Nothing, Nothing, NoRecord]),
        (&STAGE, "with the record of what is over", recorded, [Nothing, Nothing, NoRecord]),
        (&ALIAS, "while a newer version waits", waited_for, [Nothing, Nothing, Nothing]),
        (&RULE, "while another group waits", waited_for, [Nothing, Nothing, NoRecord]),
        (&STAGE, "while a newer deployment waits", waited_for, [Nothing, Nothing, Nothing]),
    ];
    for (target, how, seen, expected) in table {
        let facts = facts(target, Ok(seen));
        let found = [Release::OnRecord, TENTH, WHOLE].map(|release| said(&facts, release));
        assert_eq!(found, expected, "{} {how}", target.kind.noun());
    }
}

#[test]
fn a_sign_of_a_move_weighs_more_than_a_version_that_waits() {
    let split = Seen { at: split(), is_split: true, has_candidate: true, ..plain() };
    let cut = Seen { record: Record::Cut, has_candidate: true, ..plain() };
    for release in [TENTH, WHOLE] {
        for target in [&ALIAS, &RULE, &STAGE] {
            assert_eq!(said(&facts(target, Ok(split)), release), Said::NoRecord);
            assert_eq!(said(&facts(target, Ok(cut)), release), Said::CutRecord);
        }
    }
    assert_eq!(said(&facts(&STAGE, Ok(split)), Release::OnRecord), Said::NotInRelease, "what is split is seen");
}

#[test]
fn every_case_of_what_was_not_read() {
    let table = [
        ("nobody has tried", None, Said::NotRead),
        ("no permission", Some(Trouble::Denied), Said::NotRead),
        ("the region is away", Some(Trouble::Unreachable), Said::NotRead),
        ("AWS says that it does not exist", Some(Trouble::NotFound), Said::Nothing),
    ];
    for (how, why, expected) in table {
        for target in [&ALIAS, &RULE, &STAGE] {
            let facts = facts(target, Err(why));
            assert_eq!(said(&facts, Release::OnRecord), Said::Nothing, "{how}: all that moved is on record");
            assert_eq!([TENTH, WHOLE].map(|release| said(&facts, release)), [expected; 2], "{how}");
        }
    }
}

#[test]
fn every_case_of_a_pre_stage() {
    let (old, new) = (Ok(Routing::only(OLD)), Ok(Routing::only(NEW)));
    let no_such = Err(Some(Trouble::NotFound));
    let here = Fate::GoesBack { from: NEW, is_told: false };
    let elsewhere = Fate::GoesBack { from: NEW, is_told: true };
    let stays = |at: Result<Routing, Option<Trouble>>, recorded| Fate::Stays { at: at.ok(), recorded };
    let main: &Target = &ALIAS;
    let at = Routing::only(NEW);
    let table = [
        ("a release of this machine did not move it", new, here, Some(Reason::PreStageNotInRelease)),
        ("not even where it was not read", Err(None), here, Some(Reason::PreStageNotInRelease)),
        ("it has not the version that is withdrawn", old, here, None),
        ("nor in a release of elsewhere", old, elsewhere, None),
        ("another machine may have moved it", new, elsewhere, Some(Reason::PreStageUnrecorded { at, main })),
        ("and it was not read", Err(Some(Trouble::Denied)), elsewhere, Some(Reason::PreStageNotRead { main })),
        ("and it does not exist", no_such, elsewhere, None),
        ("which is known of a release of this machine, too", no_such, here, None),
        ("its record tells of what both have", new, stays(new, Some(NEW)), Some(Reason::PreStageAhead { at, main })),
        ("the version came no further than to it", new, stays(old, Some(NEW)), None),
        ("it is back, and the record stands", old, stays(new, Some(NEW)), None),
        ("it carries no record", new, stays(new, None), None),
        ("its function was not read", new, stays(Err(None), Some(NEW)), None),
        ("it was not read", Err(None), stays(new, Some(NEW)), None),
    ];
    for (how, at, fate, expected) in table {
        let target = ALIAS.with_alias("staging");
        let facts = PreStageFacts { target, is_planned: false, at, main, fate };
        assert_eq!(facts.verdict(), expected, "{how}");
    }
}

#[test]
fn a_record_of_its_own_is_told_from_others() {
    let whole = "live [flightdeck r-1 42>43 10% 2026-11-20T14:32:07Z ada@laptop/4711]";
    assert_eq!(Record::of(whole), Record::Whole);
    assert_eq!(Record::of(&whole[..40]), Record::Cut);
    assert_eq!(Record::of("live"), Record::None);
    assert_eq!(Record::of(&whole.replace(']', " before:live]")), Record::None, "that release is not its own");
}

#[test]
fn the_sentences() {
    let staging = ALIAS.with_alias("staging");
    let (at, main, take_back): (_, &Target, _) = (split(), &ALIAS, "fd rollback --function pay");
    let unrecorded = |record| Reason::Unrecorded { at, record, take_back };
    let was = &Astray { stable: OLD, new: NEW };
    let third = Routing::only(Version::Number(44));
    let table = [
        (main, Reason::NotInRelease { at }, Doubt::None),
        (main, Reason::Astray { at: third, was, take_back }, Doubt::Astray),
        (main, Reason::NotRead(None), Doubt::Unread),
        (main, Reason::NotRead(Some(Trouble::Denied)), Doubt::Unread),
        (main, unrecorded(Record::None), Doubt::Unrecorded),
        (main, unrecorded(Record::Whole), Doubt::Unrecorded),
        (main, unrecorded(Record::Cut), Doubt::Unrecorded),
        (main, Reason::NoSign, Doubt::None),
        (&staging, Reason::PreStageNotInRelease, Doubt::None),
        (&staging, Reason::PreStageUnrecorded { at, main }, Doubt::Unrecorded),
        (&staging, Reason::PreStageNotRead { main }, Doubt::Unread),
        (&staging, Reason::PreStageAhead { at, main }, Doubt::Unrecorded),
    ];
    let said = table.map(|(target, reason, doubt)| {
        assert_eq!(reason.doubt(), doubt, "{reason:?}");
        reason.words(std::slice::from_ref(target))
    });
    insta::assert_snapshot!(said.join("\n"));
}

/// Aliases without a sign stand together at the end, whatever stands between them.
#[test]
fn what_has_no_sign_is_one_sentence_and_the_last() {
    let [ship, mail] = ["ship", "mail"].map(|name| Target::new(name, "live"));
    let is_split = Seen { at: split(), is_split: true, ..plain() };
    let all = [facts(&ship, Ok(plain())), facts(&ALIAS, Ok(is_split)), facts(&mail, Ok(plain()))];
    let pre_stage = PreStageFacts {
        target: ALIAS.with_alias("staging"),
        is_planned: false,
        at: Err(None),
        main: &ALIAS,
        fate: Fate::GoesBack { from: NEW, is_told: true },
    };
    let left = left_alone(WHOLE, &all, &[pre_stage]);
    let names: Vec<String> = left.iter().map(|left| named(&left.targets)).collect();
    assert_eq!(names, ["pay:live", "pay:staging", "ship:live, mail:live"]);
    let together = "ship:live, mail:live carry no record and stay as they are: whether the release moved them cannot be \
                    told from here";
    assert_eq!((left[2].words.as_str(), left[2].doubt), (together, Doubt::None));
    assert_eq!(left_alone(Release::None, &all, &[]), [], "where nothing moves, nothing is left");
    assert_eq!(
        doubts_in_a_line(&left).unwrap(),
        "NOT pay:staging: not read, may still have the new version; R again when it can be read; NOT pay:live: whether \
         the release moved it cannot be told from here"
    );
    assert_eq!(doubts_in_a_line(&left[2..]), None);
}

fn a_kind() -> impl Strategy<Value = Target> {
    prop::sample::select(vec![ALIAS.clone(), RULE.clone(), STAGE.clone()])
}

fn a_routing() -> impl Strategy<Value = Routing> {
    prop::sample::select(vec![Routing::only(OLD), Routing::only(NEW), split()])
}

fn a_seen() -> impl Strategy<Value = Seen> {
    let record = prop::sample::select(vec![Record::None, Record::Cut, Record::Whole]);
    (a_routing(), any::<bool>(), record, any::<bool>(), prop::bool::weighted(0.2)).prop_map(
        |(at, is_split, record, has_candidate, is_back)| Seen { at, is_split, record, has_candidate, is_back },
    )
}

fn not_read() -> impl Strategy<Value = Option<Trouble>> {
    let some = [Trouble::NotFound, Trouble::Denied, Trouble::Timeout, Trouble::Unreachable, Trouble::NoCredentials];
    prop::option::of(prop::sample::select(some.to_vec()))
}

fn a_look() -> impl Strategy<Value = Result<Seen, Option<Trouble>>> {
    prop_oneof![3 => a_seen().prop_map(Ok), 1 => not_read().prop_map(Err)]
}

fn a_share() -> impl Strategy<Value = f64> {
    prop_oneof![Just(0.0), Just(99.99), Just(100.0), 0.0..100.0]
}

fn a_release() -> impl Strategy<Value = Release> {
    let told = a_share().prop_map(|percent| Release::Told { percent });
    prop_oneof![1 => Just(Release::None), 1 => Just(Release::OnRecord), 3 => told]
}

fn a_fate() -> impl Strategy<Value = Fate> {
    let version = || prop::sample::select(vec![OLD, NEW]);
    let goes_back = (version(), any::<bool>()).prop_map(|(from, is_told)| Fate::GoesBack { from, is_told });
    let stays = (prop::option::of(a_routing()), prop::option::of(version()));
    prop_oneof![goes_back, stays.prop_map(|(at, recorded)| Fate::Stays { at, recorded })]
}

/// The doubt about it, where it is left alone.
fn doubt(release: Release, facts: Facts<'_>) -> Option<Doubt> {
    left_alone(release, &[facts], &[]).first().map(|left| left.doubt)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn what_the_plan_moves_and_what_is_back_is_never_named(
        target in a_kind(), look in a_look(), seen in a_seen(), release in a_release(),
        at in prop::option::of(a_routing()), fate in a_fate(),
    ) {
        let planned = Facts { is_planned: true, ..facts(&target, look) };
        let back = facts(&target, Ok(Seen { is_back: true, ..seen }));
        let pre_stage = PreStageFacts { target: ALIAS.with_alias("staging"), is_planned: true, at: at.ok_or(None), main: &ALIAS, fate };
        prop_assert_eq!(left_alone(release, &[planned, back], &[pre_stage]), []);
    }

    #[test]
    fn what_somebody_else_moved_since_is_named_whatever_else_is_known_of_it(
        target in a_kind(), seen in a_seen(), release in a_release(),
    ) {
        let astray = Some(Box::new(Astray { stable: OLD, new: NEW }));
        prop_assert_eq!(doubt(release, Facts { astray, ..facts(&target, Ok(seen)) }), Some(Doubt::Astray));
    }

    #[test]
    fn of_a_release_of_this_machine_nothing_is_in_doubt(target in a_kind(), look in a_look()) {
        let found = doubt(Release::OnRecord, facts(&target, look));
        prop_assert!(found.is_none_or(|doubt| doubt == Doubt::None), "{:?}", found);
        prop_assert_eq!(doubt(Release::None, facts(&target, look)), None);
    }

    #[test]
    fn what_could_not_be_read_is_in_doubt_unless_it_does_not_exist(
        target in a_kind(), why in not_read(), percent in a_share(),
    ) {
        let expected = (why != Some(Trouble::NotFound)).then_some(Doubt::Unread);
        prop_assert_eq!(doubt(Release::Told { percent }, facts(&target, Err(why))), expected);
    }

    #[test]
    fn unread_is_said_of_nothing_that_was_read(
        target in a_kind(), seen in a_seen(), release in a_release(), at in a_routing(), fate in a_fate(),
    ) {
        let pre_stage =
            PreStageFacts { target: ALIAS.with_alias("staging"), is_planned: false, at: Ok(at), main: &ALIAS, fate };
        let left = left_alone(release, &[facts(&target, Ok(seen))], &[pre_stage]);
        prop_assert!(left.iter().all(|left| left.doubt != Doubt::Unread), "{:?}", left);
    }

    #[test]
    fn at_one_version_nothing_was_moved_by_a_release_below_100_percent(
        target in a_kind(), seen in a_seen(), percent in 0.0..100.0,
    ) {
        let is_sign = seen.is_split || seen.record == Record::Cut;
        let expected = (is_sign && !seen.is_back).then_some(Doubt::Unrecorded);
        prop_assert_eq!(doubt(Release::Told { percent }, facts(&target, Ok(seen))), expected);
    }

    #[test]
    fn the_further_a_release_went_the_more_is_named(
        target in a_kind(), look in a_look(), shares in [a_share(), a_share()],
    ) {
        let [less, more] = if shares[0] <= shares[1] { shares } else { [shares[1], shares[0]] };
        let [less, more] = [less, more].map(|percent| doubt(Release::Told { percent }, facts(&target, look)));
        prop_assert!(less.is_none() || less == more, "{:?}, then {:?}", less, more);
    }

    #[test]
    fn a_version_that_waits_never_adds_a_doubt(target in a_kind(), seen in a_seen(), release in a_release()) {
        let [without, with] = [false, true]
            .map(|has_candidate| doubt(release, facts(&target, Ok(Seen { has_candidate, ..seen }))));
        prop_assert!(with.is_none() || with == without, "{:?}, without it {:?}", with, without);
    }

    #[test]
    fn a_pre_stage_is_named_only_where_it_may_have_the_version(at in a_routing(), fate in a_fate()) {
        let (version, is_told) = match fate {
            Fate::GoesBack { from, is_told } => (Some(from), is_told),
            Fate::Stays { recorded, .. } => (recorded, true),
        };
        let facts = |at| PreStageFacts { target: STAGE.clone(), is_planned: false, at, main: &ALIAS, fate };
        if let Some(reason) = facts(Ok(at)).verdict() {
            prop_assert!(version.is_some_and(|version| at.reaches(version)), "{:?}", reason);
            prop_assert_eq!(reason.doubt() == Doubt::None, !is_told);
        }
        let unread = facts(Err(None)).verdict().map(Reason::doubt);
        let expected = match fate {
            Fate::GoesBack { is_told, .. } => Some(if is_told { Doubt::Unread } else { Doubt::None }),
            Fate::Stays { .. } => None,
        };
        prop_assert_eq!(unread, expected);
    }

    #[test]
    fn each_is_named_once_and_in_its_sentence(
        looks in prop::collection::vec((a_kind(), a_look()), 0..6), release in a_release(),
    ) {
        let numbered = |(n, (target, _)): (usize, &(Target, _))| {
            Target { function: FunctionName::new(format!("f{n}")), ..target.clone() }
        };
        let targets: Vec<Target> = looks.iter().enumerate().map(numbered).collect();
        let all: Vec<Facts<'_>> = targets.iter().zip(&looks).map(|(target, (_, look))| facts(target, *look)).collect();
        let left = left_alone(release, &all, &[]);
        let mut names: Vec<&Target> = left.iter().flat_map(|left| &left.targets).collect();
        names.sort();
        let mut listed: Vec<&Target> =
            all.iter().filter(|facts| facts.verdict(release).is_some()).map(|facts| facts.target).collect();
        listed.sort();
        prop_assert_eq!(names, listed);
        for LeftAlone { targets, words, .. } in &left {
            prop_assert!(words.contains(&named(targets)) && !words.contains('\n'), "{}", words);
        }
    }
}
