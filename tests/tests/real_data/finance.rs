//! AdventureWorks' general ledger by fiscal period: accounts with operators, organizations with ownership.

use super::{Data, Figures, cents, same};
use std::collections::{BTreeMap, BTreeSet};

const FILES: [&str; 4] = ["fact_finance.csv", "dim_account.csv", "dim_organization.csv", "dim_period.csv"];

/// The account that counts heads.
const HEADS: &str = "96";

/// The month of a fiscal period of a year that starts in December: `FY2011-P01` is 2010-12.
fn month(period: &str) -> String {
    let (year, part) = (period[2..6].parse::<i32>().unwrap(), period[8..].parse::<i32>().unwrap());
    let month = year * 12 - 1 + part - 1;
    format!("{:04}-{:02}", month.div_euclid(12), month.rem_euclid(12) + 1)
}

struct Ledger {
    data: Data,
    /// Organization, account, scenario, month, amount.
    rows: Vec<Vec<String>>,
}

impl Ledger {
    fn read() -> Option<Self> {
        let data = Data::copy("adventureworks_finance", &FILES)?;
        let periods = data.rows("dim_period.csv", &["date_key", "fiscal_period"]);
        let months: BTreeMap<String, String> =
            periods.into_iter().map(|row| (row[0].clone(), month(&row[1]))).collect();
        let columns = ["org_key", "account_key", "scenario_key", "date_key", "amount"];
        let rows = data.rows("fact_finance.csv", &columns).into_iter().map(|mut row| {
            row[3] = months[&row[3]].clone();
            row
        });
        let rows: Vec<Vec<String>> = rows.collect();
        let (heads, money): (Vec<_>, Vec<_>) = rows.iter().cloned().partition(|row| row[1] == HEADS);
        data.write("money.csv", "organization,account,scenario,month,amount", money);
        data.write("heads.csv", "organization,account,scenario,month,headcount", heads);
        Some(Ledger { data, rows })
    }

    fn organizations(&self) -> Vec<Vec<String>> {
        self.data.rows("dim_organization.csv", &["org_key", "parent_key", "ownership_weight"])
    }
}

#[test]
fn assets_are_liabilities_and_equity_in_every_closing() {
    let Some(ledger) = Ledger::read() else { return };
    let answers = ledger.data.run("adventureworks_ledger.pcq", "");
    let figures = answers.figures(0, &["month", "account"], "amount");
    let of = |account: &str| -> Vec<(String, i64)> {
        let found = figures.iter().filter(|(name, _)| name[1] == account);
        found.map(|(name, amount)| (name[0].clone(), *amount)).collect()
    };
    let assets: Vec<(String, i64)> = of("2").into_iter().filter(|(_, amount)| *amount != 0).collect();
    let other: Vec<(String, i64)> = of("25").into_iter().filter(|(_, amount)| *amount != 0).collect();
    assert_eq!(assets, other);
    assert_eq!(assets.len(), 36);
    assert!(of("1").iter().all(|(_, amount)| *amount == 0));
    let mut first: BTreeMap<String, i64> = BTreeMap::new();
    let is_asset = |row: &&Vec<String>| (3..=24).contains(&row[1].parse::<i32>().unwrap());
    for row in ledger.rows.iter().filter(|row| row[3] == "2010-12" && row[2] == "1").filter(is_asset) {
        *first.entry(row[0].clone()).or_default() += cents(&row[4]);
    }
    let first = rounded(owned(&ledger.organizations(), &first, "1", 1_000_000));
    assert_eq!(assets[0], ("2010-12".to_owned(), first));
}

/// Amounts below an organization in millionths of cents: each child by its weight in hundredths.
fn owned(members: &[Vec<String>], own: &BTreeMap<String, i64>, member: &str, part: i128) -> i128 {
    let below = members.iter().filter(|row| row[1] == member);
    let weight = |row: &Vec<String>| i128::from(cents(&row[2]));
    let below: i128 = below.map(|row| owned(members, own, &row[0], part * weight(row) / 100)).sum();
    below + i128::from(own.get(member).copied().unwrap_or(0)) * part
}

/// Millionths to whole cents, once, half away from zero: three weights of two digits have six digits.
fn rounded(exact: i128) -> i64 {
    i64::try_from((exact.abs() + 500_000) / 1_000_000 * exact.signum()).unwrap()
}

#[test]
fn organizations_count_by_what_is_owned() {
    let Some(ledger) = Ledger::read() else { return };
    let members = ledger.organizations();
    let names: Vec<String> = members.iter().map(|row| format!("\"{}\"", row[0])).collect();
    let question = format!(
        "show amount by organization[{}], fiscal_year where scenario = \"1\", account = \"60\"",
        names.join(", ")
    );
    let answers = ledger.data.run("adventureworks_ledger.pcq", &question);
    let mut own: BTreeMap<String, BTreeMap<String, i64>> = BTreeMap::new();
    for row in ledger.rows.iter().filter(|row| row[1] == "60" && row[2] == "1") {
        let (year, month) = (row[3][..4].parse::<i32>().unwrap(), &row[3][5..]);
        let fiscal = format!("FY{}", year + i32::from(month == "12"));
        *own.entry(fiscal).or_default().entry(row[0].clone()).or_default() += cents(&row[4]);
    }
    let mut expected = Figures::new();
    for (year, own) in &own {
        for member in &members {
            let exact = owned(&members, own, &member[0], 1_000_000);
            if exact != 0 {
                expected.insert(vec![member[0].clone(), year.clone()], rounded(exact));
            }
        }
    }
    let mut actual = answers.figures(1, &["organization", "fiscal_year"], "amount");
    actual.retain(|_, amount| *amount != 0);
    same(&actual, &expected);
}

#[test]
fn headcount_closes_with_its_last_month() {
    let Some(ledger) = Ledger::read() else { return };
    let question = "show headcount by organization, fiscal_quarter where scenario = \"1\", account = \"96\"";
    let answers = ledger.data.run("adventureworks_ledger.pcq", question);
    let mut by_month: BTreeMap<(String, String), i64> = BTreeMap::new();
    let heads = ledger.rows.iter().filter(|row| row[1] == HEADS && row[2] == "1");
    for row in heads {
        *by_month.entry((row[0].clone(), row[3].clone())).or_default() += cents(&row[4]);
    }
    let quarter = |month: &str| {
        let months = month[..4].parse::<i32>().unwrap() * 12 + month[5..].parse::<i32>().unwrap();
        format!("FY{}-Q{}", months.div_euclid(12), months.rem_euclid(12) / 3 + 1)
    };
    // Months come in order, so that the last one stays.
    let expected: Figures = by_month
        .into_iter()
        .map(|((organization, month), heads)| (vec![organization, quarter(&month)], heads))
        .collect();
    let leaves: BTreeSet<&String> = expected.keys().map(|name| &name[0]).collect();
    let mut actual = answers.figures(1, &["organization", "fiscal_quarter"], "headcount");
    actual.retain(|name, _| leaves.contains(&name[0]));
    same(&actual, &expected);
}
