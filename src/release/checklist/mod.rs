//! The checklist of a release: what people and gates tick off before, during and after it. Pure: who ticked and when
//! are arguments, and what it may hold up is said, not done.

#[cfg(test)]
mod tests;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    gates::{GateResult, Level, Outcome, command::CommandResult},
    stages::{Leg, Obstacle},
};

/// One item as it is configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemSettings {
    /// What is to be done or to be seen.
    pub name: String,
    /// Under which heading it stands.
    pub section: Option<String>,
    /// When it belongs.
    pub phase: Phase,
    /// Whether the first shift waits for it. Only for items before it.
    pub required: bool,
    /// Who is to tick it, in words.
    pub role: Option<String>,
    /// Another item, which somebody else must have ticked.
    pub other_than: Option<String>,
    /// What ticks it.
    pub ticks: Ticks,
}

/// When an item belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Before the first shift.
    #[default]
    Before,
    /// While stages bake and the release is watched.
    During,
    /// In the watch, for what must hold when it is over.
    After,
}

/// What ticks an item.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Ticks {
    /// A person, by key.
    #[default]
    Person,
    /// This gate, whenever it passes.
    Gate(String),
    /// This command, when it ends with 0.
    Command(String),
}

/// An item and what has become of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// As it is configured.
    pub settings: ItemSettings,
    /// Where it stands.
    pub state: ItemState,
}

/// Where an item stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum ItemState {
    /// Not ticked.
    Open,
    /// Ticked.
    Ticked {
        /// By whom; `None` where its gate or command ticked it.
        by: Option<String>,
        /// When, UTC.
        at: Timestamp,
    },
    /// Its gate or command says no.
    Failing {
        /// Since when it is known, UTC.
        at: Timestamp,
    },
}

/// Why an item was not ticked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotTicked {
    /// There is none of that name.
    #[error("the checklist has no item “{0}”")]
    Unknown(String),
    /// It ticks itself.
    #[error("“{item}” is ticked by {by}, not by hand")]
    Automatic {
        /// The item.
        item: String,
        /// Its gate or command.
        by: String,
    },
    /// Two items that two people must tick.
    #[error("“{item}” and “{other}” must be ticked by two different people, and {who} ticked the other one")]
    SamePerson {
        /// The item.
        item: String,
        /// The other one.
        other: String,
        /// Who wanted to tick both.
        who: String,
    },
}

/// The checklist of a release.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Checklist {
    items: Vec<Item>,
}

impl Checklist {
    /// A checklist on which nothing is ticked.
    pub fn new(settings: &[ItemSettings]) -> Self {
        let item = |settings: &ItemSettings| Item { settings: settings.clone(), state: ItemState::Open };
        let mut items: Vec<Item> = settings.iter().map(item).collect();
        items.sort_by_key(|item| item.settings.phase);
        Self { items }
    }

    /// All items by their phase, and in each in the order of the configuration.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// How many items are ticked, and how many there are.
    pub fn progress(&self) -> (usize, usize) {
        (self.items.iter().filter(|item| item.is_ticked()).count(), self.items.len())
    }

    /// Ticks an item by hand.
    pub fn tick(&mut self, name: &str, who: &str, at: Timestamp) -> Result<(), NotTicked> {
        let settings = &self.item(name)?.settings;
        if let Some(by) = settings.ticks.in_words() {
            return Err(NotTicked::Automatic { item: name.to_owned(), by });
        }
        let is_paired = |item: &&Item| {
            settings.other_than.as_deref() == Some(&item.settings.name)
                || item.settings.other_than.as_deref() == Some(name)
        };
        if let Some(pair) = self.items.iter().filter(is_paired).find(|item| item.is_ticked_by(who)) {
            let (item, other) = (name.to_owned(), pair.settings.name.clone());
            return Err(NotTicked::SamePerson { item, other, who: who.to_owned() });
        }
        self.set(name, ItemState::Ticked { by: Some(who.to_owned()), at });
        Ok(())
    }

