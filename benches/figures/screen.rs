//! The program in a pseudo-terminal of 160 by 45, and what is on its screen. It knows nothing of what is measured.

use std::{
    io::{Read as _, Write},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    time::{Duration, Instant},
};

use portable_pty::{Child, CommandBuilder, PtySize, native_pty_system};

use crate::places::Folder;

const COLUMNS: u16 = 160;
const ROWS: u16 = 45;

/// flightdeck on a screen. Dropping it ends it.
pub struct Screen {
    /// Just before the program was started.
    pub started: Instant,
    child: Box<dyn Child + Send + Sync>,
    keyboard: Box<dyn Write + Send>,
    output: Receiver<(Instant, Vec<u8>)>,
    parser: vt100::Parser,
    // Kept open for as long as the program runs.
    _pty: Box<dyn portable_pty::MasterPty + Send>,
}

impl Screen {
    /// Starts the program with these arguments, in a home of its own and with made-up credentials.
    pub fn start(home: &Folder, arguments: &[&str]) -> Self {
        let size = PtySize { rows: ROWS, cols: COLUMNS, pixel_width: 0, pixel_height: 0 };
        let pty = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_flightdeck"));
        command.args(arguments);
        command.env_clear();
        command.env("HOME", home.path());
        command.env("TERM", "xterm-256color");
        command.env("AWS_ACCESS_KEY_ID", "embedded");
        command.env("AWS_SECRET_ACCESS_KEY", "embedded");
        let mut reader = pty.master.try_clone_reader().unwrap();
        let keyboard = pty.master.take_writer().unwrap();
        let (sender, output) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 1 << 13];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                if sender.send((Instant::now(), buffer[..count].to_vec())).is_err() {
                    return;
                }
            }
        });
        let started = Instant::now();
        let child = pty.slave.spawn_command(command).unwrap();
        drop(pty.slave);
        Self { started, child, keyboard, output, parser: vt100::Parser::new(ROWS, COLUMNS, 0), _pty: pty.master }
    }

    /// The program's process id.
    pub fn process(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    /// Presses keys, and says when.
    pub fn press(&mut self, keys: &str) -> Instant {
        let at = Instant::now();
        self.keyboard.write_all(keys.as_bytes()).unwrap();
        self.keyboard.flush().unwrap();
        at
    }

    /// What the screen shows.
    pub fn text(&self) -> String {
        self.parser.screen().contents()
    }

    /// Waits until the screen shows what is looked for, and says since when.
    pub fn until(&mut self, what: &str, limit: Duration, mut shows: impl FnMut(&str) -> bool) -> Instant {
        let deadline = Instant::now() + limit;
        loop {
            match self.output.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok((at, bytes)) => {
                    self.parser.process(&bytes);
                    if shows(&self.text()) {
                        return at;
                    }
                }
                Err(RecvTimeoutError::Timeout) => panic!("{what} was not on screen in time:\n{}", self.text()),
                Err(RecvTimeoutError::Disconnected) => panic!("it ended before {what} was there:\n{}", self.text()),
            }
        }
    }

    /// Looks on for so long.
    pub fn watch_for(&mut self, time: Duration) {
        let end = Instant::now() + time;
        while let Ok((_, bytes)) = self.output.recv_timeout(end.saturating_duration_since(Instant::now())) {
            self.parser.process(&bytes);
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
