//! A model for a file that comes with none: texts become dimensions, numbers measures, dates the
//! calendar.

use super::column::{BLANK, Texts, texts};
use crate::count::counted;
use crate::syntax::ast::{Name, NameKind};
use arrow_array::RecordBatch;
use arrow_schema::DataType;
use engine::calendar::{Calendar, read_month};
use engine::decimal::Decimal;

/// The most digits after the point that an inferred measure keeps.
const MOST_DIGITS: u8 = 18;

/// How a column's name ends where its numbers are names rather than amounts.
const CODE_ENDINGS: [&str; 7] = ["key", "id", "code", "year", "no", "nr", "number"];

/// Names of measures that are levels at a time, most likely, and do not add up over periods.
const STOCKS: [&str; 9] =
    ["headcount", "heads", "head count", "fte", "ftes", "employees", "inventory", "balance", "closing"];

/// What was inferred: the statements that make the model and load the file, and what to tell.
pub(crate) struct Inferred {
    pub statements: Vec<String>,
    pub said: Vec<String>,
}

enum Role {
    Scenario,
    Time(Calendar),
    Measure(u8),
    /// How many members, and the text that is no number among numbers.
    Dimension(usize, Option<String>),
}

/// Infers a model from the columns of a file. None where no column holds amounts.
pub(crate) fn infer(file: &str, batch: &RecordBatch) -> Option<Inferred> {
    let mut statements = Vec::new();
    let mut said = Vec::new();
    let mut mapping = String::new();
    let (mut scenario, mut time, mut measures) = (false, None, 0);
    let mut stocks = Vec::new();
    for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
        let (name, quoted) = (field.name(), quoted(field.name()));
        let texts = texts(column);
        let number = !matches!(field.data_type(), DataType::Dictionary(..) | DataType::Boolean | DataType::Date32);
        match role(name, &texts, number, scenario, time.is_some()) {
            Role::Scenario => {
                scenario = true;
                mapping = format!(" ({quoted} -> scenario)");
                said.push(format!("{name}: scenario"));
            }
            Role::Time(calendar) => {
                time = Some(quoted.clone());
                let [first, last] = calendar.bounds();
                statements.push(format!("create time dimension {quoted} months {first}..{last}"));
                said.push(format!("{name}: calendar {first}..{last}"));
            }
            Role::Measure(scale) => {
                measures += 1;
                statements.push(format!("create measure {quoted} decimal({scale})"));
                said.push(format!("{name}: measure decimal({scale})"));
                if STOCKS.contains(&name.to_lowercase().replace('_', " ").as_str()) {
                    stocks.push((name.clone(), format!("create measure {quoted} decimal({scale})")));
                }
            }
            Role::Dimension(members, odd) => {
                statements.push(format!("create dimension {quoted}"));
                let odd = odd.map_or_else(String::new, |odd| format!(", for \"{odd}\" is no number"));
                said.push(format!("{name}: dimension, {}{odd}", counted(members, "member", "members")));
            }
        }
    }
    for ((name, made), time) in stocks.into_iter().zip(time.iter().cycle()) {
        said.push(format!("{name} is added up over {time} here; as a stock: {made} last over {time}"));
    }
    let into = if scenario { "" } else { " into actual" };
    if !scenario {
        statements.push("create scenario actual".into());
        said.push("no scenario in the file: loaded as actual".into());
    }
    statements.push(format!("load '{}'{into}{mapping} creating members", file.replace('\'', "''")));
    (measures > 0).then_some(Inferred { statements, said })
}

fn quoted(name: &str) -> String {
    Name { text: name.to_owned(), kind: NameKind::Quoted, span: 0..0 }.to_string()
}

fn role(name: &str, texts: &Texts, number: bool, scenario: bool, time: bool) -> Role {
    let lower = name.to_lowercase();
    let used = || texts.distinct.iter().filter(|text| !text.is_empty());
    if !scenario && matches!(lower.as_str(), "scenario" | "version") && !number {
        return Role::Scenario;
    }
    if !time && let Some(calendar) = calendar(texts) {
        return Role::Time(calendar);
    }
    match scale(texts) {
        Some(scale) if !CODE_ENDINGS.iter().any(|ending| ends_with_word(&lower, ending)) => Role::Measure(scale),
        known => Role::Dimension(used().count(), odd(texts).filter(|_| known.is_none())),
    }
}

/// The first text that is no number, where most are.
fn odd(texts: &Texts) -> Option<String> {
    let used: Vec<&String> = texts.distinct.iter().filter(|text| !text.is_empty()).collect();
    let is_number = |text: &&String| Decimal::parse(text).is_ok();
    let numbers = used.iter().copied().filter(|text| is_number(text)).count();
    let first = used.iter().copied().find(|text| !is_number(text))?;
    (numbers * 2 >= used.len()).then(|| first.clone())
}

fn ends_with_word(name: &str, ending: &str) -> bool {
    name.strip_suffix(ending).is_some_and(|rest| rest.is_empty() || rest.ends_with(['_', ' ', '-', '.']))
}

/// The calendar that covers a column of dates or months.
fn calendar(texts: &Texts) -> Option<Calendar> {
    let months: Option<Vec<i32>> =
        texts.distinct.iter().filter(|text| !text.is_empty()).map(|text| read_month(text)).collect();
    let months = months.filter(|_| texts.codes.iter().all(|code| *code != BLANK))?;
    let (first, last) = (*months.iter().min()?, *months.iter().max()?);
    let plausible = first >= 1900 * 12 && last < 2200 * 12;
    plausible.then_some(Calendar::of_months(first, last, 1))
}

/// The digits after the point of a column of numbers; none where a field is none, or looks like a code.
fn scale(texts: &Texts) -> Option<u8> {
    let mut most = None;
    for text in texts.distinct.iter().filter(|text| !text.is_empty()) {
        let digits = text.trim_start_matches('-');
        let code = digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.");
        let decimal = Decimal::parse(text).ok().filter(|_| !code)?;
        most = Some(most.unwrap_or(0).max(decimal.scale));
    }
    most.map(|scale: u8| scale.min(MOST_DIGITS))
}
