//! Operations against scripted answers.

mod pauses;
mod random;

use super::*;
use crate::release::{
    error::Trouble,
    names::Version,
    plan::{Consent, Overwrites, Plan, PlanRow},
    routing::SplitStyle,
};

const STABLE: Version = Version::Number(42);
const NEW: Version = Version::Number(43);
const SHIFT: Purpose = Purpose::Shift { percent: 10.0 };

fn target(name: &str) -> Target {
    Target::new(name, "live")
}

/// `42` is one version, `43@10` is 42 with ten percent to 43.
fn routing(text: &str) -> Routing {
    match text.split_once('@') {
        Some((new, percent)) => {
            Routing::at_percent(STABLE, new.parse().unwrap(), percent.parse().unwrap(), SplitStyle::WeightNew)
        }
        None => Routing::only(text.parse().unwrap()),
    }
}

/// `43@10 r2`: a routing and its revision.
fn alias(text: &str) -> Alias {
    let (at, revision) = text.split_once(' ').unwrap();
    Alias {
        routing: routing(at),
        revision: RevisionId::new(revision),
        description: String::new(),
        account: None,
        setting: crate::release::facts::Setting::Alias,
    }
}

fn trouble(kind: Trouble) -> CloudError {
    CloudError { kind, operation: "UpdateAlias", message: String::new(), request_id: None, retry_after: None }
}

fn answer(text: &str) -> Result<Alias, CloudError> {
    Err(trouble(match text {
        "stale" => Trouble::Stale,
        "throttled" => Trouble::Throttled,
        "busy" => Trouble::Busy,
        "server" => Trouble::Server,
        "timeout" => Trouble::Timeout,
        "html" => Trouble::NotAws,
        "denied" => Trouble::Denied,
        "refused" => Trouble::Refused,
        alias_text => return Ok(alias(alias_text)),
    }))
}

fn plan_row(name: &str, purpose: Purpose, from: &str, revision: Option<&str>) -> PlanRow {
    PlanRow {
        target: target(name),
        stable: STABLE,
        new: NEW,
        from: routing(from),
        to: if purpose.is_roll_back() { routing("42") } else { routing("43@10") },
        revision: revision.map(RevisionId::new),
        refusal: None,
        description: None,
        remarks: Vec::new(),
        dropped: false,
        waits: false,
        overwrites: Overwrites::Whatever,
    }
}

fn confirmed(purpose: Purpose, rows: Vec<PlanRow>) -> Confirmed {
    Plan { purpose, rows }.confirm(Consent::Yes).unwrap()
}

/// One function under way, with the order that waits for an answer.
struct Play {
    operation: Operation,
    order: Option<Order>,
    now: Duration,
}

impl Play {
    fn start(purpose: Purpose, from: &str, revision: Option<&str>) -> Self {
        let now = Duration::from_secs(7);
        let confirmed = confirmed(purpose, vec![plan_row("pay", purpose, from, revision)]);
        let (operation, mut orders) = Operation::start(&confirmed, now);
        assert!(orders.len() <= 1);
        Self { operation, order: orders.pop(), now }
    }

    /// The order under way, after the pause before it if there is one: `write r1` or `read`.
    fn next(&mut self) -> String {
        if self.order.is_none()
            && let Some(due) = self.operation.next_due()
        {
            assert!(self.operation.due(due.saturating_sub(Duration::from_nanos(1))).is_empty(), "not before it is due");
            self.now = due;
            self.order = self.operation.due(due).pop();
        }
        match &self.order {
            Some(Order::Write(write)) => format!("write {}", write.revision().map_or("-", RevisionId::as_str)),
            Some(Order::Read(_)) => "read".to_owned(),
            None => "nothing".to_owned(),
        }
    }

    fn answer(&mut self, answer: Result<Alias, CloudError>) {
        self.now += Duration::from_millis(30);
        let name = target("pay");
        self.order = match self.order.take().expect("an order under way") {
            Order::Write(_) => self.operation.written(&name, answer, self.now),
            Order::Read(_) => self.operation.read(&name, answer, self.now),
        };
    }

    fn row(&self) -> &Row {
        &self.operation.rows[0]
    }

    fn end(&self) -> &'static str {
        match self.row().step {
            Step::Done => "done",
            Step::NothingToDo => "nothing to do",
            Step::Conflict(_) => "conflict",
            Step::Failed(_) => "failed",
            Step::Stopped => "stopped",
            Step::Writing | Step::Reading | Step::Waiting { .. } => "under way",
        }
    }
}

