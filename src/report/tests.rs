//! Reports say what happened, escape what they did not write, and load nothing.

use super::*;
use crate::release::{
    record::{Kind, Past},
    story::tests::{begun, good, happened, sick},
};

/// A release whose every text tries to get out of its place.
fn hostile() -> Past {
    let mut past = sick();
    let text = "<script>alert('x')</script> | **bold** [link](http://x) \u{1b}[31m\n# top \"quoted\" & more";
    past.began.title = Some(text.into());
    past.began.why = Some(text.into());
    past.began.who.os_user = text.into();
    past.site.environment = text.into();
    past.place.region = text.into();
    past.began.parts[0].about = text.into();
    happened(&mut past, 200, text, Kind::Tick { item: text.into(), phase: text.into(), done: true, required: true });
    past.actions[0].intent.evidence[0].what = text.into();
    past.actions[0].outcome.as_mut().unwrap().request_id = Some(text.into());
    past
}

#[test]
fn the_report_of_a_sick_release_says_it_all() {
    for text in [markdown(&sick()), html(&sick())] {
        for words in [
            "olled back at 10 % after 5 min",
            "ocr",
            "receipts with tax",
            "oncall-admin",
            "dashboard ready",
            "ocr-errors: OK → ALARM",
            "9.4",
            "acknowledged after 2000 ms",
            "$0.0036",
            "360 metrics",
        ] {
            let plain = text.replace('\\', "");
            assert!(plain.contains(words), "{words}: {text}");
        }
    }
    let json = json(&sick());
    assert_eq!((&json["rolled_back"], &json["outcome"]), (&true.into(), &"rolled back at 10 % after 5 min".into()));
    assert_eq!(json["actions"].as_array().unwrap().len(), 4);
    assert_eq!(json["release"]["functions"][0]["new"], "18");
    assert_eq!(json["release"]["end"]["outcome"], "rolled_back");
}

#[test]
fn the_page_stands_alone() {
    let page = html(&sick());
    for outside in ["http://", "https://", "url(", "src=", "@import", "<link", "<script"] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert_eq!(page.matches("<svg").count(), 3, "errors, calls and p99 of the function with minutes");
    assert!(page.contains("no minutes on record"), "the other function says that it has none");
    for class in ["class=\"limit\"", "class=\"shift\"", "class=\"back\"", "class=\"stable\"", "class=\"new\""] {
        assert!(page.contains(class), "{class}");
    }
}

#[test]
fn text_from_outside_is_data() {
    let page = html(&hostile());
    assert!(!page.contains("<script") && !page.contains('\u{1b}') && page.contains("&lt;script&gt;"));
    assert_eq!(page.matches("<table>").count(), page.matches("</table>").count());
    let text = markdown(&hostile());
    assert!(!text.contains('<') && !text.contains("**bold**") && !text.contains('\u{1b}'));
    assert!(!text.replace("\\]", "").contains("](http"), "no link comes of it");
    assert!(text.lines().all(|line| !line.starts_with("# top")));
    let rows = text.lines().filter(|line| line.starts_with("| ocr"));
    assert!(rows.clone().count() == 1 && rows.into_iter().all(|row| row.replace("\\|", "").matches('|').count() == 6));
}

#[test]
fn a_release_that_did_nothing_has_a_report_too() {
    let nothing = begun(&["pay"]);
    assert!(markdown(&nothing).contains("No traffic was moved."));
    assert!(html(&nothing).contains("Under way at 0 %"));
    assert!(html(&good()).contains("All clear"));
}

#[test]
fn a_minute_without_data_is_a_gap() {
    let mut past = sick();
    let gap = past.minutes.iter().map(|minute| minute.at).nth(5).unwrap();
    let strokes = |past: &Past| html(past).matches("<polyline class=\"stable\"").count();
    let whole = strokes(&past);
    past.minutes.retain(|minute| minute.at != gap);
    assert_eq!((whole, strokes(&past)), (3, 6));
}
