//! The history screen: the list, one release in full, and what is said where the journal has nothing or cannot be
//! read.

use super::*;
use crate::{
    app::view::HistoryDialog,
    release::{
        record::Past,
        story::tests::{good, sick},
    },
};

fn with(past: Option<Result<Vec<Past>, String>>, row: usize, scroll: Option<usize>) -> App {
    let mut app = fixtures::at_rest();
    app.past = past;
    app.view.overlay = Some(Overlay::History(HistoryDialog { row, scroll }));
    app
}

#[test]
fn the_list_has_a_row_a_release() {
    let app = with(Some(Ok(vec![sick(), good()])), 1, None);
    for size in [(120, 40), (80, 24)] {
        assert_screen("history", &app, size);
    }
}

#[test]
fn one_release_is_told_in_full() {
    for size in [(120, 40), (80, 24)] {
        assert_screen("history_of_a_sick_release", &with(Some(Ok(vec![sick(), good()])), 0, Some(0)), size);
    }
    let below = screen(&with(Some(Ok(vec![sick()])), 0, Some(500)), &Theme::default(), (80, 24));
    assert!(text(&below).contains("to the list"), "scrolled to its end it still says how to go back");
}

#[test]
fn it_says_when_there_is_nothing_or_the_journal_cannot_be_read() {
    for (past, words) in [
        (None, "reading the journal"),
        (Some(Ok(Vec::new())), "No release of this environment"),
        (Some(Err("the journal x is damaged".to_owned())), "cannot be read: the journal x is damaged"),
    ] {
        let shown = text(&screen(&with(past, 0, None), &Theme::default(), (120, 40)));
        assert!(shown.contains(words), "{words}: {shown}");
    }
}
