//! Dense ids. A dimension, measure or member is a number everywhere below the language.

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $repr:ty) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub $repr);

        impl $name {
            /// The id as an index into a dense table.
            pub fn index(self) -> usize {
                self.0 as usize
            }

            /// The id of an index. Tables are never longer than the ids can count.
            pub fn from_index(index: usize) -> Self {
                $name(index as $repr)
            }
        }
    };
}

id!(
    /// A dimension of a cube, in order of creation. The scenario dimension is always 0.
    DimensionId,
    u16
);
id!(
    /// A measure of a cube, in order of creation.
    MeasureId,
    u16
);
id!(
    /// A member of one dimension. Member 0 is the root of the dimension: everything in it.
    MemberId,
    u32
);

impl MemberId {
    /// The root of a dimension, parent of all members that name no other.
    pub const ROOT: MemberId = MemberId(0);
}

impl DimensionId {
    /// The scenario dimension, which every cube has.
    pub const SCENARIO: DimensionId = DimensionId(0);
}
