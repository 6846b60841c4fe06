//! FoodMart: its Sales, Warehouse, HR and expense cubes, by any level of any hierarchy.

use super::Data;
use std::collections::{BTreeMap, BTreeSet};

/// Figures in ten-thousandths by the names of their coordinates.
type Fine = BTreeMap<Vec<String>, i64>;

/// Rows by the text of their first column.
type Keyed = BTreeMap<String, Vec<String>>;

/// A text such as `12.5` in ten-thousandths.
fn fine(text: &str) -> i64 {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    assert!(part.len() <= 4, "{text} has more than four digits after the point");
    format!("{whole}{part:0<4}").parse().unwrap()
}

fn keyed(data: &Data, file: &str, columns: &[&str]) -> Keyed {
    data.parquet(file, columns).into_iter().map(|row| (row[0].clone(), row[1..].to_vec())).collect()
}

/// The month of each `time_id`.
fn months(data: &Data) -> BTreeMap<String, String> {
    let month = |row: &Vec<String>| format!("{}-{:0>2}", row[0], row[1]);
    let times = keyed(data, "time_by_day.parquet", &["time_id", "the_year", "month_of_year"]);
    times.into_iter().map(|(time, row)| (time, month(&row))).collect()
}

/// Each product's family, department, category, subcategory, brand and name.
fn products(data: &Data) -> Keyed {
    let levels =
        ["product_class_id", "product_family", "product_department", "product_category", "product_subcategory"];
    let classes = keyed(data, "product_class.parquet", &levels);
    let products =
        keyed(data, "product.parquet", &["product_id", "product_class_id", "brand_name", "product_name"]).into_iter();
    products.map(|(id, row)| (id, [classes[&row[0]].as_slice(), &row[1..]].concat())).collect()
}

/// Sums of one column by some others.
fn summed(rows: &[Vec<String>], by: &[usize], of: usize) -> Fine {
    let mut sums = Fine::new();
    for row in rows {
        let name = by.iter().map(|column| row[*column].clone()).collect();
        *sums.entry(name).or_default() += fine(&row[of]);
    }
    sums
}

/// What a `show` answered, in ten-thousandths.
fn answered(data: &Data, script: &str, question: &str, keys: &[&str], measure: &str) -> Fine {
    let answers = data.run(script, question);
    let last = answers.documents.iter().rfind(|document| document.is_array()).unwrap();
    let figure = |record: &serde_json::Value| {
        let value = record[measure].as_number()?.to_string();
        let names = keys.iter().map(|key| record[key].as_str().unwrap().to_owned());
        Some((names.collect(), fine(&value)))
    };
    last.as_array().unwrap().iter().filter_map(figure).collect()
}

/// Asks by every level, one question a level, and compares each with the rows' own sums.
fn compare(data: &Data, script: &str, rows: &[Vec<String>], measure: (&str, usize), levels: &[(&str, &[usize])]) {
    for (by, columns) in levels {
        let keys: Vec<&str> = by.split(", ").collect();
        let question = format!("show {} by {by} where actual", measure.0);
        let actual = answered(data, script, &question, &keys, measure.0);
        let expected = summed(rows, columns, measure.1);
        assert!(!expected.is_empty());
        assert!(actual == expected, "{question}: {} and {} figures", actual.len(), expected.len());
    }
}

const SALES: &str = "family,department,category,subcategory,brand,product,country,state,city,customer,\
                     store_country,store_state,store_city,store,media,promotion,month,unit_sales,store_sales,store_cost";

/// The facts of 1997 with every level as a column.
fn sales(data: &Data) -> Vec<Vec<String>> {
    let (products, months) = (products(data), months(data));
    let customers = keyed(data, "customer.parquet", &["customer_id", "country", "state_province", "city"]);
    let stores =
        keyed(data, "store.parquet", &["store_id", "store_country", "store_state", "store_city", "store_name"]);
    let promotions = keyed(data, "promotion.parquet", &["promotion_id", "media_type"]);
    let columns =
        ["product_id", "customer_id", "store_id", "promotion_id", "time_id", "unit_sales", "store_sales", "store_cost"];
    let row = |fact: Vec<String>| {
        let mut row = products[&fact[0]].clone();
        row.extend(customers[&fact[1]].iter().cloned().chain([fact[1].clone()]));
        row.extend(stores[&fact[2]].iter().cloned());
        row.extend(promotions[&fact[3]].iter().cloned().chain([fact[3].clone()]));
        row.push(months[&fact[4]].clone());
        row.extend(fact[5..].iter().cloned());
        row
    };
    data.parquet("sales_fact_1997.parquet", &columns).into_iter().map(row).collect()
}

