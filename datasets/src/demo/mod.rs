//! The plan of a made-up company, Quillmarsh Instruments, in the autumn of 2025: some 150,000 facts that tell the
//! stories of an annual plan, with figures that come out exactly.
//!
//! - Sales plans revenue of 50 million for 2026; the target is 65 and belongs to no region ([`MODEL`]'s `Worldwide`).
//! - Engineering asks for 30 engineers; the target has 20.
//! - Marketing plans a quarter more leads; the target asks for 40 % more.
//! - Plans and forecasts of 2024 and 2025 are kept beside the actuals, and tell whom to believe.
//!
//! Where a fact does not concern a dimension it stands at a member that says so (`No project`, `No region`). A target
//! leaves the levels empty that nobody owns.

mod dimension;
mod fact;
mod market;
mod marketing;
mod materials;
mod organisation;
mod product;
mod sales;
mod staff;
mod table;
mod target;
mod years;

use arrow_array::RecordBatch;

/// The company.
pub const NAME: &str = "Quillmarsh Instruments";

/// The statements that make the dimensions, members and measures, to be run before the facts are loaded.
pub const MODEL: &str = include_str!("model.pcq");

/// What is said when the company is opened: where it stands, and statements to try.
pub const BANNER: [&str; 5] = [
    "Quillmarsh Instruments plans 2026: Sales sees revenue of 50 million where the target is 65,",
    "and Engineering asks for 30 engineers where the target has 20. Try:",
    "  show revenue by region across scenario[plan, target, target - plan as gap] where 2026 with totals;",
    "  show hires by portfolio, project across scenario[plan, target] where Engineering, 2026 with totals;",
    "  show cost by campaign across channel where plan, Programmes, 2026 with totals;",
];

/// The facts: the same on every call and every machine.
///
/// Text columns are named after levels (`division`, `department`, `team`, `portfolio`, `project`, `kind`, `channel`,
/// `campaign`, `company`, `region`), `scenario` and `period`; numbers after the measures `headcount`, `hires` and
/// `leads` (`Int64`), `cost` and `revenue` (`Decimal128` of scale 2).
pub fn facts() -> RecordBatch {
    let mut facts = Vec::with_capacity(160_000);
    sales::facts(&mut facts);
    product::facts(&mut facts);
    staff::facts(&mut facts);
    marketing::facts(&mut facts);
    materials::facts(&mut facts);
    target::facts(&mut facts);
    table::batch_of(&facts)
}

#[cfg(test)]
mod tests;
