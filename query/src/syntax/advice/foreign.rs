//! Words of other languages, and how the same is said here.

use super::form::begins;
use super::{Place, open_brackets};
use crate::syntax::keywords::{among, begins_clause};
use crate::syntax::token::{Kind, Token};

const QUESTION: &str = "show cost by division where plan, 2026";
const CHANGE: &str = "set cost to 500 where plan, Apollo, 2026-01";

/// What begins a statement elsewhere: words, the word here, an example.
const STATEMENTS: [(&[&str], &str, &str); 9] = [
    (&["select", "query", "get", "print", "evaluate", "display", "pivot", "report"], "show", QUESTION),
    (&["update", "insert", "upsert", "change", "put", "spread"], "set", CHANGE),
    (
        &["increase", "raise", "grow", "decrease", "reduce", "cut"],
        "add",
        "add 10% to cost where plan, Sales; or add -500",
    ),
    (
        &["delete", "truncate", "erase", "remove"],
        "clear",
        "clear cost where plan, Apollo; members, scenarios and views go with drop",
    ),
    (
        &["alter", "rename_member"],
        "rename",
        "rename Core to \"Core team\"; also add member, move member, add dimension",
    ),
    (&["let", "def", "calc", "formula", "measure", "with"], "define", "define margin = (revenue - cost) / revenue"),
    (&["import", "read", "copy_from", "ingest"], "load", "load 'facts.csv' into plan creating members"),
    (&["write", "dump", "unload"], "export", "export (show cost by division) to 'cost.csv'"),
    (
        &["dimensions", "measures", "tables", "schema", "list", "help", "ls"],
        "describe",
        "describe; lists dimensions, scenarios and measures",
    ),
];

/// What goes on a question elsewhere.
const CLAUSES: [(&[&str], &str, &str); 9] = [
    (&["group", "rows", "per", "over"], "by", "show cost by division"),
    (&["columns", "pivot"], "across", "show cost by division across quarter"),
    (&["limit", "first", "fetch"], "top", "show cost by division top 10"),
    (&["for", "in", "filter", "at"], "where", QUESTION),
    (&["sort", "sorted", "ordered"], "order by", "show cost by division order by cost desc"),
    (&["descending"], "desc", "show cost by division order by cost desc"),
    (&["ascending"], "asc", "show cost by division order by cost asc"),
    (&["join", "left", "inner"], "by", "a cube has no tables to join: name any level after by, any member after where"),
    (&["between", "until"], "..", "a range is written with two dots: where 2026-Q1..2026-Q3"),
];

/// What is said of a word.
pub struct Word {
    /// Under the caret.
    pub label: String,
    /// By example.
    pub help: String,
}

/// The advice for a word of another language, if one is found.
pub fn word(place: Place<'_, '_>) -> Option<Word> {
    let found = place.found().filter(|found| found.kind == Kind::Word)?;
    if let Some(word) = versus(place, found) {
        return Some(word);
    }
    let asks = begins(place.tokens, "show");
    let known = match place.at {
        0 => STATEMENTS.as_slice(),
        _ if asks && place.whole => CLAUSES.as_slice(),
        _ => &[],
    };
    let (_, here, example) = known.iter().find(|(words, ..)| among(found.text, words))?;
    Some(Word { label: format!("here it is \"{here}\""), help: (*example).to_owned() })
}

/// Two members set against each other: `actual v plan` in brackets, `actual vs plan` outside of them.
fn versus(place: Place<'_, '_>, found: &Token<'_>) -> Option<Word> {
    let (left, right) = (place.previous()?, place.next()?);
    let bracketed = open_brackets(place.before()).last().is_some_and(|at| place.tokens[*at].text == "[");
    match bracketed {
        false
            if among(found.text, &["vs", "v", "versus", "with", "and"])
                && place.at == 2
                && begins(place.tokens, "compare") =>
        {
            let help = format!("compare {} to {}", left.text, right.text);
            Some(Word { label: "here it is \"to\"".into(), help })
        }
        true if among(found.text, &["v", "versus", "against", "over", "to"]) => {
            Some(Word { label: "here it is \"vs\"".into(), help: format!("[{} vs {}]", left.text, right.text) })
        }
        false if found.is_word("vs") && !left.is_symbol("]") => Some(Word {
            label: "members are set against each other in brackets".into(),
            help: format!("across scenario[{} vs {}]", left.text, right.text),
        }),
        _ => None,
    }
}

/// Whether a statement begins with a verb of another language.
pub fn begins_elsewhere(tokens: &[Token<'_>]) -> bool {
    tokens.first().is_some_and(|first| STATEMENTS.iter().any(|(words, ..)| among(first.text, words)))
}

/// The advice for an operator of another language, or one in a place where it is none.
pub fn operator(place: Place<'_, '_>) -> Option<String> {
    let (previous, found) = (place.previous()?, place.found()?);
    let first = place.tokens.first().map_or("", |first| first.text);
    if first.eq_ignore_ascii_case("set") && (found.is_word("by") || found.is_symbol("+")) && place.at == 2 {
        return Some(format!("to change by an amount or a share: add 10% to {} where …", previous.text));
    }
    if first.eq_ignore_ascii_case("define") && found.is_word("where") {
        return Some(format!("a selection in a formula stands in brackets behind the measure: {}[…]", previous.text));
    }
    if first.eq_ignore_ascii_case("solve") && found.is_word("and") {
        return Some("targets are parted by commas: so that total = 20M, Atlas = 3M".into());
    }
    if previous.is_symbol("=") && found.is_symbol("=") {
        return Some("equal is written with one =".into());
    }
    if found.is_word("percent") {
        return Some(format!("a share is written with its sign: {}%", previous.text));
    }
    if among(previous.text, &["ytd", "htd", "qtd"]) && place.has_where() {
        let measure = place.tokens.get(1).filter(|name| name.kind == Kind::Word).map_or("cost", |name| name.text);
        let to_date = format!("{measure}[{}] where …, {}", previous.text.to_lowercase(), found.text);
        return Some(format!("what is to date stands in brackets behind the measure: {to_date}"));
    }
    if first.eq_ignore_ascii_case("show") && found.is_word("from") && place.whole {
        let [_, start, to, end, ..] = place.tokens.get(place.at..)? else { return None };
        let span = to.is_word("to") && [start, end].iter().all(|period| is_period(period));
        return span.then(|| format!("periods from one to another are a range: where {}..{}", start.text, end.text));
    }
    if among(previous.text, &["by", "across"]) && begins_clause(found.text) {
        return Some(format!("behind {} the level is missing: {} division", previous.text, previous.text));
    }
    if previous.is_word("where") && found.is_word("not") {
        return Some("what is not wanted is written project != Apollo, project not in (…), or … except Apollo".into());
    }
    if found.is_word("of") && among(previous.text, &["children", "leaves", "descendants"]) {
        return Some("behind by and across a selection stands in brackets: department[children of Engineering]".into());
    }
    if first.eq_ignore_ascii_case("set") && found.is_word("where") && place.whole {
        let [_, name, _, amount, ..] = place.tokens else { return None };
        return Some(format!("to change a measure, write `to`: set {} to {} where …", name.text, amount.text));
    }
    None
}

fn is_period(token: &Token<'_>) -> bool {
    matches!(token.kind, Kind::Period | Kind::Number(_))
}
