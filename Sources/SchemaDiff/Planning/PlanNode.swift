import Catalog

/// One thing that a plan does to one object.
struct PlanNode: Hashable, CustomStringConvertible {
    /// What is done.
    enum Action: Int, Comparable {
        /// What binds the object to something that goes away is taken off it: a default, an owner, a view's query.
        case loosen
        case drop
        case alter
        case create
        /// What binds the object to something that came later is put on it.
        case fasten

        static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    let action: Action
    let identity: ObjectIdentity

    init(_ action: Action, _ identity: ObjectIdentity) {
        self.action = action
        self.identity = identity
    }

    var description: String {
        switch action {
        case .loosen, .alter, .fasten: "alter \(identity)"
        case .drop: "drop \(identity)"
        case .create: "create \(identity)"
        }
    }
}

extension PlanNode: Comparable {
    /// Whether the left node goes first where nothing else decides: what goes away before what comes, the last kind first.
    static func < (left: Self, right: Self) -> Bool {
        let leftIsEnd = left.action <= .drop
        let rightIsEnd = right.action <= .drop
        if leftIsEnd != rightIsEnd { return leftIsEnd }
        if left.identity != right.identity {
            return leftIsEnd ? right.identity < left.identity : left.identity < right.identity
        }
        return left.action < right.action
    }
}
