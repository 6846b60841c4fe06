//! From the tree of a formula to terms: definitions put in, selections laid over one another.

use super::axis::Item;
use super::term::{AtLeaves, Kind, Over, Term, Terms, UNCOUNTED};
use super::unit;
use crate::bind::{
    DefinedMember, Meaning, Names, Selection, define_member, defined_by, defined_measure, inside, named_number,
    refuse_circle,
};
use crate::error::{Error, ErrorKind, Result};
use crate::formula::{Formula, Function, constant, known, refuse_over_rows};
use crate::syntax::ast::{AxisItem, Body, Condition, Define, Expr, Name, NameKind, Path, Span};
use engine::dimension::Dimension;
use engine::id::{DimensionId, MemberId};
use std::sync::Arc;

/// A dimension, and a formula over its members.
type MemberFormula = (DimensionId, Expr);

/// What every formula of a question is read under.
pub(crate) struct Asked<'a> {
    pub names: Names<'a>,
    /// Laid under every formula's own selections.
    pub base: Selection,
    /// A defined member that the question names, and its formula over members.
    pub member: Option<MemberFormula>,
    /// Names that an error may suggest besides the measures.
    pub others: &'a [String],
}

impl<'a> Asked<'a> {
    /// A formula by itself.
    pub fn plainly(names: Names<'a>) -> Self {
        Asked { names, base: Selection::all(names.schema), member: None, others: &[] }
    }

    /// Takes out of some conditions the defined member whose formula is worked out last.
    pub fn conditions(names: Names, conditions: &[Condition]) -> Result<(Vec<Condition>, Option<MemberFormula>)> {
        for (place, condition) in conditions.iter().enumerate() {
            if let Some((id, expr)) = formula_member(names, condition)? {
                let mut rest = conditions.to_vec();
                rest.remove(place);
                return Ok((rest, Some((id, expr))));
            }
        }
        Ok((conditions.to_vec(), None))
    }

    /// Binds a formula; its terms are added to those known.
    pub fn formula(&self, terms: &mut Terms, expr: &Expr) -> Result<Formula<usize>> {
        unit::check(self.names, expr)?;
        let mut binder = Binder { names: self.names, terms, others: self.others, within: Vec::new() };
        match &self.member {
            None => binder.bind(expr, &self.base),
            Some((id, over)) => binder.over_members(*id, over, &mut |binder, conditions| {
                let own = Selection::bind_asked(binder.names, &conditions)?;
                binder.bind(expr, &self.base.overlaid(&own))
            }),
        }
    }
}

/// Refuses a definition that means nothing: names that are not there, mixed units, a circle.
pub(crate) fn refuse_definition(names: Names, define: &Define, member_of: Option<DimensionId>) -> Result<()> {
    refuse_circle(names, member_of, define)?;
    match (member_of, &define.body) {
        (None, Body::Formula(expr)) => Asked::plainly(names).formula(&mut Terms::default(), expr).map(drop),
        (None, Body::Through { then, .. }) => {
            Err(Error::new(ErrorKind::Refused, "only scenarios follow one another", Some(then.span()))
                .helped(format!("write: define scenario.{} = …", define.name)))
        }
        (Some(id), _) => match define_member(names, id, define.clone())? {
            DefinedMember::Composite(_) => Ok(()),
            DefinedMember::Formula(_, expr) => Item::refuse_formula(names, id, &expr),
        },
    }
}

/// The formula of the defined member that a condition names.
fn formula_member(names: Names, condition: &Condition) -> Result<Option<MemberFormula>> {
    Ok(match defined_by(names, condition)? {
        Some((id, DefinedMember::Formula(_, expr))) => Some((id, expr)),
        _ => None,
    })
}

/// What is made of one member of a formula over members, given the conditions that name it.
type Part<'p, B> = dyn FnMut(&mut B, Vec<Condition>) -> Result<Formula<usize>> + 'p;

