//! R where no release is known: another program may have begun one since the last scheduled reading. Everything is read
//! at once, and what turns up is taken back as R meant it; only then is it said that there is none.

use std::time::Duration;

use jiff::Timestamp;

use super::{App, deck::Function, event::Effect};
use crate::clock::Now;

/// What was found waits so long, wall time, for the rest to be read: one rollback is told better than two.
const GATHERING: Duration = Duration::from_secs(1);
/// What does not answer within so long, wall time, holds the choice of a version up no longer.
const PATIENCE: Duration = Duration::from_secs(5);

/// A look that R has begun.
#[derive(Debug, Clone, Copy)]
pub(super) struct SecondLook {
    /// When R was pressed, world time.
    at: Timestamp,
    /// The same in wall time.
    since: Duration,
}

impl App {
    /// R, and nothing is known that could be taken back: everything is read anew, the journal too.
    pub(super) fn look_again(&mut self, now: Now) -> Vec<Effect> {
        if self.deck.recalled.is_none() && self.deck.caller.value().is_none() {
            let text = "The release record has not been read yet: AWS has not said which account this is. Press R again in a moment.";
            self.say(text, true, now);
            return Vec::new();
        }
        self.say("R: no release is known here. Reading everything afresh first; Esc calls it off.", false, now);
        if self.second_look.is_some() {
            return Vec::new();
        }
        self.second_look = Some(SecondLook { at: now.world, since: now.wall });
        self.put_dialog_away();
        self.deck.recalled = None;
        let dropped = self.deck.functions.iter_mut().filter_map(|function| {
            function.alias.hurry();
            function.alias.give_up()
        });
        vec![Effect::Drop(dropped.collect())]
    }

    /// Takes back what a look has found, or offers a choice once it is over.
    pub(super) fn look_on(&mut self, now: Now) -> Vec<Effect> {
        let Some(look) = self.second_look else { return Vec::new() };
        let has_found = !self.to_be_rolled_back().is_empty();
        let limit = if has_found { GATHERING } else { PATIENCE };
        let is_read =
            self.deck.recalled.is_some() && self.deck.functions.iter().all(|function| look.is_answered(function));
        if self.leaving || self.is_moving() {
            self.second_look = None;
        } else if is_read || now.wall.saturating_sub(look.since) >= limit {
            self.second_look = None;
            if has_found {
                return self.press_roll_back(now);
            }
            // Whoever opened something else meanwhile must not answer another question with their next key.
            if self.unsure().is_empty() && self.view.overlay.is_none() {
                self.view.toast = None;
                self.offer_candidates(now);
            }
        }
        Vec::new()
    }
}

impl SecondLook {
    /// Whether a function was read since R was pressed, or could not be.
    fn is_answered(self, function: &Function) -> bool {
        let is_read = function.alias.read_at().is_some_and(|at| at >= self.at);
        !function.alias.is_asked() && !function.alias.is_due(self.at) && (is_read || function.alias.trouble().is_some())
    }
}
