/// What a plan does, and what has to come before what.
struct PlanGraph {
    private(set) var nodes: [PlanNode] = []
    private var numbers: [PlanNode: Int] = [:]
    private var successors: [[Int]] = []
    private var edges: Set<Edge> = []
    /// The edges that are kept where they can be: an order that is better, and not needed.
    private var wishes: Set<Edge> = []

    private struct Edge: Hashable {
        let first: Int
        let second: Int
    }

    mutating func add(_ node: PlanNode) {
        guard numbers[node] == nil else { return }
        numbers[node] = nodes.count
        nodes.append(node)
        successors.append([])
    }

    func contains(_ node: PlanNode) -> Bool { numbers[node] != nil }

    /// Puts one node before another, if both are there.
    mutating func order(_ first: PlanNode?, before second: PlanNode?, isWish: Bool = false) {
        guard let first, let second, first != second, let from = numbers[first], let to = numbers[second] else {
            return
        }
        let edge = Edge(first: from, second: to)
        if edges.insert(edge).inserted {
            successors[from].append(to)
            if isWish { wishes.insert(edge) }
        } else if !isWish {
            wishes.remove(edge)
        }
    }

    /// The nodes in an order that keeps to the edges; fewer of them where there are circles.
    func sorted() -> [PlanNode] {
        var waiting = [Int](repeating: 0, count: nodes.count)
        for targets in successors {
            for target in targets { waiting[target] += 1 }
        }
        var ready = PriorityQueue<PlanNode>()
        for (number, node) in nodes.enumerated() where waiting[number] == 0 { ready.insert(node) }
        var order: [PlanNode] = []
        order.reserveCapacity(nodes.count)
        while let node = ready.removeFirst() {
            order.append(node)
            guard let number = numbers[node] else { preconditionFailure("no node of this graph: \(node)") }
            for target in successors[number] {
                waiting[target] -= 1
                if waiting[target] == 0 { ready.insert(nodes[target]) }
            }
        }
        return order
    }

    /// The groups of nodes that lie on circles together, each sorted, in the order of their first nodes.
    func circles() -> [[PlanNode]] {
        StrongComponents(successors).groups.filter { $0.count > 1 }.map { $0.map { nodes[$0] }.sorted() }
            .sorted { $0[0] < $1[0] }
    }

    /// Gives up the wishes among some nodes; returns whether there were any.
    mutating func forgetWishes(among circle: [PlanNode]) -> Bool {
        let members = Set(circle.compactMap { numbers[$0] })
        let forgotten = wishes.filter { members.contains($0.first) && members.contains($0.second) }
        for edge in forgotten {
            edges.remove(edge)
            wishes.remove(edge)
            successors[edge.first].removeAll { $0 == edge.second }
        }
        return !forgotten.isEmpty
    }
}

/// Values of which the smallest comes out first.
private struct PriorityQueue<Element: Comparable> {
    private var heap: [Element] = []

    mutating func insert(_ element: Element) {
        heap.append(element)
        var child = heap.count - 1
        while child > 0, heap[child] < heap[(child - 1) / 2] {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func removeFirst() -> Element? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        guard !heap.isEmpty else { return first }
        heap[0] = last
        var parent = 0
        while true {
            let children = (2 * parent + 1..<min(2 * parent + 3, max(heap.count, 2 * parent + 1)))
            guard let child = children.min(by: { heap[$0] < heap[$1] }), heap[child] < heap[parent] else {
                return first
            }
            heap.swapAt(child, parent)
            parent = child
        }
    }
}
