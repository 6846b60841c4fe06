//! The coordinate of each row: from level columns or a name, creating members where that is asked.

use super::column::{BLANK, Texts};
use crate::error::Result;
use engine::calendar::{Grain, Period, month_named, year_and_number};
use engine::dimension::{Dimension, Kind, LevelId, NewMember};
use engine::id::MemberId;
use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;

/// The columns that give one dimension's coordinate.
pub(super) struct Coordinate {
    /// Level and texts of each column, from the top; a name at any level where there is no level.
    pub columns: Vec<(Option<LevelId>, Texts)>,
}

/// What the fields of a row stand for in one dimension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Resolved {
    Member(MemberId),
    /// Which column's field stands for nothing.
    Unknown(usize),
}

/// The most combinations of fields that have a place each in a table.
const MOST_PLACES: usize = 1 << 22;

/// A member on the way from the top: the depth of its level, and its name.
type Step = (usize, String);

/// The fields of one row as codes.
pub(super) type Fields = Vec<u32>;

impl Coordinate {
    fn fields(&self, row: usize) -> Fields {
        self.columns.iter().map(|(_, texts)| texts.codes[row]).collect()
    }

    /// The fields of one row as one number, where they are no more than four.
    fn packed(&self, row: usize) -> u128 {
        self.columns.iter().fold(0, |packed, (_, texts)| (packed << 32) | u128::from(texts.codes[row]))
    }

    /// Numbers rows by a key, in the order of their first appearance.
    fn numbered<K: Hash + Eq>(&self, rows: usize, key: impl Fn(usize) -> K) -> (Vec<Fields>, Vec<u32>) {
        let mut all: Vec<Fields> = Vec::new();
        let mut known: HashMap<K, u32> = HashMap::new();
        let mut numbers = Vec::with_capacity(rows);
        for row in 0..rows {
            let next = all.len() as u32;
            let number = *known.entry(key(row)).or_insert(next);
            if number == next {
                all.push(self.fields(row));
            }
            numbers.push(number);
        }
        (all, numbers)
    }

    /// Numbers rows as [`numbered`](Self::numbered), by a table of all combinations there could be, where that is small.
    fn tabled(&self, rows: usize) -> Option<(Vec<Fields>, Vec<u32>)> {
        let sizes = self.columns.iter().map(|(_, texts)| texts.distinct.len() + 1);
        let places = sizes.clone().try_fold(1usize, |all, size| all.checked_mul(size))?;
        if places > MOST_PLACES {
            return None;
        }
        let mut at = vec![0usize; rows];
        for ((_, texts), size) in self.columns.iter().zip(sizes) {
            let place = |code: &u32| if *code == BLANK { size - 1 } else { *code as usize };
            at.iter_mut().zip(&texts.codes).for_each(|(at, code)| *at = *at * size + place(code));
        }
        let mut table = vec![BLANK; places];
        let mut all: Vec<Fields> = Vec::new();
        let number = |(row, place): (usize, usize)| {
            if table[place] == BLANK {
                table[place] = all.len() as u32;
                all.push(self.fields(row));
            }
            table[place]
        };
        let numbers = at.into_iter().enumerate().map(number).collect();
        Some((all, numbers))
    }

    /// A field's text; none where it is blank.
    pub fn text(&self, column: usize, fields: &Fields) -> Option<&str> {
        self.columns[column].1.distinct.get(fields[column] as usize).map(String::as_str)
    }

    /// The distinct combinations of fields, and for each row the number of its combination.
    pub fn combinations(&self, rows: usize) -> (Vec<Fields>, Vec<u32>) {
        if let [(_, texts)] = self.columns.as_slice() {
            let blank = texts.distinct.len() as u32;
            let fields = (0..blank).chain([BLANK]).map(|code| vec![code]).collect();
            let numbers = texts.codes.iter().map(|code| if *code == BLANK { blank } else { *code }).collect();
            return (fields, numbers);
        }
        if let Some(found) = self.tabled(rows) {
            return found;
        }
        match self.columns.len() {
            0..=4 => self.numbered(rows, |row| self.packed(row)),
            _ => self.numbered(rows, |row| self.fields(row)),
        }
    }

