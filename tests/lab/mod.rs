//! The lab of the end-to-end tests: emulators that others wrote, clients that others wrote, the program itself as a
//! person starts it, and a terminal to watch it in. Everything stays on loopback and below target/.

pub mod hand;
pub mod home;
pub mod impostor;
pub mod python;
pub mod server;
pub mod terminal;

use std::{thread, time::Duration};

use flightdeck::clock::Clock;

/// The region of every server here.
pub const REGION: &str = "eu-west-1";
/// The account of every emulator here. ministack takes an access key of twelve digits for the account's number.
pub const ACCOUNT: &str = "123456789012";

/// How long anything may take on a busy machine before a test calls it broken.
pub const PATIENCE: Duration = Duration::from_mins(2);
/// How long to wait between two looks at something that tells nobody when it changes.
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// Looks until there is something to see.
///
/// # Panics
/// When there is still nothing after [`PATIENCE`].
pub fn eventually<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    within(PATIENCE, what, look)
}

/// Looks until there is something to see, for a thing that takes long by itself.
///
/// # Panics
/// When there is still nothing after that time.
pub fn within<T>(patience: Duration, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let clock = Clock::system();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(clock.now().wall < patience, "after {patience:?} still not so: {what}");
        thread::sleep(BETWEEN_LOOKS);
    }
}
