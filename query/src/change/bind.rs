//! A changing statement, bound to ids: what is to be spread, where and how.

use super::mapping::mapping;
use super::ratio::worked_out;
use super::told::Told;
use super::weights::Weigher;
use crate::bind::{Names, Selection};
use crate::error::{Error, ErrorKind, Result};
use crate::show::Context;
use crate::syntax::ast::{self, Change, Condition, Method as Written, Number, Path, Span, Statement, Verb};
use engine::decimal::{Decimal, DecimalProblem};
use engine::id::{DimensionId, MeasureId, MemberId};
use engine::measure::{Measure, Rollup};
use engine::spread::{Action, Amount, Breakdown, Method, Spread};
use engine::subcube::{Leaves, Subcube};

/// A bound change.
pub(crate) struct Bound {
    pub spread: Spread,
    pub scenario: MemberId,
    /// Whether neither a condition nor `use` named the scenario.
    pub assumed: bool,
    /// Whether it changes all of the scenario because no `where` names a part.
    pub everywhere: bool,
    /// What the receipt tells apart, in the order of the spread's.
    pub told: Vec<Told>,
}

impl Bound {
    /// Binds a change.
    pub fn bind(context: Context, change: &Change) -> Result<Self> {
        let names = Names::new(context.snapshot.schema());
        let filter = Selection::bind(names, &change.conditions)?;
        let path = change.verb.measure();
        let measure = names.measure(path);
        let measure = measure.map_err(|error| worked_out(context, names, change, path).unwrap_or(error))?;
        match &change.verb {
            Verb::Copy { from, to, times, .. } => copied(context, names, change, measure, &filter, (from, to), times),
            verb => {
                let scenario = filter.scenario(context.scenario, None)?;
                let binder = Binder { context, names, change, measure, filter: &filter, scenario };
                let action = binder.action(verb)?;
                binder.bound(filter.subcube(scenario), action, filter.scenarios.is_none())
            }
        }
    }
}

/// What a refusal points at where nothing more exact is known: the amount, or else the measure.
pub(crate) fn blamed(verb: &Verb) -> Span {
    match verb {
        Verb::Set { to, .. } => to.span.clone(),
        Verb::Fill { with, .. } => with.span.clone(),
        Verb::Add { amount, .. } | Verb::Move { amount, .. } => match amount {
            ast::Amount::Absolute(number) | ast::Amount::Share(number) => number.span.clone(),
        },
        Verb::Ramp { to, .. } => to.span.clone(),
        Verb::Copy { measure, .. }
        | Verb::Clear { measure }
        | Verb::Allocate { measure, .. }
        | Verb::Fit { measure, .. }
        | Verb::Solve { measure } => measure.span(),
    }
}

pub(super) struct Binder<'a> {
    pub(super) context: Context<'a>,
    pub(super) names: Names<'a>,
    pub(super) change: &'a Change,
    pub(super) measure: MeasureId,
    pub(super) filter: &'a Selection,
    pub(super) scenario: MemberId,
}

