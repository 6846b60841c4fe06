//! What the company makes and how it sells it: projects, channels, campaigns and regions.

/// A portfolio and its projects, each with its priority (1 is the highest).
pub(super) struct Portfolio {
    pub(super) name: &'static str,
    pub(super) projects: &'static [(&'static str, Option<u8>)],
}

/// The projects. Those of the last two portfolios bring no revenue.
pub(super) const PORTFOLIOS: &[Portfolio] = &[
    Portfolio {
        name: FLAGSHIP,
        projects: &[("Atlas", Some(1)), ("Beacon", Some(1)), ("Comet", Some(2)), ("Drift", Some(3))],
    },
    Portfolio {
        name: "Sensing",
        projects: &[("Ember", Some(2)), ("Fathom", Some(2)), ("Glint", Some(3)), ("Halo", Some(1)), ("Iris", Some(3))],
    },
    Portfolio {
        name: "Marine",
        projects: &[
            ("Jetty", Some(3)),
            ("Keel", Some(2)),
            ("Lagoon", Some(3)),
            ("Mooring", Some(1)),
            ("Nautilus", Some(2)),
        ],
    },
    Portfolio {
        name: "Mapping",
        projects: &[
            ("Oriel", Some(2)),
            ("Pinnacle", Some(1)),
            ("Quarry", Some(3)),
            ("Ridge", Some(2)),
            ("Summit", Some(3)),
        ],
    },
    Portfolio {
        name: "Robotics",
        projects: &[
            ("Tandem", Some(1)),
            ("Umbra", Some(3)),
            ("Vector", Some(2)),
            ("Wren", Some(3)),
            ("Xylem", Some(2)),
        ],
    },
    Portfolio {
        name: "Services",
        projects: &[
            ("Dovetail", Some(2)),
            ("Elm", Some(3)),
            ("Fjord", Some(2)),
            ("Grove", Some(3)),
            ("Harbor", Some(1)),
        ],
    },
    Portfolio {
        name: "Connected",
        projects: &[
            ("Yonder", Some(1)),
            ("Zephyr", Some(2)),
            ("Aster", Some(3)),
            ("Bramble", Some(3)),
            ("Cinder", Some(2)),
        ],
    },
    Portfolio {
        name: "Foundation",
        projects: &[
            ("Inlet", Some(2)),
            ("Juniper", Some(1)),
            ("Kestrel", Some(3)),
            ("Linden", Some(2)),
            ("Maple", Some(3)),
        ],
    },
    Portfolio { name: NO_PORTFOLIO, projects: &[(NO_PROJECT, None)] },
];

/// The portfolio for which Engineering asks for people.
pub(super) const FLAGSHIP: &str = "Flagship";
/// Where facts stand that concern no project.
pub(super) const NO_PORTFOLIO: &str = "No portfolio";
/// Where facts stand that concern no project.
pub(super) const NO_PROJECT: &str = "No project";

/// Projects that are sold.
pub(super) fn sold() -> impl Iterator<Item = &'static str> {
    projects(&PORTFOLIOS[..7])
}

/// Projects outside the flagship on which engineers work.
pub(super) fn engineered() -> impl Iterator<Item = &'static str> {
    projects(&PORTFOLIOS[1..8])
}

fn projects(portfolios: &'static [Portfolio]) -> impl Iterator<Item = &'static str> {
    portfolios.iter().flat_map(|portfolio| portfolio.projects).map(|(name, _)| *name)
}

/// Kinds of channels, and the channels of each.
pub(super) const KINDS: &[(&str, &[&str])] = &[
    ("Committed", COMMITTED),
    ("Pipeline", PIPELINE),
    ("Online", &["Search", "Social"]),
    ("In person", &["Events"]),
    ("Alliances", &["Partner"]),
    ("No kind", &[NO_CHANNEL]),
];

/// Channels of revenue that is under contract before the year begins.
pub(super) const COMMITTED: &[&str] = &["Renewals", "Backlog"];
/// Channels of revenue that has still to be won.
pub(super) const PIPELINE: &[&str] = &["Direct", "Inside", "Resellers", "Webshop"];
/// Where facts stand that concern no channel.
pub(super) const NO_CHANNEL: &str = "No channel";

/// The campaigns.
pub(super) const CAMPAIGNS: &[&str] = &["Spring", "Summer", "Launch", "Always", NO_CAMPAIGN];
/// Where facts stand that concern no campaign.
pub(super) const NO_CAMPAIGN: &str = "No campaign";

/// The top of the regions.
pub(super) const WORLDWIDE: &str = "Worldwide";
/// Where things are sold.
pub(super) const MARKETS: [&str; 4] = ["NA", "EMEA", "APAC", "LATAM"];
/// Where facts stand that concern no region.
pub(super) const NO_REGION: &str = "No region";
