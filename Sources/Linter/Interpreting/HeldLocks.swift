import SQLSyntax

/// The tables that a transaction locks until its end.
struct HeldLocks {
    private var levels: [QualifiedName: LockLevel] = [:]
    /// Those that nobody else may even read, in the order in which they were locked, each with the statement.
    private(set) var exclusive: [(table: QualifiedName, statement: Int)] = []

    /// The strongest lock on a table.
    subscript(table: QualifiedName) -> LockLevel? { levels[table] }

    mutating func note(_ lock: LockLevel, on table: QualifiedName, by statement: Int) {
        if let held = levels[table], held >= lock { return }
        levels[table] = lock
        if lock == .accessExclusive { exclusive.append((table, statement)) }
    }
}

extension SimulatedSchema {
    /// The table that whoever locks a relation keeps others from: that of an index is planned with the index.
    func lockedTable(of key: QualifiedName) -> QualifiedName { relations[key]?.index?.table ?? key }
}
