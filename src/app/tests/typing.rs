//! Text fields, pasted text, keys held down, Enter and Esc.

use super::*;

#[test]
fn letters_in_the_filter_are_text_and_r_too() {
    let mut bench = Bench::mid_release();
    bench.check("/ R 1 y q");
    assert_eq!(bench.app.view.filter, "R1yq");
    assert_eq!((bench.take_writes(), &bench.app.view.overlay), (vec![], &None));
    bench.check("ctrl-u s h enter R");
    assert_eq!(bench.app.view.filter, "sh");
    assert_eq!(bench.live("pay"), "42 100%", "Enter leaves the field; R is R again, and knows no filter");
}

#[test]
fn pasted_text_reaches_text_fields_only() {
    let mut bench = Bench::mid_release();
    bench.check("\"R\" \"1\" \"y\" \"q\" 2 <300ms> \"y\"");
    assert_eq!((bench.take_writes(), bench.has_quit.clone()), (vec![], None));
    bench.check("esc /");
    bench.event(Event::Paste("ship\nR\u{1b}".into()));
    assert_eq!(bench.app.view.filter, "shipR", "without control characters");
}

#[test]
fn a_dialog_over_the_filter_takes_the_keys() {
    let mut bench = Bench::mid_release();
    bench.check("/ p");
    bench.app.view.overlay = Some(Overlay::Help(0));
    bench.check("R");
    assert_eq!(bench.live("pay"), "42 100%");
    assert_eq!(bench.app.view.filter, "p");
}

#[test]
fn keys_held_down_move_the_cursor_and_nothing_else() {
    let mut bench = Bench::mid_release();
    bench.check("~R ~1 ~2 ~y ~u ~d ~q ~ctrl-c ~space ~v ~enter");
    assert_eq!((bench.take_writes(), &bench.app.view.overlay, bench.has_quit.clone()), (vec![], &None, None));
    bench.check("~down");
    assert_eq!(bench.app.selected().unwrap().target, target("ship"));
    bench.check("2 <300ms> ~y R");
    bench.take_writes();
    bench.check("R ~R <300ms> ~y");
    assert_eq!(bench.take_writes(), [""; 0]);
}

#[test]
fn esc_goes_back_one_step_and_never_quits() {
    let mut bench = Bench::mid_release();
    bench.check("space / s h enter ? esc");
    assert_eq!((&bench.app.view.overlay, bench.app.view.filter.as_str()), (&None, "sh"));
    bench.check("esc");
    assert_eq!((bench.app.view.filter.as_str(), bench.app.view.marked.len()), ("", 1));
    bench.check("esc");
    assert_eq!(bench.app.view.marked.len(), 0);
    bench.check("esc esc esc q esc esc");
    assert_eq!((bench.has_quit.clone(), bench.app.leaving), (None, false));
}

#[test]
fn help_over_a_move_goes_back_to_it() {
    let mut bench = Bench::mid_release();
    bench.hold(Hold::Writes);
    bench.check("R ? esc");
    assert_eq!(bench.app.view.overlay, Some(Overlay::Progress));
    bench.release(Hold::Writes);
    assert_eq!(bench.live("pay"), "42 100%", "and that Esc stopped nothing");
}

#[test]
fn digits_are_stages_of_the_configuration() {
    let mut bench = Bench::new();
    bench.app.release.stages = vec![5, 25, 75, 100];
    bench.check("3 <300ms> y");
    assert_eq!(bench.live("pay"), "42 25% + 43 75%");
    bench.check("5 <300ms> y");
    assert!(bench.said().contains("There is no stage 5") || bench.live("pay") == "42 25% + 43 75%");
}

#[test]
fn the_key_that_opened_a_dialog_closes_it() {
    let mut bench = Bench::mid_release();
    for key in ["?", "i", "o", "H", "?"] {
        bench.check(key);
        assert!(bench.app.view.overlay.is_some(), "{key} opens something");
        bench.check(key);
        assert_eq!(bench.app.view.overlay, None, "{key} once more");
    }
}

#[test]
fn a_y_that_is_held_down_or_typed_ahead_confirms_nothing() {
    let mut bench = Bench::new();
    bench.check("1 y <100ms> y <200ms> y <200ms> y <200ms> y");
    assert_eq!(bench.take_writes(), [""; 0]);
    bench.check("<250ms> y");
    assert_eq!(bench.take_writes().len(), 2);
}
