//! The terminal: raw mode and its restore, key presses in, frames out. The cockpit's face, and the bare screen under it
//! for the little that is asked before there is a cockpit.

use std::{
    io::{self, BufWriter, IsTerminal as _, Stdout, Write as _},
    mem, panic,
    path::PathBuf,
};

use crossterm::{
    cursor,
    event::{
        DisableBracketedPaste, EnableBracketedPaste, Event as TerminalEvent, EventStream, KeyCode as TerminalKey,
        KeyEvent, KeyEventKind, KeyModifiers,
    },
    execute, queue, style, terminal,
};
use futures_util::StreamExt as _;
use ratatui::{Frame, Terminal, backend::CrosstermBackend};

use crate::{
    app::{App, event::Event},
    clock::Now,
    keys::{Key, KeyCode},
    runtime::{Face, Turn},
    ui::{self, Theme, theme::ThemeError},
};

/// The cockpit on a terminal.
pub struct Cockpit {
    screen: Screen,
    theme: Theme,
    themes: Themes,
}

/// A terminal that was taken over. Dropping it gives the terminal back as it was.
pub struct Screen {
    terminal: Terminal<CrosstermBackend<BufWriter<Stdout>>>,
    /// `None` once the terminal is gone: a stream of a terminal that hung up turns in circles.
    events: Option<EventStream>,
    /// Whether the window changed since the last frame. It may have its old size again by now and still have lost what
    /// stood there, so that the next frame is written whole.
    is_resized: bool,
}

/// Where themes come from.
pub struct Themes {
    /// The user's own, which come before the built-in ones.
    pub folder: Option<PathBuf>,
    /// Whether colours may be used.
    pub color: bool,
    /// The name of the one in use.
    pub name: String,
}

impl Themes {
    /// Loads the theme in use.
    ///
    /// # Errors
    /// When no theme has that name, or its file is not in order.
    pub fn load(&self) -> Result<Theme, ThemeError> {
        // COLORTERM and TERM say how many colours there are.
        let theme = Theme::load(&self.name, self.folder.as_deref())?.within(style::available_color_count());
        Ok(if self.color { theme } else { theme.without_colour() })
    }
}

impl Cockpit {
    /// Takes the terminal over.
    ///
    /// # Errors
    /// When standard output is no terminal, or does not do what a terminal does.
    pub fn open(theme: Theme, themes: Themes) -> io::Result<Self> {
        if !io::stdout().is_terminal() {
            return Err(io::Error::other(
                "standard output is no terminal, and the cockpit needs one; `flightdeck status` prints without one",
            ));
        }
        Ok(Self { screen: Screen::open()?, theme, themes })
    }

    /// The terminal's size: columns, rows.
    ///
    /// # Errors
    /// When the terminal does not tell.
    pub fn size(&self) -> io::Result<(u16, u16)> {
        self.screen.size()
    }
}

impl Screen {
    /// Takes the terminal over.
    ///
    /// # Errors
    /// When it does not do what a terminal does.
    pub fn open() -> io::Result<Self> {
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            restore();
            previous(info);
        }));
        terminal::enable_raw_mode()?;
        let mut out = BufWriter::with_capacity(1 << 16, io::stdout());
        execute!(out, terminal::EnterAlternateScreen, EnableBracketedPaste, cursor::Hide)?;
        let terminal = Terminal::new(CrosstermBackend::new(out))?;
        Ok(Self { terminal, events: Some(EventStream::new()), is_resized: false })
    }

    /// Whether a person sits in front of this program: they see what it prints, and it reads what they type.
    pub fn is_there() -> bool {
        io::stdout().is_terminal() && io::stdin().is_terminal()
    }

    /// The terminal's size: columns, rows.
    ///
    /// # Errors
    /// When the terminal does not tell.
    pub fn size(&self) -> io::Result<(u16, u16)> {
        self.terminal.size().map(|size| (size.width, size.height))
    }

    /// Shows a frame. It is shown as a whole or not at all, where the terminal knows how; others ignore the two marks.
    ///
    /// # Errors
    /// When the terminal cannot be written to any more.
    pub fn draw(&mut self, paint: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        queue!(self.terminal.backend_mut(), terminal::BeginSynchronizedUpdate)?;
        if mem::take(&mut self.is_resized) {
            let size = self.terminal.size()?;
            self.terminal.resize(size.into())?;
        }
        self.terminal.draw(paint)?;
        execute!(self.terminal.backend_mut(), terminal::EndSynchronizedUpdate)
    }

    /// The next thing that a person does. Safe to drop half-way.
    pub async fn input(&mut self) -> Event {
        let Some(events) = &mut self.events else {
            return std::future::pending().await;
        };
        loop {
            match events.next().await {
                Some(Ok(event)) => {
                    self.is_resized |= matches!(event, TerminalEvent::Resize(..));
                    if let Some(event) = translate(&event) {
                        return event;
                    }
                }
                // The terminal is gone: there is nobody left to ask.
                Some(Err(_)) | None => return Event::Terminate,
            }
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
    }
}

