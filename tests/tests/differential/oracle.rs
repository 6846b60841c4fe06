//! What SQL answers: a table of facts, and a flattened table of each leaf with all that is above it.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::HashMap;

use rusqlite::types::Value as Sql;
use rusqlite::{Connection, Result, params_from_iter};

use crate::question::{Cover, Elsewhen, Question, SCENARIO, Shown};
use crate::world::{ACCOUNT, DIMENSIONS, MEASURES, PERIOD, WHOLE, World, span};

/// What SQL answers, or what is wrong with the question put to it.
type Found<T> = std::result::Result<T, String>;

/// The labels of a row, and the value that it is chosen by.
pub type Row = (Vec<String>, Option<Exact>);

/// A fraction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Exact {
    pub num: i128,
    pub den: i128,
}

impl Exact {
    /// Rounded to so many digits, halves away from zero.
    fn rounded(self, digits: u32) -> Self {
        let one = 10i128.pow(digits);
        let units = (2 * self.num.abs() * one + self.den) / (2 * self.den);
        Exact { num: units * self.num.signum(), den: one }
    }

    fn of(num: i128, den: i128) -> Option<Self> {
        let (num, den) = if den < 0 { (-num, -den) } else { (num, den) };
        let divisor = greatest_common_divisor(num.abs(), den);
        (den != 0).then(|| Exact { num: num / divisor, den: den / divisor })
    }

    pub fn order(&self, other: &Exact) -> Ordering {
        (self.num * other.den).cmp(&(other.num * self.den))
    }

    pub fn is_above(&self, least: i64) -> bool {
        self.num > i128::from(least) * self.den
    }
}

fn greatest_common_divisor(a: i128, b: i128) -> i128 {
    if b == 0 { a.max(1) } else { greatest_common_divisor(b, a % b) }
}

pub struct Oracle {
    database: Connection,
    /// What was asked before: a sum, and what it is to be divided by.
    known: RefCell<HashMap<String, (Option<i64>, i64)>>,
}

/// What a cell is made of: for each dimension a cover, and the scenario.
struct Cell<'a> {
    question: &'a Question,
    labels: &'a [String],
    instead: Instead<'a>,
}

/// Where a measure is read, if not in the cell shown.
#[derive(Clone, Copy)]
enum Instead<'a> {
    Nothing,
    /// In all of a dimension.
    All(usize),
    /// At a member of a dimension.
    At(usize, &'a str),
    Elsewhen(Elsewhen),
}

impl Oracle {
    pub fn new(world: &World) -> Result<Self> {
        let database = Connection::open_in_memory()?;
        let columns: Vec<&str> = MEASURES.iter().map(|(name, _)| *name).collect();
        database.execute_batch(&format!(
            "CREATE TABLE above (dimension INTEGER, member TEXT, leaf TEXT, weight INTEGER, PRIMARY KEY (dimension, member, leaf));
             CREATE TABLE span (leaf TEXT PRIMARY KEY, first INTEGER, last INTEGER);
             CREATE TABLE fact (scenario TEXT, d0 TEXT, d1 TEXT, d2 TEXT, d3 TEXT, d4 TEXT, {});",
            columns.join(", ")
        ))?;
        for dimension in 0..DIMENSIONS.len() {
            flatten(&database, world, dimension)?;
        }
        for (name, ..) in world.members(PERIOD) {
            let (first, last) = span(&name);
            database.execute("INSERT INTO span VALUES (?1, ?2, ?3)", (leaf(world, PERIOD, &name), first, last))?;
        }
        for fact in &world.facts {
            let mut row = vec![Sql::Text(if fact.plan { "plan".into() } else { "actual".into() })];
            row.extend(fact.leaf.iter().enumerate().map(|(dimension, name)| Sql::Text(leaf(world, dimension, name))));
            row.extend(fact.values.iter().map(|value| value.map_or(Sql::Null, Sql::Integer)));
            let marks = vec!["?"; row.len()].join(", ");
            database.execute(&format!("INSERT INTO fact VALUES ({marks})"), params_from_iter(row))?;
        }
        Ok(Oracle { database, known: RefCell::default() })
    }

