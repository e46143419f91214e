//! The history screen by key: it reads the journal when it is opened, and Esc goes back a step at a time.

use super::*;
use crate::{
    app::view::HistoryDialog,
    release::story::tests::{good, sick},
};

fn shown(bench: &Bench) -> Option<HistoryDialog> {
    match &bench.app.view.overlay {
        Some(Overlay::History(history)) => Some(history.clone()),
        _ => None,
    }
}

#[test]
fn it_is_read_when_it_is_opened_and_told_by_enter() {
    let mut bench = Bench::new();
    bench.past = vec![sick(), good()];
    bench.check("H");
    assert!(bench.take_log().contains(&"read History shop".to_owned()));
    assert_eq!(bench.app.past_releases().len(), 2);
    bench.check("j j j");
    assert_eq!(shown(&bench), Some(HistoryDialog { row: 1, scroll: None }), "no further than the last");
    bench.check("enter j");
    assert_eq!(shown(&bench), Some(HistoryDialog { row: 1, scroll: Some(1) }));
    bench.check("esc");
    assert_eq!(shown(&bench), Some(HistoryDialog { row: 1, scroll: None }));
    bench.check("esc");
    assert_eq!(shown(&bench), None);
}

#[test]
fn what_waits_to_be_written_is_in_it() {
    let mut bench = Bench::mid_release();
    bench.app.note(crate::release::record::Kind::Note, "ada", "a remark", bench.now);
    bench.take_log();
    bench.check("H");
    let log = bench.take_log();
    let at = |words: &str| log.iter().position(|line| line.starts_with(words)).unwrap_or_else(|| panic!("{log:?}"));
    assert!(at("page") < at("read History"));
}

#[test]
fn a_rollback_needs_no_way_back_from_it() {
    let mut bench = Bench::mid_release();
    bench.check("H enter R");
    assert_eq!(bench.live("pay"), "42 100%");
}
