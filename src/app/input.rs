//! Keys and pasted text. A text field takes letters as text; everywhere else a key means what the keymap says.

use super::{
    App,
    event::Effect,
    view::{Overlay, Reason},
};
use crate::{
    clock::Now,
    keys::{Action, Key, KeyCode},
    release::plan::Plan,
};

/// The longest text a field takes.
const LONGEST_TEXT: usize = 128;

impl App {
    /// A key was pressed.
    pub(super) fn press(&mut self, key: Key, now: Now) -> Vec<Effect> {
        if self.type_key(key) {
            return Vec::new();
        }
        match self.keymap.action(key) {
            Some(action) => self.act(action, now),
            None => Vec::new(),
        }
    }

    /// A key is held down: it types and moves the cursor, and does nothing else.
    pub(super) fn repeat(&mut self, key: Key, now: Now) -> Vec<Effect> {
        if self.type_key(key) {
            return Vec::new();
        }
        match self.keymap.action(key) {
            Some(action @ (Action::Up | Action::Down | Action::PageUp | Action::PageDown)) => self.act(action, now),
            _ => Vec::new(),
        }
    }

    /// Pasted text reaches text fields only.
    pub(super) fn paste(&mut self, text: &str) {
        if let Some(field) = self.field() {
            let clean: String = text.chars().filter(|character| !character.is_control()).collect();
            let room = LONGEST_TEXT.saturating_sub(field.chars().count());
            field.extend(clean.chars().take(room));
        }
    }

    /// Whether a text field has the keys, so that letters are text.
    pub fn is_typing(&self) -> bool {
        self.is_filtering() || self.is_typing_reason() || self.is_typing_name()
    }

    /// Whether the plan on screen wants to know why it goes out now.
    pub fn is_typing_reason(&self) -> bool {
        match &self.view.overlay {
            Some(Overlay::Plan(dialog)) => {
                dialog.reason.as_ref().is_some_and(|reason| !reason.is_given)
                    && dialog.plan.as_ref().is_some_and(Plan::is_sound)
            }
            _ => false,
        }
    }

    fn reason_field(&mut self) -> Option<&mut Reason> {
        match &mut self.view.overlay {
            Some(Overlay::Plan(dialog)) => dialog.reason.as_mut(),
            _ => None,
        }
    }

    /// Whether the filter has the keys. A dialog that comes up over it takes them.
    fn is_filtering(&self) -> bool {
        self.view.filtering && self.view.overlay.is_none()
    }

    /// Whether the plan on screen wants the name of the protected environment, and has not got it whole.
    fn is_typing_name(&self) -> bool {
        let environment = &self.deck.environment;
        match &self.view.overlay {
            Some(Overlay::Plan(dialog)) => {
                environment.protected
                    && dialog.typed != environment.name
                    && dialog.plan.as_ref().is_some_and(|plan| !plan.purpose.is_roll_back() && plan.is_sound())
            }
            Some(Overlay::Step(dialog)) => self.wants_name_for_step(dialog),
            _ => false,
        }
    }

    /// The text field that has the keys.
    fn field(&mut self) -> Option<&mut String> {
        if self.is_typing_reason() {
            return self.reason_field().map(|reason| &mut reason.text);
        }
        if self.is_typing_name() {
            return self.name_field();
        }
        self.is_filtering().then_some(&mut self.view.filter)
    }

    fn name_field(&mut self) -> Option<&mut String> {
        match &mut self.view.overlay {
            Some(Overlay::Plan(dialog)) => Some(&mut dialog.typed),
            Some(Overlay::Step(dialog)) => Some(&mut dialog.typed),
            _ => None,
        }
    }

    /// Takes a key as text, where a text field has the keys. Keys that edit are taken too; others are not.
    fn type_key(&mut self, key: Key) -> bool {
        if key.code == KeyCode::Backspace && self.is_name_complete() {
            return self.shorten_name();
        }
        if key.code == KeyCode::Enter && self.is_typing_reason() {
            if let Some(reason) = self.reason_field().filter(|reason| !reason.text.trim().is_empty()) {
                reason.is_given = true;
            }
            return true;
        }
        let filtering = self.is_filtering();
        let Some(field) = self.field() else {
            return false;
        };
        match key {
            Key { code: KeyCode::Char('u'), ctrl: true, .. } => field.clear(),
            Key { code: KeyCode::Char(_), ctrl: true, .. } | Key { alt: true, .. } => return false,
            Key { code: KeyCode::Char(character), .. } => {
                if field.chars().count() < LONGEST_TEXT {
                    field.push(character);
                }
            }
            Key { code: KeyCode::Backspace, .. } => {
                field.pop();
            }
            Key { code: KeyCode::Enter, .. } if filtering => self.view.filtering = false,
            _ => return false,
        }
        true
    }

    /// Once the name is whole it can still be corrected.
    fn is_name_complete(&self) -> bool {
        let environment = &self.deck.environment;
        let typed = match &self.view.overlay {
            Some(Overlay::Plan(dialog)) => &dialog.typed,
            Some(Overlay::Step(dialog)) => &dialog.typed,
            _ => return false,
        };
        environment.protected && *typed == environment.name
    }

    fn shorten_name(&mut self) -> bool {
        if let Some(field) = self.name_field() {
            field.pop();
        }
        true
    }
}