impl Face for Cockpit {
    async fn input(&mut self) -> Event {
        self.screen.input().await
    }

    fn hang_up(&mut self) {
        self.screen.events = None;
    }

    fn turn(&mut self, app: &mut App, now: Now) -> io::Result<Turn> {
        if self.themes.name != app.view.theme {
            self.themes.name.clone_from(&app.view.theme);
            // A theme that is broken by now leaves the screen as it is.
            if let Ok(theme) = self.themes.load() {
                self.theme = theme;
            }
        }
        self.screen.draw(|frame| ui::draw(frame, app, &self.theme, &app.keymap, now))?;
        Ok(Turn::Wait)
    }

    fn ring(&mut self) {
        let out = self.screen.terminal.backend_mut();
        // A bell that cannot be rung is not worth a word.
        let _ = out.write_all(b"\x07").and_then(|()| io::Write::flush(out));
    }
}

/// Gives the terminal back as it was. Each step is tried, whatever became of the one before.
fn restore() {
    let mut out = io::stdout();
    let _ = execute!(out, DisableBracketedPaste, terminal::LeaveAlternateScreen, cursor::Show);
    let _ = terminal::disable_raw_mode();
}

fn translate(event: &TerminalEvent) -> Option<Event> {
    match event {
        TerminalEvent::Key(key) => translate_key(key),
        TerminalEvent::Paste(text) => Some(Event::Paste(text.clone())),
        TerminalEvent::Resize(columns, rows) => Some(Event::Resize(*columns, *rows)),
        TerminalEvent::FocusGained | TerminalEvent::FocusLost | TerminalEvent::Mouse(_) => None,
    }
}

fn translate_key(event: &KeyEvent) -> Option<Event> {
    let code = match event.code {
        TerminalKey::Char(character) => KeyCode::Char(character),
        TerminalKey::Enter => KeyCode::Enter,
        TerminalKey::Esc => KeyCode::Esc,
        TerminalKey::Tab => KeyCode::Tab,
        TerminalKey::BackTab => KeyCode::BackTab,
        TerminalKey::Backspace => KeyCode::Backspace,
        TerminalKey::Delete => KeyCode::Delete,
        TerminalKey::Up => KeyCode::Up,
        TerminalKey::Down => KeyCode::Down,
        TerminalKey::Left => KeyCode::Left,
        TerminalKey::Right => KeyCode::Right,
        TerminalKey::PageUp => KeyCode::PageUp,
        TerminalKey::PageDown => KeyCode::PageDown,
        TerminalKey::Home => KeyCode::Home,
        TerminalKey::End => KeyCode::End,
        TerminalKey::F(number) => KeyCode::F(number),
        _ => return None,
    };
    let key = Key {
        code,
        ctrl: event.modifiers.contains(KeyModifiers::CONTROL),
        alt: event.modifiers.contains(KeyModifiers::ALT),
    };
    match event.kind {
        KeyEventKind::Press => Some(Event::Key(key)),
        KeyEventKind::Repeat => Some(Event::Repeat(key)),
        KeyEventKind::Release => None,
    }
}
