//! Releases, actions, happenings and minutes: there and back.

use super::*;
use crate::release::{
    page::{Entry, Page},
    record::{ActionResult, Ended, Ending, Evidence, GateResult, Happening, Kind, Line, MinuteCount, Outcome},
};

fn outcome(result: ActionResult) -> Outcome {
    Outcome {
        result,
        request_id: Some("5b7e".into()),
        message: String::new(),
        found: Some(Routing::only(Version::Number(42))),
        at: at(2),
        inferred: false,
    }
}

fn happening(id: Option<&str>, kind: Kind) -> Happening {
    Happening {
        release: id.map(ReleaseId::new),
        at: at(3),
        target: Some(pay()),
        who: "CloudWatch".into(),
        text: "it happened".into(),
        kind,
    }
}

fn kinds() -> Vec<Kind> {
    let gate = Kind::Gate {
        name: "errors".into(),
        result: GateResult::Fail,
        critical: true,
        value: Some(4.5),
        threshold: Some(1.0),
        unit: " %".into(),
        as_of: Some(at(2)),
        note: "in eu-west-1".into(),
    };
    vec![
        gate,
        Kind::Note,
        Kind::Held,
        Kind::Resumed,
        Kind::WatchBegan,
        Kind::TakenOver,
        Kind::Verdict { verdict: "REGRESSION".into(), bad: true },
        Kind::Alarm { name: "ocr".into(), state: "ALARM".into() },
        Kind::Tick { item: "dashboards ready".into(), phase: "before".into(), done: true, required: true },
        Kind::Told { channel: "slack".into(), sent: false },
    ]
}

#[test]
fn a_release_is_read_back_as_it_was_written() {
    let folder = Folder::new("release");
    let journal = folder.journal();
    let id = ReleaseId::new("r-1");
    let minutes = [(42, Some(1.0)), (43, None)].map(|(version, errors)| MinuteCount {
        target: pay(),
        version: Version::Number(version),
        at: at(1),
        calls: 120.0,
        errors,
        p99_ms: Some(81.5),
    });
    let happenings: Vec<Happening> = kinds().into_iter().map(|kind| happening(Some("r-1"), kind)).collect();
    let mut lines = vec![Line::Began(began("r-1")), Line::Minutes(id.clone(), minutes.to_vec())];
    lines.extend(happenings.iter().cloned().map(Line::Happened));
    lines.push(Line::Happened(happening(None, Kind::Note)));
    lines.push(Line::Watched(id.clone(), 360));
    journal.write(&site(), &lines).unwrap();
    let evidence = Evidence {
        what: "errors".into(),
        value: Some(4.5),
        threshold: Some(1.0),
        unit: " %".into(),
        as_of: Some(at(2)),
    };
    let told = Intent { evidence: vec![evidence], why: Some("why not".into()), ..intent("r-1", 0.0) };
    let intents = journal.intend(&site(), &[intent("r-1", 10.0), told.clone()]).unwrap();
    journal.settle(intents[0], &outcome(ActionResult::Acknowledged)).unwrap();
    let ended = Ended { at: at(9), ending: Ending::RolledBack, note: "errors".into() };
    journal.write(&site(), &[Line::Ended(id, ended.clone())]).unwrap();

    let wanted = Wanted { with_minutes: true, ..Wanted::default() };
    let [past] = <[_; 1]>::try_from(folder.journal().releases(&wanted).unwrap()).unwrap();
    assert_eq!((past.began, past.ended), (began("r-1"), Some(ended)));
    assert_eq!((past.site, past.place.endpoint, past.place.region.as_str()), (site(), None, "eu-west-1"));
    assert_eq!(past.metrics_asked, 360);
    assert_eq!(past.happenings, happenings);
    assert_eq!(past.minutes, minutes);
    let [shift, back] = <[_; 2]>::try_from(past.actions).unwrap();
    assert_eq!((shift.intent, shift.outcome), (intent("r-1", 10.0), Some(outcome(ActionResult::Acknowledged))));
    assert_eq!((back.intent, back.outcome), (told, None));
}

