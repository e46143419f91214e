//! Which key means what. One table holds every action that has a key, with its name in the configuration, its keys
//! and its words; the key handling, the bottom line, the help and the configuration's check are all made from it.

use std::collections::{BTreeMap, HashMap};

use super::{Action, Key, KeyCode};
use crate::config::{listed, quoted, suggestion};

/// A row of the table of keys.
#[derive(Debug, Clone, Copy)]
pub struct Binding {
    /// What the keys mean.
    pub action: Action,
    /// The action's name in the configuration.
    pub name: &'static str,
    /// The keys, unless the configuration has others. The first is the one that is shown.
    pub keys: &'static [Key],
    /// Keys that always mean this, whatever the configuration says.
    pub fixed: &'static [Key],
    /// What it does, for the help.
    pub help: &'static str,
    /// Where the help lists it.
    pub group: Group,
}

/// The sections of the help, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// What moves traffic or prepares it.
    Release,
    /// Moving about.
    Moving,
    /// What is shown, and how.
    Screen,
}

impl Group {
    /// The section's title.
    pub fn title(self) -> &'static str {
        match self {
            Self::Release => "Release",
            Self::Moving => "Moving about",
            Self::Screen => "Screen",
        }
    }
}

/// Every action with a key that can be changed. Digits are missing on purpose: they are always stages.
pub const BINDINGS: &[Binding] = {
    use Group::{Moving, Release, Screen};
    const fn row(
        action: Action,
        name: &'static str,
        keys: &'static [Key],
        group: Group,
        help: &'static str,
    ) -> Binding {
        Binding { action, name, keys, fixed: &[], help, group }
    }
    const fn code(code: KeyCode) -> Key {
        Key::plain(code)
    }
    const fn char(character: char) -> Key {
        Key::char(character)
    }
    const fn ctrl(character: char) -> Key {
        Key::ctrl(character)
    }
    &[
        row(Action::RollBack, "roll_back", &[char('R')], Release, "roll the whole release back at once"),
        row(Action::NextStage, "next_stage", &[char('n')], Release, "plan the next stage of the release"),
        row(Action::Hold, "hold", &[char('p')], Release, "hold the release, or let it go on"),
        row(Action::Watch, "watch", &[char('w')], Release, "watch what is live now"),
        row(
            Action::RollBackOne,
            "roll_back_one",
            &[char('r')],
            Release,
            "in the detail: roll back this function alone",
        ),
        row(Action::Undo, "undo", &[char('u')], Release, "undo the last rollback (with a plan)"),
        row(Action::Done, "done", &[char('d')], Release, "declare all clear: the release is over"),
        row(Action::Retry, "retry", &[char('a')], Release, "again: what a shift or a rollback did not reach"),
        row(Action::Extend, "extend", &[char('e')], Release, "give this stage one more bake"),
        row(Action::Abandon, "abandon", &[char('A')], Release, "stop running the release; traffic stays as it is"),
        row(Action::TakeOver, "take_over", &[char('T')], Release, "take over the release that another runs"),
        row(Action::Confirm, "confirm", &[char('y')], Release, "yes, do what the dialog shows"),
        row(Action::Mark, "mark", &[char(' ')], Release, "mark the function: stages move the marked ones"),
        row(Action::PickVersion, "pick_version", &[char('v')], Release, "release the version under the cursor"),
        row(Action::Open, "open", &[code(KeyCode::Enter)], Moving, "open what is under the cursor"),
        Binding {
            fixed: &[code(KeyCode::Esc)],
            ..row(Action::Back, "back", &[], Moving, "one step back; never quits")
        },
        row(Action::Up, "up", &[char('k'), code(KeyCode::Up)], Moving, "up"),
        row(Action::Down, "down", &[char('j'), code(KeyCode::Down)], Moving, "down"),
        row(Action::PageUp, "page_up", &[code(KeyCode::PageUp), ctrl('b')], Moving, "a page up"),
        row(Action::PageDown, "page_down", &[code(KeyCode::PageDown), ctrl('f')], Moving, "a page down"),
        row(Action::Top, "top", &[char('g'), code(KeyCode::Home)], Moving, "to the top"),
        row(Action::Bottom, "bottom", &[char('G'), code(KeyCode::End)], Moving, "to the bottom"),
        row(Action::NextPanel, "next_panel", &[code(KeyCode::Tab), char(']')], Moving, "to the next panel"),
        row(
            Action::PreviousPanel,
            "previous_panel",
            &[code(KeyCode::BackTab), char('[')],
            Moving,
            "to the panel before",
        ),
        row(Action::History, "history", &[char('H')], Screen, "past releases; ⏎ tells one of them"),
        row(Action::Gates, "gates", &[char('i')], Screen, "what each gate says, and why"),
        row(Action::Checklist, "checklist", &[char('c')], Screen, "the checklist of the release"),
        row(Action::Runbook, "runbook", &[char('x')], Screen, "the runbook: what cannot be undone from here"),
        row(Action::Environments, "environments", &[char('E')], Screen, "the environments; ⏎ shows another"),
        row(Action::Comparison, "comparison", &[char('b')], Screen, "the release against the hour before it"),
        row(Action::Filter, "filter", &[char('/')], Screen, "filter the functions"),
        row(Action::Refresh, "refresh", &[ctrl('r')], Screen, "read everything again now"),
        row(Action::ConsoleUrl, "console_url", &[char('o')], Screen, "the AWS console's address of this"),
        row(Action::Theme, "theme", &[char('t')], Screen, "the next theme"),
        row(Action::Help, "help", &[char('?')], Screen, "all keys"),
        Binding {
            fixed: &[ctrl('c')],
            ..row(Action::Quit, "quit", &[char('q')], Screen, "quit; asks once during a release")
        },
    ]
};

