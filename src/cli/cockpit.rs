//! The cockpit: the app behind a terminal.

use super::{Failure, exit, resolve::Setting, services};
use crate::{app::asking::Scope, runtime, terminal::Cockpit};

/// Opens the cockpit and stays until it is left.
pub async fn run(setting: Setting) -> Result<u8, Failure> {
    let (mut app, services) = services::open(&setting, Scope::Cockpit).await?;
    let mut cockpit = Cockpit::open(setting.color).map_err(Failure::refused)?;
    app.view.size = cockpit.size().map_err(Failure::failed)?;
    let outcome = runtime::run(&mut app, &services, &mut cockpit).await;
    drop(cockpit);
    match outcome {
        Ok(code) => {
            tell_what_is_left(&app);
            Ok(code)
        }
        // A terminal that went away is an end like any other: nothing was half-done.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(exit::DONE),
        Err(error) => Err(Failure::failed(format!("the terminal failed: {error}"))),
    }
}

/// After the screen is gone: where the traffic was left, and how to take it back.
fn tell_what_is_left(app: &crate::app::App) {
    if app.deck.place.embedded.is_some() {
        return;
    }
    for (function, entry) in app.deck.in_release() {
        println!(
            "{}: version {} still has {} % (stable is {}); `flightdeck rollback` takes it back",
            function.target,
            entry.new,
            crate::release::routing::trim_percent(function.percent()),
            entry.stable
        );
    }
}
