//! Every form, by what it prints as, and the trees that need a closer look.

use super::parse;
use crate::syntax::ast::{Condition, Element, Expr, Statement, Value};

/// Parses, and prints what was understood.
fn check(text: &str, expected: &str) {
    match parse(text) {
        Ok(statement) => assert_eq!(statement.to_string(), expected, "{text}"),
        Err(error) => panic!("{text}\n{error:?}"),
    }
}

/// Parses, and prints the same text.
fn same(texts: &[&str]) {
    for text in texts {
        check(text, text);
    }
}

#[test]
fn questions_of_the_contract() {
    same(&[
        "show headcount by project across quarter where plan, 2026",
        "show revenue, cost, revenue - cost as profit by channel where actual, 2025",
        "show headcount[plan] - headcount[actual] as open by department where 2026-06 having open > 0 order by open desc",
        "show cost, cost / cost[project = all] as share by project across quarter where plan",
        "show cost by department across scenario[actual vs plan] where 2026-Q1",
        "show cost by department[all, children of Engineering] across quarter[2026-Q1..2026-Q2 as H1, 2026-Q3] where plan",
    ]);
    check(
        "show cost by division, department across scenario[actual, plan, plan - actual as gap, gap / actual as \"gap %\"]
          where 2026-H1 top 10 by gap with totals;",
        "show cost by division, department across scenario[actual, plan, plan - actual as gap, gap / actual as \"gap %\"] where 2026-H1 top 10 by gap with totals",
    );
    check(
        "SHOW cost WITH TOTALS, EMPTY BOTTOM 3 Where plan AND 2026 order BY cost ASC By project",
        "show cost by project where plan, 2026 order by cost bottom 3 with totals with empty",
    );
}

#[test]
fn changes_of_the_contract() {
    same(&[
        "set revenue to 65000000 where target, Sales, 2026 by revenue[actual, 2025]",
        "add 5% to cost where plan, Engineering",
        "add 3 to headcount where plan, Apollo, 2026-Q2 equally",
        "move 12 headcount from Legacy to Apollo where plan, Engineering, 2026-Q1..2026-Q2",
        "move 20% cost from Campaigns to Direct where plan, 2026-H2",
        "copy revenue from actual, 2025 to plan, 2026 times 1.08",
        "fill headcount with 1 where plan, Apollo.Core, 2026",
        "clear cost where plan, \"Cancelled project\"",
        "set cost to -5 where plan unspread",
        "add -3 to headcount",
        "preview set cost to 5 like Sales, 2025 holding EMEA step 0.5 allow negative because 'it''s so'",
    ]);
    check(
        "set cost to 1.2M where plan, Marketing, 2026;   -- proportional",
        "set cost to 1200000 where plan, Marketing, 2026",
    );
    check(
        "set cost to 65k because 'x' step 1 equally over existing holding Sales allow negative where plan",
        "set cost to 65000 where plan equally holding Sales step 1 allow negative because 'x'",
    );
    check("add 1 to x where department like 'Plat%' like Sales", "add 1 to x where department like 'Plat%' like Sales");
    check(
        "add 1 to x where Sales like EMEA equally over all".replace(" equally over all", "").as_str(),
        "add 1 to x where Sales like EMEA",
    );
    same(&["set x to 1 equally over all", "set x to 15%", "set x to 1 proportionally"]);
}

