//! The loaded cube, and its grains: for each level the group of every leaf.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
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
    levels: RefCell<HashMap<String, Codes>>,
    /// The member of each month.
    months: Vec<usize>,
}

/// The code of each leaf at a level, and how many codes there are.
type Codes = (Arc<Vec<u32>>, u32);

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

    /// Commits a draft.
    pub fn commit(&mut self, draft: Draft) -> Result<()> {
        self.session.cube().commit(draft, Record::default())?;
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

    /// Every leaf's code at a level, or outside where `keep` says so.
    pub fn level(
        &self,
        dimension: &'static str,
        level: &str,
        keep: impl Fn(u32) -> bool,
    ) -> Result<(&'static str, Axis)> {
        let known = self.levels.borrow().get(level).cloned();
        let (table, size) = match known {
            Some(known) => known,
            None => {
                let table = self.codes_at(dimension, level)?;
                self.levels.borrow_mut().insert(level.to_owned(), table.clone());
                table
            }
        };
        let kept = table.iter().map(|code| if *code != OUTSIDE && keep(*code) { *code } else { OUTSIDE });
        Ok((dimension, Axis::Groups(kept.collect(), size)))
    }

    fn codes_at(&self, dimension: &str, level: &str) -> Result<Codes> {
        let (_, members) = self.dimension(dimension)?;
        let depth = members.level(level).ok_or_else(|| format!("no level {level}"))?;
        let mut table = vec![OUTSIDE; members.len()];
        let mut most = 0;
        for member in members.members_of_level(depth) {
            let code = code(&members.member(member).name).ok_or("a member without a code")?;
            most = most.max(code + 1);
            members.leaves(member).iter().for_each(|leaf| table[leaf.index()] = code);
        }
        Ok((Arc::new(table), most))
    }

    /// Each month's group, its code counted from 2023-01; outside where there is none.
    pub fn months(&self, groups: u32, group: impl Fn(u32) -> Option<u32>) -> Result<(&'static str, Axis)> {
        let mut table = vec![OUTSIDE; self.months.iter().max().map_or(0, |last| last + 1)];
        for (month, leaf) in self.months.iter().enumerate() {
            table[*leaf] = group(month as u32).unwrap_or(OUTSIDE);
        }
        Ok(("month", Axis::Groups(table, groups)))
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
        let place = self.sizes.iter().position(|(known, _)| *known == name).unwrap_or(0);
        let step: u64 = self.sizes[place + 1..].iter().map(|(_, size)| *size).product();
        let size = self.sizes[place].1;
        match (u32::try_from(step), u32::try_from(size), self.groups.offsets.last()) {
            (Ok(step), Ok(size), Some(last)) if *last <= u64::from(u32::MAX) => {
                self.groups.offsets.iter().map(|offset| i64::from(*offset as u32 / step % size)).collect()
            }
            _ => self.groups.offsets.iter().map(|offset| (offset / step % size) as i64).collect(),
        }
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
