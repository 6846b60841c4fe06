//! A random question: what it shows, by what, where; its text, and what its labels stand for.

use proptest::prelude::*;

use crate::world::{ACCOUNT, MEASURES, PERIOD, World};

/// What leaves of one dimension a label stands for.
#[derive(Debug, Clone)]
pub enum Cover {
    /// What is below some members, counted as these do.
    Below(Vec<String>),
    /// The leaf of this name alone.
    Leaf(String),
}

/// An item of an axis: as written, its dimension (5 is the scenario), and its labels.
#[derive(Debug, Clone)]
pub struct Item {
    pub text: String,
    pub dimension: usize,
    pub labels: Vec<(String, Cover)>,
}

pub const SCENARIO: usize = 5;

/// A formula over measures, by their places.
#[derive(Debug, Clone)]
pub enum Shown {
    Measure(usize),
    Sum(usize, usize),
    Difference(usize, usize),
    Ratio(usize, usize),
    /// The measure over what it is in all of a dimension.
    Share(usize, &'static str, usize),
    /// The measure read at a member of a dimension.
    At(usize, usize, String),
    /// The measure read in other periods.
    Elsewhen(usize, Elsewhen),
}

/// Where in time a measure is read, from the cell shown.
#[derive(Debug, Clone, Copy)]
pub enum Elsewhen {
    /// So many months later, and how that is said.
    Later(i64, &'static str),
    /// From the start of so many months to the cell's end, and how that is said.
    ToDate(i64, &'static str),
    /// So many months, up to the cell's end.
    Trailing(i64),
}

impl Elsewhen {
    const ALL: [Elsewhen; 9] = [
        Elsewhen::Later(-12, "prev year"),
        Elsewhen::Later(12, "next year"),
        Elsewhen::Later(-3, "prev quarter"),
        Elsewhen::Later(-2, "prev 2 months"),
        Elsewhen::ToDate(12, "ytd"),
        Elsewhen::ToDate(6, "htd"),
        Elsewhen::ToDate(3, "qtd"),
        Elsewhen::Trailing(12),
        Elsewhen::Trailing(4),
    ];

    fn text(self) -> String {
        match self {
            Elsewhen::Later(_, text) | Elsewhen::ToDate(_, text) => text.into(),
            Elsewhen::Trailing(months) => format!("trailing {months} months"),
        }
    }
}

impl Shown {
    pub fn text(&self) -> String {
        let name = |place: &usize| MEASURES[*place].0;
        match self {
            Shown::Measure(a) => name(a).into(),
            Shown::Sum(a, b) => format!("{} + {}", name(a), name(b)),
            Shown::Difference(a, b) => format!("{} - {}", name(a), name(b)),
            Shown::Ratio(a, b) => format!("{} / {}", name(a), name(b)),
            Shown::Share(a, dimension, _) => format!("{} / {}[{dimension} = all]", name(a), name(a)),
            Shown::At(a, _, member) => format!("{}[{member}]", name(a)),
            Shown::Elsewhen(a, elsewhen) => format!("{}[{}]", name(a), elsewhen.text()),
        }
    }
}

/// A condition as it is written, and the members that it selects.
#[derive(Debug, Clone)]
pub struct Condition {
    pub dimension: usize,
    pub text: String,
    pub members: Vec<String>,
}

impl Condition {
    fn of(dimension: usize, members: &[String]) -> Self {
        let name = crate::world::DIMENSIONS[dimension];
        let text = match members {
            [one] if dimension == PERIOD => one.clone(),
            [one] => format!("{name} = {one}"),
            several => format!("{name} in ({})", several.join(", ")),
        };
        Condition { dimension, text, members: members.to_vec() }
    }
}

#[derive(Debug, Clone)]
pub struct Question {
    pub shown: Vec<Shown>,
    pub by: Vec<Item>,
    pub across: Vec<Item>,
    /// At most one for each dimension.
    pub conditions: Vec<Condition>,
    /// `plan` or `actual`, where no item lists scenarios.
    pub scenario: &'static str,
    pub totals: bool,
    pub having: Option<i64>,
    /// Whether the least, and how many.
    pub limit: Option<(bool, usize)>,
}

impl Question {
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.by.iter().chain(&self.across)
    }

    /// What makes rows: the measures read, but for one read at a member of a dimension of the rows.
    pub fn making(&self) -> Vec<Shown> {
        let along = |dimension: usize| self.by.iter().any(|item| item.dimension == dimension);
        let read = |shown: &Shown| match shown {
            Shown::At(_, dimension, _) if along(*dimension) => Vec::new(),
            Shown::Measure(_) | Shown::At(..) | Shown::Elsewhen(..) => vec![shown.clone()],
            Shown::Share(a, ..) => vec![Shown::Measure(*a)],
            Shown::Sum(a, b) | Shown::Difference(a, b) | Shown::Ratio(a, b) => {
                vec![Shown::Measure(*a), Shown::Measure(*b)]
            }
        };
        self.shown.iter().flat_map(read).collect()
    }

    /// Whether a measure is read at a member of a dimension of the columns, and so makes no columns of its own.
    pub fn reads_across(&self) -> bool {
        let across = |dimension: usize| self.across.iter().any(|item| item.dimension == dimension);
        self.shown.iter().any(|shown| matches!(shown, Shown::At(_, dimension, _) if across(*dimension)))
    }

    pub fn text(&self) -> String {
        let shown: Vec<String> =
            self.shown.iter().enumerate().map(|(place, shown)| format!("{} as m{place}", shown.text())).collect();
        let list = |items: &[Item]| items.iter().map(|item| item.text.as_str()).collect::<Vec<_>>().join(", ");
        let mut text = format!("show {}", shown.join(", "));
        if !self.by.is_empty() {
            text += &format!(" by {}", list(&self.by));
        }
        if !self.across.is_empty() {
            text += &format!(" across {}", list(&self.across));
        }
        let mut conditions: Vec<String> = self.conditions.iter().map(|condition| condition.text.clone()).collect();
        if self.items().all(|item| item.dimension != SCENARIO) {
            conditions.push(self.scenario.into());
        }
        if !conditions.is_empty() {
            text += &format!(" where {}", conditions.join(", "));
        }
        if let Some(least) = self.having {
            text += &format!(" having m0 > {least}");
        }
        if let Some((bottom, count)) = self.limit {
            text += &format!(" {} {count}", if bottom { "bottom" } else { "top" });
        }
        if self.totals {
            text += " with totals";
        }
        text
    }
}

/// What may stand on an axis over a world: alternatives, each one item or two that nest.
fn axes(world: &World) -> Vec<Vec<Item>> {
    let item =
        |text: &str, dimension: usize, labels: Vec<(String, Cover)>| Item { text: text.into(), dimension, labels };
    let below = |name: &str| (name.to_owned(), Cover::Below(vec![name.to_owned()]));
    let starting = |dimension: usize, start: char| {
        let names =
            world.members(dimension).into_iter().map(|(name, ..)| name).filter(move |name| name.starts_with(start));
        names.map(|name| below(&name)).collect::<Vec<_>>()
    };
    let listed =
        |labels: &[(String, Cover)]| labels.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
    let divisions = starting(0, 'D');
    let mut found = Vec::new();
    if !divisions.is_empty() {
        let mut group = vec![("G".to_owned(), Cover::Below(divisions.iter().map(|(name, _)| name.clone()).collect()))];
        let text = format!("org[org in ({}) as G, {}]", listed(&divisions), listed(&divisions));
        group.extend(divisions.clone());
        found.push(vec![item(&text, 0, group)]);
    }
    let skipping: Vec<String> =
        starting(0, 'T').into_iter().map(|(name, _)| name).filter(|name| name.starts_with("T3")).collect();
    let blank = (!skipping.is_empty()).then(|| ("(no division)".to_owned(), Cover::Below(skipping)));
    let divisions: Vec<_> = divisions.into_iter().chain(blank).collect();
    if !divisions.is_empty() {
        found.push(vec![item("division", 0, divisions.clone())]);
    }
    let teams = starting(0, 'T');
    if !teams.is_empty() {
        found.push(vec![item("team", 0, teams.clone())]);
        found.push(vec![item("team", 0, teams.clone()), item("division", 0, divisions.clone())]);
        found.push(vec![item("division", 0, divisions), item("team", 0, teams)]);
    }
    if world.present[1] {
        let accounts = starting(1, 'A');
        found.push(vec![item(&format!("account[{}]", listed(&accounts)), 1, accounts)]);
        let leaves = world.members(1).into_iter().map(|(name, ..)| {
            let own = if world.is_consolidation(1, &name) { format!("{name} (own)") } else { name };
            (own.clone(), Cover::Leaf(own))
        });
        found.push(vec![item("account", 1, leaves.collect())]);
    }
    if world.present[2] {
        found.push(vec![item("product", 2, starting(2, 'P'))]);
        let graded = |grade: i64| {
            let places = (0..world.grades.len()).filter(|place| world.grades[*place] == grade);
            (grade.to_string(), Cover::Below(places.map(|place| format!("P{place}")).collect()))
        };
        let grades: std::collections::BTreeSet<i64> = world.grades.iter().copied().collect();
        found.push(vec![item("product.grade", 2, grades.into_iter().map(graded).collect())]);
    }
    if world.present[3] {
        found.push(vec![item("channel", 3, starting(3, 'C'))]);
    }
    let periods = |names: Vec<String>| names.iter().map(|name| below(name)).collect::<Vec<_>>();
    let months = || (1..=12).map(|month| format!("2026-{month:02}")).collect::<Vec<_>>();
    let parts = |letter: &str, most: usize| {
        let part = |place: usize| format!("{}-{letter}{}", 2025 + place / most, place % most + 1);
        periods((0..2 * most).map(part).collect())
    };
    let all_months = (0..24).map(|month| format!("{}-{:02}", 2025 + month / 12, month % 12 + 1));
    found.push(vec![item("month", 4, periods(all_months.collect()))]);
    found.push(vec![item("quarter", 4, parts("Q", 4))]);
    found.push(vec![item("half", 4, parts("H", 2))]);
    found.push(vec![item("year", 4, periods(vec!["2025".into(), "2026".into()]))]);
    found.push(vec![item("year", 4, periods(vec!["2025".into(), "2026".into()])), item("quarter", 4, parts("Q", 4))]);
    let span = ("early".to_owned(), Cover::Below(months()[1..5].to_vec()));
    found.push(vec![item("period[2026-02..2026-05 as early, 2026-Q4]", 4, vec![span, below("2026-Q4")])]);
    let scenarios = ["plan", "actual"].map(below).to_vec();
    found.push(vec![item("scenario[plan, actual]", SCENARIO, scenarios)]);
    found
}

/// Conditions that a world's questions may have.
fn conditions(world: &World) -> Vec<Condition> {
    let mut found = Vec::new();
    for dimension in 0..PERIOD {
        let names: Vec<String> = world.members(dimension).into_iter().map(|(name, ..)| name).collect();
        if !world.present[dimension] || names.is_empty() {
            continue;
        }
        found.extend(names.iter().map(|name| Condition::of(dimension, std::slice::from_ref(name))));
        if dimension > ACCOUNT && names.len() > 2 {
            found.push(Condition::of(dimension, &[names[0].clone(), names[2].clone()]));
            let text = format!("{} not in ({}, {})", crate::world::DIMENSIONS[dimension], names[0], names[1]);
            found.push(Condition { dimension, text, members: names[2..].to_vec() });
        }
    }
    found.extend(below(world));
    if world.present[2] {
        let members = (0..world.grades.len()).filter(|place| world.grades[*place] >= 2);
        let members = members.map(|place| format!("P{place}")).collect();
        found.push(Condition { dimension: 2, text: "product.grade >= 2".into(), members });
    }
    found.extend(
        ["2026-Q1", "2026-Q2", "2026-H1", "2026-05", "2026", "2025"]
            .map(|name| Condition::of(PERIOD, &[name.to_owned()])),
    );
    // A range holds what lies inside, a quarter's own leaf too.
    let inside = ["2026-02", "2026-03", "2026-Q2", "2026-07"].map(str::to_owned).to_vec();
    found.push(Condition::of(PERIOD, &["2026-03", "2026-06", "2026-07"].map(str::to_owned)));
    found.push(Condition { dimension: PERIOD, text: "2026-02..2026-07".into(), members: inside });
    found.push(Condition {
        dimension: PERIOD,
        text: "2026-Q2..2026-Q4".into(),
        members: ["2026-Q2", "2026-Q3", "2026-Q4"].map(str::to_owned).to_vec(),
    });
    found
}

/// Conditions on what is below the divisions.
fn below(world: &World) -> Vec<Condition> {
    let members = world.members(0);
    let divisions = members.iter().filter(|(_, parent, _)| parent.is_none()).map(|(name, ..)| name);
    let children = |division: &String| {
        let of = members.iter().filter(|(_, parent, _)| parent.as_ref() == Some(division));
        let members: Vec<String> = of.map(|(name, ..)| name.clone()).collect();
        let text = format!("children of {division}");
        (!members.is_empty()).then_some(Condition { dimension: 0, text, members })
    };
    divisions.filter_map(children).collect()
}

fn shown(world: &World) -> impl Strategy<Value = Shown> + use<> {
    let measures = world.measures();
    let measure = move || 0..measures;
    let dimensions: Vec<(&'static str, usize)> = [("org", 0), ("product", 2), ("channel", 3), ("period", 4)]
        .into_iter()
        .filter(|(_, place)| world.present[*place])
        .collect();
    let places: Vec<(usize, String)> = conditions(world)
        .into_iter()
        .filter(|condition| condition.members.len() == 1 && condition.dimension != ACCOUNT)
        .map(|condition| (condition.dimension, condition.members[0].clone()))
        .collect();
    prop_oneof![
        6 => measure().prop_map(Shown::Measure),
        1 => (measure(), measure()).prop_map(|(a, b)| Shown::Sum(a, b)),
        1 => (measure(), measure()).prop_map(|(a, b)| Shown::Difference(a, b)),
        2 => (measure(), measure()).prop_map(|(a, b)| Shown::Ratio(a, b)),
        1 => (measure(), prop::sample::select(dimensions)).prop_map(|(a, (name, place))| Shown::Share(a, name, place)),
        1 => (measure(), prop::sample::select(places)).prop_map(|(a, (place, member))| Shown::At(a, place, member)),
        2 => (measure(), prop::sample::select(&Elsewhen::ALL[..])).prop_map(|(a, elsewhen)| Shown::Elsewhen(a, elsewhen)),
    ]
}

pub fn question(world: &World) -> impl Strategy<Value = Question> + use<> {
    let axes = axes(world);
    let chosen = prop::sample::subsequence(axes.clone(), 0..=3.min(axes.len())).prop_shuffle();
    let conditions = prop::sample::subsequence(conditions(world), 0..=2);
    let shown = prop::collection::vec(shown(world), 1..=2);
    let having = prop::option::weighted(0.2, -5i64..20);
    let limit = prop::option::weighted(0.25, (any::<bool>(), 1usize..4));
    let flags = (any::<bool>(), any::<bool>(), any::<bool>());
    (chosen, conditions, shown, having, limit, flags).prop_map(
        |(chosen, conditions, shown, having, limit, (totals, two_rows, plan))| {
            let mut question = Question {
                shown,
                by: Vec::new(),
                across: Vec::new(),
                conditions: Vec::new(),
                scenario: if plan { "plan" } else { "actual" },
                totals,
                having,
                limit,
            };
            for (place, items) in chosen.into_iter().enumerate() {
                if question.items().any(|item| item.dimension == items[0].dimension) {
                    continue;
                }
                let rows = place == 0 || place == 1 && two_rows;
                if rows { question.by.extend(items) } else { question.across.extend(items) }
            }
            for condition in conditions {
                if question.conditions.iter().all(|known| known.dimension != condition.dimension) {
                    question.conditions.push(condition);
                }
            }
            question.tidied()
        },
    )
}

impl Question {
    /// Without what has no meaning: a condition on rows where there are none, or across scenarios.
    fn tidied(mut self) -> Self {
        let weighed = |dimension: usize| dimension == 1;
        let over_accounts = self.items().any(|item| weighed(item.dimension));
        self.conditions.retain(|condition| !(weighed(condition.dimension) && over_accounts));
        let scenarios = self.items().any(|item| item.dimension == SCENARIO);
        if self.by.is_empty() || scenarios || self.across.iter().any(|item| item.text.contains('[')) {
            self.having = None;
            self.limit = None;
        }
        if scenarios {
            self.totals = false;
        }
        self
    }
}
