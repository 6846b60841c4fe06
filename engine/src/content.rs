//! A hash of what a cube holds: the same wherever the same values stand at the same names.
//!
//! It depends on names and values alone: not on ids, the order of loading, how facts lie in chunks, nor on
//! anything that was done and taken back. Each cell has a digest of its scenario, its measure, the paths of its
//! members by dimension, and its value; the hash is that of all digests in order (xxh3, 128 bits).

use crate::aggregate::leaves;
use crate::decimal::Decimal;
use crate::dimension::Dimension;
use crate::error::Result;
use crate::id::{DimensionId, MeasureId, MemberId};
use crate::memory::{Claim, bytes};
use crate::schema::Schema;
use crate::snapshot::Snapshot;
use crate::subcube::Subcube;
use std::sync::atomic::AtomicBool;
use xxhash_rust::xxh3::xxh3_128;

/// Bytes of a digest, and of its copy when they are in order.
const DIGEST_BYTES: usize = 2 * size_of::<u128>();

/// The hash of some cells, and how many they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Content {
    /// The hash; that of nothing where there is no cell.
    pub hash: u128,
    /// How many cells were read.
    pub cells: u64,
}

/// Reads slices of scenarios, every measure of them.
pub fn content(snapshot: &Snapshot, slices: &[Subcube], stop: &AtomicBool) -> Result<Content> {
    let names = Names::of(snapshot.schema());
    let mut digests: Vec<u128> = Vec::new();
    let mut claim = Claim::new("the digests of the cells");
    for slice in slices {
        for (place, measure) in snapshot.schema().measures().iter().enumerate() {
            let cells = leaves(snapshot, slice, MeasureId::from_index(place), stop)?;
            claim.hold(bytes(digests.len() + cells.len(), DIGEST_BYTES))?;
            let scenario = snapshot.schema().scenarios().member(slice.scenario);
            let head = xxh3_128(format!("{}\u{1f}{}", scenario.name, measure.name).as_bytes());
            for (key, units) in cells.iter() {
                let value = Decimal::new(i128::from(units), measure.scale).to_string();
                digests.push(names.cell(head, |coordinate| snapshot.layout().unpack(key, coordinate), &value));
            }
        }
    }
    digests.sort_unstable();
    let bytes: Vec<u8> = digests.iter().flat_map(|digest| digest.to_le_bytes()).collect();
    Ok(Content { hash: xxh3_128(&bytes), cells: digests.len() as u64 })
}

/// The digest of every coordinate's path, for the coordinates in the order of the dimensions' names.
struct Names(Vec<(usize, Vec<u128>)>);

impl Names {
    fn of(schema: &Schema) -> Self {
        let mut order: Vec<DimensionId> = schema.coordinates().collect();
        order.sort_by_key(|id| schema.dimension(*id).name.clone());
        let digests = |id: DimensionId| (id.index() - 1, paths(schema.dimension(id)));
        Names(order.into_iter().map(digests).collect())
    }

    fn cell(&self, head: u128, code: impl Fn(usize) -> u32, value: &str) -> u128 {
        let mut bytes = Vec::with_capacity(16 * (self.0.len() + 1) + value.len());
        bytes.extend(head.to_le_bytes());
        for (coordinate, digests) in &self.0 {
            let digest = digests.get(code(*coordinate) as usize).copied().unwrap_or_default();
            bytes.extend(digest.to_le_bytes());
        }
        bytes.extend(value.as_bytes());
        xxh3_128(&bytes)
    }
}

fn paths(dimension: &Dimension) -> Vec<u128> {
    let path = |member: MemberId| {
        let tree = &dimension.hierarchies()[0];
        let mut text = format!("{}\u{1f}{}", dimension.name, dimension.leaf_name(member));
        let mut at = member;
        while let Some(parent) = tree.parent(at).filter(|parent| *parent != MemberId::ROOT) {
            text.push('\u{1f}');
            text.push_str(&dimension.member(parent).name);
            at = parent;
        }
        xxh3_128(text.as_bytes())
    };
    (0..dimension.len()).map(MemberId::from_index).map(path).collect()
}
