//! Which years each scenario covers: plans and forecasts of the past are kept, for what they say about the next.

use super::fact::FIRST_YEAR;

/// A scenario in one year.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Edition {
    pub(super) scenario: &'static str,
    pub(super) year: u32,
}

impl Edition {
    /// Its first month, counted from January 2024.
    pub(super) fn first_month(self) -> u32 {
        (self.year - FIRST_YEAR) * 12
    }

    /// Its months, counted from January 2024.
    pub(super) fn months(self) -> std::ops::Range<u32> {
        self.first_month()..self.first_month() + 12
    }
}

/// Every scenario and year but the target.
pub(super) const EDITIONS: [Edition; 8] = [
    Edition { scenario: "actual", year: 2024 },
    Edition { scenario: "actual", year: 2025 },
    Edition { scenario: "plan", year: 2024 },
    Edition { scenario: "plan", year: 2025 },
    Edition { scenario: "plan", year: 2026 },
    Edition { scenario: "forecast", year: 2024 },
    Edition { scenario: "forecast", year: 2025 },
    Edition { scenario: "forecast", year: 2026 },
];

/// The plan that is being made.
pub(super) const PLAN: Edition = EDITIONS[4];
