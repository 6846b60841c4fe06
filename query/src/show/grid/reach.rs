//! Which coordinates of one dimension each combination of elements reaches.
//!
//! Coordinates that belong to the same combinations are one *atom*; the engine is asked for cells by
//! atoms. Where a term leads from a cell to others (`prev year`, `ytd`, `department = parent`), a
//! combination reaches what its own coordinates lead to.

use super::super::axis::Item;
use crate::answer::LabelKind;
use crate::bind::{Lead, Selection, Shift};
use engine::aggregate::{Axis, OUTSIDE};
use engine::dimension::Dimension;
use engine::id::{DimensionId, MemberId};
use engine::weight::Weight;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// The combinations that a coordinate belongs to, each with how it counts there.
pub(super) type Belonging = Vec<(u32, Weight)>;

/// Coordinates that belong to the same combinations.
pub(super) struct Atom {
    pub belongs: Belonging,
    /// The coordinate's own id, or what it counts as, where they are kept apart.
    pub code: MemberId,
}

/// What is kept apart in a dimension.
pub(super) enum Apart<'a> {
    Nothing,
    /// Every coordinate.
    Coordinates,
    /// Members, each coordinate counting as one or as none.
    Members(&'a [u32]),
}

/// One dimension of a request.
pub(super) struct Reach {
    /// Each combination: an element for each active item of the dimension.
    pub combinations: Vec<Vec<u32>>,
    pub atoms: Vec<Atom>,
    /// For each coordinate its atom, or [`OUTSIDE`].
    pub atom_of: Arc<[u32]>,
}

/// What a reach is made from.
pub(super) struct Along<'a> {
    pub id: DimensionId,
    pub dimension: &'a Dimension,
    /// The active items of the dimension.
    pub items: Vec<&'a Item>,
    pub selection: &'a Selection,
    /// The shifts along this dimension.
    pub shifts: Vec<Shift>,
}