/// The keys of the stages.
const DIGITS: [Key; 9] = [
    Key::char('1'),
    Key::char('2'),
    Key::char('3'),
    Key::char('4'),
    Key::char('5'),
    Key::char('6'),
    Key::char('7'),
    Key::char('8'),
    Key::char('9'),
];

/// The keys in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keymap {
    actions: HashMap<Key, Action>,
    keys: HashMap<Action, Vec<Key>>,
}

/// A change of keys that cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeymapError {
    /// There is no such action.
    #[error("there is no action {}{}; known: {}", quoted(.action), suggestion(.action, &names()), listed(&names()))]
    UnknownAction {
        /// As it is written.
        action: String,
    },
    /// There is no such key.
    #[error("{why}")]
    UnknownKey {
        /// For this action.
        action: String,
        /// What is wrong with it.
        why: String,
    },
    /// One key, two meanings.
    #[error("`{key}` is bound to both `{first}` and `{action}`; give one of them another key")]
    Conflict {
        /// The key as it is shown.
        key: String,
        /// An action that the configuration binds to it.
        action: String,
        /// The other action.
        first: String,
    },
    /// A key whose meaning never changes.
    #[error("`{key}` {why}, so it cannot be bound to `{action}`")]
    Fixed {
        /// The key as it is shown.
        key: String,
        /// The action that wants it.
        action: String,
        /// What the key is for.
        why: String,
    },
    /// An action that must stay within reach.
    #[error("`{action}` needs at least one key")]
    NoKey {
        /// The action.
        action: String,
    },
}

impl KeymapError {
    /// The action in the configuration where the problem is.
    pub fn action(&self) -> &str {
        match self {
            Self::UnknownAction { action }
            | Self::UnknownKey { action, .. }
            | Self::Conflict { action, .. }
            | Self::Fixed { action, .. }
            | Self::NoKey { action } => action,
        }
    }
}

impl Default for Keymap {
    /// The table as it stands.
    fn default() -> Self {
        let mut keymap = Self { actions: HashMap::new(), keys: HashMap::new() };
        for binding in BINDINGS {
            keymap.bind(binding, binding.keys);
        }
        keymap
    }
}

