//! Choosing functions from a long list: what is typed filters it, marks are kept whatever is shown, and names may still
//! arrive meanwhile. It knows keys and names, and nothing of the screen.

use std::{cmp::Reverse, collections::BTreeSet};

use super::fuzzy::{Fit, fit};
use crate::keys::{Key, KeyCode};

/// The list and where a person is in it.
#[derive(Debug, Clone)]
pub struct Picker {
    names: Vec<String>,
    marked: BTreeSet<String>,
    query: String,
    /// What the filter leaves, the best first.
    shown: Vec<Shown>,
    cursor: usize,
    arriving: Arriving,
}

/// A name that the filter leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The name.
    pub name: String,
    /// Where the filter found it.
    pub fit: Fit,
}

/// Whether more names are to come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arriving {
    /// The list is still being read.
    More,
    /// These are all.
    Complete,
    /// There may be more, but they could not be read, and why.
    Broken(String),
}

/// What a key came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The person goes on choosing.
    Stay,
    /// These were chosen, by name.
    Take(Vec<String>),
    /// Nothing was chosen.
    Leave,
}

impl Default for Picker {
    fn default() -> Self {
        Self::new()
    }
}

impl Picker {
    /// An empty list that is about to be filled.
    pub fn new() -> Self {
        Self {
            names: Vec::new(),
            marked: BTreeSet::new(),
            query: String::new(),
            shown: Vec::new(),
            cursor: 0,
            arriving: Arriving::More,
        }
    }

    /// Takes in more names. The cursor stays on its name.
    pub fn add(&mut self, names: impl IntoIterator<Item = String>) {
        let under_cursor = self.under_cursor().map(str::to_owned);
        self.names.extend(names);
        self.filter();
        let same = under_cursor.and_then(|name| self.shown.iter().position(|shown| shown.name == name));
        self.cursor = same.unwrap_or(0);
    }

    /// Nothing more will arrive, for this reason or because that was all.
    pub fn close(&mut self, trouble: Option<String>) {
        self.arriving = trouble.map_or(Arriving::Complete, Arriving::Broken);
    }

    /// A key, on a screen that shows so many rows of the list.
    pub fn press(&mut self, key: Key, rows: usize) -> Step {
        match (key.code, key.ctrl) {
            (KeyCode::Esc, _) | (KeyCode::Char('c'), true) => return Step::Leave,
            (KeyCode::Enter, _) => {
                let chosen = self.to_be_taken();
                return if chosen.is_empty() { Step::Stay } else { Step::Take(chosen) };
            }
            (KeyCode::Up, _) | (KeyCode::Char('p'), true) => self.cursor = self.cursor.saturating_sub(1),
            (KeyCode::Down, _) | (KeyCode::Char('n'), true) => self.go_to(self.cursor + 1),
            (KeyCode::PageUp, _) | (KeyCode::Char('b'), true) => self.cursor = self.cursor.saturating_sub(rows),
            (KeyCode::PageDown, _) | (KeyCode::Char('f'), true) => self.go_to(self.cursor + rows),
            (KeyCode::Home, _) => self.cursor = 0,
            (KeyCode::End, _) => self.go_to(usize::MAX),
            (KeyCode::Char(' '), false) => self.mark(),
            (KeyCode::Tab, _) => self.mark_all_shown(),
            (KeyCode::Char('u'), true) => self.ask(String::new()),
            (KeyCode::Backspace, _) => {
                let mut query = self.query.clone();
                query.pop();
                self.ask(query);
            }
            (KeyCode::Char(letter), false) if !key.alt => self.ask(format!("{}{letter}", self.query)),
            _ => {}
        }
        Step::Stay
    }

    /// A pasted text becomes part of the filter; names hold no spaces.
    pub fn paste(&mut self, text: &str) {
        let more: String = text.chars().filter(|letter| !letter.is_whitespace() && !letter.is_control()).collect();
        self.ask(format!("{}{more}", self.query));
    }

    /// What Enter takes: what is marked, or the one under the cursor where nothing is.
    pub fn to_be_taken(&self) -> Vec<String> {
        if self.marked.is_empty() {
            return self.under_cursor().map(str::to_owned).into_iter().collect();
        }
        self.marked.iter().cloned().collect()
    }

    /// The text that filters.
    pub fn query(&self) -> &str {
        &self.query
    }

    /// The names that the filter leaves.
    pub fn shown(&self) -> &[Shown] {
        &self.shown
    }

    /// How many names there are so far.
    pub fn count(&self) -> usize {
        self.names.len()
    }

    /// How many are marked, shown or not.
    pub fn marks(&self) -> usize {
        self.marked.len()
    }

    /// Whether this name is marked.
    pub fn is_marked(&self, name: &str) -> bool {
        self.marked.contains(name)
    }

    /// The row under the cursor.
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// Whether more is to come.
    pub fn arriving(&self) -> &Arriving {
        &self.arriving
    }

    fn under_cursor(&self) -> Option<&str> {
        self.shown.get(self.cursor).map(|shown| shown.name.as_str())
    }

    fn go_to(&mut self, row: usize) {
        self.cursor = row.min(self.shown.len().saturating_sub(1));
    }

    fn mark(&mut self) {
        let Some(name) = self.under_cursor().map(str::to_owned) else { return };
        if !self.marked.remove(&name) {
            self.marked.insert(name);
        }
        self.go_to(self.cursor + 1);
    }

    /// Marks all that is shown; where all of it is marked already, takes those marks away.
    fn mark_all_shown(&mut self) {
        let shown: BTreeSet<String> = self.shown.iter().map(|shown| shown.name.clone()).collect();
        if shown.is_subset(&self.marked) {
            self.marked.retain(|name| !shown.contains(name));
        } else {
            self.marked.extend(shown);
        }
    }

    fn ask(&mut self, query: String) {
        self.query = query;
        self.filter();
        self.cursor = 0;
    }

    fn filter(&mut self) {
        let fitting = |name: &String| Some(Shown { fit: fit(&self.query, name)?, name: name.clone() });
        self.shown = self.names.iter().filter_map(fitting).collect();
        self.shown
            .sort_by(|one, other| (Reverse(one.fit.score), &one.name).cmp(&(Reverse(other.fit.score), &other.name)));
    }
}