#[test]
fn a_write_without_an_outcome_is_seen_until_it_is_settled_once() {
    let folder = Folder::new("unsettled");
    let journal = folder.journal();
    let [first, second] =
        <[_; 2]>::try_from(journal.intend(&site(), &[intent("r-1", 10.0), intent("r-1", 50.0)]).unwrap()).unwrap();
    let open = |journal: &Journal| -> Vec<_> {
        journal.unsettled(&site().account).unwrap().into_iter().map(|(_, action)| action.id).collect()
    };
    assert_eq!(open(&folder.journal()), [first, second]);
    journal.settle(first, &outcome(ActionResult::Unknown)).unwrap();
    assert_eq!(open(&journal), [first, second], "nobody knows yet");
    journal.settle(first, &outcome(ActionResult::Acknowledged)).unwrap();
    journal.settle(first, &outcome(ActionResult::Failed)).unwrap();
    journal.settle(second, &outcome(ActionResult::Failed)).unwrap();
    assert!(open(&journal).is_empty());
    journal.write(&site(), &[Line::Began(began("r-1"))]).unwrap();
    let past = journal.releases(&Wanted::default()).unwrap().remove(0);
    let results: Vec<_> = past.actions.iter().map(|action| action.outcome.as_ref().unwrap().result).collect();
    assert_eq!(results, [ActionResult::Acknowledged, ActionResult::Failed], "what was settled stays");
    assert!(journal.unsettled("another account").unwrap().is_empty());
}

#[test]
fn a_release_grows_and_opens_again() {
    let folder = Folder::new("grows");
    let journal = folder.journal();
    let ended = Ended { at: at(9), ending: Ending::RolledBack, note: String::new() };
    journal.write(&site(), &[Line::Began(began("r-1")), Line::Ended(ReleaseId::new("r-1"), ended)]).unwrap();
    let more = Began { parts: vec![part("ocr")], at: at(20), ..began("r-1") };
    journal.write(&site(), &[Line::Began(more)]).unwrap();
    let past = journal.releases(&Wanted::default()).unwrap().remove(0);
    assert_eq!((past.began.at, past.ended), (at(0), None));
    assert_eq!(past.began.parts, [part("ocr"), part("pay")]);
}

#[test]
fn an_end_that_is_found_later_leaves_the_one_that_was_written_down() {
    let folder = Folder::new("found");
    let journal = folder.journal();
    let found = |id: &str| Line::FoundEnded(ReleaseId::new(id), Ended::found_back(at(99)));
    journal.write(&site(), &[Line::Began(began("r-1")), Line::Began(began("r-2"))]).unwrap();
    let ended = Ended { at: at(9), ending: Ending::RolledBack, note: String::new() };
    journal.write(&site(), &[Line::Ended(ReleaseId::new("r-1"), ended.clone())]).unwrap();
    journal.write(&site(), &[found("r-1"), found("r-2"), found("r-3")]).unwrap();
    let past = journal.releases(&Wanted::default()).unwrap();
    let end = |id: &str| past.iter().find(|past| past.began.id.as_str() == id).unwrap().ended.clone();
    assert_eq!((past.len(), end("r-1"), end("r-2")), (2, Some(ended), Some(Ended::found_back(at(99)))));
}

#[test]
fn a_line_about_an_unknown_release_takes_the_others_with_it() {
    let folder = Folder::new("unknown");
    let journal = folder.journal();
    let lines = [Line::Began(began("r-1")), Line::Watched(ReleaseId::new("r-2"), 1)];
    let why = journal.write(&site(), &lines).unwrap_err().to_string();
    assert!(why.contains("r-2"), "{why}");
    assert!(journal.releases(&Wanted::default()).unwrap().is_empty());
}

