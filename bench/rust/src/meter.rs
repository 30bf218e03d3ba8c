//! What the measured section of a client cost its process.

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

pub struct Meter {
    began: Instant,
    cpu: Duration,
}

pub struct Cost {
    pub seconds: f64,
    /// User and system time of every thread of the process.
    pub cpu_seconds: f64,
    /// The highest resident set since the meter began; `None` where the system does not tell.
    pub peak_rss_bytes: Option<u64>,
}

impl Meter {
    pub fn begin() -> Self {
        forget_peak_rss();
        Meter { cpu: process_cpu(), began: Instant::now() }
    }

    pub fn end(self) -> Cost {
        let seconds = self.began.elapsed().as_secs_f64();
        let cpu_seconds = (process_cpu() - self.cpu).as_secs_f64();
        Cost { seconds, cpu_seconds, peak_rss_bytes: peak_rss() }
    }
}

fn process_cpu() -> Duration {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(now.tv_sec as u64, now.tv_nsec as u32)
}

/// Linux keeps a high-water mark of the resident set, and takes it back to the present size on this write. Without it
/// the mark would hold the warm-up too. (`getrusage`'s is no use: it carries over what the parent had before `exec`.)
fn forget_peak_rss() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

fn peak_rss() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024)
}