    /// The value of a formula at some labels.
    pub fn value(&self, question: &Question, shown: &Shown, labels: &[String]) -> Found<Option<Exact>> {
        let cell = |instead| Cell { question, labels, instead };
        let read = |measure: usize| self.measure(&cell(Instead::Nothing), measure);
        Ok(match shown {
            Shown::Measure(a) => read(*a)?,
            Shown::Sum(a, b) => added(read(*a)?, read(*b)?, 1),
            Shown::Difference(a, b) => added(read(*a)?, read(*b)?, -1),
            Shown::Ratio(a, b) => divided(read(*a)?, read(*b)?),
            Shown::Share(a, _, dimension) => divided(read(*a)?, self.measure(&cell(Instead::All(*dimension)), *a)?),
            Shown::At(a, dimension, member) => self.measure(&cell(Instead::At(*dimension, member)), *a)?,
            Shown::Elsewhen(a, elsewhen) => self.measure(&cell(Instead::Elsewhen(*elsewhen)), *a)?,
        })
    }

    /// Every row in which anything shown has a value, with the first at the row's total. A measure
    /// read elsewhere along the rows has its value in each of them, and makes none.
    pub fn rows(&self, question: &Question) -> Found<Vec<Row>> {
        let mut found = Vec::new();
        let totals = vec!["(total)".to_owned(); question.across.len()];
        for row in positions(&question.by) {
            if self.stands(question, &row)? && self.is_real(question, &row)? {
                let value = if question.having.is_some() || question.limit.is_some() {
                    self.value(question, &question.shown[0], &[row.as_slice(), &totals].concat())?
                } else {
                    None
                };
                found.push((row, value));
            }
        }
        Ok(found)
    }

    /// Whether a row has a value, and one of a measure that makes rows.
    pub fn stands(&self, question: &Question, row: &[String]) -> Found<bool> {
        Ok(self.has_value(question, &question.making(), row)? && self.has_value(question, &question.shown, row)?)
    }