impl Keymap {
    /// The table with the configuration's changes: action name to keys. The keys named for an action replace its own.
    pub fn with_changes(changes: &BTreeMap<String, Vec<String>>) -> Result<Self, KeymapError> {
        if let Some(action) = changes.keys().find(|action| !names().contains(&action.as_str())) {
            return Err(KeymapError::UnknownAction { action: action.clone() });
        }
        let mut keymap = Self { actions: HashMap::new(), keys: HashMap::new() };
        // What is not changed is bound first, so that a conflict is always reported at a line of the configuration.
        let (remapped, kept): (Vec<_>, Vec<_>) = BINDINGS.iter().partition(|row| changes.contains_key(row.name));
        for binding in kept {
            keymap.bind(binding, binding.keys);
        }
        for binding in remapped {
            let keys = changed_keys(binding, &changes[binding.name])?;
            if let Some((key, other)) = keymap.taken(&keys) {
                let first = name_of(other).to_owned();
                return Err(KeymapError::Conflict { key: key.to_string(), action: binding.name.to_owned(), first });
            }
            keymap.bind(binding, &keys);
        }
        Ok(keymap)
    }

    /// What a key means. Digits are always stages.
    pub fn action(&self, key: Key) -> Option<Action> {
        stage(key).or_else(|| self.actions.get(&key).copied())
    }

    /// The keys of an action, the one to show first. Stages have their digit.
    pub fn keys(&self, action: Action) -> &[Key] {
        match action {
            Action::Stage(index) => DIGITS.get(index..=index).unwrap_or_default(),
            other => self.keys.get(&other).map_or(&[], Vec::as_slice),
        }
    }

    fn bind(&mut self, binding: &Binding, keys: &[Key]) {
        let all = self.keys.entry(binding.action).or_default();
        for key in keys.iter().chain(binding.fixed) {
            if !all.contains(key) {
                all.push(*key);
            }
            self.actions.insert(*key, binding.action);
        }
    }

    fn taken(&self, keys: &[Key]) -> Option<(Key, Action)> {
        keys.iter().find_map(|key| Some((*key, *self.actions.get(key)?)))
    }
}

/// The stage under a digit key, from 0.
fn stage(key: Key) -> Option<Action> {
    DIGITS.iter().position(|digit| *digit == key).map(Action::Stage)
}

/// The keys as the configuration has them, each of which may have the meaning asked for.
fn changed_keys(binding: &Binding, written: &[String]) -> Result<Vec<Key>, KeymapError> {
    let action = || binding.name.to_owned();
    let mut keys = Vec::with_capacity(written.len());
    for text in written {
        let key: Key =
            text.parse().map_err(|why| KeymapError::UnknownKey { action: action(), why: format!("{why}") })?;
        if let Some(why) = reserved(key, binding.action) {
            return Err(KeymapError::Fixed { key: key.to_string(), action: action(), why });
        }
        keys.push(key);
    }
    let must_have = matches!(binding.action, Action::RollBack | Action::Confirm | Action::Quit | Action::Back);
    if keys.is_empty() && must_have {
        return Err(KeymapError::NoKey { action: action() });
    }
    Ok(keys)
}

/// Why a key may not have this meaning, if so.
fn reserved(key: Key, action: Action) -> Option<String> {
    if matches!(key, Key { code: KeyCode::Char('0'..='9'), ctrl: false, alt: false }) {
        return Some("belongs to the stages".to_owned());
    }
    // Somebody who presses Enter twice, or pastes a line, must not move traffic.
    if key.code == KeyCode::Enter && matches!(action, Action::Confirm | Action::RollBack) {
        return Some("never moves traffic".to_owned());
    }
    let owner = BINDINGS.iter().find(|row| row.fixed.contains(&key) && row.action != action)?;
    Some(format!("is always `{}`", owner.name))
}

fn names() -> Vec<&'static str> {
    BINDINGS.iter().map(|binding| binding.name).collect()
}

