//! What errors say and where the caret stands.

use super::parse;

/// The statement, carets under what is meant, the message, the label, the help.
fn render(text: &str) -> String {
    let error = match parse(text) {
        Ok(statement) => return format!("{text}\nno error: {statement}"),
        Err(error) => error,
    };
    let span = error.span.unwrap_or(0..0);
    let before = text[..span.start].chars().count();
    let width = text[span].chars().count().max(1);
    let mut lines =
        vec![text.to_owned(), format!("{}{} {}", " ".repeat(before), "^".repeat(width), error.label), error.message];
    lines.extend(error.help.iter().map(|help| format!("help: {help}")));
    lines.join("\n")
}

/// Checks blocks of a statement and what is said about it, with an empty line between.
fn check(blocks: &str) {
    for block in blocks.trim().split("\n\n") {
        assert_eq!(render(block.lines().next().unwrap()), block);
    }
}

#[test]
fn errors_say_what_was_expected() {
    check(EXPECTED);
    assert!(render("").ends_with("^ expected a statement\nthe statement ends too early"));
}

#[test]
fn forms_that_wait_are_named() {
    check(WAITING);
    for form in [
        "note 'two hires slipped' on plan",
        "notes where plan",
        "assume win_rate = 28% for 2026",
        "trigger hiring_freeze when a < b do 'freeze.pcq'",
        "check",
        "submit plan, Engineering",
        "approve plan because 'board'",
        "return plan",
        "status",
        "agree 'AOP 2026' on plan",
        "agreements",
        "create dimension a levels (b) levels (c)",
    ] {
        let error = parse(form).unwrap_err();
        assert!(error.message.ends_with("is not available in this version"), "{form}: {error:?}");
        assert_eq!(error.label, "not available yet", "{form}");
    }
}

const EXPECTED: &str = r#"
shw cost
^^^ did you mean "show"?
unexpected "shw"

cost by project
^^^^ expected a statement
unexpected "cost"
help: a statement begins with what is done: show, set, add, move, copy, fill, clear, load, create, define, branch, undo …

show
    ^ expected a formula
the statement ends too early
help: the order is: show MEASURE by LEVEL across LEVEL where SELECTION

show cost fro plan
          ^^^ expected "as", ",", "by", "across", "where", "having", "order", "top", "bottom" or "with"
unexpected "fro"
help: if cost and fro are two, put a comma between them; what is selected comes after `where`

show cost by project where
                          ^ expected a condition
the statement ends too early

show cost by
            ^ expected a name
the statement ends too early

show by project
     ^^ expected a formula
unexpected "by"
help: as a name, write "by" in double quotes
help: the order is: show MEASURE by LEVEL across LEVEL where SELECTION

show cost where plan by project where 2026
                                ^^^^^ already given before
"where" is given twice

show cost whre plan
          ^^^^ did you mean "where"?
unexpected "whre"

move 12 headcount fro Legacy to Apollo
                  ^^^ did you mean "from"?
unexpected "fro"

move 12 headcount from Legacy too Apollo
                              ^^^ did you mean "to"?
unexpected "too"

move headcount from a to b
     ^^^^^^^^^ expected "member" or a number
unexpected "headcount"
help: the order is: move AMOUNT MEASURE from SELECTION to SELECTION where SELECTION

set cost to where plan
            ^^^^^ expected a number
unexpected "where"
help: the order is: set MEASURE to AMOUNT where SELECTION

set cost 5
         ^ expected "to"
unexpected "5"
help: the order is: set MEASURE to AMOUNT where SELECTION

set cost to 5 where plan equaly
                         ^^^^^^ did you mean "equally"?
unexpected "equaly"

set cost to 5 equally by x
                      ^^^^ already given before
the way to spread is given twice

show cost where plan or actual
                     ^^ several members are written as: project in (Apollo, Hermes)
conditions are not joined by "or"

show foo(x)
     ^^^ the functions are abs, round, min, max, coalesce, sum, average, median, count, rank, running
there is no function "foo"

show averge(x)
     ^^^^^^ did you mean "average"?
there is no function "averge"

show cost where plan; undo
                      ^^^^ expected the end of the text
there is more than one statement

show 'x
     ^^ expected a closing '
a text is not closed

show "x
     ^^ expected a closing "
a quoted name is not closed

show 3abc
     ^^^^ numbers are written 5000, 5k, 1.2M or 15%, periods 2026-04 or 2026-Q2; a name that starts with a digit stands in double quotes
"3abc" is neither a number nor a name

show cost where 2026-13
                ^^^^^^^ months are 01 to 12, quarters Q1 to Q4, halves H1 and H2, weeks W01 to W53; to subtract, put spaces around the minus
there is no period 2026-13

show cost § 3
          ^ not a character of the language
unexpected character "§"

