import SQLSyntax

/// What the file at hand does, for those who review it.
extension Interpreter {
    /// Notes what a statement does, before it is applied.
    func tell(_ statement: LintSource.Statement) {
        if let deed = statement.node?.deed ?? statement.parsed.statement.text.firstWords, !deed.isEmpty {
            deeds.append(deed)
        }
        for (name, lock) in statement.node?.locks ?? [] where lock >= .shareUpdateExclusive {
            let key = schema.key(of: name)
            if let relation = schema.relations[key], !relation.isAssumed, relation.origin.file == sourceIndex {
                continue
            }
            strongestLocks[key] = max(strongestLocks[key] ?? lock, lock)
        }
    }

    /// What was noted since the last call.
    func takeWork() -> FileWork {
        defer { (deeds, strongestLocks) = ([], [:]) }
        let locks = strongestLocks.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { key, lock in
            let rows = options.rowCounts[schema.relations[key]?.index?.table ?? key].map { ", about \($0) rows" } ?? ""
            return "\(key.shortened): \(lock.rawValue) (\(lock.consequence)\(rows))"
        }
        let runsInSteps = source.runsInSteps || options.runner == .unknown && !source.hasTransactionControl
        return FileWork(file: source.text.path, isInOneTransaction: !runsInSteps, deeds: deeds, locks: locks)
    }
}

extension LockLevel {
    /// Who waits while somebody has it.
    fileprivate var consequence: String {
        switch self {
        case .accessExclusive: "nobody reads or writes"
        case .exclusive, .shareRowExclusive, .share: "writers wait"
        default: "readers and writers go on"
        }
    }
}

extension String {
    /// The first words of a statement, on one line; nil for none.
    fileprivate var firstWords: String? {
        let words = split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return words.isEmpty ? nil : words.count > 80 ? words.prefix(79) + "…" : words
    }
}