/// What is ordered and what AWS answers, step by step, and how it ends.
type Script = (&'static str, &'static [(&'static str, &'static str)], &'static str);

fn play_all(purpose: Purpose, from: &str, scripts: &[Script]) {
    for (what, steps, end) in scripts {
        let mut play = Play::start(purpose, from, Some("r1"));
        for (order, reply) in *steps {
            assert_eq!(play.next(), *order, "{what}, before {reply}");
            play.answer(answer(reply));
        }
        assert_eq!((play.next().as_str(), play.end()), ("nothing", *end), "{what}");
        assert!(play.operation.is_finished());
    }
}

#[test]
fn a_rollback_goes_on_until_stable_has_the_traffic() {
    play_all(
        Purpose::RollBack,
        "43@50",
        &[
            ("all well", &[("write r1", "42 r2"), ("read", "42 r2")], "done"),
            ("somebody was there before", &[("write r1", "stale"), ("read", "42 r2")], "done"),
            (
                "somebody moved it forward",
                &[("write r1", "stale"), ("read", "43@100 r2"), ("write r2", "42 r3"), ("read", "42 r3")],
                "done",
            ),
            (
                "the new version shares with a third one",
                &[("write r1", "stale"), ("read", "43 r2"), ("write r2", "42 r3"), ("read", "42 r3")],
                "done",
            ),
            ("a third version is live", &[("write r1", "stale"), ("read", "44 r2")], "conflict"),
            ("a third version gets a share", &[("write r1", "stale"), ("read", "44@50 r2")], "conflict"),
            (
                "throttled, busy",
                &[("write r1", "throttled"), ("write r1", "busy"), ("write r1", "42 r2"), ("read", "42 r2")],
                "done",
            ),
            ("no reply, yet done", &[("write r1", "timeout"), ("read", "42 r2")], "done"),
            (
                "no reply, not done",
                &[("write r1", "timeout"), ("read", "43@50 r1"), ("write r1", "42 r2"), ("read", "42 r2")],
                "done",
            ),
            (
                "no reply, done between the read and the second write",
                &[("write r1", "server"), ("read", "43@50 r1"), ("write r1", "stale"), ("read", "42 r2")],
                "done",
            ),
            (
                "a page of a proxy, twice",
                &[("write r1", "html"), ("read", "html"), ("read", "throttled"), ("read", "42 r2")],
                "done",
            ),
            (
                "changed between the write and the reading back",
                &[("write r1", "42 r2"), ("read", "43@50 r3"), ("write r3", "42 r4"), ("read", "42 r4")],
                "done",
            ),
            ("not allowed", &[("write r1", "denied")], "failed"),
            ("reading back is not allowed", &[("write r1", "42 r2"), ("read", "denied")], "failed"),
        ],
    );
}

#[test]
fn a_forward_move_never_overwrites_what_it_did_not_see() {
    play_all(
        SHIFT,
        "42",
        &[
            ("all well", &[("write r1", "43@10 r2"), ("read", "43@10 r2")], "done"),
            ("somebody was there before", &[("write r1", "stale"), ("read", "44 r2")], "conflict"),
            ("somebody did the same", &[("write r1", "stale"), ("read", "43@10 r2")], "conflict"),
            ("the same routing, another revision", &[("write r1", "stale"), ("read", "42 r2")], "conflict"),
            ("no reply, yet done", &[("write r1", "timeout"), ("read", "43@10 r2")], "done"),
            (
                "no reply, not done",
                &[("write r1", "timeout"), ("read", "42 r1"), ("write r1", "43@10 r2"), ("read", "43@10 r2")],
                "done",
            ),
            ("no reply, and somebody else", &[("write r1", "server"), ("read", "43@50 r2")], "conflict"),
            (
                "done between the read and the second write",
                &[("write r1", "timeout"), ("read", "42 r1"), ("write r1", "stale"), ("read", "43@10 r2")],
                "done",
            ),
            ("changed before it was read back", &[("write r1", "43@10 r2"), ("read", "42 r3")], "conflict"),
            ("refused", &[("write r1", "refused")], "failed"),
            (
                "throttled to the end",
                &[
                    ("write r1", "throttled"),
                    ("write r1", "throttled"),
                    ("write r1", "throttled"),
                    ("write r1", "throttled"),
                ],
                "failed",
            ),
            (
                "never a reply, never done",
                &[
                    ("write r1", "timeout"),
                    ("read", "42 r1"),
                    ("write r1", "timeout"),
                    ("read", "42 r1"),
                    ("write r1", "timeout"),
                    ("read", "42 r1"),
                    ("write r1", "timeout"),
                    ("read", "42 r1"),
                ],
                "failed",
            ),
            (
                "never a reply to anything",
                &[
                    ("write r1", "timeout"),
                    ("read", "timeout"),
                    ("read", "timeout"),
                    ("read", "timeout"),
                    ("read", "timeout"),
                    ("read", "timeout"),
                ],
                "failed",
            ),
        ],
    );
}

#[test]
fn without_a_revision_a_rollback_reads_first() {
    for (found, then, end) in
        [("42 r1", "nothing", "nothing to do"), ("43@10 r1", "write r1", "under way"), ("44 r1", "nothing", "conflict")]
    {
        let mut play = Play::start(Purpose::RollBack, "43", None);
        assert_eq!(play.next(), "read");
        play.answer(answer(found));
        assert_eq!((play.next().as_str(), play.end()), (then, end), "{found}");
    }
}

#[test]
fn already_on_stable_is_nothing_to_do() {
    let mut play = Play::start(Purpose::RollBack, "42", Some("r1"));
    assert_eq!((play.next().as_str(), play.end()), ("nothing", "nothing to do"));
}

#[test]
fn a_rollback_is_tried_until_somebody_stops_it() {
    let mut play = Play::start(Purpose::RollBack, "43@10", Some("r1"));
    for _ in 0..200 {
        assert_eq!(play.next(), "write r1");
        play.answer(answer("throttled"));
    }
    assert_eq!(play.end(), "under way");
    play.operation.stop();
    assert_eq!((play.next().as_str(), play.end()), ("nothing", "stopped"));
}

#[test]
fn what_is_on_its_way_when_it_is_stopped_is_awaited_and_not_repeated() {
    for (steps, end) in [
        (&[("write r1", "throttled")][..], "stopped"),
        (&[("write r1", "timeout")], "stopped"),
        (&[("write r1", "42 r2"), ("read", "42 r2")], "done"),
        (&[("write r1", "stale"), ("read", "43@10 r2")], "stopped"),
    ] {
        let mut play = Play::start(Purpose::RollBack, "43@10", Some("r1"));
        assert_eq!(play.next(), "write r1");
        play.operation.stop();
        for (order, reply) in steps {
            assert_eq!(play.next(), *order);
            play.answer(answer(reply));
        }
        assert_eq!((play.next().as_str(), play.end()), ("nothing", end), "{steps:?}");
    }
}

#[test]
fn a_stopped_write_without_an_answer_may_have_taken_effect() {
    for (reply, unknown) in [("timeout", true), ("server", true), ("throttled", false)] {
        let mut play = Play::start(SHIFT, "42", Some("r1"));
        play.next();
        assert!(play.row().may_have_taken_effect(), "it is on its way");
        play.answer(answer(reply));
        play.operation.stop();
        assert_eq!((play.end(), play.row().may_have_taken_effect()), ("stopped", unknown), "{reply}");
    }
}

#[test]
fn more_functions_can_join_a_rollback() {
    let mut play = Play::start(Purpose::RollBack, "43@10", Some("r1"));
    let both = ["pay", "ship"].map(|name| plan_row(name, Purpose::RollBack, "43@10", Some("r1"))).to_vec();
    let orders = play.operation.join(&confirmed(Purpose::RollBack, both.clone()), play.now);
    assert!(matches!(&orders[..], [Order::Write(write)] if write.target() == &target("ship")), "pay is under way");

    play.operation.stop();
    play.answer(answer("throttled"));
    assert_eq!(play.end(), "stopped");
    let orders = play.operation.join(&confirmed(Purpose::RollBack, both), play.now);
    assert!(matches!(&orders[..], [Order::Write(write)] if write.target() == &target("pay")), "stopped starts again");
    assert_eq!(play.operation.rows.len(), 2);
    play.operation.written(&target("ship"), answer("throttled"), play.now);
    assert!(matches!(play.operation.row(&target("ship")).unwrap().step, Step::Waiting { .. }), "not stopped any more");
}

#[test]
fn answers_that_nobody_asked_for_change_nothing() {
    let mut play = Play::start(SHIFT, "42", Some("r1"));
    let before = play.operation.clone();
    assert_eq!(play.operation.read(&target("pay"), answer("44 r9"), play.now), None);
    assert_eq!(play.operation.written(&target("other"), answer("43@10 r2"), play.now), None);
    assert_eq!(play.operation, before);
}