#[test]
fn sales_by_every_level() {
    let files = [
        "sales_fact_1997.parquet",
        "time_by_day.parquet",
        "product.parquet",
        "product_class.parquet",
        "customer.parquet",
        "store.parquet",
        "promotion.parquet",
    ];
    let Some(data) = Data::copy("foodmart", &files) else { return };
    let rows = sales(&data);
    data.write("sales.csv", SALES, rows.clone());
    let answers = data.run("foodmart_sales.pcq", "show count of customer as customers by family where actual");
    let shows: Vec<&serde_json::Value> = answers.documents.iter().filter(|document| document.is_array()).collect();
    let whole = &shows[0][0];
    assert_eq!(fine(&whole["unit_sales"].to_string()), 2_667_730_000);
    assert_eq!(fine(&whole["store_sales"].to_string()), 5_652_381_300);
    assert_eq!(fine(&whole["store_cost"].to_string()), 2_256_272_336);
    assert_eq!(whole["customers"], 5581);
    let mut buyers: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for row in &rows {
        buyers.entry(&row[0]).or_default().insert(&row[9]);
    }
    for record in shows[1].as_array().unwrap() {
        assert_eq!(record["customers"], buyers[record["family"].as_str().unwrap()].len());
    }
    let levels: [(&str, &[usize]); 8] = [
        ("family", &[0]),
        ("family, department, category", &[0, 1, 2]),
        ("family, department, category, subcategory, brand", &[0, 1, 2, 3, 4]),
        ("country, state, city", &[6, 7, 8]),
        ("store_country, store_state, store_city, store", &[10, 11, 12, 13]),
        ("media, promotion", &[14, 15]),
        ("month, store_state", &[16, 11]),
        ("customer", &[9]),
    ];
    compare(&data, "foodmart_sales.pcq", &rows, ("store_sales", 18), &levels);
    compare(&data, "foodmart_sales.pcq", &rows, ("unit_sales", 17), &levels[1..2]);
    compare(&data, "foodmart_sales.pcq", &rows, ("store_cost", 19), &levels[3..4]);
}

#[test]
fn inventory_by_every_level() {
    let files = [
        "inventory_fact_1997.parquet",
        "time_by_day.parquet",
        "product.parquet",
        "product_class.parquet",
        "warehouse.parquet",
    ];
    let Some(data) = Data::copy("foodmart", &files) else { return };
    let (products, months) = (products(&data), months(&data));
    let levels = ["warehouse_id", "warehouse_country", "warehouse_state_province", "warehouse_city", "warehouse_name"];
    let warehouses = keyed(&data, "warehouse.parquet", &levels);
    let columns = ["product_id", "warehouse_id", "time_id", "units_ordered", "warehouse_sales"];
    let facts = data.parquet("inventory_fact_1997.parquet", &columns).into_iter();
    let rows: Vec<Vec<String>> = facts
        .map(|fact| {
            let ends = [months[&fact[2]].clone(), fact[3].clone(), fact[4].clone()];
            [warehouses[&fact[1]].as_slice(), &products[&fact[0]], &ends].concat()
        })
        .collect();
    let header = "country,state,city,warehouse,family,department,category,subcategory,brand,product,month,\
                  units_ordered,warehouse_sales";
    data.write("inventory.csv", header, rows.clone());
    let levels: [(&str, &[usize]); 3] =
        [("country, state, city, warehouse", &[0, 1, 2, 3]), ("family, department", &[4, 5]), ("month", &[10])];
    compare(&data, "foodmart_warehouse.pcq", &rows, ("warehouse_sales", 12), &levels);
    compare(&data, "foodmart_warehouse.pcq", &rows, ("units_ordered", 11), &levels);
}

