//! The loaded cube, and its grains: for each level the group of every leaf.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use benches::{Result, run};
use engine::Groups;
use engine::aggregate::{Axis, Means, OUTSIDE, Request, groups};
use engine::cube::{Cube, Draft};
use engine::dimension::Dimension;
use engine::id::{DimensionId, MeasureId, MemberId};
use engine::journal::Record;
use engine::snapshot::Snapshot;
use query::session::Session;

use crate::facts::{DIMENSIONS, Folder};

/// The scenarios in the order of their codes; the last is made by a write.
pub const SCENARIOS: [&str; 6] = ["actual", "plan", "forecast", "upside", "downside", "whatif"];

/// What a measure is called.
pub const HEADCOUNT: &str = "headcount";
pub const COST: &str = "cost";
pub const REVENUE: &str = "revenue";

/// A session on the star.
pub struct Star {
    pub session: Session,
    current: Arc<Snapshot>,
    /// Digits of the headcount after the point.
    pub scale: u8,
    pub go: AtomicBool,
    /// Bytes of the columns that scans have read.
    pub read: Cell<usize>,
    /// The code of each leaf at the levels asked for before.
    levels: RefCell<HashMap<String, Axis>>,
    /// The member of each month.
    months: Vec<usize>,
}

/// For each coordinate that matters its grain.
pub type Grain = Vec<(&'static str, Axis)>;

/// An answer: the groups that have data, split by coordinate, and the sums.
pub struct Found {
    pub groups: Arc<Groups>,
    sizes: Vec<(&'static str, u64)>,
}

impl Star {
    /// Makes the model and loads members and facts.
    pub fn load(cube: Cube, path: &str, format: &str, scale: u8) -> Result<Self> {
        let folder = Folder { path: PathBuf::from(path) };
        let mut session = Session::new(cube, Box::new(folder));
        for (name, levels) in DIMENSIONS {
            run(&mut session, &format!("create dimension {name} levels ({})", levels.join(", ")))?;
            run(&mut session, &format!("load members of {name} from '{name}'"))?;
        }
        let model = format!(
            "create time dimension month months 2023-01..2026-12;
             create scenario {};
             create measure headcount decimal({scale}) last over month;
             create measure cost decimal(4);
             create measure revenue decimal(4)",
            SCENARIOS[..5].join(", ")
        );
        for statement in model.split(';') {
            run(&mut session, statement.trim())?;
        }
        let facts = if format == "csv" { "facts.csv" } else { "facts" };
        run(&mut session, &format!("load '{facts}'"))?;
        let current = session.cube().snapshot();
        let time = current.schema().dimension(current.schema().time().ok_or("no time")?);
        let month = |month: i32| {
            let name = format!("{}-{:02}", 2023 + month / 12, month % 12 + 1);
            time.find(&name).first().map(|leaf| leaf.index()).ok_or("no such month")
        };
        let months = (0..48).map(month).collect::<std::result::Result<_, _>>()?;
        let go = AtomicBool::new(false);
        Ok(Star { session, current, scale, go, read: Cell::default(), levels: RefCell::default(), months })
    }

    /// The newest version.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.current)
    }

    /// Looks for a newer version, as a session does with every statement.
    pub fn refresh(&mut self) -> Result<()> {
        self.session.cube().refresh()?;
        self.current = self.session.cube().snapshot();
        Ok(())
    }

    /// Commits a draft that changes so many cells.
    pub fn commit(&mut self, draft: Draft, cells: usize) -> Result<()> {
        self.session.cube().commit(draft, Record { cells: cells as u64, ..Record::default() })?;
        self.current = self.session.cube().snapshot();
        Ok(())
    }

    /// Takes the last write back.
    pub fn undo(&mut self) -> Result<()> {
        self.session.cube().undo(1, "undo")?;
        self.current = self.session.cube().snapshot();
        Ok(())
    }

    /// A scenario by its code.
    pub fn scenario(&self, code: usize) -> Result<MemberId> {
        let name = SCENARIOS.get(code).ok_or("no such scenario")?;
        let snapshot = self.snapshot();
        snapshot.schema().scenarios().child(MemberId::ROOT, name).ok_or_else(|| format!("no scenario {name}").into())
    }

    /// A dimension by name.
    pub fn dimension(&self, name: &str) -> Result<(DimensionId, Arc<Dimension>)> {
        let snapshot = self.snapshot();
        let id = snapshot.schema().find_dimension(name).ok_or_else(|| format!("no dimension {name}"))?;
        Ok((id, Arc::clone(snapshot.schema().dimension(id))))
    }

    /// A measure by name.
    pub fn measure(&self, name: &str) -> Result<MeasureId> {
        self.snapshot().schema().find_measure(name).ok_or_else(|| format!("no measure {name}").into())
    }

    /// Every leaf's code at a level.
    pub fn level(&self, dimension: &'static str, level: &str) -> Result<(&'static str, Axis)> {
        if let Some(axis) = self.levels.borrow().get(level) {
            return Ok((dimension, axis.clone()));
        }
        let axis = self.codes_at(dimension, level)?;
        self.levels.borrow_mut().insert(level.to_owned(), axis.clone());
        Ok((dimension, axis))
    }

    /// All leaves under some codes of a level as one group, the others outside.
    pub fn part(&self, dimension: &'static str, level: &str, codes: &[u32]) -> Result<(&'static str, Axis)> {
        let (name, axis) = self.level(dimension, level)?;
        let inside = |leaf| axis.group(leaf).filter(|code| codes.contains(code)).map_or(OUTSIDE, |_| 0);
        Ok((name, Axis::Groups((0..self.members(dimension)?).map(inside).collect(), 1)))
    }

    /// How many members a dimension has, and with that how long a table of them is.
    pub fn members(&self, dimension: &str) -> Result<u32> {
        Ok(self.dimension(dimension)?.1.len() as u32)
    }

    fn codes_at(&self, dimension: &str, level: &str) -> Result<Axis> {
        let (_, members) = self.dimension(dimension)?;
        let depth = members.level(level).ok_or_else(|| format!("no level {level}"))?;
        let mut table = vec![OUTSIDE; members.len()];
        let mut most = 0;
        for member in members.members_of_level(depth) {
            let code = code(&members.member(member).name).ok_or("a member without a code")?;
            most = most.max(code + 1);
            members.leaves(member).iter().for_each(|leaf| table[leaf.index()] = code);
        }
        Ok(Axis::Groups(table.into(), most))
    }

    /// Each month's group, its code counted from 2023-01; outside where there is none.
    pub fn months(&self, groups: u32, group: impl Fn(u32) -> Option<u32>) -> Result<(&'static str, Axis)> {
        let mut table = vec![OUTSIDE; self.months.iter().max().map_or(0, |last| last + 1)];
        for (month, leaf) in self.months.iter().enumerate() {
            table[*leaf] = group(month as u32).unwrap_or(OUTSIDE);
        }
        Ok(("month", Axis::Groups(table.into(), groups)))
    }

    /// Sums of measures at a grain.
    pub fn ask(&self, scenario: usize, measures: &[&str], grain: &Grain) -> Result<Found> {
        let snapshot = self.snapshot();
        let schema = snapshot.schema();
        let mut axes = vec![Axis::Free; schema.width()];
        let mut sizes: Vec<(&'static str, u64)> = vec![("", 1); schema.width()];
        for (name, axis) in grain {
            let place = schema.find_dimension(name).ok_or("no such dimension")?.index() - 1;
            sizes[place] = (name, axis.size());
            axes[place] = axis.clone();
        }
        let measures = measures.iter().map(|name| self.measure(name)).collect::<Result<Vec<_>>>()?;
        let request = Request { scenario: self.scenario(scenario)?, measures, axes };
        let (groups, means) = groups(&snapshot, &request, &self.go)?;
        if let Means::Scanned { bytes, .. } = means {
            self.read.update(|read| read + bytes);
        }
        Ok(Found { groups, sizes })
    }
}

impl Found {
    /// How many groups there are.
    pub fn len(&self) -> usize {
        self.groups.offsets.len()
    }

    /// Each group's number along a coordinate.
    pub fn codes(&self, name: &str) -> Vec<i64> {
        let (step, size) = self.step(name);
        // Groups ascend, so most stand at the number of the one before or the next.
        let (mut start, mut code) = (0, 0);
        let number = |offset: &u64| {
            if *offset >= start + step {
                let next = *offset < start + 2 * step && code + 1 < size;
                (start, code) = match next {
                    true => (start + step, code + 1),
                    false => (*offset / step * step, *offset / step % size),
                };
            }
            code as i64
        };
        self.groups.offsets.iter().map(number).collect()
    }

    /// The groups along the first coordinate that groups: the number of each, and its rows.
    pub fn along(&self, name: &str) -> impl Iterator<Item = (i64, Range<usize>)> + '_ {
        let (step, _) = self.step(name);
        let mut start = 0;
        let rows = move |part: &[u64]| {
            let rows = start..start + part.len();
            start = rows.end;
            (part.first().map_or(0, |offset| (offset / step) as i64), rows)
        };
        self.groups.offsets.chunk_by(move |left, right| left / step == right / step).map(rows)
    }

    /// How far apart the numbers of a coordinate are, and how many there are.
    fn step(&self, name: &str) -> (u64, u64) {
        let place = self.sizes.iter().position(|(known, _)| *known == name).unwrap_or(0);
        (self.sizes[place + 1..].iter().map(|(_, size)| *size).product(), self.sizes[place].1)
    }

    /// Each group's sum of a measure, whole units of which make one `10^scale`-th.
    pub fn sums(&self, place: usize, scale: u8) -> Vec<f64> {
        let divisor = 10f64.powi(i32::from(scale));
        match self.groups.columns[place].narrow() {
            Some(values) => values.iter().map(|value| *value as f64 / divisor).collect(),
            None => (0..self.len()).map(|row| self.groups.columns[place].get(row).value as f64 / divisor).collect(),
        }
    }
}

/// The digits a name ends with.
pub fn code(name: &str) -> Option<u32> {
    let digits = name.trim_start_matches(|letter: char| !letter.is_ascii_digit());
    digits.parse().ok()
}
