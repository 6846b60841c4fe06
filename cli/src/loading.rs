//! How far a load is, on a terminal: rows so far, rows a second, time.

use std::fmt::Write;
use std::sync::Mutex;
use std::time::Duration;

use indicatif::{HumanCount, ProgressBar, ProgressState, ProgressStyle};

/// A load of fewer rows is over before it could be read.
const SHOWN_FROM: u64 = 500_000;

/// How often the line is drawn, also while rows are sorted.
const TICK: Duration = Duration::from_millis(100);

const LINE: &str = "{spinner} {msg}: {human_pos} rows, {rate} rows/s, {elapsed}";

/// The line of the load that runs; nothing where standard error is no terminal.
#[derive(Default)]
pub struct Loading {
    line: Mutex<Option<ProgressBar>>,
}

impl Loading {
    /// So many rows of a file are read.
    pub fn reached(&self, file: &str, rows: u64) {
        if rows < SHOWN_FROM {
            return;
        }
        if let Ok(mut line) = self.line.lock() {
            line.get_or_insert_with(|| begun(file)).set_position(rows);
        }
    }

    /// The load is over: the line goes away.
    pub fn done(&self) {
        let line = self.line.lock().ok().and_then(|mut line| line.take());
        if let Some(line) = line {
            line.finish_and_clear();
        }
    }
}

fn begun(file: &str) -> ProgressBar {
    let rate = |state: &ProgressState, out: &mut dyn Write| {
        let _ = write!(out, "{}", HumanCount(state.per_sec() as u64));
    };
    let style = ProgressStyle::with_template(LINE).unwrap_or_else(|_| ProgressStyle::default_spinner());
    let line = ProgressBar::new_spinner().with_style(style.with_key("rate", rate)).with_message(file.to_owned());
    line.enable_steady_tick(TICK);
    line
}