impl Binder<'_> {
    pub(super) fn measure(&self) -> Result<&Measure> {
        self.names
            .schema
            .measure(self.measure)
            .ok_or_else(|| Error::new(ErrorKind::Name, "there is no such measure", None))
    }

    pub(super) fn units(&self, number: &Number) -> Result<i128> {
        amount_units(self.measure()?, number)
    }

    fn bound(&self, subcube: Subcube, action: Action, assumed: bool) -> Result<Bound> {
        let (told, breakdowns) = self.told()?.into_iter().unzip();
        let spread = self.spread(subcube, action, breakdowns)?;
        let assumed = assumed && !self.context.in_use;
        let takes_all =
            matches!(self.change.verb, Verb::Set { .. } | Verb::Add { .. } | Verb::Clear { .. } | Verb::Fill { .. });
        let everywhere = takes_all && self.change.conditions.is_empty();
        Ok(Bound { spread, scenario: self.scenario, assumed, everywhere, told })
    }

    fn spread(&self, subcube: Subcube, action: Action, told: Vec<Breakdown>) -> Result<Spread> {
        let time = self.names.schema.time();
        Ok(Spread {
            measure: self.measure,
            subcube,
            names_periods: time.is_some_and(|time| self.filter.names(time)),
            held: self.held()?,
            step: self.step()?,
            allow_negative: self.change.allow_negative,
            action,
            told,
        })
    }

    fn held(&self) -> Result<Vec<Subcube>> {
        if self.change.holding.is_empty() {
            return Ok(Vec::new());
        }
        let held = Selection::bind(self.names, &self.change.holding)?;
        match held.scenarios.as_deref() {
            Some(scenarios) if !scenarios.contains(&self.scenario) => Err(Error::new(
                ErrorKind::Refused,
                "what is held lies in another scenario",
                Some(held.picks[0].span.clone()),
            )
            .helped("name the part of this scenario that must not move")),
            _ => Ok(vec![held.subcube(self.scenario)]),
        }
    }

    fn action(&self, verb: &Verb) -> Result<Action> {
        let spreads = !matches!(verb, Verb::Fill { .. } | Verb::Clear { .. } | Verb::Copy { .. });
        let measure = self.measure()?;
        if spreads && measure.rollup != Rollup::Sum {
            return Err(Error::new(
                ErrorKind::Refused,
                format!("{} does not add up: its total cannot be spread", measure.name),
                Some(verb.measure().span()),
            )
            .helped(self.filled(verb, measure)));
        }
        match verb {
            Verb::Set { to, .. } => self.total(Amount::To(self.units(to)?)),
            Verb::Add { amount, .. } => self.total(self.amount(amount)?),
            Verb::Ramp { from, to, .. } => self.ramp(from, to),
            Verb::Allocate { from, across, .. } => self.allocate(from, across),
            Verb::Fit { margins, .. } => self.fit(margins),
            Verb::Solve { .. } => self.solve(),
            Verb::Move { amount, from, to, .. } => Ok(Action::Move {
                amount: self.amount(amount)?,
                from: self.part(from, "from")?,
                to: self.part(to, "to")?,
                equally: self.taken_equally()?,
            }),
            Verb::Fill { with, .. } => {
                self.refuse_method("fill")?;
                let units = i64::try_from(self.units(with)?).map_err(|_| too_large(with))?;
                Ok(Action::Fill(units))
            }
            Verb::Clear { .. } | Verb::Copy { .. } => {
                self.refuse_method("clear")?;
                Ok(Action::Clear(self.filter.cells(self.names.schema, self.scenario)))
            }
        }
    }

    /// The statement that sets every leaf of what does not add up.
    fn filled(&self, verb: &Verb, measure: &Measure) -> String {
        match verb {
            Verb::Set { measure, to } if self.change.method.is_none() => {
                let verb = Verb::Fill { measure: measure.clone(), with: to.clone() };
                let filling = Change { verb, ..self.change.clone() };
                format!("to set every leaf: {}", Statement::Change(filling))
            }
            _ => format!("`fill {} with …` sets every leaf", measure.name),
        }
    }

    /// A new total, laid over time where the statement says how.
    fn total(&self, amount: Amount) -> Result<Action> {
        match &self.change.phased {
            None => Ok(Action::Total(amount, self.method()?)),
            Some((phasing, span)) => self.phased(amount, phasing, span),
        }
    }

    /// What is emptied, and over which dimensions it goes.
    fn allocate(&self, from: &[Condition], across: &[Path]) -> Result<Action> {
        let part = Selection::bind(self.names, from)?;
        if let Some(pick) = part.picks.iter().find(|pick| pick.dimension == DimensionId::SCENARIO) {
            let message = "an allocation stays within one scenario";
            return Err(
                Error::new(ErrorKind::Refused, message, Some(pick.span.clone())).helped("name the scenario in `where`")
            );
        }
        let mut coordinates = Vec::new();
        for path in across {
            let id = self.names.dimension_of(path)?;
            if id == DimensionId::SCENARIO || !part.names(id) {
                let name = &self.names.schema.dimension(id).name;
                let message = format!("`from` names no part of {name}, so nothing can go over the rest of it");
                return Err(Error::new(ErrorKind::Refused, message, Some(path.span()))
                    .labelled("expected a dimension that `from` names"));
            }
            coordinates.push(id.index() - 1);
        }
        coordinates.sort_unstable();
        coordinates.dedup();
        let source = self.filter.overlaid(&part).subcube(self.scenario);
        let filter = self.filter.without(&coordinates);
        let method = self.method_in(&filter)?;
        if matches!(method, Method::Unspread(_)) {
            return Err(Error::new(ErrorKind::Refused, "`allocate` spreads what it takes", self.method_span())
                .labelled("leave this out"));
        }
        Ok(Action::Allocate { from: source, across: coordinates, method })
    }

    pub(super) fn method_span(&self) -> Option<Span> {
        self.change.method.as_ref().map(|(_, span)| span.clone())
    }

    fn amount(&self, amount: &ast::Amount) -> Result<Amount> {
        match amount {
            ast::Amount::Absolute(number) => Ok(Amount::By(self.units(number)?)),
            ast::Amount::Share(number) => Ok(Amount::ByShare(Decimal::new(number.units, number.scale))),
        }
    }

    fn refuse_method(&self, verb: &str) -> Result<()> {
        match &self.change.method {
            Some((_, span)) => {
                Err(Error::new(ErrorKind::Refused, format!("`{verb}` needs no method"), Some(span.clone()))
                    .labelled("leave this out"))
            }
            None => Ok(()),
        }
    }

    fn taken_equally(&self) -> Result<bool> {
        match &self.change.method {
            None | Some((Written::Proportionally, _)) => Ok(false),
            Some((Written::Equally { over_all: false }, _)) => Ok(true),
            Some((_, span)) => {
                Err(Error::new(ErrorKind::Refused, "`move` takes in proportion or equally", Some(span.clone()))
                    .labelled("expected proportionally or equally")
                    .helped("to place an amount by a formula use `add … by FORMULA` on each side"))
            }
        }
    }

    /// One side of a move.
    fn part(&self, conditions: &[Condition], side: &str) -> Result<Vec<(usize, Leaves)>> {
        let part = Selection::bind(self.names, conditions)?;
        if let Some(pick) = part.picks.iter().find(|pick| pick.dimension == DimensionId::SCENARIO) {
            return Err(Error::new(ErrorKind::Refused, "a move stays within one scenario", Some(pick.span.clone()))
                .helped("name the scenario in `where`, or use `copy … from … to …`"));
        }
        let named = self.names.schema.coordinates().filter(|id| part.names(*id));
        let leaves = named.map(|id| id.index() - 1).filter_map(|c| Some((c, part.leaves[c].clone()?)));
        let leaves: Vec<(usize, Leaves)> = leaves.collect();
        if leaves.is_empty() {
            return Err(Error::new(ErrorKind::Refused, format!("`{side}` names no part of the cube"), None));
        }
        Ok(leaves)
    }

    pub(super) fn method(&self) -> Result<Method> {
        self.method_in(self.filter)
    }

    fn method_in(&self, filter: &Selection) -> Result<Method> {
        Ok(match &self.change.method {
            None | Some((Written::Proportionally, _)) => Method::Proportionally,
            Some((Written::Equally { over_all: false }, _)) => Method::EquallyOverExisting,
            Some((Written::Equally { over_all: true }, _)) => Method::EquallyOverAll,
            Some((Written::Unspread, _)) => Method::Unspread(self.level_named()),
            Some((Written::By(expr), span)) => self.weigher(filter).by_formula(expr, span)?,
            Some((Written::Like(conditions), span)) => self.weigher(filter).like(conditions, span)?,
        })
    }

    fn weigher<'a>(&'a self, filter: &'a Selection) -> Weigher<'a> {
        Weigher { context: self.context, names: self.names, measure: self.measure, filter, scenario: self.scenario }
    }

    /// The one coordinate an unspread amount stands at: the member named in each dimension, else the root.
    fn level_named(&self) -> Vec<MemberId> {
        let named = |dimension: DimensionId| {
            let mut picks = self.filter.picks.iter().rev().filter(|pick| pick.dimension == dimension);
            match picks.next().map(|pick| pick.members.as_slice()) {
                Some([(member, _)]) => *member,
                _ => MemberId::ROOT,
            }
        };
        self.names.schema.coordinates().map(named).collect()
    }
}

