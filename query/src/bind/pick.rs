//! One condition as members and leaves of one dimension.

use super::name::{Meaning, Names};
use crate::error::{Error, ErrorKind, Result};
use crate::syntax::ast::{Below, Comparison, Condition, Literal, Name, NameKind, Path, Span, Value};
use engine::calendar::Period;
use engine::decimal::Decimal;
use engine::dimension::{Attribute, Dimension, Kind};
use engine::id::{DimensionId, MemberId};
use engine::subcube::covered;
use engine::weight::Weight;

/// What a condition selects in one dimension.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Pick {
    pub dimension: DimensionId,
    /// The members named, in order, each with whether only its own leaf is meant; for an axis.
    pub members: Vec<(MemberId, bool)>,
    /// For each member id how it counts, 0 outside; none for the whole dimension.
    pub leaves: Option<Vec<Weight>>,
    pub span: Span,
}

impl Pick {
    fn of(dimension: &Dimension, id: DimensionId, members: Vec<MemberId>, span: Span) -> Self {
        let leaves = Some(covered(dimension, &members));
        Pick { dimension: id, members: members.into_iter().map(|member| (member, false)).collect(), leaves, span }
    }

    /// The leaves below the members named that count for nothing in them.
    pub fn idle(&self, dimension: &Dimension) -> Vec<MemberId> {
        let whole = self.members.iter().filter(|(_, own)| !own);
        let below = whole.flat_map(|(member, _)| dimension.below(*member));
        below.filter(|(_, weight)| weight.is_zero()).map(|(leaf, _)| leaf).collect()
    }

    /// The scenarios selected, in order.
    pub fn scenarios(&self) -> Vec<MemberId> {
        self.members.iter().map(|(member, _)| *member).collect()
    }
}