    /// Puts back what a person ticked earlier, if nobody has ticked it since. The answer is how it stands now.
    pub fn restore(&mut self, name: &str, who: String, at: Timestamp) -> Option<ItemState> {
        let item = self.items.iter_mut().find(|item| item.settings.name == name)?;
        if item.settings.ticks != Ticks::Person || item.is_ticked() {
            return None;
        }
        item.state = ItemState::Ticked { by: Some(who), at };
        Some(item.state.clone())
    }

    /// Takes a tick back.
    pub fn untick(&mut self, name: &str) -> Result<(), NotTicked> {
        if let Some(by) = self.item(name)?.settings.ticks.in_words() {
            return Err(NotTicked::Automatic { item: name.to_owned(), by });
        }
        self.set(name, ItemState::Open);
        Ok(())
    }

    /// Ticks what the gates say, as far as it belongs to what the release is doing now. What they cannot say leaves an
    /// item open; once a phase is over its items stay as they were.
    pub fn observe(&mut self, leg: Option<Leg>, results: &[GateResult], at: Timestamp) {
        for item in self.items.iter_mut().filter(|item| item.settings.phase.is_now(leg)) {
            let Ticks::Gate(gate) = &item.settings.ticks else { continue };
            let of_gate: Vec<&GateResult> = results.iter().filter(|result| result.gate == *gate).collect();
            if !of_gate.is_empty() {
                item.follow(said(&of_gate), at);
            }
        }
    }

    /// Ticks what a command's run says.
    pub fn ran(&mut self, command: &str, run: &CommandResult) {
        let follows = |item: &&mut Item| item.settings.ticks == Ticks::Command(command.to_owned());
        for item in self.items.iter_mut().filter(follows) {
            item.follow(run.says(), run.at);
        }
    }

    /// What the first shift waits for.
    pub fn obstacles(&self) -> Vec<Obstacle> {
        let is_open =
            |item: &&Item| item.settings.required && item.settings.phase == Phase::Before && !item.is_ticked();
        let obstacle = |item: &Item| Obstacle::Required { item: item.settings.name.clone() };
        self.items.iter().filter(is_open).map(obstacle).collect()
    }

    fn item(&self, name: &str) -> Result<&Item, NotTicked> {
        let found = self.items.iter().find(|item| item.settings.name == name);
        found.ok_or_else(|| NotTicked::Unknown(name.to_owned()))
    }

    fn set(&mut self, name: &str, state: ItemState) {
        if let Some(item) = self.items.iter_mut().find(|item| item.settings.name == name) {
            item.state = state;
        }
    }
}

/// What a gate's results say together: yes, no, or nothing. A warning is no; where nothing passes, nothing is said, even
/// if the release need not wait for it.
fn said(results: &[&GateResult]) -> Option<bool> {
    if results.iter().any(|result| result.fails(Level::Warning)) {
        return Some(false);
    }
    let passes = results.iter().any(|result| result.outcome == Outcome::Pass);
    (passes && !results.iter().any(|result| result.is_open())).then_some(true)
}

impl Phase {
    fn is_now(self, leg: Option<Leg>) -> bool {
        match self {
            Self::Before => leg.is_none(),
            Self::During => leg.is_some(),
            Self::After => leg == Some(Leg::Watch),
        }
    }
}

impl Ticks {
    fn in_words(&self) -> Option<String> {
        match self {
            Self::Person => None,
            Self::Gate(gate) => Some(format!("the gate “{gate}”")),
            Self::Command(command) => Some(format!("the command “{command}”")),
        }
    }
}

impl Item {
    /// Whether it is ticked.
    pub fn is_ticked(&self) -> bool {
        matches!(self.state, ItemState::Ticked { .. })
    }

    fn is_ticked_by(&self, who: &str) -> bool {
        matches!(&self.state, ItemState::Ticked { by: Some(by), .. } if by == who)
    }

    /// Takes over what ticks it; the time of a state is that of its beginning.
    fn follow(&mut self, said: Option<bool>, at: Timestamp) {
        match (said, &self.state) {
            (Some(true), ItemState::Ticked { .. }) | (Some(false), ItemState::Failing { .. }) => {}
            (Some(true), _) => self.state = ItemState::Ticked { by: None, at },
            (Some(false), _) => self.state = ItemState::Failing { at },
            (None, _) => self.state = ItemState::Open,
        }
    }
}