fn copied(
    context: Context,
    names: Names,
    change: &Change,
    measure: MeasureId,
    filter: &Selection,
    (from, to): (&[Condition], &[Condition]),
    times: &Option<Number>,
) -> Result<Bound> {
    let (from, to) = (Selection::bind(names, from)?, Selection::bind(names, to)?);
    let source = filter.overlaid(&from);
    let target = filter.overlaid(&to);
    let source_scenario = source.scenario(context.scenario, None)?;
    let scenario = target.scenario(context.scenario, None)?;
    let mapping = mapping(names.schema, &from, &to)?;
    let binder = Binder { context, names, change, measure, filter: &target, scenario };
    binder.refuse_method("copy")?;
    let times = times.as_ref().map_or(Decimal::new(1, 0), |number| Decimal::new(number.units, number.scale));
    let mut source = source.subcube(source_scenario);
    let mut goal = target.subcube(scenario);
    for (coordinate, map) in mapping.iter().enumerate() {
        let id = DimensionId::from_index(coordinate + 1);
        // A side that does not name a dimension is restricted as the other side is.
        if map.is_none() && from.names(id) != to.names(id) {
            let named = if from.names(id) { &from } else { &to };
            source.dimensions[coordinate].clone_from(&named.leaves[coordinate]);
            goal.dimensions[coordinate].clone_from(&named.leaves[coordinate]);
        }
    }
    let action = Action::Copy { from: source, mapping, times };
    binder.bound(goal, action, target.scenarios.is_none())
}

/// A number as units of a measure.
///
/// Errors: more digits than the measure keeps.
fn amount_units(measure: &Measure, number: &Number) -> Result<i128> {
    if let Some(unit) = measure.unit.as_ref().filter(|_| number.percent) {
        return Err(Error::new(
            ErrorKind::Refused,
            format!("{number} is a share, and {} is in {unit}", measure.name),
            Some(number.span.clone()),
        )
        .labelled(format!("expected an amount in {unit}"))
        .helped(format!("`add` changes by a share of what is there: add -4% to {}", measure.name)));
    }
    let units = Decimal::new(number.units, number.scale).units_at(measure.scale);
    let units = units.map_err(|problem| match problem {
        DecimalProblem::TooManyDigits => Error::new(
            ErrorKind::Refused,
            format!("{} keeps {} digits after the point", measure.name, measure.scale),
            Some(number.span.clone()),
        )
        .labelled("too many digits"),
        _ => too_large(number),
    })?;
    match i64::try_from(units) {
        Ok(_) => Ok(units),
        Err(_) => Err(too_large(number)),
    }
}

fn too_large(number: &Number) -> Error {
    let span: Span = number.span.clone();
    Error::new(ErrorKind::Refused, "the number does not fit in a cell", Some(span)).labelled("too large")
}