#[test]
fn the_newest_come_first_and_only_those_wanted() {
    let folder = Folder::new("wanted");
    let journal = folder.journal();
    let staging = Site { environment: "staging".into(), ..site() };
    for (minute, site) in [(0, site()), (10, staging), (20, site())] {
        let began = Began { at: at(minute), ..began(&format!("r-{minute}")) };
        journal.write(&site, &[Line::Began(began)]).unwrap();
    }
    let elsewhere = Journal::at(&folder.file(), Some("http://127.0.0.1:5000"), "eu-west-1");
    elsewhere.write(&site(), &[Line::Began(Began { at: at(5), ..began("r-5") })]).unwrap();
    let ids = |wanted: Wanted| -> Vec<String> {
        journal.releases(&wanted).unwrap().iter().map(|past| past.began.id.to_string()).collect()
    };
    assert_eq!(ids(Wanted::default()), ["r-20", "r-10", "r-5", "r-0"]);
    assert_eq!(ids(Wanted { since: Some(at(10)), ..Wanted::default() }), ["r-20", "r-10"]);
    assert_eq!(ids(Wanted { limit: Some(1), ..Wanted::default() }), ["r-20"]);
    assert_eq!(ids(Wanted { environment: Some("staging".into()), ..Wanted::default() }), ["r-10"]);
    assert_eq!(ids(Wanted { id: Some("r-0".into()), ..Wanted::default() }), ["r-0"]);
}

fn page(entries: Vec<Entry>) -> Page {
    Page { site: site(), entries }
}

fn results(journal: &Journal) -> Vec<Option<(ActionResult, bool)>> {
    let past = journal.releases(&Wanted::default()).unwrap().remove(0);
    let outcomes = past.actions.into_iter().map(|action| action.outcome);
    outcomes.map(|outcome| outcome.map(|outcome| (outcome.result, outcome.inferred))).collect()
}

#[test]
fn a_page_finds_the_writes_that_an_earlier_page_intended() {
    let folder = Folder::new("page");
    let journal = folder.journal();
    let intents = vec![(Deed(7), intent("r-1", 10.0)), (Deed(8), intent("r-1", 50.0))];
    journal.keep(page(vec![Entry::Lines(vec![Line::Began(began("r-1"))]), Entry::Intend(intents)])).unwrap();
    assert_eq!(results(&journal), [None, None]);
    let settled = vec![
        Entry::Settle(Deed(8), outcome(ActionResult::Failed)),
        Entry::Settle(Deed(99), outcome(ActionResult::Failed)),
    ];
    journal.keep(page(settled)).unwrap();
    assert_eq!(results(&journal), [None, Some((ActionResult::Failed, false))]);
}

#[test]
fn whoever_made_a_write_knows_better_than_who_inferred_it() {
    let folder = Folder::new("inferred");
    let journal = folder.journal();
    journal.write(&site(), &[Line::Began(began("r-1"))]).unwrap();
    let id = journal.intend(&site(), &[intent("r-1", 10.0)]).unwrap()[0];
    let inferred = Outcome { inferred: true, ..outcome(ActionResult::Failed) };
    folder.journal().keep(page(vec![Entry::Infer(id, inferred.clone())])).unwrap();
    assert_eq!(results(&journal), [Some((ActionResult::Failed, true))]);
    journal.settle(id, &outcome(ActionResult::Acknowledged)).unwrap();
    journal.keep(page(vec![Entry::Infer(id, inferred)])).unwrap();
    assert_eq!(results(&journal), [Some((ActionResult::Acknowledged, false))], "a conclusion replaces no knowledge");
}

#[test]
fn what_a_later_write_has_covered_is_not_asked_about_any_more() {
    let folder = Folder::new("covered");
    let journal = folder.journal();
    let ids = journal.intend(&site(), &[intent("r-1", 10.0), intent("r-1", 0.0)]).unwrap();
    journal.settle(ids[0], &outcome(ActionResult::Unknown)).unwrap();
    assert_eq!(journal.unsettled(&site().account).unwrap().len(), 2);
    journal.settle(ids[1], &outcome(ActionResult::Acknowledged)).unwrap();
    assert!(journal.unsettled(&site().account).unwrap().is_empty());
}

#[test]
fn a_line_that_no_file_takes_holds_nothing_up() {
    let folder = Folder::new("refused");
    let journal = folder.journal();
    let bad = Entry::Lines(vec![Line::Watched(ReleaseId::new("r-2"), 1)]);
    let good = Entry::Lines(vec![Line::Began(began("r-1"))]);
    let unkept = journal.keep(page(vec![bad, good.clone()])).unwrap_err();
    assert_eq!((unkept.rest.clone(), unkept.error.to_string().contains("r-2")), (vec![good], true));
    journal.keep(page(unkept.rest)).unwrap();
    assert_eq!(journal.releases(&Wanted::default()).unwrap().len(), 1);
}
