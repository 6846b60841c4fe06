//! No statement takes more memory than it may: what would is refused with what was too much, and changes nothing.

use super::run::{Outcome, plancube};

/// Six dimensions of thirty members each, and twelve months; six facts.
const MODEL: &str = "
    create dimension a; create dimension b; create dimension c; create dimension d; create dimension e; create dimension f;
    create time dimension month months 2026-01..2026-12; create scenario plan;
    create measure cost decimal(2); create measure heads decimal(0) last over month;
    load 'facts.csv' creating members;";

fn facts() -> String {
    let row =
        |n: usize| format!("{0},{0},{0},{0},{0},{0},2026-{1:02},{2},1\n", format_args!("m{n:02}"), n % 12 + 1, n + 1);
    format!("a,b,c,d,e,f,month,cost,heads\n{}", (0..30).map(row).collect::<String>())
}

/// Ten thousand facts of ten thousand members.
fn many() -> String {
    let row = |n: usize| format!("n{n:05},m{n:05},2026-01,{n},1\n");
    format!("a,b,month,cost,heads\n{}", (0..10_000).map(row).collect::<String>())
}

fn wide() -> Outcome {
    plancube(&["wide.plancube", "-c", MODEL]).file("facts.csv", facts()).file("many.csv", many()).status(0)
}

/// Refuses a statement under a budget, in these words, and leaves the cube as it was.
fn refused(cube: Outcome, memory: &str, statement: &str, words: &str) -> Outcome {
    let before = cube.then(&["wide.plancube", "-c", "hash"]).status(0);
    let hash = before.stdout();
    let outcome = before.then(&["wide.plancube", "--memory", memory, "-c", statement]).status(1).answers_nothing();
    let outcome = outcome.complains(words).complains("--memory SIZE").complains("may take");
    let after = outcome.then(&["wide.plancube", "-c", "hash; history"]).status(0);
    assert!(after.stdout().starts_with(&hash), "{statement}");
    after
}

#[test]
fn a_cross_product_is_refused_before_it_is_made() {
    let words = "crossing 729000000 combinations would bring this statement to 130.4 GiB of memory; it may take 4 GiB";
    let cube = refused(wide(), "4G", "show cost by a, b, c, d, e, f with empty", words);
    refused(cube, "4G", "show cost by a, b, c across d, e, f with empty", "an answer of 27000 rows would bring");
}

#[test]
fn an_amount_over_all_leaves_is_refused_before_they_are_made() {
    let cube =
        refused(wide(), "4G", "set cost to 1M where plan equally over all", "the 8748000000 leaves of the slice would");
    let cube = refused(cube, "4G", "fill cost with 1 where plan", "the 8748000000 leaves of the slice would");
    refused(
        cube,
        "4G",
        "set cost to 5 where plan by cost[a = all, b = all, c = all, d = all, e = all, f = all]",
        "the weights would",
    );
}

#[test]
fn what_grows_with_the_facts_is_refused_as_it_grows() {
    let model = "create dimension a; create dimension b; create time dimension month months 2026-01..2026-12;
        create scenario plan, other; create measure cost decimal(0); create measure heads decimal(0) last over month;";
    let cube = plancube(&["wide.plancube", "-c", model]).file("many.csv", many()).status(0);
    let load_plan = "load 'many.csv' into plan creating members";
    let cube = refused(cube, "1M", load_plan, "the rows of the file would");
    let cube = cube.then(&["wide.plancube", "-c", load_plan]).status(0);
    let mut cube =
        cube.then(&["wide.plancube", "-c", "define twice = cost * 2 at leaves; branch side from plan"]).status(0);
    for (statement, words) in [
        ("show cost by a", "the groups of a question would"),
        ("show heads by a", "would"),
        ("show count of b by a", "would"),
        ("show twice", "would"),
        ("set cost to 5 where plan", "the leaves of the slice would"),
        ("copy cost from plan to other times 2", "the leaves of the slice would"),
        ("clear cost where plan", "the leaves of the slice would"),
        ("export plan to 'out.csv'", "would"),
        ("compare plan to other", "the leaves of the slice would"),
        ("load members of a from 'many.csv' (a -> key)", "the rows of the file would"),
    ] {
        cube = refused(cube, "300K", statement, words);
    }
}

#[test]
fn what_a_change_needs_beside_its_leaves_is_refused_as_well() {
    let model = "create dimension a; create dimension b; create time dimension month months 2026-01..2026-12;
        create scenario plan; create measure cost decimal(0); create measure heads decimal(0) last over month;
        load 'many.csv' into plan creating members; branch side from plan; add 100% to cost where plan";
    let model = [&[model][..], &["add 100% to cost where side"; 6]].concat().join("; ");
    let mut cube = plancube(&["wide.plancube", "-c", &model]).file("many.csv", many()).status(0);
    for (memory, statement, words) in [
        ("4M", "solve cost where plan so that each a >= 2", "the program of the least change would"),
        ("700K", "revert 9", "the cells of the operation would"),
        ("9M", "merge side into plan taking side", "the cells changed since the scenarios parted would"),
        ("20K", "trace cost where plan", "the changes of operation"),
    ] {
        cube = refused(cube, memory, statement, words);
    }
    let several = "begin; add 100% to cost where plan; add 1% to cost where side; add 1% to cost where plan; commit";
    refused(cube, "4M", several, "the cells of the statements run as one would");
}

#[test]
fn a_budget_that_suffices_changes_no_answer() {
    let asked = "show cost, heads by a, month with totals; set cost to 100 where plan equally over all; hash";
    let model = MODEL.replace("create dimension c; create dimension d; create dimension e; create dimension f;", "");
    let run = |memory: &[&str]| {
        let arguments = [memory, &["-c", &model, "-c", asked]].concat();
        let facts: String = facts().lines().map(|line| narrowed(line) + "\n").collect();
        plancube(&arguments).file("facts.csv", facts).status(0).stdout()
    };
    assert_eq!(run(&["--memory", "40M"]), run(&[]));
}

/// Without the columns in the middle.
fn narrowed(line: &str) -> String {
    let fields: Vec<&str> = line.split(',').collect();
    [&fields[..2], &fields[6..]].concat().join(",")
}

#[test]
fn a_size_is_a_number_and_a_unit() {
    for size in ["4X", "0", "1.5G", "G", "99999999999999T"] {
        plancube(&["--memory", size, "-c", "history"]).status(2).complains("expected a size, such as 512M or 4G");
    }
    for size in ["4g", "512M", "100000", "1T"] {
        plancube(&["--memory", size, "-c", "history"]).status(0);
    }
}
