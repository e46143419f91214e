//! Whether the program that runs the release seen here is still there, where that was a program of this very machine.
//! "Gone" is a proof; "there" is none, for its number may be another program's by now. Nothing is taken over because of
//! it: a person is told, and T is theirs.

use std::time::Duration;

use super::{
    App, Errand,
    event::{Effect, Read, Reply},
    owning::Stranger,
    timeline::Tone,
};
use crate::{clock::Now, keys::Action};

/// So often the system is asked, in wall time.
const EACH: Duration = Duration::from_secs(5);

/// What is known of that program.
#[derive(Debug, Default)]
pub(super) struct OtherProgram {
    name: String,
    /// Wall time at which the system is asked next.
    due: Duration,
    is_gone: bool,
}

impl App {
    /// Asks now and then whether the other program is there. Once it is gone it stays so.
    pub(super) fn look_for_owner(&mut self, now: Now) -> Option<Effect> {
        if !self.is_run_here() || self.leaving {
            return None;
        }
        let (name, process) = self.stranger().and_then(|stranger| self.process_here(&stranger))?;
        if self.other_program.name != name {
            self.other_program = OtherProgram { name: name.clone(), ..OtherProgram::default() };
        }
        let is_asked = self.errands.values().any(|errand| matches!(errand, Errand::Process(_)));
        if self.other_program.is_gone || is_asked || now.wall < self.other_program.due {
            return None;
        }
        self.other_program.due = now.wall + EACH;
        Some(Effect::Read(self.ticket(Errand::Process(name)), Read::Process(process)))
    }

    /// Its name and number, where it runs on this machine under the same user. Machines may be called alike, so this
    /// machine must know the release by itself, too, and not only from a record that it met.
    fn process_here(&self, stranger: &Stranger) -> Option<(String, u32)> {
        let (place, process) = stranger.name.rsplit_once('/')?;
        let (ours, _) = self.deck.place.owner.rsplit_once('/')?;
        let is_known_here = self.deck.in_release().any(|(_, entry)| entry.owner == stranger.name && !entry.told);
        let process = process.parse().ok().filter(|number| *number > 0)?;
        (place == ours && is_known_here).then(|| (stranger.name.clone(), process))
    }

    /// The system's answer: `None` is that it cannot tell.
    pub(super) fn answer_process(&mut self, name: &str, reply: &Reply, now: Now) -> Vec<Effect> {
        let is_news = !self.other_program.is_gone && self.other_program.name == name;
        if !matches!(reply, Reply::Process(Some(false))) || !is_news {
            return Vec::new();
        }
        self.other_program.is_gone = true;
        let key = self.keymap.keys(Action::TakeOver).first().map(ToString::to_string).unwrap_or_default();
        let words = format!(
            "the program that ran this release ({name}) is gone: nobody runs its stages, its gates or its rollback; \
             {key} takes over"
        );
        self.timeline.add(now.world, "flightdeck", words.clone(), Tone::Bad);
        self.say(words, true, now);
        vec![Effect::Bell]
    }

    /// Whether the program that runs the release is known to be gone.
    pub fn is_owner_gone(&self) -> bool {
        self.other_program.is_gone && self.stranger().is_some_and(|stranger| stranger.name == self.other_program.name)
    }
}
