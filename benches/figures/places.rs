//! Where the program under measurement works: folders, configurations, and the other sides of the wire.

use std::{
    fmt::Write as _,
    fs,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    sync::Arc,
    sync::atomic::{AtomicU32, Ordering},
};

use flightdeck::{
    clock::Clock,
    sim::{
        Sim,
        server::{Served, serve},
        world::WorldSpec,
    },
};
use tokio::runtime::Runtime;

/// How many functions there are.
pub const FUNCTIONS: usize = 10;

/// A folder that is gone when it is dropped.
pub struct Folder(PathBuf);

impl Folder {
    /// A new one.
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("flightdeck-figures-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file into it, and says where that is.
    pub fn write(&self, name: &str, text: &str) -> String {
        let path = self.0.join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left in the temporary folder harms nobody.
        drop(fs::remove_dir_all(&self.0));
    }
}

/// A configuration of ten functions `fn0` to `fn9`, with everything at this address.
pub fn ten_functions_at(addr: SocketAddr) -> String {
    let mut text = format!("[environments.bench]\nregion = \"eu-west-1\"\nendpoint_url = \"http://{addr}\"\n");
    for index in 0..FUNCTIONS {
        let _ = writeln!(text, "[[environments.bench.functions]]\nname = \"fn{index}\"");
    }
    text.push_str("[[environments.bench.alarms]]\nprefix = \"rv-\"\nseverity = \"high\"\n");
    text.push_str("[[environments.bench.budgets]]\nname = \"monthly\"\n");
    text
}

/// An AWS that takes every connection and never answers.
pub fn hanging() -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let addr = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let mut held = Vec::new();
        while let Ok((stream, _)) = listener.accept() {
            held.push(stream);
        }
    });
    addr
}

/// An embedded AWS behind a socket, with the runtime that serves it.
pub struct Embedded {
    /// The world.
    pub sim: Arc<Sim>,
    /// Where it listens.
    pub addr: SocketAddr,
    _served: Served,
    _runtime: Runtime,
}

impl Embedded {
    /// Serves a world in real time.
    pub fn serve(world: &WorldSpec) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let sim = Arc::new(Sim::new(world, Clock::embedded(1.0)));
        let served = runtime.block_on(serve(Arc::clone(&sim), 0)).unwrap();
        Self { sim, addr: served.addr, _served: served, _runtime: runtime }
    }
}

/// A world of ten functions with a new version each, all the traffic on the old one.
pub fn ten_functions() -> WorldSpec {
    let mut text = String::from(
        "title = \"Ten functions\"\nseed = 1\npast = \"20m\"\naccount = \"123456789012\"\nregion = \"eu-west-1\"\n\
         caller = \"arn:aws:sts::123456789012:assumed-role/oncall/ada\"\n\
         [[budgets]]\nname = \"monthly\"\nlimit = 100.0\nactual = 10.0\n",
    );
    for index in 0..FUNCTIONS {
        let _ = writeln!(
            text,
            "[[functions]]\nname = \"fn{index}\"\nrole = \"role\"\n\
             aliases = [{{ name = \"live\", version = 1, calls_per_minute = 60.0 }}]"
        );
        for number in [1, 2] {
            let _ = writeln!(
                text,
                "[[functions.versions]]\nnumber = {number}\npublished = \"-{}h\"\nlatency = {{ p50_ms = 40.0, p99_ms = 200.0 }}",
                3 - number
            );
        }
    }
    toml::from_str(&text).unwrap()
}
