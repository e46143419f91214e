//! Which functions the new configuration is about: all, those that fit a pattern, or those that a person picks from a
//! list that fills up while they already type.

use std::{cell::RefCell, pin::pin, rc::Rc};

use crate::{
    app::event::Event,
    aws::Cloud,
    cli::{Failure, init_args::InitArgs},
    init::{
        glob::Glob,
        picker::{Picker, Step},
    },
    release::error::CloudError,
    terminal::Screen,
    ui::{self, Theme},
};

/// The names by order; `None` where the person left without choosing.
pub(super) async fn choose(
    cloud: &Cloud,
    init: &InitArgs,
    place: &str,
    theme: &Theme,
) -> Result<Option<Vec<String>>, Failure> {
    if !init.all && init.patterns.is_empty() {
        return pick(cloud, place, theme).await;
    }
    let mut names = Vec::new();
    let listed = cloud.each_function(|page| names.extend(page.into_iter().map(|name| name.as_str().to_owned()))).await;
    listed.map_err(|error| unlisted(&error))?;
    let patterns: Vec<Glob> = init.patterns.iter().map(|pattern| Glob::new(pattern)).collect();
    let count = names.len();
    names.retain(|name| init.all || patterns.iter().any(|pattern| pattern.fits(name)));
    names.sort();
    if names.is_empty() {
        let why = match count {
            0 => format!("there is no function in {}", cloud.region()),
            _ => format!("none of the {count} functions in {} fits {}", cloud.region(), init.patterns.join(" or ")),
        };
        return Err(Failure::refused(format!("{why}; nothing was written")));
    }
    Ok(Some(names))
}

fn unlisted(error: &CloudError) -> Failure {
    Failure::failed(format!("the functions cannot be listed: {} ({})\nNothing was written.", error.message, error.kind))
}

/// Shows the list while it is still being read.
async fn pick(cloud: &Cloud, place: &str, theme: &Theme) -> Result<Option<Vec<String>>, Failure> {
    if !Screen::is_there() {
        return Err(Failure::refused(
            "which functions? There is no terminal to choose in: say --all, or --match 'receipt-*'. Nothing was written.",
        ));
    }
    let broken = |error: std::io::Error| Failure::failed(format!("the terminal failed: {error}; nothing was written"));
    let mut screen = Screen::open().map_err(broken)?;
    let mut picker = Picker::new();
    let pages = Rc::new(RefCell::new(Vec::new()));
    let filling = Rc::clone(&pages);
    let arrived = tokio::sync::Notify::new();
    let mut reading = pin!(cloud.each_function(|page| {
        filling.borrow_mut().extend(page.into_iter().map(|name| name.as_str().to_owned()));
        arrived.notify_one();
    }));
    let mut is_reading = true;
    loop {
        screen.draw(|frame| ui::picker::draw(frame, &picker, place, theme)).map_err(broken)?;
        tokio::select! {
            biased;
            event = screen.input() => {
                let rows = ui::picker::rows(screen.size().map_err(broken)?.1);
                match react(&mut picker, event, rows) {
                    Step::Stay => {}
                    Step::Take(names) => return Ok(Some(names)),
                    Step::Leave => return Ok(None),
                }
            }
            () = arrived.notified() => {}
            end = &mut reading, if is_reading => {
                is_reading = false;
                picker.close(end.err().map(|error| error.message));
            }
        }
        let page: Vec<String> = pages.borrow_mut().drain(..).collect();
        if !page.is_empty() {
            picker.add(page);
        }
    }
}

fn react(picker: &mut Picker, event: Event, rows: usize) -> Step {
    match event {
        Event::Key(key) | Event::Repeat(key) => picker.press(key, rows),
        Event::Paste(text) => {
            picker.paste(&text);
            Step::Stay
        }
        Event::Terminate => Step::Leave,
        Event::Tick | Event::Resize(..) | Event::Reply(..) | Event::Lost(..) => Step::Stay,
    }
}
