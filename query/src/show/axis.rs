//! What `by` and `across` list: items, each with elements that stand for leaves of one dimension.

use crate::answer::{Label, LabelKind};
use crate::bind::{Composite, DefinedMember, Meaning, Names, Pick, Selection, defined_member, inside, unknown};
use crate::error::{Error, ErrorKind, Result};
use crate::formula::Formula;
use crate::syntax::ast::{AxisItem, Comparison, Condition, Element as Written, Expr, Name, NameKind, Operator, Path};
use engine::dimension::{Dimension, LevelId};
use engine::id::{DimensionId, MemberId};
use engine::weight::Weight;

/// What a total is called in answers.
pub(crate) const TOTAL: &str = "(total)";

/// What the row of what `top` left out is called in answers.
const OTHERS: &str = "(others)";

/// One item of an axis.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    /// As written.
    pub name: String,
    pub dimension: DimensionId,
    pub elements: Vec<Element>,
    /// For each member id the elements it belongs to, each with how it counts there.
    pub map: Vec<Vec<(u32, Weight)>>,
    /// Whether elements were listed in brackets.
    pub listed: bool,
    /// The element that stands for everything the item covers.
    pub total: Option<u32>,
    /// The hidden element for what is in the total alone, with none of the others.
    pub unplaced: Option<u32>,
    /// Elements that are laid together from scenarios.
    pub composites: Vec<(u32, Composite)>,
}

/// One element of an item.
#[derive(Debug, Clone)]
pub(crate) struct Element {
    pub label: Label,
    pub rule: Rule,
    /// Hidden ones are only there for formulas.
    pub visible: bool,
    /// The member it stands for, where it is one.
    pub member: Option<MemberId>,
    /// Which way is good for it, where it is an account that says so.
    pub favours: Option<bool>,
}

/// How an element gets its values.
#[derive(Debug, Clone)]
pub(crate) enum Rule {
    /// From its leaves.
    Leaves,
    /// From other elements of the item.
    Formula(Formula<u32>),
    /// `F` or `U`, from two other elements.
    Favour(u32, u32),
}

impl Item {
    /// Binds an item; `totalled` adds the element that stands for all of it.
    pub fn bind(names: Names, written: &AxisItem, totalled: bool) -> Result<Self> {
        let meaning = names.subject(&written.subject)?;
        let id = match &meaning {
            Meaning::Dimension(id) | Meaning::Level(id, _) | Meaning::Attribute(id, _) => *id,
            _ => return Err(Error::new(ErrorKind::Name, "expected a dimension", Some(written.subject.span()))),
        };
        let dimension = names.schema.dimension(id);
        let name = match &written.alias {
            Some(alias) => alias.text.clone(),
            None => written.subject.names.iter().map(|name| name.text.as_str()).collect::<Vec<_>>().join("."),
        };
        let mut item = Item {
            name,
            dimension: id,
            elements: Vec::new(),
            map: vec![Vec::new(); dimension.len()],
            listed: written.elements.is_some(),
            total: None,
            unplaced: None,
            composites: Vec::new(),
        };
        match &written.elements {
            Some(elements) => {
                for element in elements {
                    item.add_written(names, element)?;
                }
            }
            None => item.add_all(dimension, &meaning),
        }
        if totalled && id != DimensionId::SCENARIO {
            item.add_total();
        }
        Ok(item)
    }

    /// Which elements have leaves in a selection.
    pub fn inside(&self, selection: &Selection) -> Vec<bool> {
        let mut inside = vec![false; self.elements.len()];
        for (code, belongs) in self.map.iter().enumerate() {
            if selection.selects(self.dimension, code) {
                belongs.iter().for_each(|(element, _)| inside[*element as usize] = true);
            }
        }
        inside
    }

