//! The cockpit: the app behind a terminal.

use super::{Failure, environments::Environments, exit, resolve::Setting};
use crate::{
    config, runtime,
    terminal::{Cockpit, Themes},
};

/// Opens the cockpit and stays until it is left.
pub async fn run(setting: Setting) -> Result<u8, Failure> {
    let mut environments = Environments::new(&setting);
    let (mut app, services) = environments.first().await?;
    let neighbours = environments.neighbours();
    let themes = Themes { folder: themes_folder(), color: setting.color, name: setting.config.theme.clone() };
    let theme = themes.load().map_err(Failure::refused)?;
    let mut cockpit = Cockpit::open(theme, themes).map_err(Failure::refused)?;
    app.view.size = cockpit.size().map_err(Failure::failed)?;
    let (outcome, others) =
        Box::pin(runtime::run_fleet(&mut app, &services, neighbours, &mut environments, &mut cockpit)).await;
    drop(cockpit);
    match outcome {
        Ok(code) => {
            std::iter::once(&app).chain(&others).for_each(tell_what_is_left);
            Ok(code)
        }
        // A terminal that went away is an end like any other: nothing was half-done.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(exit::DONE),
        Err(error) => Err(Failure::failed(format!("the terminal failed: {error}"))),
    }
}

/// The user's own themes: `themes/NAME.toml` beside the configuration.
fn themes_folder() -> Option<std::path::PathBuf> {
    let folders = config::folders(&|name| std::env::var(name).ok());
    folders.into_iter().map(|folder| folder.join("themes")).find(|folder| folder.is_dir())
}

/// After the screen is gone: where the traffic was left, and how to take it back.
fn tell_what_is_left(app: &crate::app::App) {
    if app.deck.place.embedded.is_some() {
        return;
    }
    for (function, entry) in app.deck.in_release() {
        println!(
            "{}: version {} still has {} % (stable is {}); `{} rollback --yes` takes it back",
            function.target,
            entry.new,
            crate::release::routing::trim_percent(function.percent()),
            entry.stable,
            app.deck.place.program
        );
    }
}
