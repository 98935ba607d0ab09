/// A statement of a random history, with what its guard looks for.
struct HistoryStatement: Hashable, Sendable {
    /// The statement, on one line and without a semicolon.
    var sql: String
    /// The names that it makes, in the spelling of ``Guard/key``.
    var makes: [String] = []
    var looksFor: Guard?

    /// What IF [NOT] EXISTS, or a block of its kind, looks for.
    struct Guard: Hashable, Sendable {
        /// What is looked for: `relation alpha`, `column alpha.b`, `type mood`.
        let key: String
        /// SQL that is true where it is there.
        let isThere: String
        /// Scripts that make it in other forms, each from an empty database.
        var forms: [String] = []
        /// SQL that makes the same thing as the statement under another name; empty where nothing is compared.
        var probe = ""
        /// SQL that tells how what is there differs from the probe; null where it does not.
        var difference = ""
    }
}

/// A history of migrations, each a list of statements.
struct RandomHistory: Hashable, Sendable, CustomStringConvertible {
    /// What the database holds before it, as statements that the server takes; empty where nobody knows.
    var start: [String] = []
    var statements: [HistoryStatement]
    /// Where the second, third … file begins.
    var breaks: [Int] = []
    /// Whether its files say that they can run again.
    var isIdempotent = false

    /// The texts of its files, one statement a line, with the place of each file's first statement.
    var files: [(text: String, first: Int)] {
        let edges = [0] + breaks.filter { $0 > 0 && $0 < statements.count } + [statements.count]
        return zip(edges, edges.dropFirst()).filter { $0 < $1 }.map { from, to in
            let lines = statements[from..<to].map { $0.sql + ";" }
            // The directive stands behind a statement, so that lines and statements keep their numbers.
            return (lines.joined(separator: "\n") + (isIdempotent ? "\n-- lastro: idempotent" : "") + "\n", from)
        }
    }

    var description: String {
        let before = start.isEmpty ? [] : ["-- the database"] + start.map { $0 + ";" } + ["-- the history"]
        return (before + files.map(\.text)).joined(separator: "\n")
    }

    /// Ways to begin with what a guard looks for there already, in other forms; the first one is the empty database.
    ///
    /// - Parameter random: gives them an order, and mixes them.
    /// - Returns: scripts for each.
    func startStates(using random: inout some RandomNumberGenerator) -> [[String]] {
        var made: Set<String> = []
        var bare: Set<String> = []
        var guards: [HistoryStatement.Guard] = []
        for statement in statements {
            if let guarded = statement.looksFor {
                if !made.contains(guarded.key), !guards.contains(where: { $0.key == guarded.key }) {
                    guards.append(guarded)
                }
            } else {
                bare.formUnion(statement.makes.filter { !made.contains($0) })
            }
            made.formUnion(statement.makes)
        }
        // What the history makes without looking cannot be there: a form that makes it would be the failure.
        let looked = Set(guards.map(\.key))
        for place in guards.indices {
            guards[place].forms.removeAll { form in
                form.split(separator: ";").contains { part in
                    let words = part.split(separator: " ")
                    guard words.count > 2, words[1] == "TABLE", !words[2].hasPrefix("lastro_") else { return false }
                    let key = "relation \(words[2])"
                    return bare.contains(key) || !looked.contains(key)
                }
            }
        }
        let single = guards.flatMap { guarded in guarded.forms.map { [$0] } }
        let mixed = (0..<12).map { _ in
            guards.compactMap { guarded in
                Bool.random(using: &random) ? guarded.forms.randomElement(using: &random) : nil
            }
        }
        let some = mixed.filter { $0.count > 1 }
        let first = single.shuffled(using: &random)
        return [[]] + first.prefix(6) + some.prefix(2) + first.dropFirst(6) + some.dropFirst(2)
    }

    /// The history without some of its statements.
    func without(_ range: Range<Int>) -> RandomHistory {
        var shorter = self
        shorter.statements.removeSubrange(range)
        shorter.breaks = breaks.map { edge in edge - range.clamped(to: 0..<edge).count }
        return shorter
    }

    /// The smallest history found that fails too, by leaving statements out.
    func shrunk(limit: Int = 120, while fails: (RandomHistory) async throws -> Bool) async rethrows -> RandomHistory {
        var smallest = self
        var tries = 0
        var size = max(statements.count / 2, 1)
        while tries < limit {
            var start = 0
            var isShorter = false
            while start < smallest.statements.count, tries < limit {
                let shorter = smallest.without(start..<min(start + size, smallest.statements.count))
                tries += 1
                if try await fails(shorter) {
                    smallest = shorter
                    isShorter = true
                } else {
                    start += size
                }
            }
            if size == 1, !isShorter { break }
            size = max(size / 2, 1)
        }
        for index in smallest.start.indices.reversed() where tries < limit + 30 {
            var shorter = smallest
            shorter.start.remove(at: index)
            tries += 1
            if try await fails(shorter) { smallest = shorter }
        }
        return smallest
    }
}
