//! How long an operation waits between its tries.

use super::*;

#[test]
fn pauses_grow_spread_and_end() {
    let pauses = |name: &str, reply: &str| {
        let confirmed = confirmed(Purpose::RollBack, vec![plan_row(name, Purpose::RollBack, "43@10", Some("r1"))]);
        let (mut operation, _) = Operation::start(&confirmed, Duration::ZERO);
        operation.written(&target(name), answer(reply), Duration::ZERO);
        let mut now = Duration::ZERO;
        (0..12)
            .map(|_| {
                let due = operation.next_due().unwrap();
                let pause = due.saturating_sub(now);
                now = due;
                match operation.due(now).pop().unwrap() {
                    Order::Write(_) => operation.written(&target(name), answer(reply), now),
                    Order::Read(_) => operation.read(&target(name), answer(reply), now),
                };
                pause
            })
            .collect::<Vec<_>>()
    };
    for reply in ["throttled", "timeout"] {
        let (pay, ship) = (pauses("pay", reply), pauses("ship", reply));
        assert!(pay[0] >= Duration::from_millis(75) && pay[0] <= Duration::from_millis(125), "{pay:?}");
        assert!(pay[4] > Duration::from_secs(1), "{reply}: calls that fail again and again come less often: {pay:?}");
        assert!(pay.iter().all(|pause| *pause <= Duration::from_millis(3750)), "{pay:?}");
        assert_ne!(pay, ship, "they do not come back together");
    }
}

#[test]
fn what_aws_asks_for_is_waited_for() {
    let mut play = Play::start(Purpose::RollBack, "43@10", Some("r1"));
    let asked = |seconds| CloudError { retry_after: Some(Duration::from_secs(seconds)), ..trouble(Trouble::Throttled) };
    play.answer(Err(asked(4)));
    assert_eq!(play.operation.next_due(), Some(play.now + Duration::from_secs(4)));
    play.next();
    play.answer(Err(asked(3600)));
    assert_eq!(play.operation.next_due(), Some(play.now + Duration::from_secs(10)));
}

#[test]
fn somebody_who_writes_all_the_time_is_not_answered_at_full_speed() {
    let mut play = Play::start(Purpose::RollBack, "43@10", Some("r0"));
    let mut waited = 0;
    for round in 1..=10 {
        play.next();
        play.answer(answer("stale"));
        play.answer(answer(&format!("43@10 r{round}")));
        waited += u32::from(matches!(play.row().step, Step::Waiting { .. }));
    }
    assert_eq!((waited, play.end()), (8, "under way"));
}
