//! One request: group leaf cells under these filters and fold them. The only door to numbers.
//!
//! What a question asks for, a spread reads or a formula needs, is a [`Request`]; nothing above
//! this module knows that facts lie in chunks.

use crate::error::{EngineError, Result};
use crate::id::{MeasureId, MemberId};
use crate::measure::Rollup;
use crate::memory::{Claim, afford, bytes};
use crate::rollup::Asked;
use crate::snapshot::Snapshot;
use crate::storage::{Fold, Grouping, Groups, LeafSet, scan};
use crate::subcube::{Leaves, Subcube};
use rayon::prelude::*;
use std::sync::atomic::{AtomicBool, Ordering};

pub use crate::rollup::Means;
pub use crate::storage::{Axis, OUTSIDE, Partial};
use std::sync::Arc;

/// The most groups a request may be able to have.
const MOST_GROUPS: u64 = 1 << 50;

/// A request for folded cells of one scenario.
#[derive(Debug, Clone)]
pub struct Request {
    /// The scenario.
    pub scenario: MemberId,
    /// The measures wanted.
    pub measures: Vec<MeasureId>,
    /// For each coordinate.
    pub axes: Vec<Axis>,
}

/// One group that has data: its number on each coordinate (0 where free), and for each measure
/// what its cells come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// The group's number on each coordinate.
    pub groups: Vec<u32>,
    /// For each measure of the request.
    pub partials: Vec<Partial>,
}

impl Cell {
    /// Bytes that a cell of a request takes.
    pub fn bytes(request: &Request) -> usize {
        size_of::<Cell>() + request.axes.len() * size_of::<u32>() + request.measures.len() * size_of::<Partial>() + 32
    }
}

/// Answers a request; cells come in the order of their group numbers. Says, too, how the answer was come by.
///
/// Errors: more groups than can be numbered; [`EngineError::Interrupted`] where `stop` was set; more memory than a
/// statement may take.
pub fn aggregate(snapshot: &Snapshot, request: &Request, stop: &AtomicBool) -> Result<(Vec<Cell>, Means)> {
    let (groups, means) = groups(snapshot, request, stop)?;
    Ok((cells(request, &groups)?, means))
}

/// Answers a request from the facts alone, whatever roll-ups there are: to check them.
///
/// Errors: as [`aggregate`].
pub fn scanned(snapshot: &Snapshot, request: &Request, stop: &AtomicBool) -> Result<Vec<Cell>> {
    let facts = snapshot.facts_at(request.scenario);
    let measures = folds(snapshot, request);
    let (groups, _) = scan(facts.partition()?, &grouping(snapshot, request)?, &measures, stop)?;
    cells(request, &groups)
}

fn cells(request: &Request, groups: &Groups) -> Result<Vec<Cell>> {
    afford("the groups of a question", bytes(groups.offsets.len(), Cell::bytes(request)))?;
    let sizes: Vec<u64> = request.axes.iter().map(Axis::size).collect();
    let cell = |(place, offset): (usize, &u64)| Cell {
        groups: split(*offset, &sizes),
        partials: groups.columns.iter().map(|column| column.get(place)).collect(),
    };
    Ok(groups.offsets.iter().enumerate().map(cell).collect())
}

/// Answers a request in columns: the numbers of the groups that have data, ascending (those of the coordinates put
/// together, the last the fastest), and what each measure comes to. Where no measure is asked for, the groups that
/// have any fact. Says, too, how the answer was come by.
///
/// Errors: as [`aggregate`].
pub fn groups(snapshot: &Snapshot, request: &Request, stop: &AtomicBool) -> Result<(Arc<Groups>, Means)> {
    Grouping::count(&request.axes, MOST_GROUPS).ok_or_else(crosses_too_much)?;
    let measures = folds(snapshot, request);
    let asked = Asked { axes: &request.axes, measures: &measures };
    let time = snapshot.layout().time();
    snapshot.facts_at(request.scenario).answer(asked, &|| grouping(snapshot, request), time, stop)
}

fn grouping<'r>(snapshot: &Snapshot, request: &'r Request) -> Result<Grouping<'r>> {
    Grouping::new(&request.axes, snapshot.layout().time(), MOST_GROUPS).ok_or_else(crosses_too_much)
}

fn crosses_too_much() -> EngineError {
    EngineError::refused("the question crosses too many members", "ask for fewer levels at once")
}

fn folds(snapshot: &Snapshot, request: &Request) -> Vec<(MeasureId, Fold)> {
    request.measures.iter().map(|measure| (*measure, fold_of(snapshot, *measure))).collect()
}

