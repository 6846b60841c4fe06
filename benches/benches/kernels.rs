//! The kernels by themselves, through the engine's public doors: scan, apportionment, write.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use benches::{Facts, Result, load, run, star_session};
use criterion::{Criterion, Throughput};
use engine::Writes;
use engine::aggregate::{Axis, OUTSIDE, Request, scanned};
use engine::change::{Change, Direction};
use engine::cube::{Cube, Draft};
use engine::decimal::Decimal;
use engine::id::{DimensionId, MeasureId, MemberId};
use engine::schema::Schema;
use engine::snapshot::Snapshot;
use engine::spread::{Action, Amount, Method, Spread, apportion, compute};
use engine::subcube::{Subcube, covered};

const FACTS: usize = 1_000_000;
const LEAVES: usize = 100_000;

fn main() -> Result<()> {
    let mut criterion = Criterion::default().sample_size(10).configure_from_args();
    let star = Star::new()?;
    scan(&mut criterion, &star)?;
    spread(&mut criterion, &star)?;
    write(&mut criterion, &star)?;
    criterion.final_summary();
    Ok(())
}

/// The loaded cube and what the benches name of it.
struct Star {
    snapshot: Snapshot,
    scenarios: Vec<MemberId>,
    plan: MemberId,
    cost: MeasureId,
    department: DimensionId,
    period: DimensionId,
    go: AtomicBool,
}

impl Star {
    fn new() -> Result<Self> {
        let mut session = star_session(Cube::in_memory("kernels")?, Facts::Generated(FACTS))?;
        run(&mut session, &load("the star"))?;
        let snapshot = Snapshot::clone(&session.cube().snapshot());
        let schema = Arc::clone(snapshot.schema());
        Ok(Star {
            scenarios: schema.scenarios().ordered(),
            plan: schema.scenarios().child(MemberId::ROOT, "plan").ok_or("no plan")?,
            cost: schema.find_measure("cost").ok_or("no cost")?,
            department: schema.find_dimension("department").ok_or("no department")?,
            period: schema.find_dimension("period").ok_or("no period")?,
            snapshot,
            go: AtomicBool::new(false),
        })
    }

    fn schema(&self) -> &Schema {
        self.snapshot.schema()
    }

    /// Every leaf's member of a level, as groups.
    fn groups(&self, id: DimensionId, level: &str) -> Result<Axis> {
        let dimension = self.schema().dimension(id);
        let members = dimension.members_of_level(dimension.level(level).ok_or("no such level")?);
        let mut groups = vec![OUTSIDE; dimension.len()];
        for (group, member) in members.iter().enumerate() {
            dimension.leaves(*member).iter().for_each(|leaf| groups[leaf.index()] = group as u32);
        }
        Ok(Axis::Groups(groups.into(), members.len() as u32))
    }

    /// A change of the plan's cost.
    fn spread(&self, action: Action) -> Spread {
        Spread {
            measure: self.cost,
            subcube: Subcube::all(self.schema(), self.plan),
            names_periods: false,
            held: Vec::new(),
            step: 1,
            allow_negative: false,
            action,
            told: Vec::new(),
        }
    }

    /// One member of the departments with all below it.
    fn part(&self, name: &str) -> Vec<(usize, Arc<Vec<engine::weight::Weight>>)> {
        let dimension = self.schema().dimension(self.department);
        vec![(self.department.index() - 1, Arc::new(covered(dimension, &dimension.find(name))))]
    }

    /// The move of the side-by-side.
    fn transfer(&self) -> Spread {
        let amount = Amount::ByShare(Decimal::new(1, 1));
        self.spread(Action::Move { amount, from: self.part("D1"), to: self.part("T200"), equally: false })
    }

    /// A tenth more for two of the eight divisions.
    fn raise(&self) -> Spread {
        let mut spread = self.spread(Action::Total(Amount::ByShare(Decimal::new(1, 1)), Method::Proportionally));
        let dimension = self.schema().dimension(self.department);
        let two: Vec<MemberId> = ["D1", "D2"].iter().flat_map(|name| dimension.find(name)).collect();
        spread.subcube.restrict(self.department, covered(dimension, &two));
        spread
    }

    fn writes(&self, spread: &Spread) -> Result<Writes> {
        Ok(compute(&self.snapshot, spread, &self.go)?.writes)
    }
}

/// Two dimensions over all three scenarios: as many facts as there are.
fn scan(criterion: &mut Criterion, star: &Star) -> Result<()> {
    let mut axes = vec![Axis::Free; star.schema().width()];
    axes[star.department.index() - 1] = star.groups(star.department, "department")?;
    axes[star.period.index() - 1] = star.groups(star.period, "quarter")?;
    let requests: Vec<Request> = star
        .scenarios
        .iter()
        .map(|scenario| Request { scenario: *scenario, measures: vec![star.cost], axes: axes.clone() })
        .collect();
    let mut group = criterion.benchmark_group("scan");
    group.throughput(Throughput::Elements(FACTS as u64));
    group.bench_function("department x quarter, 1 M facts", |bencher| {
        bencher.iter(|| {
            let cells = requests.iter().map(|request| scanned(&star.snapshot, request, &star.go));
            cells.map(|cells| cells.map_or(0, |cells| cells.len())).sum::<usize>()
        });
    });
    group.finish();
    Ok(())
}

fn spread(criterion: &mut Criterion, star: &Star) -> Result<()> {
    let weights: Vec<i128> = (0..LEAVES as i128).map(|leaf| 10_000 + leaf * 7_919 % 4_990_000).collect();
    let mut group = criterion.benchmark_group("spread");
    group.throughput(Throughput::Elements(LEAVES as u64));
    group.bench_function("apportion, 100 k weights", |bencher| {
        bencher.iter(|| apportion(black_box(12_345_678_901), black_box(&weights)));
    });
    for (name, spread) in [("compute add 10%", star.raise()), ("compute move 10%", star.transfer())] {
        let cells = star.writes(&spread)?.leaves.len();
        group.throughput(Throughput::Elements(cells as u64));
        group.bench_function(format!("{name}, {cells} cells"), |bencher| {
            bencher.iter(|| compute(&star.snapshot, &spread, &star.go).map(|outcome| outcome.writes.leaves.len()));
        });
    }
    group.finish();
    Ok(())
}

fn write(criterion: &mut Criterion, star: &Star) -> Result<()> {
    let mut group = criterion.benchmark_group("write");
    for (name, spread) in [("existing cells", star.raise()), ("existing and new cells", star.transfer())] {
        let writes = star.writes(&spread)?;
        let cells = writes.leaves.len();
        let delta = Draft::on(&star.snapshot).write(star.plan, &writes)?.ok_or("nothing to write")?;
        let change = Change::Cells(delta);
        group.throughput(Throughput::Elements(cells as u64));
        group.bench_function(format!("write, {cells} {name}"), |bencher| {
            bencher
                .iter(|| Draft::on(&star.snapshot).write(star.plan, black_box(&writes)).map(|delta| delta.is_some()));
        });
        group.bench_function(format!("apply, {cells} {name}"), |bencher| {
            bencher.iter(|| star.snapshot.apply(black_box(&change), Direction::Forward).map(|next| next.facts()));
        });
    }
    group.finish();
    Ok(())
}
