//! The cube beside its peers: answers one JSON object a line, as a harness sends them.
//!
//! ```text
//! cube [cold] [file PATH] [scale DIGITS]
//!
//! {"op":"load","path":"DIR","fmt":"parquet"}       {"ms":..,"rows":..,"bytes":..}
//! {"op":"query","qid":"q03","params":{"S":1},"save":"FILE.arrow"}   {"ms":..,"rows":..,"read":..}
//! {"op":"write","wid":"w1_10000","spec":{..}}      {"ms":..,"cells":..}
//! {"op":"undo"}                                    {"ms":..}
//! ```
//!
//! `cold` keeps no roll-ups: every question scans. `file` keeps the cube in a file, so that every
//! write is durable when it is answered. `ms` is the time from the request parsed to the whole result
//! in columns; a result is saved outside of it. `read` is how many bytes the columns have that were
//! scanned for it.

mod change;
mod facts;
mod question;
mod star;
mod table;

use std::io::{BufRead, Write};
use std::path::Path;
use std::time::Instant;

use benches::Result;
use engine::cube::Cube;
use engine::file::{self, Access};
use serde_json::{Value, json};
use star::Star;

fn main() -> Result<()> {
    let options = Options::parse(std::env::args().skip(1))?;
    let tuning = engine::Tuning::default();
    let rollup_bytes = if options.cold { 0 } else { tuning.rollup_bytes };
    engine::Tuning { rollup_bytes, ..tuning }.install();
    let mut program = Program { options, star: None };
    let mut output = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let answer = program.answer(&line?).unwrap_or_else(|error| json!({ "error": error.to_string() }));
        writeln!(output, "{answer}")?;
        output.flush()?;
    }
    Ok(())
}

/// What was asked of the program.
struct Options {
    cold: bool,
    file: Option<String>,
    /// Digits of the headcount after the point.
    scale: u8,
}

impl Options {
    fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self> {
        let mut options = Options { cold: false, file: None, scale: 6 };
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "cold" => options.cold = true,
                "file" => options.file = Some(arguments.next().ok_or("file needs a path")?),
                "scale" => options.scale = arguments.next().ok_or("scale needs a number")?.parse()?,
                other => return Err(format!("unknown argument {other}: cube [cold] [file PATH] [scale DIGITS]").into()),
            }
        }
        Ok(options)
    }
}

struct Program {
    options: Options,
    star: Option<Star>,
}

impl Program {
    fn answer(&mut self, line: &str) -> Result<Value> {
        let message: Value = serde_json::from_str(line)?;
        match message["op"].as_str() {
            Some("load") => self.load(&message),
            Some("query") => self.query(&message),
            Some("write") => {
                let star = self.star()?;
                let start = Instant::now();
                let cells = change::write(star, &message["spec"])?;
                Ok(json!({ "ms": milliseconds(start), "cells": cells }))
            }
            Some("undo") => {
                let star = self.star()?;
                let start = Instant::now();
                star.undo()?;
                Ok(json!({ "ms": milliseconds(start) }))
            }
            _ => Err("expected an op: load, query, write, undo".into()),
        }
    }

    fn star(&mut self) -> Result<&mut Star> {
        self.star.as_mut().ok_or_else(|| "nothing is loaded".into())
    }

    fn load(&mut self, message: &Value) -> Result<Value> {
        let path = message["path"].as_str().ok_or("load needs a path")?;
        let format = message["fmt"].as_str().unwrap_or("parquet");
        let cube = match &self.options.file {
            Some(file) => file::open(Path::new(file), Access::Write, "cube")?,
            None => Cube::in_memory("cube")?,
        };
        let start = Instant::now();
        let star = Star::load(cube, path, format, self.options.scale)?;
        let ms = milliseconds(start);
        let snapshot = star.snapshot();
        let answer = json!({ "ms": ms, "rows": snapshot.facts(), "bytes": snapshot.outline().bytes });
        self.star = Some(star);
        Ok(answer)
    }

    fn query(&mut self, message: &Value) -> Result<Value> {
        let star = self.star()?;
        let name = message["qid"].as_str().ok_or("query needs a qid")?;
        let scenario = message["params"]["S"].as_u64().unwrap_or(1) as usize;
        star.read.set(0);
        let start = Instant::now();
        star.refresh()?;
        let table = question::ask(star, name, scenario)?;
        let ms = milliseconds(start);
        if let Some(path) = message["save"].as_str() {
            table.save(Path::new(path))?;
        }
        Ok(json!({ "ms": ms, "rows": table.rows(), "read": star.read.get() }))
    }
}

fn milliseconds(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1_000.0
}
