//! Who works for the company: divisions, departments and teams, in the order in which they are shown.

/// A division and its departments.
pub(super) struct Division {
    pub(super) name: &'static str,
    pub(super) departments: &'static [Department],
}

/// A department and its teams.
pub(super) struct Department {
    pub(super) name: &'static str,
    pub(super) teams: &'static [&'static str],
}

const fn department(name: &'static str, teams: &'static [&'static str]) -> Department {
    Department { name, teams }
}

/// The company.
pub(super) const DIVISIONS: &[Division] = &[
    Division {
        name: "Sales",
        departments: &[
            department(
                "Sales NA",
                &["Boston", "Chicago", "Denver", "Atlanta", "Seattle", "Toronto", "Dallas", "Phoenix"],
            ),
            department("Sales EMEA", &["London", "Berlin", "Paris", "Madrid", "Milan", "Stockholm"]),
            department("Sales APAC", &["Tokyo", "Singapore", "Sydney", "Mumbai"]),
            department("Sales LATAM", &["Bogota", "Santiago"]),
            department("Enablement", &["Deal Desk", "Sales Training", "Sales Analytics"]),
        ],
    },
    Division {
        name: "Marketing",
        departments: &[
            department("Programmes", &["Search Desk", "Social Desk", "Events Desk", "Partner Desk"]),
            department("Brand", &["Design", "Editorial", "Website"]),
            department("Communications", &["Press", "Community"]),
            department("Product Marketing", &["Positioning", "Pricing"]),
        ],
    },
    Division {
        name: "Engineering",
        departments: &[
            department("Product", &["Atlas Squad", "Beacon Squad", "Comet Squad", "Drift Squad"]),
            department("Platform", &["Cloud", "Firmware", "Telemetry", "Identity", "Developer Tools"]),
            department("Hardware", &["Electronics", "Mechanics", "Enclosures", "Power", "Antennas"]),
            department("Quality", &["Test Automation", "Field Tests", "Reliability", "Compliance"]),
            department("Laboratory", &["Algorithms", "Alloys", "Acoustics"]),
        ],
    },
    Division {
        name: "Operations",
        departments: &[
            department("Manufacturing", &["Assembly", "Calibration", "Packaging", "Casting"]),
            department("Supply", &["Purchasing", "Scheduling", "Supplier Quality"]),
            department("Logistics", &["Warehouse", "Shipping", "Returns"]),
            department("Facilities", &["Sites", "Safety"]),
        ],
    },
    Division {
        name: "Support",
        departments: &[
            department("Helpdesk", &["First Line", "Second Line", "Third Line"]),
            department("Field Service", &["Installations", "Repairs", "Spares", "Inspections"]),
            department("Customer Success", &["Onboarding", "Adoption", "Training", "Advisory"]),
            department("Knowledge", &["Manuals", "Translations"]),
        ],
    },
    Division {
        name: "Administration",
        departments: &[
            department("Finance", &["Accounting", "Controlling", "Treasury", "Payroll"]),
            department("People", &["Recruiting", "Development", "Benefits"]),
            department("Legal", &["Licences", "Patents"]),
            department("IT", &["Workplace", "Networks", "Security"]),
            department("Executive", &["Board Office", "Strategy"]),
        ],
    },
];

/// A team with those above it.
#[derive(Clone, Copy)]
pub(super) struct Team {
    pub(super) division: &'static str,
    pub(super) department: &'static str,
    pub(super) name: &'static str,
}

/// All teams, in order.
pub(super) fn teams() -> impl Iterator<Item = Team> {
    DIVISIONS.iter().flat_map(|division| {
        division.departments.iter().flat_map(|department| {
            let team = |&name| Team { division: division.name, department: department.name, name };
            department.teams.iter().map(team)
        })
    })
}
