//! Servers that stand in for AWS, each in a process of its own that ends with the value here, or with the test that
//! made it. Two emulators that others wrote, and our own embedded AWS as `flightdeck sim` serves it.

use std::{
    fs::{self, File},
    io::{BufRead as _, BufReader},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    process::{Child, ChildStdin, Command, Stdio},
};

use super::{ACCOUNT, REGION, eventually, home::Home, python};

/// Ports are free when they are looked for and may be taken a moment later.
const TRIES: usize = 5;

/// A server at work.
pub struct Server {
    /// Where it answers, such as `http://127.0.0.1:41234`.
    pub url: String,
    /// The variables that it tells a shell to export, for other programs.
    pub exports: Vec<(String, String)>,
    keeper: Child,
    /// While this is open the keeper lets the server live.
    lease: Option<ChildStdin>,
    home: Home,
}

impl Server {
    /// ministack, which knows Lambda with revisions, CloudWatch over CBOR, alarms and STS.
    pub fn ministack() -> Self {
        Self::emulator(|command, port| {
            command.arg(python::programs().join("ministack"));
            command.env("GATEWAY_PORT", port).env("BIND_HOST", "127.0.0.1").env("IOT_MTLS_ENABLED", "0");
        })
    }

    /// moto, which knows budgets with their spend, and whose Lambda knows no revisions.
    pub fn moto() -> Self {
        Self::emulator(|command, port| {
            command.arg(python::programs().join("moto_server")).args(["-H", "127.0.0.1", "-p", port]);
        })
    }

    /// The embedded AWS, served on a port that it chooses itself and prints.
    pub fn embedded(speed: &str) -> Self {
        Self::scenario("demo", speed)
    }

    /// The same in one of its scenarios.
    pub fn scenario(name: &str, speed: &str) -> Self {
        let home = Home::new();
        let mut command = keeper(&home);
        command.arg(env!("CARGO_BIN_EXE_flightdeck")).args(["sim", name, "--port", "0", "--speed", speed]);
        let mut keeper = command.stdout(Stdio::piped()).spawn().expect("the keeper of the embedded AWS");
        let mut lines = BufReader::new(keeper.stdout.take().expect("a pipe")).lines();
        let mut greeting = Vec::new();
        while greeting.last().is_none_or(|line: &String| !line.starts_with("flightdeck ")) {
            greeting.push(lines.next().expect("a greeting of several lines").expect("text"));
        }
        let exports = greeting.iter().filter_map(|line| line.strip_prefix("export ")).flat_map(str::split_whitespace);
        let exports = exports.filter_map(|export| export.split_once('='));
        let exports: Vec<_> = exports.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let url = exports.iter().find(|(name, _)| name == "AWS_ENDPOINT_URL").expect("the endpoint").1.clone();
        // Nobody reads the rest, and a pipe without a reader would stop it.
        std::thread::spawn(move || lines.for_each(drop));
        let lease = keeper.stdin.take();
        Self { url, exports, keeper, lease, home }
    }

    /// Its address, for a connection without any client.
    pub fn addr(&self) -> SocketAddr {
        self.url.strip_prefix("http://").and_then(|addr| addr.parse().ok()).expect("an address of ours")
    }

    fn emulator(describe: impl Fn(&mut Command, &str)) -> Self {
        (0..TRIES).find_map(|_| Self::try_emulator(&describe)).expect("an emulator that starts on one of five ports")
    }

    /// Starts it and waits until it answers; none if it ended before that.
    fn try_emulator(describe: impl Fn(&mut Command, &str)) -> Option<Self> {
        let home = Home::new();
        let port = free_port();
        let mut command = keeper(&home);
        describe(&mut command, &port.to_string());
        let log = File::create(home.folder().join("log")).expect("a log");
        command.stdout(log.try_clone().expect("the same log")).stderr(log);
        let mut keeper = command.spawn().expect("the keeper of an emulator");
        let lease = keeper.stdin.take();
        let mut server = Self { url: format!("http://127.0.0.1:{port}"), exports: Vec::new(), keeper, lease, home };
        let addr = server.addr();
        eventually("the emulator takes connections, or ends", || {
            if let Some(status) = server.keeper.try_wait().expect("a child of ours") {
                let log = fs::read_to_string(server.home.folder().join("log")).unwrap_or_default();
                eprintln!("an emulator ended at once ({status}):\n{log}");
                return Some(false);
            }
            TcpStream::connect(addr).is_ok().then_some(true)
        })
        .then_some(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.lease = None;
        drop(self.keeper.wait());
    }
}

fn keeper(home: &Home) -> Command {
    let mut command = home.tool(&python::programs().join("python"));
    command.arg(python::script("keeper.py")).stdin(Stdio::piped()).stderr(Stdio::inherit());
    command.env("AWS_ACCESS_KEY_ID", ACCOUNT).env("AWS_SECRET_ACCESS_KEY", "test").env("AWS_REGION", REGION);
    command
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback");
    listener.local_addr().expect("an address").port()
}