    /// Every coordinate of a dimension, each an element of the same number.
    pub fn of_coordinates(dimension: &Dimension, id: DimensionId) -> Self {
        let label = || Label { text: String::new(), kind: LabelKind::Member };
        Item {
            name: dimension.name.clone(),
            dimension: id,
            elements: (0..dimension.len())
                .map(|code| Element {
                    label: label(),
                    rule: Rule::Leaves,
                    visible: true,
                    member: Some(MemberId::from_index(code)),
                    favours: None,
                })
                .collect(),
            map: (0..dimension.len() as u32).map(|code| vec![(code, Weight::ONE)]).collect(),
            listed: false,
            total: None,
            unplaced: None,
            composites: Vec::new(),
        }
    }

    fn push(&mut self, text: &str, kind: LabelKind, rule: Rule, visible: bool) -> u32 {
        self.elements.push(Element {
            label: Label { text: text.to_owned(), kind },
            rule,
            visible,
            member: None,
            favours: None,
        });
        self.elements.len() as u32 - 1
    }

    fn cover(&mut self, element: u32, leaves: impl Iterator<Item = (usize, Weight)>) {
        for (code, weight) in leaves.filter(|(_, weight)| !weight.is_zero()) {
            if let Some(place) = self.map.get_mut(code) {
                place.push((element, weight));
            }
        }
    }

    fn cover_all(&mut self, names: Names, element: u32) {
        let whole = names.schema.dimension(self.dimension).total_weights();
        let weights = whole.unwrap_or_else(|| vec![Weight::ONE; self.map.len()]);
        self.cover(element, weights.into_iter().enumerate());
    }

    fn add_member(&mut self, dimension: &Dimension, member: MemberId, visible: bool) -> u32 {
        let name = if member == MemberId::ROOT { TOTAL } else { &dimension.member(member).name };
        let kind = if member == MemberId::ROOT { LabelKind::Total } else { LabelKind::Member };
        let element = self.push(name, kind, Rule::Leaves, visible);
        self.elements[element as usize].member = Some(member);
        self.elements[element as usize].favours = dimension.favours(member);
        self.cover(element, dimension.below(member).into_iter().map(|(leaf, weight)| (leaf.index(), weight)));
        element
    }

    fn add_own(&mut self, dimension: &Dimension, member: MemberId) {
        let element = self.push(&dimension.leaf_name(member), LabelKind::Member, Rule::Leaves, true);
        self.elements[element as usize].favours = dimension.favours(member);
        self.cover(element, [(member.index(), Weight::ONE)].into_iter());
    }

    fn add_all(&mut self, dimension: &Dimension, meaning: &Meaning) {
        match meaning {
            Meaning::Attribute(_, attribute) => self.add_attribute(dimension, attribute),
            Meaning::Level(_, level) => self.add_level(dimension, *level),
            _ => match dimension.hierarchies()[0].levels.len() {
                0 => self.add_coordinates(dimension),
                levels => self.add_level(dimension, LevelId { hierarchy: 0, depth: levels - 1 }),
            },
        }
    }

    fn add_level(&mut self, dimension: &Dimension, level: LevelId) {
        for member in dimension.members_of_level(level) {
            self.add_member(dimension, member, true);
        }
        self.add_skipping(dimension, level);
    }

    /// Members that skip the level: together under a blank, each as it counts for itself.
    fn add_skipping(&mut self, dimension: &Dimension, level: LevelId) {
        let skipping = dimension.members_past_level(level);
        if skipping.is_empty() {
            return;
        }
        let none = format!("(no {})", dimension.hierarchies()[level.hierarchy].levels[level.depth]);
        let element = self.push(&none, LabelKind::Blank, Rule::Leaves, true);
        let below = skipping.into_iter().flat_map(|member| dimension.below(member));
        self.cover(element, below.map(|(leaf, weight)| (leaf.index(), weight)));
    }

    /// Every leaf, and every consolidation's own leaf: together they are everything, each once.
    fn add_coordinates(&mut self, dimension: &Dimension) {
        for member in dimension.ordered() {
            self.add_own(dimension, member);
        }
        self.add_own(dimension, MemberId::ROOT);
    }