impl Names<'_> {
    /// Binds a condition; a bare name is looked for in one dimension, where one is given.
    pub fn pick(&self, condition: &Condition, within: Option<DimensionId>) -> Result<Pick> {
        match condition {
            Condition::Named(path) => self.pick_named(path, within),
            Condition::Level(path) => {
                match self.subject(path)? {
                    Meaning::Level(id, level) => {
                        let dimension = self.schema.dimension(id);
                        Ok(Pick::of(dimension, id, dimension.members_of_level(level), path.span()))
                    }
                    _ => Err(Error::new(ErrorKind::Name, "this is not a level", Some(path.span()))
                        .labelled("expected a level")),
                }
            }
            Condition::Range(first, last) => self.pick_range(first, last, within),
            Condition::Below(below, path) => self.pick_below(*below, path, within),
            Condition::In { subject, items, negated, span } => self.pick_in(subject, items, *negated, span),
            Condition::Compare { subject, comparison, value, span } => {
                self.pick_compared(subject, *comparison, value, span)
            }
            Condition::Like { subject, pattern, negated, span } => self.pick_like(subject, pattern, *negated, span),
            Condition::Except { base, out, span } => self.pick_except(base, out, within, span),
            Condition::Relative(relative, span) => Err(Error::new(
                ErrorKind::Refused,
                format!("\"{relative}\" starts from a cell, and there is none here"),
                Some(span.clone()),
            )
            .labelled("expected a member")
            .helped(format!("in brackets behind a measure it does: revenue[{relative}]"))),
        }
    }

    fn pick_named(&self, path: &Path, within: Option<DimensionId>) -> Result<Pick> {
        let member = self.member(path, within);
        if let Ok(Meaning::Member { dimension: id, member, own }) = member {
            let dimension = self.schema.dimension(id);
            let mut pick = Pick::of(dimension, id, vec![member], path.span());
            if own {
                pick.members = vec![(member, true)];
                let only = |code| Weight::from(code == member.index());
                pick.leaves = Some((0..dimension.len()).map(only).collect());
            }
            return Ok(pick);
        }
        let several = matches!(&member, Err(error) if error.message.ends_with("several members"));
        match self.subject(path) {
            Ok(Meaning::Level(id, level)) if !several && within.is_none_or(|within| within == id) => {
                let dimension = self.schema.dimension(id);
                Ok(Pick::of(dimension, id, dimension.members_of_level(level), path.span()))
            }
            Ok(Meaning::Dimension(id)) if !several && within.is_none_or(|within| within == id) => {
                let dimension = self.schema.dimension(id);
                Ok(Pick { leaves: None, ..Pick::of(dimension, id, dimension.ordered(), path.span()) })
            }
            _ => member.and_then(|_| Err(Error::new(ErrorKind::Name, "this is not a member", Some(path.span())))),
        }
    }

    fn one(&self, path: &Path, within: Option<DimensionId>) -> Result<(DimensionId, MemberId)> {
        match self.member(path, within)? {
            Meaning::Member { dimension, member, .. } => Ok((dimension, member)),
            _ => Err(Error::new(ErrorKind::Name, "this is not a member", Some(path.span()))),
        }
    }

    fn pick_range(&self, first: &Path, last: &Path, within: Option<DimensionId>) -> Result<Pick> {
        let span = first.span().start..last.span().end;
        let (id, from) = self.one(first, within)?;
        let (_, to) = self.one(last, Some(id))?;
        let dimension = self.schema.dimension(id);
        let Kind::Time(calendar) = dimension.kind else {
            return Err(Error::new(
                ErrorKind::Refused,
                format!("{} has no order of its own", dimension.name),
                Some(span),
            )
            .labelled("a range needs periods")
            .helped(format!("list the members: {} in (…, …)", dimension.name)));
        };
        let (Some(start), Some(end)) = (dimension.member(from).period, dimension.member(to).period) else {
            return Err(Error::new(ErrorKind::Refused, "a range runs from a period to a period", Some(span)));
        };
        if start.start() > end.end() {
            return Err(Error::new(ErrorKind::Refused, "the range ends before it begins", Some(span))
                .labelled("the earlier period comes first"));
        }
        let inside = |member: &MemberId| {
            dimension.member(*member).period.is_some_and(|period| period.is_within(start.start(), end.end()))
        };
        let all: Vec<MemberId> = dimension.ordered().into_iter().filter(inside).collect();
        let leaves = (0..dimension.len()).map(|code| Weight::from(inside(&MemberId::from_index(code)))).collect();
        let grain = if start.grain == end.grain { start.grain } else { calendar.leaf_grain() };
        let fiscal = start.fiscal && end.fiscal;
        let shown = |member: &&MemberId| {
            let of = |period: Period| period.grain == grain && (period.fiscal == fiscal || grain.is_shared());
            dimension.member(**member).period.is_some_and(of)
        };
        let members = all.iter().filter(shown).map(|member| (*member, false)).collect();
        Ok(Pick { dimension: id, members, leaves: Some(leaves), span })
    }

    fn pick_below(&self, below: Below, path: &Path, within: Option<DimensionId>) -> Result<Pick> {
        let whole = self.subject(path).ok().and_then(|subject| self.whole_dimension(&subject, path));
        let (id, parent) = match whole.filter(|id| within.is_none_or(|within| within == *id)) {
            Some(id) => (id, MemberId::ROOT),
            None => self.one(path, within)?,
        };
        let dimension = self.schema.dimension(id);
        let children = dimension.children(parent).to_vec();
        if children.is_empty() {
            return Err(Error::new(
                ErrorKind::Refused,
                format!("{} is a leaf of {}: there is nothing below it", dimension.member(parent).name, dimension.name),
                Some(path.span()),
            ));
        }
        let members: Vec<MemberId> = match below {
            Below::Children => children,
            Below::Leaves => dimension.leaves(parent),
            Below::Descendants => dimension.below(parent).into_iter().skip(1).map(|(member, _)| member).collect(),
        };
        let home = dimension.home(parent);
        let mut pick = Pick::of(dimension, id, members, path.span());
        if let Some(leaves) = &mut pick.leaves {
            for (member, weight) in dimension.below(parent) {
                let inside = &mut leaves[member.index()];
                if !inside.is_zero() && home == 0 {
                    *inside = weight;
                }
            }
        }
        Ok(pick)
    }

    /// The dimension that a name stands for, also where a level is called like it.
    fn whole_dimension(&self, subject: &Meaning, path: &Path) -> Option<DimensionId> {
        match subject {
            Meaning::Dimension(id) => Some(*id),
            Meaning::Level(id, _) => {
                let name = &self.schema.dimension(*id).name;
                path.names.last().is_some_and(|last| last.text.eq_ignore_ascii_case(name)).then_some(*id)
            }
            _ => None,
        }
    }

    fn pick_in(&self, subject: &Path, items: &[Condition], negated: bool, span: &Span) -> Result<Pick> {
        let id = self.dimension_of(subject)?;
        let dimension = self.schema.dimension(id);
        let mut leaves = vec![Weight::ZERO; dimension.len()];
        let mut members = Vec::new();
        for item in items {
            let pick = self.pick(item, Some(id))?;
            members.extend(pick.members);
            let inner = pick.leaves.unwrap_or_else(|| vec![Weight::ONE; dimension.len()]);
            leaves.iter_mut().zip(inner).for_each(|(seen, weight)| {
                if seen.is_zero() {
                    *seen = weight;
                }
            });
        }
        let pick = Pick { dimension: id, members, leaves: Some(leaves), span: span.clone() };
        Ok(if negated { complement(dimension, pick) } else { pick })
    }

    pub(crate) fn dimension_of(&self, subject: &Path) -> Result<DimensionId> {
        match self.subject(subject)? {
            Meaning::Dimension(id) | Meaning::Level(id, _) | Meaning::Attribute(id, _) => Ok(id),
            _ => Err(Error::new(ErrorKind::Name, "this is not a dimension", Some(subject.span()))),
        }
    }

    /// The attribute that is meant, also where a level is made from it.
    fn attribute_of(&self, meaning: &Meaning) -> Option<(DimensionId, String)> {
        match meaning {
            Meaning::Attribute(id, attribute) => Some((*id, attribute.clone())),
            Meaning::Level(id, level) => {
                let tree = self.schema.dimension(*id).hierarchies().get(level.hierarchy)?;
                let made = tree.by_attributes && level.depth + 1 < tree.levels.len();
                made.then(|| (*id, tree.levels[level.depth].clone()))
            }
            _ => None,
        }
    }

    fn pick_compared(&self, subject: &Path, comparison: Comparison, value: &Value, span: &Span) -> Result<Pick> {
        let meaning = self.subject(subject)?;
        if let Some((id, attribute)) = self.attribute_of(&meaning) {
            return self.pick_attribute(id, &attribute, comparison, value, span);
        }
        let id = self.dimension_of(subject)?;
        let dimension = self.schema.dimension(id);
        let negated = match comparison {
            Comparison::Equal => false,
            Comparison::NotEqual => true,
            _ => {
                return Err(Error::new(
                    ErrorKind::Refused,
                    format!("members of {} are not compared by size", dimension.name),
                    Some(span.clone()),
                )
                .labelled("expected = or !=")
                .helped("for periods write a range: 2026-Q1..2026-Q3"));
            }
        };
        let path = match value {
            Value::Path(path) => path.clone(),
            Value::Literal(literal) => as_path(literal),
        };
        if !negated
            && matches!(path.names.as_slice(), [name] if name.kind == NameKind::Bare && name.text.eq_ignore_ascii_case("all"))
        {
            return Ok(Pick {
                dimension: id,
                members: vec![(MemberId::ROOT, false)],
                leaves: None,
                span: span.clone(),
            });
        }
        let mut pick = match meaning {
            Meaning::Level(id, level) => {
                let (_, member) = self.one(&path, Some(id)).or_else(|error| {
                    let at_level: Vec<MemberId> = dimension
                        .find(path.names.last().map_or("", |name| &name.text))
                        .into_iter()
                        .filter(|member| dimension.members_of_level(level).contains(member))
                        .collect();
                    match at_level.as_slice() {
                        [member] => Ok((id, *member)),
                        _ => Err(error),
                    }
                })?;
                Pick::of(dimension, id, vec![member], span.clone())
            }
            _ => self.pick_named(&path, Some(id))?,
        };
        pick.span = span.clone();
        Ok(if negated { complement(dimension, pick) } else { pick })
    }

    fn pick_attribute(
        &self,
        id: DimensionId,
        attribute: &str,
        comparison: Comparison,
        value: &Value,
        span: &Span,
    ) -> Result<Pick> {
        let dimension = self.schema.dimension(id);
        let wanted = match value {
            Value::Literal(Literal::Number(number)) => Attribute::Number(number.units, number.scale),
            Value::Literal(Literal::Text(text, _)) => Attribute::Text(text.clone()),
            Value::Path(path) => {
                let text = path.names.iter().map(|name| name.text.as_str()).collect::<Vec<_>>().join(".");
                match Decimal::parse(&text) {
                    Ok(year_like) => Attribute::Number(year_like.units, year_like.scale),
                    Err(_) => Attribute::Text(text),
                }
            }
        };
        let fits = |member: &MemberId| {
            let found =
                dimension.member(*member).attributes.iter().find(|(name, _)| name.eq_ignore_ascii_case(attribute));
            found.is_some_and(|(_, value)| holds(value, comparison, &wanted))
        };
        let members = dimension.ordered().into_iter().filter(fits).collect();
        Ok(Pick::of(dimension, id, members, span.clone()))
    }

    fn pick_like(&self, subject: &Path, pattern: &str, negated: bool, span: &Span) -> Result<Pick> {
        let meaning = self.subject(subject)?;
        let id = self.dimension_of(subject)?;
        let dimension = self.schema.dimension(id);
        let candidates = match &meaning {
            Meaning::Level(_, level) => dimension.members_of_level(*level),
            _ => dimension.ordered(),
        };
        let fits = |member: &MemberId| match &meaning {
            Meaning::Attribute(_, name) => {
                dimension.member(*member).attributes.get(name).is_some_and(|value| matches(pattern, &value.to_string()))
            }
            _ => matches(pattern, &dimension.member(*member).name),
        };
        let members = candidates.into_iter().filter(fits).collect();
        let pick = Pick::of(dimension, id, members, span.clone());
        Ok(if negated { complement(dimension, pick) } else { pick })
    }
}