    /// Adds the members that the combinations name and the dimension lacks, in the order of their
    /// names, so that the order of rows does not matter. Gives how many were added.
    pub fn create<'f>(&self, dimension: &mut Dimension, combinations: impl Iterator<Item = &'f Fields>) -> Result<u64> {
        let paths: BTreeSet<(MemberId, Vec<Step>)> =
            combinations.filter_map(|fields| self.path(dimension, fields)).collect();
        let mut added = 0;
        for (start, path) in paths {
            let mut parent = start;
            let steps = path.len();
            for (place, (depth, name)) in path.into_iter().enumerate() {
                let found = match place + 1 == steps {
                    true => dimension.child_spelt(parent, &name),
                    false => dimension.child(parent, &name),
                };
                parent = match found {
                    Some(member) => member,
                    None => {
                        added += 1;
                        let skips = depth.saturating_sub(dimension.hierarchies()[0].rung(parent).unwrap_or(0));
                        dimension.add(NewMember { skips, ..NewMember::named(name, parent, false) })?
                    }
                };
            }
        }
        if added > 0 {
            dimension.seal();
        }
        Ok(added)
    }

    /// Whether a combination names a member that is not there and can be made.
    pub fn can_be_made(&self, dimension: &Dimension, fields: &Fields) -> bool {
        self.path(dimension, fields).is_some()
    }

    /// The steps from the top that a combination stands for, where it names a new member. A level that
    /// is blank is skipped: the member hangs under the nearest one named. Where no column gives the
    /// levels on top, the steps start from a member that is there.
    fn path(&self, dimension: &Dimension, fields: &Fields) -> Option<(MemberId, Vec<Step>)> {
        let is_time = matches!(dimension.kind, Kind::Time(_));
        if is_time || !matches!(self.resolve(dimension, fields), Resolved::Unknown(_)) {
            return None;
        }
        let by_level = self.columns.iter().all(|(level, _)| level.is_some());
        let depths: Vec<usize> = self.columns.iter().map(|(level, _)| level.map_or(0, |level| level.depth)).collect();
        let main = |(level, _): &(Option<LevelId>, Texts)| level.is_none_or(|level| level.hierarchy == 0);
        if !self.columns.iter().all(main) {
            return None;
        }
        let flat = dimension.hierarchies()[0].levels.len() <= 1;
        if !by_level && !flat {
            return None;
        }
        let step = |column: usize| Some((depths[column], self.text(column, fields)?.to_owned()));
        let steps: Vec<Step> = (0..self.columns.len()).filter_map(step).collect();
        match (depths.first(), steps.split_first()) {
            (Some(0), _) => Some((MemberId::ROOT, steps)),
            (_, Some(((depth, name), below))) if !below.is_empty() => {
                let tree = &dimension.hierarchies()[0];
                let mut known = dimension.find(name).into_iter().filter(|id| tree.rung(*id) == Some(depth + 1));
                let start = known.next().filter(|_| known.next().is_none())?;
                Some((start, below.to_vec()))
            }
            _ => None,
        }
    }

    /// What a combination stands for. Empty fields below a level mean that level's own leaf.
    pub fn resolve(&self, dimension: &Dimension, fields: &Fields) -> Resolved {
        match dimension.kind {
            Kind::Time(_) => self.resolve_period(dimension, fields),
            _ => self.resolve_member(dimension, fields),
        }
    }

    fn resolve_member(&self, dimension: &Dimension, fields: &Fields) -> Resolved {
        let mut at = MemberId::ROOT;
        for (column, (level, _)) in self.columns.iter().enumerate() {
            let Some(name) = self.text(column, fields) else {
                continue;
            };
            let found = match level {
                None => named(dimension, name),
                Some(level) => {
                    let below = |member: &MemberId| {
                        let tree = &dimension.hierarchies()[level.hierarchy];
                        tree.rung(*member) == Some(level.depth + 1)
                            && (at == MemberId::ROOT || is_below(dimension, level.hierarchy, *member, at))
                    };
                    dimension.find(name).into_iter().filter(below).collect()
                }
            };
            at = match found.as_slice() {
                [member] => *member,
                several => {
                    // Of several of one name the one that hangs there itself is meant, past blank levels.
                    let tree = &dimension.hierarchies()[level.map_or(0, |level| level.hierarchy)];
                    let mut own = several.iter().filter(|member| tree.parent(**member) == Some(at));
                    match (own.next(), own.next()) {
                        (Some(member), None) if level.is_some() => *member,
                        _ => return Resolved::Unknown(column),
                    }
                }
            };
        }
        Resolved::Member(at)
    }

    fn resolve_period(&self, dimension: &Dimension, fields: &Fields) -> Resolved {
        let mut at: Option<MemberId> = None;
        for (column, (level, _)) in self.columns.iter().enumerate() {
            let Some(text) = self.text(column, fields) else {
                continue;
            };
            match period_of(dimension, *level, text, at) {
                Some(member) => at = Some(member),
                None => return Resolved::Unknown(column),
            }
        }
        match at {
            Some(member) => Resolved::Member(member),
            None => Resolved::Unknown(0),
        }
    }
}