fn name_of(action: Action) -> &'static str {
    BINDINGS.iter().find(|binding| binding.action == action).map_or("a stage", |binding| binding.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(changes: &[(&str, &[&str])]) -> Result<Keymap, KeymapError> {
        let owned = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect();
        Keymap::with_changes(&changes.iter().map(|(action, keys)| ((*action).to_owned(), owned(keys))).collect())
    }

    #[test]
    fn the_table_has_no_conflict_and_every_action_a_key() {
        let mut seen = HashMap::new();
        for binding in BINDINGS {
            assert!(!Keymap::default().keys(binding.action).is_empty(), "{}", binding.name);
            for key in binding.keys.iter().chain(binding.fixed) {
                assert_eq!(seen.insert(*key, binding.name), None, "{key} twice");
                assert!(reserved(*key, binding.action).is_none());
            }
        }
        assert_eq!(Keymap::with_changes(&BTreeMap::new()), Ok(Keymap::default()));
    }

    #[test]
    fn digits_are_stages_and_nothing_else() {
        let keymap = Keymap::default();
        assert_eq!(keymap.action(Key::char('1')), Some(Action::Stage(0)));
        assert_eq!(keymap.action(Key::char('9')), Some(Action::Stage(8)));
        assert_eq!(keymap.action(Key::char('0')), None);
        assert_eq!(keymap.keys(Action::Stage(2)), [Key::char('3')]);
        assert_eq!(keymap.keys(Action::Stage(9)), []);
        let refused = changed(&[("mark", &["3"])]).unwrap_err().to_string();
        assert_eq!(refused, "`3` belongs to the stages, so it cannot be bound to `mark`");
    }

    #[test]
    fn changed_keys_replace_the_old_ones() {
        let keymap = changed(&[("refresh", &["f5", "alt-r"])]).unwrap();
        assert_eq!(keymap.action("f5".parse().unwrap()), Some(Action::Refresh));
        assert_eq!(keymap.action(Key::ctrl('r')), None);
        let swapped = changed(&[("up", &["j"]), ("down", &["k"])]).unwrap();
        assert_eq!(
            (swapped.action(Key::char('j')), swapped.keys(Action::Down)),
            (Some(Action::Up), &[Key::char('k')][..])
        );
    }

    #[test]
    fn what_must_stay_within_reach_stays() {
        let keymap = changed(&[("quit", &["Q"]), ("back", &["h"])]).unwrap();
        assert_eq!(keymap.action(Key::ctrl('c')), Some(Action::Quit));
        assert_eq!(keymap.keys(Action::Quit), [Key::char('Q'), Key::ctrl('c')]);
        assert_eq!(keymap.action(Key::plain(KeyCode::Esc)), Some(Action::Back));
        for action in ["roll_back", "confirm", "quit", "back"] {
            assert_eq!(changed(&[(action, &[])]), Err(KeymapError::NoKey { action: action.to_owned() }));
        }
        assert!(changed(&[("theme", &[])]).unwrap().keys(Action::Theme).is_empty());
    }

    #[test]
    fn conflicts_are_refused_with_both_names() {
        for (changes, words) in [
            (&[("mark", &["R"][..])][..], "`R` is bound to both `roll_back` and `mark`"),
            (&[("mark", &["z"]), ("roll_back", &["z"])], "`z` is bound to both `roll_back` and `mark`"),
            (&[("theme", &["ctrl-c"])], "`^C` is always `quit`, so it cannot be bound to `theme`"),
            (&[("filter", &["esc"])], "`Esc` is always `back`"),
            (&[("open", &["l"]), ("confirm", &["enter"])], "`⏎` never moves traffic"),
            (&[("roll_bakc", &["x"])], "did you mean `roll_back`?"),
            (&[("mark", &["hyper-x"])], "“hyper-x” is not a key"),
        ] {
            let message = changed(changes).unwrap_err().to_string();
            assert!(message.contains(words), "{message}");
        }
    }
}