#[test]
fn model_and_data_of_the_contract() {
    same(&[
        "create dimension department levels (division, department, team)",
        "create dimension account parent-child",
        "create time dimension period months 2024-01..2027-12 fiscal start 2",
        "create time dimension period months 2024-01..2027-12",
        "create scenario forecast",
        "create scenario a, b",
        "create measure headcount decimal(1) last over period unit 'heads'",
        "create measure cost decimal(2) unit 'USD' format '#,##0'",
        "create measure a decimal(0) average average over period favours lower",
        "add member \"New York\" to city under \"East Coast\" weight -1 with priority = 1, location = 'Berlin'",
        "load 'facts.csv'",
        "load 'facts.parquet' into plan (CostCentre -> department, Date -> period, Amount -> cost) replace where plan, 2026",
        "load members of account from 'accounts.csv' (AccountKey -> key, ParentKey -> parent, Operator -> weight, AccountType -> type)",
        "load 'f' creating members skipping errors to 'r.csv' on duplicate reject because 'x'",
        "load 'f' replace",
        "describe",
        "describe department",
        "members of department",
        "explain show cost",
    ]);
    check("create dimension channel", "create dimension channel levels (channel)");
    check("create dimension a parent_child", "create dimension a parent-child");
    check(
        "create measure c decimal(2) favors higher format '0' unit 'x' closing over period max",
        "create measure c decimal(2) max closing over period unit 'x' format '0' favours higher",
    );
    check(
        "add member Apollo to project with priority = 1200, city = Berlin weight 0.5 under Platform",
        "add member Apollo to project under Platform weight 0.5 with priority = 1200, city = 'Berlin'",
    );
    check("load 'f' on duplicate add (a -> b) into plan", "load 'f' into plan (a -> b) on duplicate add");
}

#[test]
fn scenarios_and_history_of_the_contract() {
    same(&[
        "branch upside from plan",
        "branch downside from plan because 'revenue -15%'",
        "drop upside",
        "lock plan",
        "lock plan, 2026-Q1",
        "unlock plan",
        "use upside",
        "undo 3",
        "history",
        "history where plan, Apollo",
        "begin",
        "commit",
        "rollback",
    ]);
    check("undo;", "undo 1");
    check("redo ; ;", "redo 1");
}

#[test]
fn selections_of_the_contract() {
    for condition in [
        "plan",
        "\"New York\"",
        "project.Apollo",
        "Engineering.Platform",
        "project.\"New York\"",
        "scenario.2026",
        "project = Apollo",
        "project != Apollo",
        "project in (Apollo, Hermes)",
        "project not in (Apollo, level team, 2026-Q1..2026-Q3)",
        "2026-Q1..2026-Q3",
        "2024-01..2027-12",
        "2025..2026",
        "FY2026-Q1",
        "children of Engineering",
        "leaves of Engineering",
        "descendants of department.Engineering",
        "level team",
        "project.priority >= 2",
        "project.priority >= -2.5",
        "department.location = 'Berlin'",
        "department like 'Plat%'",
        "department not like 'Plat%'",
        "project = all",
        "project.size = 1_200",
    ] {
        let text = format!("show cost where {condition}, plan");
        check(&text, &text);
    }
    check("show cost where a <> b and c", "show cost where a != b, c");
}

#[test]
fn keywords_are_names_where_nothing_else_fits() {
    same(&[
        "show plan, target, level, period, members, scenario, channel, parent, first, last, average, unit, cost, sum, count",
        "show unit by members, period, level across scenario[first, last, average as unit]",
        "show cost where level, children, step, equally, all, parent, load, show1, prev, next, trailing",
        "show cost where level = unit, level in (a, b), level not in (c), level like 'x', level..step",
        "set level to 5 where level equally",
        "set level to 5 where level level equally",
        "create dimension levels levels (levels, time)",
        "create measure unit decimal(0) sum unit 'x'",
        "add member member to member under under with with_ = 1",
        "load 'f' (members -> members, as_ -> key)",
        "use use",
        "drop drop",
        "show ytd.x where ytd = 1, prev, qtd in (a)",
        "show cost where \"ytd\", \"parent\", project = \"parent\"",
        "show cost[\"ytd\"]",
        "show define, merge by status, check where note, hold",
    ]);
}

