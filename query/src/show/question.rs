//! A bound question: ids and numbers only, and what its answer is headed.

use super::axis::Item;
use super::binder::Asked;
use super::context::Context;
use super::named::written_out;
use super::order::{Ordering, RowOrder, outer_items};
use super::over_rows::{RowLeaf, ShownFormula, Window};
use super::term::Terms;
use super::unit;
use crate::answer::MeasureHeading;
use crate::bind::{Names, Selection, defined_measure};
use crate::error::{Error, ErrorKind, Result};
use crate::formula::Formula;
use crate::syntax::ast::{AxisItem, Define, Expr, Path, RowFunction, Show, Shown};
use engine::id::DimensionId;
use engine::measure::Measure;

/// A bound question.
pub(super) struct Question {
    pub items: Vec<Item>,
    /// How many of the items are rows.
    pub by: usize,
    pub filter: Selection,
    pub terms: Terms,
    pub formulas: Vec<Formula<usize>>,
    pub headings: Vec<MeasureHeading>,
    pub favours: Vec<Option<bool>>,
    /// For each heading what it shows.
    pub shown: Vec<ShownFormula>,
    pub windows: Vec<Window>,
    pub order: RowOrder,
}

impl Question {
    pub fn bind(names: Names, show: &Show) -> Result<Self> {
        let (conditions, member) = Asked::conditions(names, &show.conditions)?;
        let mut filter = Selection::bind_asked(names, &conditions)?;
        let shifts = std::mem::take(&mut filter.shifts);
        let items = items(names, show)?;
        refuse_repeated(&items, show.by.iter().chain(&show.across))?;
        let aliases: Vec<String> = show.shown.iter().filter_map(|s| Some(s.alias.as_ref()?.text.clone())).collect();
        let base = Selection { shifts, ..Selection::all(names.schema) };
        let asked = Asked { names, base, member, others: &aliases };
        let mut question = Question {
            items,
            by: show.by.len(),
            filter,
            terms: Terms::default(),
            formulas: Vec::new(),
            headings: Vec::new(),
            favours: Vec::new(),
            shown: Vec::new(),
            windows: Vec::new(),
            order: RowOrder::default(),
        };
        written_out(names, &show.shown)?.iter().try_for_each(|shown| question.show(&asked, shown))?;
        refuse_same_headings(&question.items, &question.headings, &show.shown)?;
        question.bind_order(&asked, show)?;
        question.refuse_others(show)?;
        Ok(question)
    }

    fn show(&mut self, asked: &Asked, shown: &Shown) -> Result<()> {
        let looks_at_rows = shown.expr.any(&|part| matches!(part, Expr::OverRows { .. }));
        if looks_at_rows {
            return self.show_over_rows(asked, shown);
        }
        let formula = asked.formula(&mut self.terms, &shown.expr)?;
        let (heading, higher) = heading(asked.names, &self.terms, shown, Some(&formula))?;
        self.headings.push(heading);
        let number = self.add(formula, account_favours(asked.names, &self.filter).or(higher));
        self.shown.push(ShownFormula::Plain(number));
        Ok(())
    }

    /// A formula with `rank` or `running` in it.
    fn show_over_rows(&mut self, asked: &Asked, shown: &Shown) -> Result<()> {
        let formula = Formula::bind(&shown.expr, &mut |leaf| match leaf {
            Expr::OverRows { function, operand, per, .. } => self
                .window(asked, *function, operand, per.as_ref())
                .map(|window| Formula::Leaf(RowLeaf::Window(window))),
            other => {
                let formula = asked.formula(&mut self.terms, other)?;
                Ok(Formula::Leaf(RowLeaf::Value(self.add(formula, None))))
            }
        })?;
        let summed = match &formula {
            Formula::Leaf(RowLeaf::Window(window)) => self.windows.get(*window),
            _ => None,
        };
        let summed = summed.filter(|window| window.function == RowFunction::Running);
        let summed = summed.and_then(|window| self.formulas.get(window.operand));
        let (heading, _) = heading(asked.names, &self.terms, shown, summed)?;
        self.headings.push(heading);
        self.shown.push(ShownFormula::OverRows(formula));
        Ok(())
    }