/// The members that a name stands for: `Platform`, `Engineering.Platform`, `Engineering (own)`.
fn named(dimension: &Dimension, name: &str) -> Vec<MemberId> {
    let mut found = dimension.find(name);
    if found.is_empty() {
        found = dimension.find_own(name);
    }
    if found.is_empty() && name.contains('.') {
        let path = name.strip_suffix(" (own)").unwrap_or(name);
        found = dimension.ordered().into_iter().filter(|member| dimension.path(*member) == path).collect();
    }
    found
}

fn is_below(dimension: &Dimension, hierarchy: usize, member: MemberId, ancestor: MemberId) -> bool {
    let tree = &dimension.hierarchies()[hierarchy];
    let mut at = Some(member);
    while let Some(member) = at {
        if member == ancestor {
            return true;
        }
        at = tree.parent(member);
    }
    false
}

/// `2026-03`, a date, `2026-Q1`, `2026`; at a fiscal level `2026` for `FY2026`; below a year `3` or `Q1`.
fn period_of(dimension: &Dimension, level: Option<LevelId>, text: &str, within: Option<MemberId>) -> Option<MemberId> {
    let level_name = level.and_then(|l| dimension.hierarchies().get(l.hierarchy)?.levels.get(l.depth).cloned());
    let fiscal = level_name.as_deref().is_some_and(|name| name.starts_with("fiscal"));
    let find = |name: &str| dimension.find(name).into_iter().chain(dimension.find_own(name)).next();
    let at_level =
        |member: MemberId| level.is_none_or(|l| dimension.hierarchies()[l.hierarchy].rung(member) == Some(l.depth + 1));
    let direct = if fiscal { find(&format!("FY{text}")).or_else(|| find(text)) } else { find(text) };
    if let Some(member) = direct.filter(|member| at_level(*member)) {
        return Some(member);
    }
    if let (Some(year), Some(level)) = (within, level) {
        let digits = text.trim_start_matches(|letter: char| letter.is_alphabetic()).parse().ok();
        let number = digits.or_else(|| month_named(&text.to_lowercase()))?;
        let at_depth = dimension.members_of_level(level);
        let inside: Vec<MemberId> =
            at_depth.into_iter().filter(|m| is_below(dimension, level.hierarchy, *m, year)).collect();
        let period = |member: MemberId| dimension.member(member).period;
        let numbered = inside.iter().find(|member| {
            period(**member).zip(period(year)).is_some_and(|(part, whole)| place_in(part, whole) == number)
        });
        return numbered.copied();
    }
    let Kind::Time(calendar) = dimension.kind else { return None };
    dimension.of_period(calendar.read(text)?)
}

/// The number of a period in a longer one: of a week or a month that of the calendar year, of others
/// and within a fiscal year its place.
fn place_in(part: Period, whole: Period) -> i32 {
    match part.grain {
        Grain::Week => year_and_number(part.first_week()).1,
        Grain::Month if !whole.fiscal => part.first.rem_euclid(12) + 1,
        grain => (part.first - whole.first) / grain.months() + 1,
    }
}

/// What is wrong with a field that names no member.
pub(super) fn unknown_member(dimension: &Dimension, value: Option<&str>) -> String {
    match (dimension.kind, value) {
        (_, None) => format!("is blank where a member of {} is due", dimension.name),
        (Kind::Time(calendar), _) => format!("is no period of the calendar {}", calendar.bounds().join("..")),
        (_, Some(value)) => {
            let known: Vec<String> =
                dimension.ordered().iter().map(|member| dimension.member(*member).name.clone()).collect();
            let near = crate::bind::nearest(value, &known).map(|near| format!(": did you mean {near}?"));
            format!("is no member of {}{}", dimension.name, near.unwrap_or_default())
        }
    }
}
