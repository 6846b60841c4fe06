//! By which dimensions facts are sorted, chosen from the rows that a load brings.

use crate::id::DimensionId;
use crate::schema::Schema;

/// A load of so many times the facts there are chooses anew: sorting those costs little then.
const TIMES: usize = 8;

/// The schema with facts sorted by the dimension of which the rows name the most members first, then by the others as wide
/// as they are; of equals the one made first. `widths` has for each coordinate how many members the rows name. The order
/// stays as it is where there are facts enough already.
///
/// Questions by a wide dimension make many groups, which come one after the other where facts are sorted by it; the
/// groups of a narrow one are near wherever its facts lie. And a member of a wide dimension has few facts: sorted by it,
/// they are in few chunks.
pub fn widest_first(schema: Schema, widths: &[usize], rows: usize, facts: usize) -> Schema {
    if rows < facts.saturating_mul(TIMES).max(1) {
        return schema;
    }
    let mut order: Vec<DimensionId> = schema.coordinates().filter(|id| Some(*id) != schema.time()).collect();
    order.sort_by_key(|id| std::cmp::Reverse(widths.get(id.index() - 1).copied().unwrap_or(0)));
    schema.sorted_by(order)
}
