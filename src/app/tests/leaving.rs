//! Quitting: it asks once in a release, waits for what is under way, and a second Ctrl-C leaves.

use super::*;

#[test]
fn q_asks_once_in_a_release_and_not_outside() {
    let mut bench = Bench::new();
    bench.check("q");
    assert_eq!(bench.has_quit, Some(Effect::Quit));

    for script in ["q q", "q y", "q ctrl-c", "ctrl-c ctrl-c"] {
        let mut bench = Bench::mid_release();
        bench.check(script.split_once(' ').unwrap().0);
        assert_eq!((bench.has_quit.clone(), &bench.app.view.overlay), (None, &Some(Overlay::Quit)), "{script}");
        bench.check(script.split_once(' ').unwrap().1);
        assert_eq!(bench.has_quit, Some(Effect::Quit), "{script}");
    }
}

#[test]
fn leaving_waits_for_a_write_and_says_so() {
    for (script, end) in [("R q", "42 100%"), ("2 <300ms> y q y", "42 50% + 43 50%")] {
        let mut bench = Bench::mid_release();
        let (first, rest) = script.split_once(" q").unwrap();
        bench.hold(Hold::Writes);
        bench.check(first);
        bench.check(&format!("q{rest} q"));
        assert_eq!(bench.has_quit, None, "{script}");
        assert!(bench.app.leaving && bench.said().contains("Leaving as soon as"), "{script}: {}", bench.said());
        bench.release(Hold::Writes);
        assert_eq!((bench.has_quit.clone(), bench.live("pay").as_str()), (Some(Effect::Quit), end), "{script}");
    }
}

#[test]
fn a_rollback_goes_on_while_the_program_is_leaving() {
    let mut bench = Bench::mid_release();
    bench.trouble_for("pay", &[(Trouble::Throttled, false); 4]);
    bench.check("R q y");
    assert_eq!(bench.has_quit, None);
    bench.check("<30s>");
    assert_eq!((bench.live("pay").as_str(), bench.has_quit.clone()), ("42 100%", Some(Effect::Quit)));
}

#[test]
fn a_forward_move_is_not_tried_again_while_leaving() {
    let mut bench = Bench::mid_release();
    bench.trouble_for("pay", &[(Trouble::Throttled, false); 4]);
    bench.check("2 <300ms> y q y");
    assert_eq!((bench.live("pay").as_str(), bench.has_quit.clone()), ("42 90% + 43 10%", Some(Effect::Quit)));
}

#[test]
fn a_second_ctrl_c_leaves_but_not_a_key_held_down() {
    let mut bench = Bench::mid_release();
    bench.hold(Hold::Writes);
    bench.check("R q ctrl-c ctrl-c ctrl-c");
    assert_eq!(bench.has_quit, None, "three within a moment are one");
    bench.check("<300ms> ctrl-c");
    assert_eq!(bench.has_quit, Some(Effect::Abandon));
}

#[test]
fn r_still_works_while_leaving() {
    let mut bench = Bench::mid_release();
    bench.hold(Hold::Writes);
    bench.check("2 <300ms> y q y R");
    bench.release(Hold::Writes);
    assert_eq!((bench.live("pay").as_str(), bench.has_quit.clone()), ("42 100%", Some(Effect::Quit)));
}

#[test]
fn a_signal_is_a_wish_to_leave() {
    let mut bench = Bench::mid_release();
    bench.event(Event::Terminate);
    bench.answer_all();
    assert_eq!(bench.has_quit, Some(Effect::Quit), "without a question: nobody may be there to answer it");
}
