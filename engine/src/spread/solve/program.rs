//! The linear or integer program of a least change.

use super::super::request::Sense;
use super::model::Model;
use microlp::{ComparisonOp, LinearExpr, OptimizationDirection, Problem, Variable};

/// Why there is no answer.
pub(super) enum Failure {
    /// The limits have nothing in common.
    Infeasible,
    /// None was found in whole numbers.
    NotWhole,
}

/// How much less a change counts than one of the next variable: far too little to count against a unit.
const PREFERENCE: f64 = 1e-7;

/// How near to a whole number is one.
const NEAR: f64 = 1e-4;

/// What each variable comes to so that the limits that are active are met, changing as little as possible.
/// First come flags for the limits, then for the holds.
pub(super) fn least_change(model: &Model, active: &[bool]) -> Result<Vec<i128>, Failure> {
    let real = Program::new(model, active, false).solve()?;
    let near = |value: &f64| (value - value.round()).abs() <= NEAR;
    let whole: Vec<i128> = real.iter().map(|value| value.round() as i128).collect();
    if real.iter().all(near) && meets(model, active, &whole) {
        return Ok(whole);
    }
    let whole: Vec<i128> =
        Program::new(model, active, true).solve()?.iter().map(|value| value.round() as i128).collect();
    if meets(model, active, &whole) { Ok(whole) } else { Err(Failure::NotWhole) }
}

struct Program<'m> {
    model: &'m Model,
    problem: Problem,
    /// For each variable how far it goes up and down; none where it is kept.
    moves: Vec<Option<(Variable, Variable)>>,
}

impl<'m> Program<'m> {
    fn new(model: &'m Model, active: &[bool], integer: bool) -> Self {
        let mut problem = Problem::new(OptimizationDirection::Minimize);
        let moves = model.variables.iter().enumerate().map(|(place, variable)| {
            let kept = variable.kept.is_some_and(|hold| active[model.limits.len() + hold]);
            let cost = 1.0 + place as f64 * PREFERENCE;
            let down = match model.allow_negative || variable.before < 0 {
                true => f64::INFINITY,
                false => variable.before as f64,
            };
            (!kept).then(|| (add(&mut problem, cost, f64::INFINITY, integer), add(&mut problem, cost, down, integer)))
        });
        let moves = moves.collect();
        let mut program = Program { model, problem, moves };
        (0..model.limits.len()).filter(|limit| active[*limit]).for_each(|limit| program.limit(limit));
        program
    }

    fn limit(&mut self, limit: usize) {
        let mut sum = LinearExpr::empty();
        let mut before = 0i128;
        let mut moved = false;
        for (variable, moves) in self.model.variables.iter().zip(&self.moves) {
            if !self.model.counts(variable, limit) {
                continue;
            }
            before += variable.before;
            if let Some((up, down)) = moves {
                sum.add(*up, 1.0);
                sum.add(*down, -1.0);
                moved = true;
            }
        }
        let known = &self.model.limits[limit];
        if !moved {
            // A limit on what does not move holds or does not; a program of no variables cannot say so.
            let never = self.problem.add_var(0.0, (0.0, 0.0));
            sum.add(never, 1.0);
        }
        let operator = match known.sense {
            Sense::AtMost => ComparisonOp::Le,
            Sense::AtLeast => ComparisonOp::Ge,
            Sense::Just => ComparisonOp::Eq,
        };
        self.problem.add_constraint(sum, operator, (known.amount - before) as f64);
    }

    fn solve(&self) -> Result<Vec<f64>, Failure> {
        let solved = self.problem.solve().map_err(|_| Failure::Infeasible)?;
        let solution = solved.solution().ok_or(Failure::NotWhole)?;
        let amount = |(variable, moves): (&super::model::Variable, &Option<(Variable, Variable)>)| {
            let before = variable.before as f64;
            moves
                .as_ref()
                .map_or(before, |(up, down)| before + solution.var_value_raw(*up) - solution.var_value_raw(*down))
        };
        Ok(self.model.variables.iter().zip(&self.moves).map(amount).collect())
    }
}

fn add(problem: &mut Problem, cost: f64, most: f64, integer: bool) -> Variable {
    match integer {
        true => problem.add_integer_var(cost, (0, most.min(f64::from(i32::MAX)) as i32)),
        false => problem.add_var(cost, (0.0, most)),
    }
}

/// Whether amounts meet the active limits to the unit, and what is kept stays.
fn meets(model: &Model, active: &[bool], amounts: &[i128]) -> bool {
    let sum = |limit: usize| {
        let counted = model.variables.iter().zip(amounts).filter(|(variable, _)| model.counts(variable, limit));
        counted.map(|(_, amount)| amount).sum::<i128>()
    };
    let is_met = |limit: usize| model.limits[limit].sense.holds(sum(limit), model.limits[limit].amount);
    (0..model.limits.len()).filter(|limit| active[*limit]).all(is_met)
}