    fn window(&mut self, asked: &Asked, function: RowFunction, operand: &Expr, per: Option<&Path>) -> Result<usize> {
        let (rows, columns) = self.items.split_at(self.by);
        let per = per.map_or(Ok(0), |path| outer_items(rows, path, columns))?;
        let formula = asked.formula(&mut self.terms, operand)?;
        let operand = self.add(formula, None);
        self.windows.push(Window { function, operand, per });
        Ok(self.windows.len() - 1)
    }

    fn add(&mut self, formula: Formula<usize>, favours: Option<bool>) -> usize {
        self.formulas.push(formula);
        self.favours.push(favours);
        self.formulas.len() - 1
    }

    fn bind_order(&mut self, asked: &Asked, show: &Show) -> Result<()> {
        let mut ordering = Ordering {
            asked,
            show,
            items: &self.items,
            shown: &self.shown,
            terms: &mut self.terms,
            formulas: &mut self.formulas,
        };
        self.order = ordering.bind()?;
        Ok(())
    }

    /// Refuses `with others` where nothing is left out, or where it would add up scenarios.
    fn refuse_others(&self, show: &Show) -> Result<()> {
        let Some(limit) = self.order.limit.as_ref().filter(|_| show.others) else {
            return match show.others {
                false => Ok(()),
                true => {
                    Err(Error::new(ErrorKind::Refused, "`with others` shows what `top` or `bottom` left out", None)
                        .helped("say how many rows to keep: top 10 with others"))
                }
            };
        };
        let added = self.items[limit.per..self.by].iter().zip(&show.by[limit.per..]);
        match added.into_iter().find(|(item, _)| item.dimension == DimensionId::SCENARIO) {
            None => Ok(()),
            Some((_, written)) => {
                Err(Error::new(ErrorKind::Refused, "nothing is added up across scenarios", Some(written.span.clone()))
                    .labelled("what is left out would be")
                    .helped("list the scenario first, and take rows in each: top 10 per scenario"))
            }
        }
    }

    /// Says which scenario was meant, where the question named none.
    pub fn assumed(&self, context: &Context) -> Option<String> {
        let shown = self.items.iter().any(|item| item.dimension == DimensionId::SCENARIO);
        let named = self.filter.names(DimensionId::SCENARIO) || shown;
        let all_own = self.terms.all().iter().all(|term| term.selection.names(DimensionId::SCENARIO));
        let scenario = context.scenario.filter(|_| !named && !all_own && !context.in_use)?;
        Some(scenario_note(context.snapshot.schema().scenarios(), scenario))
    }
}

/// The items of both axes. Those along which values are added up for an order or for what is left
/// out have totals, shown or not.
fn items(names: Names, show: &Show) -> Result<Vec<Item>> {
    let ordered = !show.order.is_empty() || show.limit.is_some();
    let rows = show.totals || show.others || ordered && show.by.len() > 1;
    let columns = show.totals || ordered || show.having.is_some();
    let rows = show.by.iter().map(|written| Item::bind(names, written, rows));
    rows.chain(show.across.iter().map(|written| Item::bind(names, written, columns))).collect()
}

/// Refuses a question that cannot be bound.
pub(crate) fn refuse_question(names: Names, show: &Show) -> Result<()> {
    Question::bind(names, show).map(drop)
}

/// How an answer says which scenario it assumed.
pub(crate) fn scenario_note(scenarios: &engine::dimension::Dimension, scenario: engine::id::MemberId) -> String {
    format!("scenario: {} (assumed; `use` or `where` names another)", scenarios.member(scenario).name)
}

