//! Facts as the stories write them.

use super::market::{NO_CAMPAIGN, NO_CHANNEL, NO_PROJECT, NO_REGION};
/// The scenarios, in the order in which they are shown.
pub(super) const SCENARIOS: [&str; 4] = ["actual", "plan", "forecast", "target"];
/// Months of the calendar, from January 2024.
pub(super) const MONTHS: u32 = 36;

/// The first year of the calendar.
pub(super) const FIRST_YEAR: u32 = 2024;

/// One cell: where it stands, and its measures.
#[derive(Clone, Copy)]
pub(super) struct Fact {
    /// A team, or a division for what no team owns.
    pub(super) unit: &'static str,
    /// A project, or a portfolio for what no project owns.
    pub(super) work: &'static str,
    pub(super) channel: &'static str,
    pub(super) campaign: &'static str,
    /// A region, or `Worldwide` for what no region owns.
    pub(super) region: &'static str,
    pub(super) scenario: &'static str,
    /// Months since January 2024.
    pub(super) month: u32,
    pub(super) amounts: Amounts,
}

/// The measures of a cell; nothing where there is none.
#[derive(Clone, Copy, Default)]
pub(super) struct Amounts {
    pub(super) headcount: Option<i64>,
    pub(super) hires: Option<i64>,
    /// In cents.
    pub(super) cost: Option<i64>,
    /// In cents.
    pub(super) revenue: Option<i64>,
    pub(super) leads: Option<i64>,
}

impl Amounts {
    /// Adds those of another cell.
    pub(super) fn add(&mut self, other: Self) {
        let plus = |a: &mut Option<i64>, b: Option<i64>| *a = a.map_or(b, |a| Some(a + b.unwrap_or(0)));
        plus(&mut self.headcount, other.headcount);
        plus(&mut self.hires, other.hires);
        plus(&mut self.cost, other.cost);
        plus(&mut self.revenue, other.revenue);
        plus(&mut self.leads, other.leads);
    }
}

impl Fact {
    /// A fact of a unit that concerns no project, channel, campaign or region.
    pub(super) fn of(unit: &'static str, scenario: &'static str, month: u32) -> Self {
        Self {
            unit,
            work: NO_PROJECT,
            channel: NO_CHANNEL,
            campaign: NO_CAMPAIGN,
            region: NO_REGION,
            scenario,
            month,
            amounts: Amounts::default(),
        }
    }
}