/// Binds one formula at a time; knows which definitions it is in.
struct Binder<'a, 't> {
    names: Names<'a>,
    terms: &'t mut Terms,
    others: &'a [String],
    within: Vec<String>,
}

impl Binder<'_, '_> {
    fn bind(&mut self, expr: &Expr, base: &Selection) -> Result<Formula<usize>> {
        Formula::bind(expr, &mut |leaf| self.leaf(leaf, base))
    }

    fn leaf(&mut self, leaf: &Expr, base: &Selection) -> Result<Formula<usize>> {
        match leaf {
            Expr::CountOf { subject, selection, .. } => self.count(subject, selection, base),
            Expr::Over { function, argument, item, span } => self.over(function, argument, item, span, base),
            Expr::Reference { path, selection, span } => self.reference(path, selection, span, base),
            Expr::OverRows { function, span, .. } => Err(refuse_over_rows(*function, span)),
            other => Err(Error::new(ErrorKind::Refused, format!("`{other}` stands for nothing here"), None)),
        }
    }

    fn reference(
        &mut self,
        path: &Path,
        conditions: &[Condition],
        span: &Span,
        base: &Selection,
    ) -> Result<Formula<usize>> {
        let (conditions, member) = Asked::conditions(self.names, conditions)?;
        if let Some((id, over)) = member {
            return self.over_members(id, &over, &mut |binder, more| {
                binder.reference(path, &[conditions.as_slice(), &more].concat(), span, base)
            });
        }
        let under = base.overlaid(&Selection::bind_asked(self.names, &conditions)?);
        if let Ok(measure) = self.names.measure(path) {
            return Ok(Formula::Leaf(self.terms.number(Term { kind: Kind::Measure(measure), selection: under })));
        }
        let [name] = path.names.as_slice() else { return Err(self.names.no_measure(path, self.others)) };
        match (named_number(self.names, &name.text), defined_measure(self.names, &name.text)) {
            (Some(number), _) => Ok(Formula::Constant(constant(&number))),
            (None, Some(define)) => {
                let defined = self.defined(&name.text, &define, under);
                defined.map_err(|error| inside(error, &name.text, span.clone()))
            }
            (None, None) => Err(self.names.no_measure(path, self.others)),
        }
    }

    /// What a defined measure stands for.
    fn defined(&mut self, name: &str, define: &Define, under: Selection) -> Result<Formula<usize>> {
        let Body::Formula(expr) = &define.body else {
            return Err(Error::new(ErrorKind::Refused, format!("{name} is no measure"), None));
        };
        let lower = name.to_lowercase();
        if self.within.contains(&lower) {
            let way = [self.within.as_slice(), &[lower]].concat().join(" -> ");
            return Err(Error::new(ErrorKind::Refused, format!("{name} is defined by itself: {way}"), None));
        }
        self.within.push(lower);
        let formula = if define.at_leaves { self.at_leaves(name, expr, under) } else { self.bind(expr, &under) };
        self.within.pop();
        formula
    }

    fn at_leaves(&mut self, name: &str, expr: &Expr, under: Selection) -> Result<Formula<usize>> {
        let mut terms = Terms::default();
        let formula = self.nested(&mut terms).bind(expr, &Selection::all(self.names.schema))?;
        let at_leaves = AtLeaves { name: name.to_lowercase(), formula, terms: terms.all().to_vec() };
        let kind = Kind::AtLeaves(Arc::new(at_leaves));
        Ok(Formula::Leaf(self.terms.number(Term { kind, selection: under })))
    }

