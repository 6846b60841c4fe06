//! The roll-ups of one version of a scenario's facts.

use super::budget::Holder;
use super::kept::Kept;
use super::upkeep::follow;
use super::{Asked, Means, budget};
use crate::change::{Delta, Direction};
use crate::storage::{Grouping, Groups};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// So many versions back roll-ups are looked for.
const MOST_STEPS: usize = 32;

/// Roll-ups of one version, and the change that leads to it from the version before.
#[derive(Debug, Default)]
pub struct Shelf {
    kept: Mutex<Vec<(u64, Arc<Kept>)>>,
    used: AtomicU64,
    origin: Option<Origin>,
}

#[derive(Debug)]
struct Origin {
    shelf: Arc<Shelf>,
    delta: Arc<Delta>,
    direction: Direction,
    /// Versions up to here that have an origin, and leaves changed over all of them.
    steps: usize,
    rows: usize,
}

impl Shelf {
    /// The shelf of facts without a past.
    pub fn first() -> Arc<Self> {
        Shelf::entered(Shelf::default())
    }

    /// The shelf of the facts after a change. Where so much has changed that going back would cost as much as a scan,
    /// what there is on the way is brought up at once, and the past let go.
    pub fn after(
        before: &Arc<Shelf>,
        delta: &Arc<Delta>,
        direction: Direction,
        time: Option<usize>,
        facts: usize,
    ) -> Arc<Self> {
        let (steps, rows) = before.origin.as_ref().map_or((0, 0), |origin| (origin.steps, origin.rows));
        let (steps, rows) = (steps + 1, rows + delta.rows());
        let origin = Origin { shelf: Arc::clone(before), delta: Arc::clone(delta), direction, steps, rows };
        let mut shelf = Shelf { origin: Some(origin), ..Shelf::default() };
        if rows > facts / 2 + 4096 {
            shelf.origin = None;
        } else if steps >= MOST_STEPS {
            shelf.bring_up(time);
            shelf.origin = None;
        }
        Shelf::entered(shelf)
    }

    fn entered(shelf: Shelf) -> Arc<Self> {
        let shelf = Arc::new(shelf);
        let holder: Arc<dyn Holder> = Arc::clone(&shelf) as Arc<dyn Holder>;
        budget::enter(&holder);
        shelf
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(u64, Arc<Kept>)>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many roll-ups there are, and how many bytes they take.
    pub fn size(&self) -> (usize, usize) {
        let kept = self.lock();
        (kept.len(), kept.iter().map(|(_, kept)| kept.bytes()).sum())
    }

    /// Keeps a roll-up.
    pub fn keep(self: &Arc<Self>, kept: Kept) {
        if budget::allows(kept.bytes()) {
            self.lock().push((budget::now(), Arc::new(kept)));
            let holder: Arc<dyn Holder> = Arc::clone(self) as Arc<dyn Holder>;
            budget::settle(&holder);
        }
    }

    /// The answer by what is kept, here or at an earlier version; roll-ups of more than `worth` groups are not worth
    /// deriving from.
    pub fn find(self: &Arc<Self>, asked: Asked, worth: usize, time: Option<usize>) -> Option<(Arc<Groups>, Means)> {
        self.used.store(budget::now(), Ordering::Relaxed);
        let mut way: Vec<&Origin> = Vec::new();
        let mut at: &Shelf = self;
        loop {
            if let Some((groups, means)) = at.here(asked, worth) {
                return self.brought(asked, groups, means, &way, time);
            }
            let origin = at.origin.as_ref()?;
            way.push(origin);
            at = &origin.shelf;
        }
    }

    /// The answer by what is kept of this version.
    fn here(&self, asked: Asked, worth: usize) -> Option<(Arc<Groups>, Means)> {
        let mut kept = self.lock();
        if let Some((used, kept)) = kept.iter_mut().find(|(_, kept)| kept.is(asked)) {
            *used = budget::now();
            return Some((Arc::clone(&kept.groups), Means::Kept));
        }
        let small = |(_, kept): &&mut (u64, Arc<Kept>)| kept.groups.offsets.len() <= worth;
        let covering = |(used, kept): &mut (u64, Arc<Kept>)| {
            kept.places(asked.measures)?;
            let maps = kept.covers(asked.axes)?;
            *used = budget::now();
            Some((Arc::clone(kept), maps))
        };
        let best = kept.iter_mut().filter(small).filter_map(covering).min_by_key(|(kept, _)| kept.groups.offsets.len());
        drop(kept);
        let (kept, maps) = best?;
        Some((Arc::new(kept.derive(asked, &maps)?), Means::Derived(kept.groups.offsets.len())))
    }

    /// An answer of an earlier version, brought up along the way to this one, and kept.
    fn brought(
        self: &Arc<Self>,
        asked: Asked,
        mut groups: Arc<Groups>,
        means: Means,
        way: &[&Origin],
        time: Option<usize>,
    ) -> Option<(Arc<Groups>, Means)> {
        if way.is_empty() && means == Means::Kept {
            return Some((groups, means));
        }
        for origin in way.iter().rev() {
            groups = origin.followed(asked, &groups, time)?;
        }
        self.keep(Kept::new(asked, Arc::clone(&groups)));
        let rows = way.iter().map(|origin| origin.delta.rows()).sum();
        Some((groups, if way.is_empty() { means } else { Means::Maintained(rows) }))
    }

    /// Takes over what is kept on the way back, brought up.
    fn bring_up(&mut self, time: Option<usize>) {
        let mut way: Vec<&Origin> = Vec::new();
        let mut found: Vec<(u64, Arc<Kept>)> = Vec::new();
        let mut next = self.origin.as_ref();
        while let Some(origin) = next {
            way.push(origin);
            for (used, kept) in origin.shelf.lock().iter() {
                let asked = Asked { axes: &kept.axes, measures: &kept.measures };
                if found.iter().any(|(_, known)| known.is(asked)) {
                    continue;
                }
                let step = |groups: Arc<Groups>, origin: &&Origin| origin.followed(asked, &groups, time);
                if let Some(groups) = way.iter().rev().try_fold(Arc::clone(&kept.groups), step) {
                    found.push((*used, Arc::new(Kept::new(asked, groups))));
                }
            }
            next = origin.shelf.origin.as_ref();
        }
        self.kept = Mutex::new(found);
    }
}

impl Holder for Shelf {
    fn used(&self) -> u64 {
        self.used.load(Ordering::Relaxed)
    }

    fn clear(&self) {
        self.lock().clear();
    }

    fn drop_oldest(&self) -> bool {
        let mut kept = self.lock();
        let oldest = kept.iter().enumerate().min_by_key(|(_, (used, _))| *used).map(|(place, _)| place);
        oldest.map(|place| kept.swap_remove(place)).is_some()
    }
}

impl Origin {
    fn followed(&self, asked: Asked, groups: &Arc<Groups>, time: Option<usize>) -> Option<Arc<Groups>> {
        let touched =
            |(measure, _): &(crate::id::MeasureId, _)| self.delta.columns.iter().any(|c| c.measure == *measure);
        if !asked.measures.is_empty() && !asked.measures.iter().any(touched) {
            return Some(Arc::clone(groups));
        }
        let grouping = Grouping::new(asked.axes, time, u64::MAX >> 1)?;
        follow(asked, &grouping, groups, &self.delta, self.direction).map(Arc::new)
    }
}
