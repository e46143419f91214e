//! A terminal to watch the program in, and to type into. It knows what stands on its screen, and it waits for that to
//! be what a test expects: the reader wakes whoever waits at every byte that arrives.

use std::{
    io::{Read as _, Write},
    sync::{Arc, Condvar, Mutex, MutexGuard},
    thread,
};

use flightdeck::clock::Clock;
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use super::{
    ACCOUNT, PATIENCE, eventually,
    home::{FLIGHTDECK, Home},
};

/// The marks of a frame that is to be shown as a whole.
const FRAME_BEGINS: &[u8] = b"\x1b[?2026h";
const FRAME_ENDS: &[u8] = b"\x1b[?2026l";

/// A terminal with the program in it.
pub struct Terminal {
    state: Arc<(Mutex<State>, Condvar)>,
    keyboard: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    modes_before: String,
}

struct State {
    parser: vt100::Parser,
    /// Every byte that the program wrote.
    raw: Vec<u8>,
    /// Whether a frame is being drawn, so that the screen is half an old one and half a new one.
    in_frame: bool,
    is_over: bool,
}

impl Terminal {
    /// Starts the program in a terminal of this many columns and rows.
    pub fn start(home: &Home, args: &[&str], (columns, rows): (u16, u16)) -> Self {
        let pair = native_pty_system().openpty(size(columns, rows)).expect("a terminal");
        let modes_before = modes(&*pair.master);
        let mut command = CommandBuilder::new(FLIGHTDECK);
        command.args(args);
        command.env_clear();
        for (name, value) in home.variables() {
            command.env(name, value);
        }
        for (name, value) in [("TERM", "xterm-256color"), ("AWS_EC2_METADATA_DISABLED", "true")] {
            command.env(name, value);
        }
        command.env("AWS_ACCESS_KEY_ID", ACCOUNT);
        command.env("AWS_SECRET_ACCESS_KEY", "test");
        let child = pair.slave.spawn_command(command).expect("the program in a terminal");
        let keyboard = pair.master.take_writer().expect("a keyboard");
        let mut output = pair.master.try_clone_reader().expect("a screen");
        let state =
            State { parser: vt100::Parser::new(rows, columns, 0), raw: Vec::new(), in_frame: false, is_over: false };
        let state = Arc::new((Mutex::new(state), Condvar::new()));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            let mut buffer = [0; 16_384];
            loop {
                // On Linux the end of the other side is an error, elsewhere an empty read.
                let count = output.read(&mut buffer).unwrap_or(0);
                let mut state = shared.0.lock().expect("no test has failed in here");
                state.take(&buffer[..count]);
                shared.1.notify_all();
                if count == 0 {
                    return;
                }
            }
        });
        Self { state, keyboard, child, master: pair.master, modes_before }
    }

    /// Types, as fast as the program reads.
    pub fn type_keys(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).expect("a keyboard that works");
        self.keyboard.flush().expect("a keyboard that works");
    }

    /// Pastes a text, marked as terminals mark it.
    pub fn paste(&mut self, text: &str) {
        self.type_keys(&format!("\x1b[200~{text}\x1b[201~"));
    }

    /// Makes the window larger or smaller.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        self.lock().parser.screen_mut().set_size(rows, columns);
        self.master.resize(size(columns, rows)).expect("another size");
    }

    /// What stands on the screen.
    pub fn text(&self) -> String {
        self.lock().parser.screen().contents()
    }

    /// Every byte that the program wrote so far.
    pub fn raw(&self) -> Vec<u8> {
        self.lock().raw.clone()
    }

    /// Waits until the screen is as it should be; the answer is the screen.
    #[track_caller]
    pub fn wait_for(&self, what: &str, is_so: impl Fn(&str) -> bool) -> String {
        let clock = Clock::system();
        let mut state = self.lock();
        loop {
            let text = state.parser.screen().contents();
            if !state.in_frame && is_so(&text) {
                return text;
            }
            let left = PATIENCE.checked_sub(clock.now().wall);
            let Some(left) = left.filter(|_| !state.is_over) else {
                // The reader goes on with it while this test ends.
                drop(state);
                panic!("this never came: {what}. The screen:\n{text}");
            };
            state = self.state.1.wait_timeout(state, left).expect("no test has failed in here").0;
        }
    }

    /// Waits for a text on the screen.
    #[track_caller]
    pub fn wait_for_text(&self, text: &str) -> String {
        self.wait_for(text, |screen| screen.contains(text))
    }

    /// Asks the program to end, as a system that shuts down does.
    pub fn terminate(&self) {
        let id = self.child.process_id().expect("a process").to_string();
        let status = std::process::Command::new("kill").args(["-TERM", &id]).status();
        assert!(status.expect("kill").success());
    }

    /// Waits for the program's end; the answer is its exit code.
    #[track_caller]
    pub fn wait_for_end(&mut self) -> u32 {
        let child = &mut self.child;
        let status = eventually("the program ends", || child.try_wait().expect("a child of ours"));
        status.exit_code()
    }

    /// Types these keys again and again until the program ends; the answer is its exit code.
    #[track_caller]
    pub fn type_until_end(&mut self, keys: &str) -> u32 {
        let status = eventually("the program ends", || {
            // Nobody reads them once the program is gone.
            drop(self.keyboard.write_all(keys.as_bytes()));
            self.child.try_wait().expect("a child of ours")
        });
        status.exit_code()
    }

    /// Expects the terminal to be as it was before the program started.
    #[track_caller]
    pub fn expect_restored(&self) {
        eventually("the screen that was there before", || {
            let state = self.lock();
            let screen = state.parser.screen();
            (!screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste()).then_some(())
        });
        assert_eq!(modes(&*self.master), self.modes_before, "the terminal's modes");
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.0.lock().expect("no test has failed in here")
    }
}

impl State {
    fn take(&mut self, bytes: &[u8]) {
        self.parser.process(bytes);
        // A mark may come in two pieces.
        let from = self.raw.len().saturating_sub(FRAME_ENDS.len() - 1);
        self.raw.extend_from_slice(bytes);
        let last = self.raw[from..].windows(FRAME_ENDS.len()).rfind(|mark| [FRAME_BEGINS, FRAME_ENDS].contains(mark));
        self.in_frame = last.map_or(self.in_frame, |mark| mark == FRAME_BEGINS);
        self.is_over = bytes.is_empty();
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn size(columns: u16, rows: u16) -> PtySize {
    PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }
}

/// How the terminal treats what is typed: by lines or by keys, with an echo or without.
fn modes(master: &dyn MasterPty) -> String {
    let modes = master.get_termios().expect("a terminal's modes");
    format!("{:?} {:?} {:?}", modes.local_flags, modes.input_flags, modes.output_flags)
}