    fn add_attribute(&mut self, dimension: &Dimension, attribute: &str) {
        let mut values: Vec<_> = dimension
            .ordered()
            .into_iter()
            .filter_map(|member| Some((dimension.member(member).attributes.get(attribute)?.clone(), member)))
            .collect();
        values.sort_by(|a, b| a.0.cmp(&b.0));
        let mut last = None;
        for (value, member) in values {
            let element = match &last {
                Some((known, element)) if *known == value => *element,
                _ => self.push(&value.to_string(), LabelKind::Member, Rule::Leaves, true),
            };
            let fresh: Vec<_> = dimension
                .below(member)
                .into_iter()
                .map(|(leaf, weight)| (leaf.index(), weight))
                .filter(|(leaf, _)| self.map[*leaf].iter().all(|(known, _)| *known != element))
                .collect();
            self.cover(element, fresh.into_iter());
            last = Some((value, element));
        }
    }

    /// The element that stands for all of it: its total, or the first that is shown.
    pub fn whole(&self) -> u32 {
        let first = self.elements.iter().position(|element| element.visible).unwrap_or(0);
        self.total.unwrap_or(first as u32)
    }

    /// An element for what `top` left out; nothing belongs to it by itself.
    pub fn add_others(&mut self) -> u32 {
        self.push(OTHERS, LabelKind::Others, Rule::Leaves, true)
    }

    /// All that the item covers; for an item without brackets, all of the dimension.
    fn add_total(&mut self) {
        let listed = self.listed;
        let inside: Vec<(usize, Weight)> = (0..self.map.len())
            .map(|code| match self.map[code].first() {
                Some((_, weight)) => (code, *weight),
                None => (code, Weight::from(!listed)),
            })
            .collect();
        let alone: Vec<usize> = (0..self.map.len()).filter(|code| !listed && self.map[*code].is_empty()).collect();
        let element = self.push(TOTAL, LabelKind::Total, Rule::Leaves, true);
        self.cover(element, inside.into_iter());
        self.total = Some(element);
        if !alone.is_empty() {
            let element = self.push(TOTAL, LabelKind::Total, Rule::Leaves, false);
            self.cover(element, alone.into_iter().map(|code| (code, Weight::ONE)));
            self.unplaced = Some(element);
        }
    }

    fn add_written(&mut self, names: Names, written: &Written) -> Result<()> {
        match written {
            Written::All { alias, span } => {
                if self.dimension == DimensionId::SCENARIO {
                    return Err(Error::new(
                        ErrorKind::Refused,
                        "nothing is added up across scenarios",
                        Some(span.clone()),
                    )
                    .labelled("name the scenarios to compare"));
                }
                let (text, kind) = match alias {
                    Some(alias) => (alias.text.as_str(), LabelKind::Member),
                    None => (TOTAL, LabelKind::Total),
                };
                let element = self.push(text, kind, Rule::Leaves, true);
                self.cover_all(names, element);
            }
            Written::Versus(left, right) => self.add_versus(names, left, right)?,
            Written::Selection { condition: Condition::Named(path), alias }
                if defined_member(names, path, Some(self.dimension))?.is_some() =>
            {
                let element = self.reference(names, path)?;
                let element = &mut self.elements[element as usize];
                element.visible = true;
                if let Some(alias) = alias {
                    element.label.text = alias.text.clone();
                }
            }
            Written::Selection { condition, alias } => {
                let pick = names.pick(condition, Some(self.dimension))?;
                if alias.is_none() {
                    names.refuse_idle_exception(condition, &pick)?;
                }
                self.add_pick(names, &pick, alias.as_ref())?;
            }
            Written::Formula { expr, alias } => {
                let formula = self.formula(names, expr)?;
                let text = alias.as_ref().map_or_else(|| expr.to_string(), |alias| alias.text.clone());
                self.push(&text, LabelKind::Member, Rule::Formula(formula), true);
            }
        }
        Ok(())
    }