/// The number of each coordinate in a group's.
fn split(mut group: u64, sizes: &[u64]) -> Vec<u32> {
    let mut parts: Vec<u32> = Vec::with_capacity(sizes.len());
    for size in sizes.iter().rev() {
        parts.push((group % size) as u32);
        group /= size;
    }
    parts.reverse();
    parts
}

fn fold_of(snapshot: &Snapshot, measure: MeasureId) -> Fold {
    match snapshot.schema().measure(measure).map(|measure| measure.rollup) {
        Some(Rollup::Min) => Fold::Min,
        Some(Rollup::Max) => Fold::Max,
        _ => Fold::Sum,
    }
}

/// The cells of one measure in a slice, leaf by leaf.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LeafCells {
    /// The leaves.
    pub leaves: LeafSet,
    /// Their values, in key order.
    pub values: Vec<i64>,
}

impl LeafCells {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The keys of the leaves, in order.
    pub fn keys(&self) -> Vec<u128> {
        self.leaves.keys()
    }

    /// Keys with their values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (u128, i64)> + '_ {
        self.leaves.iter().zip(self.values.iter().copied())
    }
}

/// Bytes of a leaf that is read, and of its copy when the parts are put together.
const LEAF_BYTES: usize = 2 * (size_of::<u128>() + size_of::<i64>());

