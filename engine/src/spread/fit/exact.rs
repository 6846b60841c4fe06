//! Whole units for three and more margins by an integer program: finds them where there are any, and says where
//! there are none, as long as the table is small.

use super::room::Room;
use super::table::{Cell, Table};
use microlp::{ComparisonOp, LinearExpr, OptimizationDirection, Problem, SolveOptions, Variable};

/// The most cells of a table that is decided.
pub(super) const MOST_CELLS: usize = 400;

/// The most branches of the search; a number of them and no time, so that the answer is the same on every machine.
const MOST_NODES: u64 = 10_000;

/// What came of the search.
pub(super) enum Decision {
    /// These meet all margins.
    Whole(Vec<i128>),
    /// None do.
    Never,
    /// The search ended before it was known.
    Unknown,
}

/// Whole amounts beside the real ones where there are some, else as near to them as can be.
pub(super) fn decided(table: &Table, rooms: &[Room]) -> Decision {
    if table.cells.len() > MOST_CELLS {
        return Decision::Unknown;
    }
    let widened = |(room, cell): (&Room, &Cell)| if cell.seed == 0 { *room } else { room.widest() };
    let wide: Vec<Room> = rooms.iter().zip(&table.cells).map(widened).collect();
    match Program::new(table, rooms).solve() {
        Decision::Whole(units) => Decision::Whole(units),
        _ => Program::new(table, &wide).solve(),
    }
}

struct Program<'t> {
    table: &'t Table,
    problem: Problem,
    /// For each cell where it starts, and its units above and below that.
    cells: Vec<(i128, Variable, Variable)>,
    /// Whether the variables reach as far as the rooms.
    complete: bool,
}

impl<'t> Program<'t> {
    fn new(table: &'t Table, rooms: &[Room]) -> Self {
        let mut problem = Problem::new(OptimizationDirection::Minimize);
        let limit = i128::from(i32::MAX);
        let mut complete = true;
        let mut variable = |cost: f64, most: i128| {
            complete &= most <= limit;
            problem.add_integer_var(cost, (0, most.min(limit) as i32))
        };
        let cells: Vec<_> = rooms
            .iter()
            .map(|room| {
                let up = variable(1.0 - room.rest, room.most - room.near);
                (room.near, up, variable(1.0 + room.rest, room.near - room.least))
            })
            .collect();
        let mut program = Program { table, problem, cells, complete };
        let start: Vec<i128> = program.cells.iter().map(|(near, ..)| *near).collect();
        for (margin, gaps) in table.gaps(&start).into_iter().enumerate() {
            gaps.into_iter().enumerate().for_each(|(group, gap)| program.margin(margin, group, gap));
        }
        program
    }

    /// The cells of a group together close its gap.
    fn margin(&mut self, margin: usize, group: usize, gap: i128) {
        let mut sum = LinearExpr::empty();
        for ((_, up, down), cell) in self.cells.iter().zip(&self.table.cells) {
            if cell.groups[margin] == Some(group) {
                sum.add(*up, 1.0);
                sum.add(*down, -1.0);
            }
        }
        self.problem.add_constraint(sum, ComparisonOp::Eq, gap as f64);
    }

    fn solve(&self) -> Decision {
        let mut options = SolveOptions::default();
        options.node_limit = Some(MOST_NODES);
        let outcome = match self.problem.solve_with(options) {
            Ok(outcome) => outcome,
            Err(microlp::Error::Infeasible) if self.complete => return Decision::Never,
            Err(_) => return Decision::Unknown,
        };
        let Some(solution) = outcome.solution() else { return Decision::Unknown };
        let whole = |variable: Variable| solution.var_value_raw(variable).round() as i128;
        let units: Vec<i128> = self.cells.iter().map(|(near, up, down)| near + whole(*up) - whole(*down)).collect();
        let met = self.table.gaps(&units).iter().flatten().all(|gap| *gap == 0);
        if met && units.iter().all(|units| *units >= 0) { Decision::Whole(units) } else { Decision::Unknown }
    }
}