    fn add_pick(&mut self, names: Names, pick: &Pick, alias: Option<&Name>) -> Result<()> {
        let dimension = names.schema.dimension(self.dimension);
        let Some(alias) = alias else {
            for (member, own) in &pick.members {
                if *own {
                    self.add_own(dimension, *member);
                } else {
                    self.add_member(dimension, *member, true);
                }
            }
            return Ok(());
        };
        if self.dimension == DimensionId::SCENARIO && pick.members.len() != 1 {
            return Err(Error::new(
                ErrorKind::Refused,
                "nothing is added up across scenarios",
                Some(pick.span.clone()),
            )
            .labelled("a group of scenarios has no value"));
        }
        let element = self.push(&alias.text, LabelKind::Member, Rule::Leaves, true);
        match &pick.leaves {
            Some(leaves) => self.cover(element, leaves.iter().copied().enumerate()),
            None => self.cover_all(names, element),
        }
        Ok(())
    }

    /// A formula over members.
    fn formula(&mut self, names: Names, expr: &Expr) -> Result<Formula<u32>> {
        let formula = Formula::bind(expr, &mut |leaf| match leaf {
            Expr::Reference { path, selection, .. } if selection.is_empty() => {
                self.reference(names, path).map(Formula::Leaf)
            }
            Expr::Reference { span, .. } => {
                Err(Error::new(ErrorKind::Syntax, "a member in a formula has no brackets", Some(span.clone())))
            }
            other => Err(Error::new(ErrorKind::Refused, "expected a member", Some(other.span()))),
        })?;
        self.periods_in(names, formula, expr)
    }

    /// Refuses a formula over members of a dimension that cannot be bound.
    pub fn refuse_formula(names: Names, id: DimensionId, expr: &Expr) -> Result<()> {
        let mut item = Item::of_coordinates(names.schema.dimension(id), id);
        item.elements.clear();
        item.formula(names, expr).map(drop)
    }

    /// The element of a defined member: laid together from scenarios, or a formula over other elements.
    fn add_defined(&mut self, names: Names, path: &Path, member: DefinedMember) -> Result<u32> {
        match member {
            DefinedMember::Composite(composite) => {
                let element = self.push(&composite.name.clone(), LabelKind::Member, Rule::Leaves, false);
                self.composites.push((element, composite));
                Ok(element)
            }
            DefinedMember::Formula(name, expr) => {
                let formula = self.formula(names, &expr).map_err(|error| inside(error, &name, path.span()))?;
                Ok(self.push(&name, LabelKind::Member, Rule::Formula(formula), false))
            }
        }
    }

    /// The element of a name in a formula: one listed before, or a member.
    fn reference(&mut self, names: Names, path: &Path) -> Result<u32> {
        if let [name] = path.names.as_slice() {
            let known = self.elements.iter().position(|element| element.label.text.eq_ignore_ascii_case(&name.text));
            if let Some(place) = known {
                return Ok(place as u32);
            }
        }
        if let Some((_, member)) = defined_member(names, path, Some(self.dimension))? {
            return self.add_defined(names, path, member);
        }
        let labels: Vec<String> = self.elements.iter().map(|element| element.label.text.clone()).collect();
        let dimension = names.schema.dimension(self.dimension);
        match names.member(path, Some(self.dimension)) {
            Ok(Meaning::Member { member, .. }) => Ok(self.add_member(dimension, member, false)),
            Ok(_) => Err(unknown("member", &path.to_string(), path.span(), &labels)),
            Err(error) => match names.member(path, None) {
                Ok(Meaning::Member { dimension: other, .. }) => Err(error.helped(format!(
                    "{} is a member of {}; a formula in brackets is over members of {}",
                    path,
                    names.schema.dimension(other).name,
                    dimension.name
                ))),
                _ => Err(error),
            },
        }
    }

    /// `2026 - 2025` on a time dimension is about two years, not about a thousand and one.
    fn periods_in(&mut self, names: Names, formula: Formula<u32>, expr: &Expr) -> Result<Formula<u32>> {
        let dimension = names.schema.dimension(self.dimension);
        if Some(self.dimension) != names.schema.time() {
            return Ok(formula);
        }
        let mut years = Vec::new();
        collect_years(expr, &mut years);
        let mut formula = formula;
        for (units, span) in years {
            let name = Name { text: format!("{units:04}"), kind: NameKind::Period, span };
            if !dimension.find(&name.text).is_empty() {
                let element = self.reference(names, &Path { names: vec![name] })?;
                formula = replaced(formula, units, element);
            }
        }
        Ok(formula)
    }