/// Reads the leaves of a slice that have a value.
///
/// Errors: interrupted; more memory than a statement may take.
pub fn leaves(snapshot: &Snapshot, subcube: &Subcube, measure: MeasureId, stop: &AtomicBool) -> Result<LeafCells> {
    let layout = snapshot.layout();
    let members = |leaves: &Leaves| leaves.iter().map(|weight| !weight.is_zero()).collect();
    let inside: Vec<Option<Vec<bool>>> = subcube.dimensions.iter().map(|leaves| leaves.as_ref().map(members)).collect();
    let facts = snapshot.facts_at(subcube.scenario);
    let parts: Result<Vec<(LeafSet, Vec<i64>, Claim)>> = facts
        .partition()?
        .chunks()
        .par_iter()
        .filter(|_| !stop.load(Ordering::Relaxed))
        .map(|chunk| {
            let (leaves, values) = chunk.leaves_where(layout, measure.index(), &inside);
            let claim = Claim::of("the leaves of the slice", bytes(values.len(), LEAF_BYTES))?;
            Ok((leaves, values, claim))
        })
        .collect();
    if stop.load(Ordering::Relaxed) {
        return Err(EngineError::Interrupted);
    }
    let (mut leaves, mut values, mut claims) = (Vec::new(), Vec::new(), Vec::new());
    for (own, cells, claim) in parts? {
        leaves.push(own);
        values.push(cells);
        claims.push(claim);
    }
    Ok(LeafCells { leaves: LeafSet::joined(&leaves), values: values.concat() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::{Calendar, read_month};
    use crate::dimension::{Dimension, NewMember};
    use crate::measure::{Measure, OverTime};
    use crate::schema::Schema;
    use crate::settling::Settling;
    use crate::storage::{Write, Writes};
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    const MEMBERS: u32 = 7;
    const PERIODS: u32 = 30;
    const SCENARIO: MemberId = MemberId(1);

    fn cube() -> Snapshot {
        let mut teams = Dimension::with_levels("team", vec!["team".to_owned()]);
        for member in 1..MEMBERS {
            teams.add(NewMember::named(format!("t{member}"), MemberId::ROOT, true)).unwrap();
        }
        teams.seal();
        let month = |text| read_month(text).unwrap();
        let calendar = Calendar::of_months(month("2025-01"), month("2026-12"), 1);
        let measure = |name: &str, rollup| Measure {
            name: name.to_owned(),
            scale: 0,
            rollup,
            over_time: OverTime::Flow,
            unit: None,
            format: None,
            favours_higher: None,
        };
        let schema = Schema::default().with_dimension(teams).unwrap();
        let schema = schema.with_dimension(Dimension::time("period", calendar).unwrap()).unwrap();
        let schema = schema.with_measure(measure("sum", Rollup::Sum)).unwrap();
        let schema = schema.with_measure(measure("most", Rollup::Max)).unwrap();
        Snapshot::new(0, Arc::new(schema), Vec::new()).unwrap()
    }

    #[derive(Debug, Clone)]
    enum Step {
        Write(BTreeMap<(u32, u32), [Option<i64>; 2]>),
        Back(usize),
        Settle,
        Ask(Vec<usize>, (Axis, Axis)),
    }

    fn axis(members: u32) -> impl Strategy<Value = Axis> {
        let table = |groups: u32| (0..members).map(|member| member % groups).collect::<Arc<[u32]>>();
        let partly =
            (0..members).map(|member| if member % 3 == 0 { OUTSIDE } else { member % 6 }).collect::<Arc<[u32]>>();
        prop_oneof![
            Just(Axis::Free),
            Just(Axis::Groups(table(2), 2)),
            Just(Axis::Groups(table(6), 6)),
            Just(Axis::Groups(table(members), members)),
            Just(Axis::Groups(partly, 6)),
        ]
    }

    fn step() -> impl Strategy<Value = Step> {
        let cells = [prop::option::of(-50i64..50), prop::option::of(-50i64..50)];
        let place = (0..MEMBERS, 0..PERIODS);
        prop_oneof![
            3 => prop::collection::btree_map(place, cells, 1..25).prop_map(Step::Write),
            1 => (1usize..4).prop_map(Step::Back),
            1 => Just(Step::Settle),
            4 => (prop::collection::vec(0usize..2, 0..3), (axis(MEMBERS), axis(PERIODS)))
                .prop_map(|(measures, axes)| Step::Ask(measures, axes)),
        ]
    }

    fn written(snapshot: &Snapshot, cells: &BTreeMap<(u32, u32), [Option<i64>; 2]>) -> Snapshot {
        let keys = cells.keys().map(|(team, period)| snapshot.layout().pack([*team, *period].into_iter()));
        let keys: Vec<u128> = keys.collect();
        let column = |measure: usize| cells.values().map(|c| c[measure].map_or(Write::Clear, Write::Put)).collect();
        let columns = (0..2).map(|measure| (MeasureId::from_index(measure), column(measure))).collect();
        let written = snapshot.write(SCENARIO, &Writes::at(snapshot.layout(), &keys, columns)).unwrap();
        written.map_or_else(|| snapshot.clone(), |(_, after)| after)
    }

    proptest! {
        #[test]
        fn any_answer_is_what_a_scan_says(steps in prop::collection::vec(step(), 1..60)) {
            let mut versions = vec![cube()];
            for step in steps {
                let current = versions.last().unwrap().clone();
                match step {
                    Step::Write(cells) => versions.push(written(&current, &cells)),
                    Step::Back(steps) => versions.truncate(versions.len().saturating_sub(steps).max(1)),
                    Step::Settle => {
                        let mut settling = Settling::default();
                        settling.begin(&current, std::iter::once(SCENARIO));
                        if let Some(settled) = settling.finish(&current) {
                            prop_assert!(!settled.facts_at(SCENARIO).partition().unwrap().differs());
                            versions.push(settled);
                        }
                        prop_assert!(!versions.last().unwrap().facts_at(SCENARIO).partition().unwrap().differs());
                    }
                    Step::Ask(measures, (teams, periods)) => {
                        let measures: Vec<MeasureId> = measures.into_iter().map(MeasureId::from_index).collect();
                        let request = Request { scenario: SCENARIO, measures, axes: vec![teams, periods] };
                        let go = AtomicBool::new(false);
                        let (found, means) = groups(&current, &request, &go).unwrap();
                        let mut bare = current.clone();
                        bare.forget_rollups();
                        let (expected, _) = groups(&bare, &request, &go).unwrap();
                        prop_assert_eq!(&*found, &*expected, "by {:?}", means);
                    }
                }
            }
        }
    }

    #[test]
    fn an_answer_is_kept_derived_and_brought_up() {
        let cells = (0..MEMBERS).flat_map(|team| (0..PERIODS).map(move |period| ((team, period), [Some(1), None])));
        let cube = written(&cube(), &cells.collect());
        let fine = Axis::Groups((0..MEMBERS).collect(), MEMBERS);
        let request =
            |axis: Axis| Request { scenario: SCENARIO, measures: vec![MeasureId(0)], axes: vec![axis, Axis::Free] };
        let means =
            |snapshot: &Snapshot, axis: Axis| groups(snapshot, &request(axis), &AtomicBool::new(false)).unwrap().1;
        expect(means(&cube, fine.clone()), |means| matches!(means, Means::Scanned { .. }));
        expect(means(&cube, fine.clone()), |means| means == Means::Kept);
        expect(means(&cube, Axis::Free), |means| means == Means::Derived(MEMBERS as usize));
        let next = written(&cube, &BTreeMap::from([((2, 3), [Some(9), None])]));
        expect(means(&next, fine), |means| means == Means::Maintained(1));
    }

    fn expect(means: Means, expected: impl Fn(Means) -> bool) {
        assert!(expected(means), "{means:?}");
    }
}