impl Along<'_> {
    /// The reach; `apart` keeps coordinates of one combination apart.
    pub fn reach(&self, apart: &Apart) -> Reach {
        let mut combinations: Vec<Vec<u32>> = Vec::new();
        let mut known: HashMap<Vec<u32>, u32> = HashMap::new();
        let mut belongs: Vec<Belonging> = (0..self.dimension.len())
            .map(|code| {
                let of = self.combinations_of(code).into_iter();
                of.map(|(combination, weight)| {
                    let number = *known.entry(combination).or_insert_with_key(|combination| {
                        combinations.push(combination.clone());
                        combinations.len() as u32 - 1
                    });
                    (number, weight)
                })
                .collect()
            })
            .collect();
        if !self.shifts.is_empty() {
            belongs = self.led(&combinations, &belongs);
        }
        let (atoms, atom_of) = atoms(belongs, apart);
        Reach { combinations, atoms, atom_of }
    }

    /// The combinations of elements that a coordinate belongs to. The weight of the innermost item that
    /// is no total counts, or else that of the question's selection.
    fn combinations_of(&self, code: usize) -> Vec<(Vec<u32>, Weight)> {
        // What counts with 0 in the whole is no part of it, but has values of its own where it is listed.
        let apart_from_whole = !self.items.is_empty() && !self.selection.names(self.id);
        let weight = self.selection.weight(self.id, code);
        if weight.is_zero() && !apart_from_whole {
            return Vec::new();
        }
        self.items.iter().fold(vec![(Vec::new(), weight)], |found, item| {
            let step = |(combination, weight): &(Vec<u32>, Weight)| {
                let list = item.map.get(code).map_or(&[][..], Vec::as_slice).iter();
                let longer = list.map(|(element, own)| {
                    let total = item.elements[*element as usize].label.kind == LabelKind::Total;
                    ([combination.as_slice(), &[*element]].concat(), if total { *weight } else { *own })
                });
                longer.collect::<Vec<_>>()
            };
            found.iter().flat_map(step).collect()
        })
    }

    /// Leads each combination from its own coordinates to others.
    fn led(&self, combinations: &[Vec<u32>], belongs: &[Belonging]) -> Vec<Belonging> {
        let mut own: Vec<BTreeMap<u32, Weight>> = vec![BTreeMap::new(); combinations.len()];
        for (code, list) in belongs.iter().enumerate() {
            for (number, weight) in list {
                own[*number as usize].insert(code as u32, *weight);
            }
        }
        let mut result = vec![Belonging::new(); belongs.len()];
        for (number, combination) in combinations.iter().enumerate() {
            let start = std::mem::take(&mut own[number]);
            let end = self.shifts.iter().fold(start, |from, shift| self.step(*shift, combination, from));
            for (code, weight) in end {
                if let Some(list) = result.get_mut(code as usize) {
                    list.push((number as u32, weight));
                }
            }
        }
        result
    }

    fn step(&self, shift: Shift, combination: &[u32], from: BTreeMap<u32, Weight>) -> BTreeMap<u32, Weight> {
        if shift.lead == Lead::Parent {
            return self.parent(combination);
        }
        let codes: BTreeSet<u32> = from.into_keys().collect();
        shift
            .periods(self.dimension, &codes, self.is_fiscal(combination))
            .into_iter()
            .map(|code| (code, Weight::ONE))
            .collect()
    }

    /// The member above that of the innermost element, with all below it; the whole for a total or a group.
    fn parent(&self, combination: &[u32]) -> BTreeMap<u32, Weight> {
        let element = |(item, element): (&&Item, &u32)| item.elements.get(*element as usize)?.member;
        let shown = self.items.iter().zip(combination).rev().find_map(element);
        let named = || match self.selection.picks.iter().rfind(|pick| pick.dimension == self.id)?.members.as_slice() {
            [(member, false)] => Some(*member),
            _ => None,
        };
        let member = shown.or_else(named).unwrap_or(MemberId::ROOT);
        let mut trees = self.dimension.hierarchies().iter();
        let above = trees.find_map(|tree| tree.parent(member)).unwrap_or(MemberId::ROOT);
        self.dimension.below(above).into_iter().map(|(leaf, weight)| (leaf.0, weight)).collect()
    }

    /// Whether a cell stands in a fiscal period, so that its year is the fiscal one.
    fn is_fiscal(&self, combination: &[u32]) -> bool {
        let period = |member: MemberId| self.dimension.member(member).period;
        let element = |(item, element): (&&Item, &u32)| item.elements.get(*element as usize)?.member;
        let mut shown = self.items.iter().zip(combination).filter_map(element).filter_map(period);
        let picks = self.selection.picks.iter().filter(|pick| pick.dimension == self.id);
        let mut named = picks.flat_map(|pick| &pick.members).filter_map(|(member, _)| period(*member));
        shown.any(|period| period.fiscal) || named.any(|period| period.fiscal)
    }
}

fn atoms(belongs: Vec<Belonging>, apart: &Apart) -> (Vec<Atom>, Arc<[u32]>) {
    let mut known: HashMap<(Belonging, u32), u32> = HashMap::new();
    let mut atoms: Vec<Atom> = Vec::new();
    let atom_of = belongs
        .into_iter()
        .enumerate()
        .map(|(code, belongs)| {
            let code = match apart {
                Apart::Nothing => 0,
                Apart::Coordinates => code as u32,
                Apart::Members(of) => of.get(code).copied().unwrap_or(OUTSIDE),
            };
            if belongs.is_empty() || matches!(apart, Apart::Members(_)) && code == OUTSIDE {
                return OUTSIDE;
            }
            *known.entry((belongs, code)).or_insert_with_key(|(belongs, code)| {
                atoms.push(Atom { belongs: belongs.clone(), code: MemberId(*code) });
                atoms.len() as u32 - 1
            })
        })
        .collect();
    (atoms, atom_of)
}

impl Reach {
    /// What the engine is asked for in this dimension.
    pub fn axis(&self) -> Axis {
        Axis::Groups(Arc::clone(&self.atom_of), self.atoms.len() as u32)
    }
}
