//! What a person can press and what it means: keys, the actions under them, and the table that binds the two.
//! The same table feeds the key handling, the bottom line and the help, so they cannot disagree.

pub mod action;
pub mod key;
pub mod keymap;
mod names;

pub use action::Action;
pub use key::{Key, KeyCode};
pub use keymap::{BINDINGS, Binding, Group, Keymap, KeymapError};
pub use names::NotAKey;