/// A parent that is no member is none.
fn with_parents(rows: Vec<Vec<String>>) -> Vec<Vec<String>> {
    let keys: BTreeSet<String> = rows.iter().map(|row| row[0].clone()).collect();
    let known = |mut row: Vec<String>| {
        if !keys.contains(&row[1]) {
            row[1].clear();
        }
        row
    };
    rows.into_iter().map(known).collect()
}

#[test]
fn salaries_below_every_supervisor() {
    let files = ["salary.parquet", "employee.parquet"];
    let Some(data) = Data::copy("foodmart", &files) else { return };
    let employees = with_parents(data.parquet("employee.parquet", &["employee_id", "supervisor_id"]));
    data.write("employee.csv", "employee_id,supervisor_id", employees.clone());
    let columns = ["pay_date", "employee_id", "department_id", "salary_paid"];
    let paid = data.parquet("salary.parquet", &columns).into_iter();
    let rows: Vec<Vec<String>> = paid.map(|row| [&[row[0][..7].to_owned()], &row[1..]].concat()).collect();
    data.write("salary.csv", "month,employee,department,salary", rows.clone());

    let parents: BTreeMap<&String, &String> = employees.iter().map(|row| (&row[0], &row[1])).collect();
    let mut expected = Fine::new();
    for row in &rows {
        let mut at = Some(&row[1]);
        while let Some(employee) = at.filter(|employee| !employee.is_empty()) {
            *expected.entry(vec![employee.clone()]).or_default() += fine(&row[3]);
            at = parents.get(employee).copied();
        }
    }
    let names: Vec<String> = expected.keys().map(|name| format!("\"{}\"", name[0])).collect();
    let question = format!("show salary by employee[{}] where actual", names.join(", "));
    let actual = answered(&data, "foodmart_staff.pcq", &question, &["employee"], "salary");
    assert!(actual == expected, "{} and {} employees", actual.len(), expected.len());
    assert!(expected.len() > 600);
}

#[test]
fn expenses_by_account() {
    let files = ["expense_fact.parquet", "account.parquet"];
    let Some(data) = Data::copy("foodmart", &files) else { return };
    let columns = ["account_id", "account_parent", "account_rollup", "account_type"];
    let accounts = with_parents(data.parquet("account.parquet", &columns));
    data.write("account.csv", "account_id,account_parent,account_rollup,account_type", accounts.clone());
    let columns = ["exp_date", "store_id", "category_id", "account_id", "amount"];
    let facts = data.parquet("expense_fact.parquet", &columns).into_iter();
    let rows: Vec<Vec<String>> = facts.map(|row| [&[row[0][..7].to_owned()], &row[1..]].concat()).collect();
    data.write("expense.csv", "month,store,category,account,amount", rows.clone());

    let own = summed(&rows, &[3], 4);
    let mut expected = Fine::new();
    for account in &accounts {
        if let Some(amount) = rolled_up(&accounts, &own, &account[0]) {
            expected.insert(vec![account[0].clone()], amount);
        }
    }
    let names: Vec<String> = accounts.iter().map(|row| format!("\"{}\"", row[0])).collect();
    let question = format!("show amount by account[{}] where scenario.actual", names.join(", "));
    let actual = answered(&data, "foodmart_expense.pcq", &question, &["account"], "amount");
    assert!(actual == expected, "{actual:?} instead of {expected:?}");
}

/// An account's own amount and those below it by their operators; none where there is nothing.
fn rolled_up(accounts: &[Vec<String>], own: &Fine, account: &str) -> Option<i64> {
    let mut amount = own.get(&vec![account.to_owned()]).copied();
    for child in accounts.iter().filter(|row| row[1] == account) {
        let sign = match child[2].as_str() {
            "-" => -1,
            "~" => 0,
            _ => 1,
        };
        if let Some(below) = rolled_up(accounts, own, &child[0]).filter(|_| sign != 0) {
            amount = Some(amount.unwrap_or(0) + sign * below);
        }
    }
    amount
}