#[test]
fn formulas_bind_as_in_school() {
    for (text, expected) in [
        ("a + b * c", "a + b * c"),
        ("(a + b) * c", "(a + b) * c"),
        ("a - (b - c)", "a - (b - c)"),
        ("(a - b) - c", "a - b - c"),
        ("-a * b", "-a * b"),
        ("-(a * b)", "-(a * b)"),
        ("--a", ""),
        ("- -a", "-(-a)"),
        ("not a = b and c or d", "not a = b and c or d"),
        ("not (a and b)", "not (a and b)"),
        ("(a = b) = c", "(a = b) = c"),
        ("if a > 0 then b else c + 1", "if a > 0 then b else c + 1"),
        ("(if a > 0 then b else c) + 1", "(if a > 0 then b else c) + 1"),
        ("round(a, 2) / max(b, 0.5)", "round(a, 2) / max(b, 0.5)"),
        ("COUNT(a) + abs", "COUNT(a) + abs"),
        ("a[plan and 2026-Q1] - 2026 - 3", "a[plan, 2026-Q1] - 2026 - 3"),
        ("12% * (a)", "12% * a"),
        ("1.50", "1.50"),
    ] {
        match expected {
            "" => assert!(parse(&format!("show {text}")).is_err()),
            _ => check(&format!("show {text}"), &format!("show {expected}")),
        }
    }
}

/// The entries in the brackets of the first row item.
fn elements(inside: &str) -> Vec<Element> {
    match parse(&format!("show cost by d[{inside}]")) {
        Ok(Statement::Show(show)) => show.by[0].elements.clone().unwrap(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn elements_are_members_or_formulas() {
    let kinds = |inside: &str| -> String {
        let kind = |element: &Element| match element {
            Element::All { .. } => 'a',
            Element::Versus(..) => 'v',
            Element::Selection { .. } => 's',
            Element::Formula { .. } => 'f',
        };
        elements(inside).iter().map(kind).collect()
    };
    assert_eq!(kinds("all, all as x, all vs b, all.x, alles"), "aavss");
    assert_eq!(kinds("a vs b, a, a as b, a..b as c, d in (a, b) as e"), "vssss");
    assert_eq!(kinds("a - b as c, (a), 2026 - 3, 2026, 3 * a, -a, abs(a)"), "fffsfff");
    assert_eq!(kinds("a[b] / c, a + b = c, project.x > 2, if a then b else c"), "ffsf");
}

#[test]
fn spans_are_of_the_text_given() {
    let text = "  show cost[plan] where  project  =  all ;";
    let Ok(Statement::Show(show)) = parse(text) else { panic!("no question") };
    assert_eq!(&text[show.shown[0].span.clone()], "cost[plan]");
    let Expr::Reference { span, .. } = &show.shown[0].expr else { panic!("no reference") };
    assert_eq!(&text[span.clone()], "cost[plan]");
    let Condition::Compare { span, value: Value::Path(path), .. } = &show.conditions[0] else {
        panic!("no comparison")
    };
    assert_eq!(&text[span.clone()], "project  =  all");
    assert_eq!(&text[path.span()], "all");
}

#[test]
fn depth_is_limited_and_safe() {
    let deep = |n: usize| format!("show {}a{}", "(".repeat(n), ")".repeat(n));
    assert!(parse(&deep(99)).is_ok());
    assert_eq!(parse(&deep(5000)).unwrap_err().message, "the statement is nested too deeply");
    for prefix in ["- ", "not ", "abs(", "if a then b else ", "a[b in (", "if "] {
        assert!(parse(&format!("show {}", prefix.repeat(5000))).is_err());
    }
    let long = |n: usize| format!("show a{}", " + a".repeat(n));
    let widest = parse(&long(500)).unwrap();
    assert_eq!(parse(&widest.to_string()).unwrap().to_string(), long(500));
    assert!(parse(&long(501)).unwrap_err().message.contains("500 operators"));
    let items = vec!["a"; 20_000].join(", ");
    assert!(parse(&format!("show a where d in ({items})")).is_ok());
}