    /// Whether any of these has a value in a row, in any of its columns.
    fn has_value(&self, question: &Question, shown: &[Shown], row: &[String]) -> Found<bool> {
        let totals = vec!["(total)".to_owned(); question.across.len()];
        for column in positions(&question.across).iter().chain(question.totals.then_some(&totals)) {
            for shown in shown {
                if self.value(question, shown, &[row, column.as_slice()].concat())?.is_some() {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// Whether the labels of one dimension have leaves in common, within what is selected.
    fn is_real(&self, question: &Question, row: &[String]) -> Found<bool> {
        let cell = Cell { question, labels: row, instead: Instead::Nothing };
        for dimension in 0..DIMENSIONS.len() {
            if question.by.iter().any(|item| item.dimension == dimension) {
                let sql = format!("SELECT COUNT(*) FROM ({})", cell.cover(dimension)?);
                let count: i64 =
                    self.database.query_row(&sql, [], |row| row.get(0)).map_err(|error| error.to_string())?;
                if count == 0 {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    fn measure(&self, cell: &Cell, place: usize) -> Found<Option<Exact>> {
        let (name, digits) = MEASURES[place];
        let scenario = cell.scenario();
        let covers: Found<Vec<String>> = (0..DIMENSIONS.len()).map(|dimension| cell.cover(dimension)).collect();
        let covers = covers?;
        let joins: Vec<String> =
            covers.iter().enumerate().map(|(d, cover)| format!("JOIN ({cover}) c{d} ON c{d}.leaf = f.d{d}")).collect();
        let facts = format!(
            "SELECT f.d{PERIOD} AS period, f.{name} AS value, c{ACCOUNT}.weight AS weight FROM fact f {} WHERE f.scenario = '{scenario}' AND f.{name} IS NOT NULL AND c{ACCOUNT}.weight <> 0",
            joins.join(" ")
        );
        let sums = format!("SELECT period, SUM(value * weight) AS value FROM ({facts}) GROUP BY period");
        let question = match name {
            "flow" => format!("SELECT SUM(value * weight), {WHOLE} FROM ({facts})"),
            "lasting" => format!("SELECT value, {WHOLE} FROM ({sums}) ORDER BY period DESC LIMIT 1"),
            "opened" => format!("SELECT value, {WHOLE} FROM ({sums}) ORDER BY period LIMIT 1"),
            "closed" => format!(
                "SELECT value, {WHOLE} FROM ({sums}) WHERE period = (SELECT MAX(d4) FROM fact JOIN ({}) ON leaf = d4 WHERE scenario = '{scenario}' AND closed IS NOT NULL)",
                covers[PERIOD]
            ),
            "mean" => format!("SELECT SUM(value), COUNT(*) * {WHOLE} FROM ({sums})"),
            "least" => format!("SELECT MIN(value), 1 FROM ({facts})"),
            "most" => format!("SELECT MAX(value), 1 FROM ({facts})"),
            _ => format!("SELECT SUM(value), COUNT(*) FROM ({facts})"),
        };
        let (sum, parts) = self.asked(question)?;
        let value = sum.and_then(|sum| Exact::of(i128::from(sum), i128::from(parts) * 10i128.pow(digits)));
        Ok(if name == "mean" || name == "each" { value } else { value.map(|value| value.rounded(digits)) })
    }

    /// A number and what it is to be divided by.
    fn asked(&self, sql: String) -> Found<(Option<i64>, i64)> {
        if let Some(known) = self.known.borrow().get(&sql) {
            return Ok(*known);
        }
        let found = match self.database.query_row(&sql, [], |row| Ok((row.get(0)?, row.get(1)?))) {
            Ok(found) => found,
            Err(rusqlite::Error::QueryReturnedNoRows) => (None, 1),
            Err(error) => return Err(format!("{error} in {sql}")),
        };
        self.known.borrow_mut().insert(sql, found);
        Ok(found)
    }
}

impl Cell<'_> {
    fn scenario(&self) -> &str {
        let place = self.question.items().position(|item| item.dimension == SCENARIO);
        place.map_or(self.question.scenario, |place| self.labels[place].as_str())
    }

    /// SQL for the leaves of a dimension in this cell, each with how it counts, or for those read instead.
    fn cover(&self, dimension: usize) -> Found<String> {
        match self.instead {
            Instead::All(instead) if instead == dimension => Ok(whole(dimension, "''")),
            Instead::At(instead, member) if instead == dimension => Ok(whole(dimension, &quoted(&[member.to_owned()]))),
            Instead::Elsewhen(elsewhen) if dimension == PERIOD => Ok(elsewhere(&self.own_cover(dimension)?, elsewhen)),
            _ => self.own_cover(dimension),
        }
    }

    fn own_cover(&self, dimension: usize) -> Found<String> {
        let whole = |members: &str| whole(dimension, members);
        let root = whole("''");
        let condition = self.question.conditions.iter().find(|condition| condition.dimension == dimension);
        let mut cover = condition.map_or(root, |condition| whole(&quoted(&condition.members)));
        let mut is_whole = true;
        for (item, label) in self.question.items().zip(self.labels).filter(|(item, _)| item.dimension == dimension) {
            let found = item.labels.iter().find(|(name, _)| name == label).map(|(_, cover)| cover);
            let within = match found {
                Some(Cover::Below(members)) => whole(&quoted(members)),
                Some(Cover::Leaf(leaf)) => format!(
                    "SELECT leaf, {WHOLE} AS weight FROM above WHERE dimension = {dimension} AND member = '' AND leaf = '{leaf}'"
                ),
                None if label == "(total)" => match item.text.contains('[') {
                    true => total(&cover, dimension, &item.labels),
                    false => continue,
                },
                None => return Err(format!("nothing is called {label:?} in {}", item.text)),
            };
            let outer = if is_whole && condition.is_none() { None } else { Some(cover) };
            cover = match outer {
                Some(outer) => format!(
                    "SELECT leaf, weight FROM ({within}) WHERE leaf IN (SELECT leaf FROM ({outer}) WHERE weight <> 0)"
                ),
                None => within,
            };
            is_whole = false;
        }
        Ok(cover)
    }
}

/// SQL for all below some members of a dimension.
fn whole(dimension: usize, members: &str) -> String {
    format!("SELECT leaf, weight FROM above WHERE dimension = {dimension} AND member IN ({members})")
}

/// SQL for the periods that a cell's own lead to.
fn elsewhere(own: &str, elsewhen: Elsewhen) -> String {
    let last = format!("(SELECT MAX(last) FROM span JOIN ({own}) USING (leaf))");
    let within =
        |first: String| format!("SELECT leaf, {WHOLE} AS weight FROM span WHERE first >= {first} AND last <= {last}");
    match elsewhen {
        Elsewhen::Later(months, _) => format!(
            "SELECT target.leaf AS leaf, {WHOLE} AS weight FROM span target JOIN span source
             ON target.first = source.first + {months} AND target.last = source.last + {months}
             WHERE source.leaf IN (SELECT leaf FROM ({own}))"
        ),
        Elsewhen::ToDate(months, _) => within(format!("{last} / {months} * {months}")),
        Elsewhen::Trailing(months) => within(format!("{last} - {months} + 1")),
    }
}

/// The part of a selection that listed labels cover.
fn total(cover: &str, dimension: usize, labels: &[(String, Cover)]) -> String {
    let members: Vec<String> = labels
        .iter()
        .filter_map(|(_, cover)| match cover {
            Cover::Below(members) => Some(members.clone()),
            _ => None,
        })
        .flatten()
        .collect();
    format!(
        "SELECT leaf, weight FROM ({cover}) WHERE leaf IN (SELECT leaf FROM above WHERE dimension = {dimension} AND member IN ({}) AND weight <> 0)",
        quoted(&members)
    )
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ")
}

/// A leaf's own name: of a fact at a consolidation, its own leaf.
fn leaf(world: &World, dimension: usize, name: &str) -> String {
    if world.is_consolidation(dimension, name) { format!("{name} (own)") } else { name.to_owned() }
}

/// Every leaf with every member above it (the whole is called '') and how it counts there, in parts of [`WHOLE`].
fn flatten(database: &Connection, world: &World, dimension: usize) -> Result<()> {
    let members = world.members(dimension);
    for (name, ..) in &members {
        let (mut at, mut weight) = (Some(name.clone()), WHOLE);
        let add = |member: &str, weight: i64| {
            database.execute(
                "INSERT INTO above VALUES (?1, ?2, ?3, ?4)",
                (dimension as i64, member, leaf(world, dimension, name), weight),
            )
        };
        while let Some(member) = at {
            add(&member, weight)?;
            let (_, parent, edge) = members.iter().find(|(name, ..)| *name == member).cloned().unwrap_or_default();
            weight = weight * edge / 2;
            at = parent;
        }
        add("", weight)?;
    }
    Ok(())
}

fn added(a: Option<Exact>, b: Option<Exact>, sign: i128) -> Option<Exact> {
    let zero = Exact { num: 0, den: 1 };
    let (left, right) = (a.or(b.map(|_| zero))?, b.unwrap_or(zero));
    Exact::of(left.num * right.den + sign * right.num * left.den, left.den * right.den)
}

fn divided(a: Option<Exact>, b: Option<Exact>) -> Option<Exact> {
    let (a, b) = (a?, b?);
    Exact::of(a.num * b.den, a.den * b.num)
}

/// Every combination of the labels of some items.
fn positions(items: &[crate::question::Item]) -> Vec<Vec<String>> {
    items.iter().fold(vec![Vec::new()], |found, item| {
        let longer = |row: &Vec<String>| {
            item.labels
                .iter()
                .map(|(label, _)| [row.as_slice(), std::slice::from_ref(label)].concat())
                .collect::<Vec<_>>()
        };
        found.iter().flat_map(longer).collect()
    })
}