    fn nested<'s>(&'s self, terms: &'s mut Terms) -> Binder<'s, 's> {
        Binder { names: self.names, terms, others: self.others, within: self.within.clone() }
    }

    /// A formula over members: each is what the given part makes of its condition.
    fn over_members(&mut self, id: DimensionId, expr: &Expr, part: &mut Part<'_, Self>) -> Result<Formula<usize>> {
        let dimension = self.names.schema.dimension(id).name.clone();
        Formula::bind(expr, &mut |leaf| match leaf {
            Expr::Reference { path, selection, span } => {
                let of = Name { text: dimension.clone(), kind: NameKind::Quoted, span: span.clone() };
                let qualified = match path.names.first() {
                    Some(first) if first.text.eq_ignore_ascii_case(&dimension) => path.clone(),
                    _ => Path { names: [&[of], path.names.as_slice()].concat() },
                };
                let mut conditions = vec![Condition::Named(qualified)];
                conditions.extend(selection.iter().cloned());
                part(self, conditions)
            }
            other => Err(Error::new(ErrorKind::Refused, "expected a member", Some(other.span()))),
        })
    }

    /// `count of project`
    fn count(&mut self, subject: &Path, selection: &[Condition], base: &Selection) -> Result<Formula<usize>> {
        let meaning = self.names.subject(subject)?;
        let (id, counted) = match &meaning {
            Meaning::Dimension(id) => (*id, leaves(self.names.schema.dimension(*id))),
            Meaning::Level(id, level) => {
                let dimension = self.names.schema.dimension(*id);
                (*id, below(dimension, &dimension.members_of_level(*level)))
            }
            _ => {
                return Err(Error::new(ErrorKind::Refused, "only members are counted", Some(subject.span()))
                    .labelled("expected a dimension or a level"));
            }
        };
        let under = base.overlaid(&Selection::bind_asked(self.names, selection)?);
        let kind = Kind::Count(id, Arc::new(counted));
        Ok(Formula::Leaf(self.terms.number(Term { kind, selection: under })))
    }

    /// `median(cost over project)`
    fn over(
        &mut self,
        function: &Name,
        argument: &Expr,
        item: &Path,
        span: &Span,
        base: &Selection,
    ) -> Result<Formula<usize>> {
        let function = known(function, 1, span)?;
        let written = AxisItem { subject: item.clone(), elements: None, alias: None, span: item.span() };
        let item = Item::bind(self.names, &written, false)?;
        let mut terms = Terms::default();
        let formula = self.nested(&mut terms).bind(argument, base)?;
        if function == Function::Sum && Some(item.dimension) == self.names.schema.time() {
            self.refuse_summed_stock(&formula, terms.all(), span)?;
        }
        let over = Over { function, item, formula, terms: terms.all().to_vec() };
        let selection = Selection::all(self.names.schema);
        Ok(Formula::Leaf(self.terms.number(Term { kind: Kind::Over(Arc::new(over)), selection })))
    }
}

impl Binder<'_, '_> {
    /// A stock has no sum over periods.
    fn refuse_summed_stock(&self, formula: &Formula<usize>, terms: &[Term], span: &Span) -> Result<()> {
        let measure = |term: &usize| self.names.schema.measure(terms.get(*term)?.measure()?);
        let Some(stock) = formula.leaves().into_iter().filter_map(measure).find(|measure| measure.is_stock()) else {
            return Ok(());
        };
        let name = &stock.name;
        let message = format!("{name} is a stock: it does not add up over periods");
        Err(Error::new(ErrorKind::Refused, message, Some(span.clone()))
            .labelled("a sum over periods")
            .helped(format!("{name} by itself takes its value over time; also average({name} over month) or max(…)")))
    }
}

fn leaves(dimension: &Dimension) -> Vec<u32> {
    let leaf = |code| dimension.is_leaf(MemberId(code));
    (0..dimension.len() as u32).map(|code| if leaf(code) { code } else { UNCOUNTED }).collect()
}

fn below(dimension: &Dimension, members: &[MemberId]) -> Vec<u32> {
    let mut counted = vec![UNCOUNTED; dimension.len()];
    for member in members {
        dimension.below(*member).into_iter().for_each(|(leaf, _)| counted[leaf.index()] = member.0);
    }
    counted
}