fn refuse_repeated<'a>(items: &[Item], written: impl Iterator<Item = &'a AxisItem>) -> Result<()> {
    for (place, (item, written)) in items.iter().zip(written).enumerate() {
        if items[..place].iter().any(|other| other.name.eq_ignore_ascii_case(&item.name)) {
            return Err(Error::new(
                ErrorKind::Refused,
                format!("{} is listed twice", item.name),
                Some(written.span.clone()),
            )
            .labelled("an item of this name is there already")
            .helped("give one of them another name with `as`"));
        }
    }
    Ok(())
}

fn refuse_same_headings(items: &[Item], headings: &[MeasureHeading], shown: &[Shown]) -> Result<()> {
    for (place, heading) in headings.iter().enumerate() {
        let same = |name: &str| name.eq_ignore_ascii_case(&heading.name);
        let twice =
            headings[..place].iter().any(|other| same(&other.name)) || items.iter().any(|item| same(&item.name));
        if twice {
            let span = Some(shown[place].span.clone());
            return Err(Error::new(ErrorKind::Refused, format!("{} is shown twice", heading.name), span)
                .labelled("another column has this name")
                .helped("give one of them another name with `as`"));
        }
    }
    Ok(())
}

/// The heading of a shown formula, and whether more of it is better.
fn heading(
    names: Names,
    terms: &Terms,
    shown: &Shown,
    formula: Option<&Formula<usize>>,
) -> Result<(MeasureHeading, Option<bool>)> {
    let define = defined(names, &shown.expr);
    let plain = match &shown.expr {
        Expr::Reference { path, .. } => names.measure(path).ok().and_then(|id| names.schema.measure(id)),
        _ => None,
    };
    let name = match (&shown.alias, &shown.expr) {
        (Some(alias), _) => alias.text.clone(),
        (None, Expr::Reference { path, selection, .. }) if selection.is_empty() => match (plain, path.names.as_slice())
        {
            (Some(measure), _) => measure.name.clone(),
            (None, [name]) => name.text.clone(),
            _ => shown.expr.to_string(),
        },
        _ => shown.expr.to_string(),
    };
    let unit = unit::check(names, &shown.expr)?.and_then(|unit| unit.text());
    let own = define.as_ref().and_then(|define| define.format.clone());
    let format = own.or_else(|| common_format(names, terms, formula?, unit.as_deref()));
    let said = define.and_then(|define| define.favours_higher);
    let first = || measure_of(names, terms, **formula?.leaves().first()?)?.favours_higher;
    Ok((MeasureHeading { name, format, unit }, said.or_else(first)))
}

fn defined(names: Names, expr: &Expr) -> Option<Define> {
    let Expr::Reference { path, .. } = expr else { return None };
    let [name] = path.names.as_slice() else { return None };
    defined_measure(names, &name.text).filter(|_| names.measure(path).is_err())
}

/// The measure that a term reads, where it is one.
fn measure_of<'a>(names: Names<'a>, terms: &Terms, term: usize) -> Option<&'a Measure> {
    names.schema.measure(terms.all()[term].measure()?)
}

/// The format of a formula that keeps a unit: that of its measures, where they have the same.
fn common_format(names: Names, terms: &Terms, formula: &Formula<usize>, unit: Option<&str>) -> Option<String> {
    let measure = |term: &usize| measure_of(names, terms, *term);
    let measures: Option<Vec<_>> = formula.leaves().into_iter().map(measure).collect();
    let measures = measures?;
    let first = measures.first()?;
    let alike = measures.iter().all(|measure| measure.format == first.format && measure.unit.as_deref() == unit);
    if alike { first.format.clone() } else { None }
}

/// Which way is good for the one account that the question is about, if it says so.
fn account_favours(names: Names, filter: &Selection) -> Option<bool> {
    filter.picks.iter().find_map(|pick| match pick.members.as_slice() {
        [(member, _)] => names.schema.dimension(pick.dimension).favours(*member),
        _ => None,
    })
}
