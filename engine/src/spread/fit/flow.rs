//! The largest flow through a network, by shortest augmenting paths in phases (Dinic 1970).

/// An edge of the network; its reverse stands beside it.
#[derive(Debug, Clone, Copy)]
struct Edge {
    to: usize,
    left: i128,
}

/// A network of nodes and edges with capacities.
pub(super) struct Network {
    edges: Vec<Edge>,
    from: Vec<Vec<usize>>,
}

impl Network {
    pub fn new(nodes: usize) -> Self {
        Network { edges: Vec::new(), from: vec![Vec::new(); nodes] }
    }

    /// Adds an edge; gives its number.
    pub fn edge(&mut self, from: usize, to: usize, capacity: i128) -> usize {
        let number = self.edges.len();
        self.from[from].push(number);
        self.from[to].push(number + 1);
        self.edges.push(Edge { to, left: capacity });
        self.edges.push(Edge { to: from, left: 0 });
        number
    }

    /// What flows through an edge.
    pub fn flow(&self, edge: usize) -> i128 {
        self.edges[edge ^ 1].left
    }

    /// Sends as much as possible from one node to another; gives how much.
    pub fn send(&mut self, source: usize, sink: usize) -> i128 {
        let mut sent = 0;
        loop {
            let levels = self.levels(source);
            if levels[sink].is_none() {
                return sent;
            }
            let mut next = vec![0; self.from.len()];
            while let Some(path) = self.path(source, sink, &levels, &mut next) {
                let most = path.iter().map(|edge| self.edges[*edge].left).min().unwrap_or(0);
                for edge in path {
                    self.edges[edge].left -= most;
                    self.edges[edge ^ 1].left += most;
                }
                sent += most;
            }
        }
    }

    /// The nodes that more could still reach: one side of the narrowest cut.
    pub fn reached(&self, source: usize) -> Vec<bool> {
        self.levels(source).into_iter().map(|level| level.is_some()).collect()
    }

    /// How many edges with room a node is away.
    fn levels(&self, source: usize) -> Vec<Option<usize>> {
        let mut levels = vec![None; self.from.len()];
        levels[source] = Some(0);
        let mut queue = std::collections::VecDeque::from([(source, 0)]);
        while let Some((node, level)) = queue.pop_front() {
            for edge in &self.from[node] {
                let Edge { to, left } = self.edges[*edge];
                if left > 0 && levels[to].is_none() {
                    levels[to] = Some(level + 1);
                    queue.push_back((to, level + 1));
                }
            }
        }
        levels
    }

    /// A path with room along rising levels; edges found to lead nowhere are not tried again.
    fn path(&self, source: usize, sink: usize, levels: &[Option<usize>], next: &mut [usize]) -> Option<Vec<usize>> {
        let mut path = Vec::new();
        let mut node = source;
        while node != sink {
            match self.from[node].get(next[node]) {
                Some(edge) => {
                    let Edge { to, left } = self.edges[*edge];
                    let rises = levels[node].is_some_and(|level| levels[to] == Some(level + 1));
                    if left > 0 && rises {
                        path.push(*edge);
                        node = to;
                    } else {
                        next[node] += 1;
                    }
                }
                None => {
                    let edge = path.pop()?;
                    node = self.edges[edge ^ 1].to;
                    next[node] += 1;
                }
            }
        }
        Some(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_flow_is_found() {
        let mut network = Network::new(4);
        let edges = [(0, 1, 10), (0, 2, 10), (1, 2, 2), (1, 3, 4), (2, 3, 9)];
        let numbers: Vec<usize> = edges.iter().map(|(from, to, most)| network.edge(*from, *to, *most)).collect();
        assert_eq!(network.send(0, 3), 13);
        assert_eq!(network.flow(numbers[3]) + network.flow(numbers[4]), 13);
        assert!(!network.reached(0)[3]);
    }
}