show (a + b
           ^ expected ")"
the statement ends too early
help: the "(" before a is still open: close it with ")"

show a +
        ^ expected a formula
the statement ends too early

show cost by d[a, b
                   ^ expected "vs", "as", "," or "]"
the statement ends too early
help: the "[" before a is still open: close it with "]"

show cost by d[a b]
                 ^ expected "vs", "as", "," or "]"
unexpected "b"
help: if a and b are two, put a comma between them

show cost where d in (a
                       ^ expected "," or ")"
the statement ends too early
help: the "(" before a is still open: close it with ")"

show cost where d in a
                     ^ expected "("
unexpected "a"

show cost where 5
                ^ expected a condition
unexpected "5"

undo x
     ^ expected a whole number
unexpected "x"

undo 1.5
     ^^^ expected a whole number
unexpected "1.5"

undo 3 4
       ^ expected the end of the statement
unexpected "4"

top
^^^ expected a statement
unexpected "top"
help: a statement begins with what is done: show, set, add, move, copy, fill, clear, load, create, define, branch, undo …

create dimension
                ^ expected a name
the statement ends too early
help: the order is: create dimension NAME levels (OUTER, INNER)

create dimnsion x
       ^^^^^^^^ did you mean "dimension"?
unexpected "dimnsion"

create measure x
                ^ expected "decimal"
the statement ends too early
help: the order is: create measure NAME decimal(DIGITS) unit 'UNIT'

create measure x decimal(2) last period
                                 ^^^^^^ expected "over"
unexpected "period"
help: the order is: create measure NAME decimal(DIGITS) unit 'UNIT'

create dimension x levls (a)
                   ^^^^^ did you mean "levels"?
unexpected "levls"

add member x
            ^ expected "to"
the statement ends too early
help: the order is: add member NAME to DIMENSION under PARENT

add x to y
    ^ expected "member", "dimension", "level" or a number
unexpected "x"
help: the order is: add AMOUNT to MEASURE where SELECTION

load facts.csv
     ^^^^^ expected "members" or a text in single quotes
unexpected "facts"
help: texts stand in single quotes: 'facts.csv'

load 'f' into plan (a -> b
                          ^ expected "unless", "," or ")"
the statement ends too early
help: the "(" before a is still open: close it with ")"

load 'f' (a b)
            ^ expected "->"
unexpected "b"
help: the order is: load 'FILE' into SCENARIO (COLUMN -> NAME, …) creating members

load 'f' replace where plan replace
                            ^^^^^^^ already given before
"replace" is given twice

create measure x decimal(1) sum max
                                ^^^ already given before
an option of the measure is given twice

lock
    ^ expected a condition
the statement ends too early

use by
    ^^ expected a name
unexpected "by"
help: as a name, write "by" in double quotes

branch x
        ^ expected "from"
the statement ends too early
help: the order is: branch NAME from SCENARIO

show cost top
             ^ expected a whole number
the statement ends too early

show cost order by
                  ^ expected a formula
the statement ends too early

show a < b < c
           ^ expected "as", ",", "by", "across", "where", "having", "order", "top", "bottom" or "with"
unexpected "<"

begin x
      ^ expected the end of the statement
unexpected "x"

show cost by project top ten
                         ^^^ expected a whole number
unexpected "ten"

show if a then b
                ^ expected "else"
the statement ends too early

show cost where department like Plat
                                ^^^^ expected a text in single quotes
unexpected "Plat"
help: texts stand in single quotes: 'Plat'

copy cost from a
                ^ expected "," or "to"
the statement ends too early
help: the order is: copy MEASURE from SELECTION to SELECTION times FACTOR

set cost to 5 because x
                      ^ expected a text in single quotes
unexpected "x"
help: texts stand in single quotes: 'x'

set cost to 5 allow
                   ^ expected "negative"
the statement ends too early
help: the order is: set MEASURE to AMOUNT where SELECTION

preview show x
        ^^^^ expected "merge", "set", "add", "move", "copy", "clear", "fill", "allocate", "ramp", "fit" or "solve"
unexpected "show"

explain set x
        ^^^ expected "show"
unexpected "set"

set cost to 5 where plan 2026
                         ^^^^ expected "like", ",", "where", "proportionally", "equally", "by", "unspread", "phased", "holding", "step", "allow" or "because"
unexpected "2026"
help: if plan and 2026 are two, put a comma between them

show cost as
            ^ expected a name
the statement ends too early

show cost order gap
                ^^^ expected "by"
unexpected "gap"

describe a b
           ^ expected the end of the statement
unexpected "b"

show cost where plan, by d
                      ^^ expected a condition
unexpected "by"
help: no comma stands before by; as a name it stands in double quotes
"#;

const WAITING: &str = r#"
add hierarchy x
^^^^^^^^^^^^^ not available yet
"add hierarchy" is not available in this version
help: create hierarchy NAME on DIMENSION levels (ATTRIBUTE, …)
"#;
