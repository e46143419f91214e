//! A screen on which nothing can be shown: the one key that matters works all the same, so it says what that key does
//! and, once it was pressed, what has been done.

use ratatui::{buffer::Buffer, layout::Rect, style::Style, text::Line};

use super::{Scene, layout, put};
use crate::{keys::Action, release::operation::Operation};

/// Draws it, in the middle.
pub(super) fn draw(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let (columns, rows) = layout::SMALLEST;
    let middle = area.height / 2;
    let needs = format!("needs {columns}x{rows}");
    let Some((words, style)) = rollback(scene) else {
        let words = format!("{} rolls back; {needs}", scene.key(Action::RollBack));
        return put(buffer, area, middle, Line::styled(words, scene.theme.warning()));
    };
    put(buffer, area, middle, Line::styled(words, style));
    put(buffer, area, middle + 1, Line::styled(needs, scene.theme.muted()));
}

/// What the rollback came to. What was not done stands first, for the end of the line may be cut.
fn rollback(scene: &Scene<'_>) -> Option<(String, Style)> {
    let (app, theme) = (scene.app, scene.theme);
    let operation = app.operation.as_ref().filter(|operation| operation.purpose.is_roll_back());
    let unsure = app.unsure().len();
    let late = format!("NOT SURE OF {unsure}");
    let Some(operation) = operation else { return (unsure > 0).then(|| (late, theme.danger())) };
    let (done, all) = count(operation);
    if !operation.is_finished() {
        return Some((format!("ROLLING BACK {done} of {all}"), theme.danger()));
    }
    let left = app.maybe_left_behind().iter().map(|left| left.targets.len()).sum::<usize>();
    if done < all || left > 0 {
        let not = all - done + left;
        return Some((format!("NOT ROLLED BACK {not} of {}", all + left), theme.danger()));
    }
    if unsure > 0 {
        return Some((format!("{late}, ROLLED BACK {done}"), theme.danger()));
    }
    // A release that began since then is what the key is for again.
    (!app.deck.is_releasing()).then(|| (format!("ROLLED BACK {done}"), theme.good()))
}

/// How many are back, and how many it is about.
fn count(operation: &Operation) -> (usize, usize) {
    let moved = || operation.rows.iter().filter(|row| !row.waits);
    (moved().filter(|row| row.step.is_good()).count(), moved().count())
}