fn complement(dimension: &Dimension, pick: Pick) -> Pick {
    let inside = pick.leaves.unwrap_or_else(|| vec![Weight::ONE; dimension.len()]);
    let leaves: Vec<Weight> = inside.iter().map(|weight| Weight::from(weight.is_zero())).collect();
    let outside = |member: &MemberId| inside[member.index()].is_zero() && dimension.is_leaf(*member);
    let members = dimension.ordered().into_iter().filter(outside).map(|member| (member, false)).collect();
    Pick { members, leaves: Some(leaves), ..pick }
}

fn as_path(literal: &Literal) -> Path {
    let (text, span) = match literal {
        Literal::Text(text, span) => (text.clone(), span.clone()),
        Literal::Number(number) => (Decimal::new(number.units, number.scale).to_string(), number.span.clone()),
    };
    Path { names: vec![Name { text, kind: NameKind::Quoted, span }] }
}

fn holds(value: &Attribute, comparison: Comparison, wanted: &Attribute) -> bool {
    let order = match (value, wanted) {
        (Attribute::Number(a, s), Attribute::Number(b, t)) => {
            let scale = (*s).max(*t);
            match (Decimal::new(*a, *s).units_at(scale), Decimal::new(*b, *t).units_at(scale)) {
                (Ok(a), Ok(b)) => a.cmp(&b),
                _ => return false,
            }
        }
        _ => value.to_string().to_lowercase().cmp(&wanted.to_string().to_lowercase()),
    };
    comparison.holds(order)
}

/// SQL's `like`, without regard to case: `%` is any text, `_` one character.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.to_lowercase().chars().collect();
    let text: Vec<char> = text.to_lowercase().chars().collect();
    let (mut p, mut t) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('%') => {
                retry = Some((p, t));
                p += 1;
            }
            Some(letter) if *letter == '_' || *letter == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match retry {
                Some((at, from)) => {
                    p = at + 1;
                    t = from + 1;
                    retry = Some((at, from + 1));
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|letter| *letter == '%')
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns_match_as_in_sql() {
        for (pattern, text, expected) in [
            ("Plat%", "Platform", true),
            ("%form", "platFORM", true),
            ("P_at%m", "Platform", true),
            ("%a%o%", "Platform", true),
            ("Plat", "Platform", false),
            ("", "", true),
            ("%", "", true),
            ("_", "", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }
}