    fn add_versus(&mut self, names: Names, left: &Path, right: &Path) -> Result<()> {
        let dimension = names.schema.dimension(self.dimension);
        let mut sides = Vec::new();
        for path in [left, right] {
            if let Some((_, member)) = defined_member(names, path, Some(self.dimension))? {
                let element = self.add_defined(names, path, member)?;
                self.elements[element as usize].visible = true;
                sides.push(element);
                continue;
            }
            match names.member(path, Some(self.dimension))? {
                Meaning::Member { member, .. } => sides.push(self.add_member(dimension, member, true)),
                _ => return Err(unknown("member", &path.to_string(), path.span(), &[])),
            }
        }
        let (a, b) = (sides[0], sides[1]);
        let leaf = |element| Box::new(Formula::Leaf(element));
        let both = |then: Formula<u32>| {
            let there = |element| Formula::Call(crate::formula::Function::Count, vec![Formula::Leaf(element)]);
            let one = || Formula::Constant(crate::formula::exact(1, 0));
            let equal = |element| {
                Box::new(Formula::Binary(
                    Operator::Compare(Comparison::Equal),
                    Box::new(there(element)),
                    Box::new(one()),
                ))
            };
            let condition = Formula::Binary(Operator::And, equal(a), equal(b));
            Formula::If(Box::new(condition), Box::new(then), Box::new(Formula::Constant(crate::answer::Value::Empty)))
        };
        let variance = || Formula::Binary(Operator::Subtract, leaf(a), leaf(b));
        self.push("variance", LabelKind::Member, Rule::Formula(both(variance())), true);
        let size = Formula::Call(crate::formula::Function::Abs, vec![Formula::Leaf(b)]);
        let percent = Formula::Binary(Operator::Divide, Box::new(variance()), Box::new(size));
        self.push("variance %", LabelKind::Member, Rule::Formula(both(percent)), true);
        self.push("F/U", LabelKind::Member, Rule::Favour(a, b), true);
        Ok(())
    }
}

fn collect_years(expr: &Expr, years: &mut Vec<(i128, std::ops::Range<usize>)>) {
    match expr {
        Expr::Number(number) if number.scale == 0 && (1000..10_000).contains(&number.units) => {
            years.push((number.units, number.span.clone()));
        }
        Expr::Negate(inner, _) | Expr::Not(inner, _) => collect_years(inner, years),
        Expr::Binary { left, right, .. } => {
            collect_years(left, years);
            collect_years(right, years);
        }
        Expr::If { condition, then, otherwise, .. } => {
            [condition, then, otherwise].into_iter().for_each(|part| collect_years(part, years));
        }
        Expr::Call { arguments, .. } => arguments.iter().for_each(|argument| collect_years(argument, years)),
        Expr::Over { argument, .. } => collect_years(argument, years),
        _ => {}
    }
}

fn replaced(formula: Formula<u32>, year: i128, element: u32) -> Formula<u32> {
    let again = |inner: Box<Formula<u32>>| Box::new(replaced(*inner, year, element));
    match formula {
        Formula::Constant(crate::answer::Value::Exact { units, scale: 0 }) if units == year => Formula::Leaf(element),
        Formula::Negate(inner) => Formula::Negate(again(inner)),
        Formula::Not(inner) => Formula::Not(again(inner)),
        Formula::Binary(operator, left, right) => Formula::Binary(operator, again(left), again(right)),
        Formula::If(a, b, c) => Formula::If(again(a), again(b), again(c)),
        Formula::Call(function, arguments) => {
            Formula::Call(function, arguments.into_iter().map(|a| replaced(a, year, element)).collect())
        }
        other => other,
    }
}
