//! What the system says of a process and of this machine. Only Linux tells; elsewhere there is `None`.

use std::{fs, thread, time::Duration};

/// Processor time used so far, by all threads of a process.
pub fn processor_time(process: u32) -> Option<Duration> {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name, which may hold anything, stands in brackets; 11 fields behind it is the time in the program.
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks: u64 = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    // Linux shows 100 ticks a second on every machine.
    Some(Duration::from_millis(ticks * 10))
}

/// Memory in use now, in MiB.
pub fn resident_mib(process: u32) -> Option<f64> {
    let text = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let kib: f64 =
        text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?.split_whitespace().next()?.parse().ok()?;
    Some(kib / 1024.0)
}

/// One line about this machine.
pub fn machine() -> String {
    let cores = thread::available_parallelism().map_or(0, usize::from);
    let model = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = model.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let memory: Option<u64> = memory.split_whitespace().nth(1).and_then(|kib| kib.parse().ok());
    let day = flightdeck::clock::Clock::system().now().world.strftime("%Y-%m-%d");
    format!(
        "{day}, {} {}, {cores} cores of {}, {} GiB of memory",
        std::env::consts::OS,
        std::env::consts::ARCH,
        model.map_or("an unknown processor", |(_, model)| model),
        memory.map_or(0, |kib| kib / 1024 / 1024),
    )
}
