/// The groups of nodes of a graph in which each can be reached from each other one (Tarjan's algorithm, without recursion:
/// a chain of dependencies may be as long as a schema is large).
struct StrongComponents {
    private(set) var groups: [[Int]] = []

    private let successors: [[Int]]
    private var index: [Int]
    private var low: [Int]
    private var isOnStack: [Bool]
    private var stack: [Int] = []
    private var count = 0

    init(_ successors: [[Int]]) {
        self.successors = successors
        index = Array(repeating: -1, count: successors.count)
        low = index
        isOnStack = Array(repeating: false, count: successors.count)
        for node in successors.indices where index[node] < 0 { visit(node) }
    }

    private mutating func visit(_ root: Int) {
        var path: [(node: Int, next: Int)] = []
        enter(root, on: &path)
        while let (node, next) = path.last {
            if next < successors[node].count {
                path[path.count - 1].next += 1
                let target = successors[node][next]
                if index[target] < 0 {
                    enter(target, on: &path)
                } else if isOnStack[target] {
                    low[node] = min(low[node], index[target])
                }
                continue
            }
            path.removeLast()
            if let (parent, _) = path.last { low[parent] = min(low[parent], low[node]) }
            if low[node] == index[node] { leave(node) }
        }
    }

    private mutating func enter(_ node: Int, on path: inout [(node: Int, next: Int)]) {
        index[node] = count
        low[node] = count
        count += 1
        stack.append(node)
        isOnStack[node] = true
        path.append((node, 0))
    }

    private mutating func leave(_ node: Int) {
        var group: [Int] = []
        while let member = stack.popLast() {
            isOnStack[member] = false
            group.append(member)
            if member == node { break }
        }
        groups.append(group)
    }
}
