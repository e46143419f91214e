//! What colour and its absence must say.

use ratatui::{
    buffer::Cell,
    style::{Color, Modifier},
};

use super::*;

/// The cells of the first place where these words stand.
fn cells<'a>(buffer: &'a Buffer, words: &str) -> Vec<&'a Cell> {
    let wanted: Vec<String> = words.chars().map(String::from).collect();
    let area = buffer.area;
    for y in 0..area.height {
        for x in 0..area.width.saturating_sub(u16::try_from(wanted.len()).unwrap() - 1) {
            let found: Vec<&Cell> = (x..).zip(&wanted).map(|(x, _)| &buffer[(x, y)]).collect();
            if found.iter().zip(&wanted).all(|(cell, symbol)| cell.symbol() == symbol) {
                return found;
            }
        }
    }
    panic!("“{words}” is not on the screen:\n{}", text(buffer));
}

fn mid_release_screen(change: impl FnOnce(&mut App)) -> (Buffer, Theme) {
    let mut app = fixtures::mid_release();
    change(&mut app);
    let theme = Theme::default();
    (screen(&app, &theme, (160, 45)), theme)
}

#[test]
fn production_is_framed_in_danger() {
    let (buffer, theme) = mid_release_screen(|_| ());
    let corners: Vec<&Cell> =
        buffer.content.iter().filter(|cell| ["╭", "╮", "╰", "╯"].contains(&cell.symbol())).collect();
    assert!(corners.len() >= 24 && corners.iter().all(|cell| Some(cell.fg) == theme.danger().fg));
    assert!(cells(&buffer, "PRODUCTION").iter().all(|cell| cell.modifier.contains(Modifier::REVERSED)));
    let (buffer, theme) = mid_release_screen(|app| app.deck.environment.protected = false);
    assert!(buffer.content.iter().filter(|cell| cell.symbol() == "╭").all(|cell| Some(cell.fg) != theme.danger().fg));
}

#[test]
fn rollback_is_loud_while_a_release_is_under_way_and_only_then() {
    let (buffer, theme) = mid_release_screen(|_| ());
    for cell in cells(&buffer, "R ROLLBACK → 42,17") {
        assert!(Some(cell.fg) == theme.danger().fg && cell.modifier.contains(Modifier::REVERSED));
    }
    let quiet = screen(&fixtures::at_rest(), &theme, (160, 45));
    assert!(!text(&quiet).contains("ROLLBACK"));
}

#[test]
fn what_is_old_is_dimmed_and_says_how_old() {
    let (fresh, theme) = mid_release_screen(|_| ());
    assert!(!cells(&fresh, "rv-ocr-errors").iter().any(|cell| cell.modifier.contains(Modifier::DIM)));
    let (buffer, _) = mid_release_screen(|app| {
        let alarms = app.deck.alarms.value().unwrap().clone();
        app.deck.alarms.set(alarms, at("14:20:00"));
    });
    for cell in cells(&buffer, "rv-ocr-errors") {
        assert!(cell.modifier.contains(Modifier::DIM) && Some(cell.fg) == theme.stale().fg);
    }
    cells(&buffer, "12m old");
}

#[test]
fn stable_and_new_have_colours_of_their_own_on_the_charts() {
    let (buffer, theme) = mid_release_screen(|_| ());
    let braille = |colour: Option<Color>| {
        buffer
            .content
            .iter()
            .filter(|cell| {
                cell.symbol().chars().all(|symbol| ('\u{2801}'..='\u{28ff}').contains(&symbol))
                    && Some(cell.fg) == colour
            })
            .count()
    };
    assert!(braille(theme.stable().fg) > 40, "{}", braille(theme.stable().fg));
    assert!(braille(theme.new_version().fg) > 10);
    assert!(braille(theme.muted().fg) > 0, "minutes still settling are drawn apart");
    for label in ["v42", "v43"] {
        cells(&buffer, label);
    }
}

#[test]
fn without_colour_the_screen_still_tells_everything_apart() {
    let app = fixtures::mid_release();
    let theme = Theme::default().without_colour();
    let buffer = screen(&app, &theme, (160, 45));
    assert!(buffer.content.iter().all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset));
    assert_eq!(text(&buffer), text(&screen(&app, &Theme::default(), (160, 45))));
    assert!(cells(&buffer, "PRODUCTION").iter().all(|cell| cell.modifier.contains(Modifier::REVERSED)));
}

#[test]
fn a_theme_of_the_terminal_brings_no_colour_of_its_own() {
    let buffer = screen(&fixtures::mid_release(), &Theme::builtin("terminal").unwrap(), (160, 45));
    let is_own = |colour: Color| matches!(colour, Color::Rgb(..) | Color::Indexed(_));
    assert!(!buffer.content.iter().any(|cell| is_own(cell.fg) || is_own(cell.bg)));
}

#[test]
fn no_data_is_a_dash_and_never_a_zero() {
    let (buffer, _) = mid_release_screen(|_| ());
    let screen = text(&buffer);
    let row = screen.lines().find(|line| line.contains("user_deletion")).unwrap();
    let row = row.split("││").next().unwrap();
    assert!(row.contains('—') && !row.contains("0.0"), "{row}");
}

#[test]
fn control_characters_never_reach_the_screen() {
    let mut app = fixtures::mid_release();
    app.timeline.add(at("14:31:59"), "ev\u{1b}[31mil", "a\u{7}b\u{1b}]0;x\u{7}\nc", crate::app::timeline::Tone::Plain);
    app.deck.place.region = "eu\u{1b}[2Jwest".into();
    let buffer = screen(&app, &Theme::default(), (160, 45));
    assert!(!buffer.content.iter().any(|cell| cell.symbol().chars().any(char::is_control)));
}
