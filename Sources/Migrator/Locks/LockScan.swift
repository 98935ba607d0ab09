import SQLSyntax

/// The locks that a script takes on relations which were there before its run.
///
/// The first words decide for most statements, and nothing is parsed that is about tables which the run has made: a run
/// that fills an empty database parses next to nothing.
struct LockScan: Hashable, Sendable {
    /// One statement that takes such locks.
    struct Statement: Hashable, Sendable {
        /// Its place in the file, counted from 0.
        let index: Int
        let demands: [LockDemand]
    }

    /// The statements, in order.
    private(set) var statements: [Statement] = []
    /// What the script makes.
    private(set) var made: Set<QualifiedName> = []
    /// What the script makes unless it is there; the server says so in a notice.
    private(set) var madeIfAbsent: Set<QualifiedName> = []

    /// Looks through statements of a script.
    ///
    /// - Parameters:
    ///   - script: the script.
    ///   - range: which of its statements.
    ///   - known: what the run has made before them.
    init(_ script: SQLScript, statements range: Range<Int>, known: Set<QualifiedName> = []) {
        func isOurs(_ name: QualifiedName) -> Bool { known.contains(name) || made.contains(name) }
        for index in range {
            let statement = script.statements[index]
            let words = statement.leadingWords
            guard let need = Need(words) else { continue }
            let name = need.keywords.flatMap { statement.name(behindLeading: $0)?.normalized }
            let isAboutOurs =
                switch need {
                case .creation: name != nil
                case .alteration: name.map(isOurs) ?? false
                case .other: false
                }
            if !isAboutOurs || statement.othersNamed(in: need).contains(where: { !isOurs($0) && $0 != name }),
                // What the parser refuses, the server decides.
                let node = try? ParsedStatement(statement).node
            {
                let demands = node.lockDemands.filter { !isOurs($0.relation.normalized) }
                if !demands.isEmpty { statements.append(Statement(index: index, demands: demands)) }
            }
            guard need == .creation, let name else { continue }
            if words.contains("EXISTS") { madeIfAbsent.insert(name) } else { made.insert(name) }
        }
    }

    /// What the script demands: each relation with the strongest lock on it.
    var demands: [LockDemand] {
        var places: [QualifiedName: Int] = [:]
        var demands: [LockDemand] = []
        for demand in statements.flatMap(\.demands) {
            let name = demand.relation.normalized
            if let place = places[name] {
                demands[place] = LockDemand(demands[place].relation, max(demands[place].lock, demand.lock))
            } else {
                places[name] = demands.count
                demands.append(demand)
            }
        }
        return demands
    }

    /// The same without what turned out to be made by the script.
    func without(_ names: Set<QualifiedName>) -> LockScan {
        var scan = self
        scan.statements = statements.compactMap { statement in
            let demands = statement.demands.filter { !names.contains($0.relation.normalized) }
            return demands.isEmpty ? nil : Statement(index: statement.index, demands: demands)
        }
        return scan
    }

    /// The first statement that takes the strongest lock; nil if there is none.
    var firstOfStrongest: Int? {
        let strongest = statements.flatMap(\.demands).map(\.lock).max()
        return statements.first { $0.demands.contains { $0.lock == strongest } }?.index
    }
}

/// What a statement's first words say of the locks that it may take.
private enum Need: Hashable {
    /// A table is made: only the others that it names count.
    case creation
    /// A table is altered.
    case alteration
    /// Anything else that may take strong locks; only the parser tells.
    case other

    init?(_ words: [String]) {
        switch (words.first, words.dropFirst().first) {
        case ("CREATE", "TABLE"), ("CREATE", "UNLOGGED"), ("CREATE", "TEMP"), ("CREATE", "TEMPORARY"):
            self = .creation
        case ("CREATE", "MATERIALIZED"), ("CREATE", "VIEW"):
            self = .creation
        case ("ALTER", "TABLE"):
            self = .alteration
        case ("ALTER", "INDEX"), ("ALTER", "VIEW"), ("ALTER", "MATERIALIZED"), ("ALTER", "FOREIGN"),
            ("ALTER", "POLICY"), ("ALTER", "TRIGGER"), ("ALTER", "RULE"),
            ("CREATE", "TRIGGER"), ("CREATE", "CONSTRAINT"), ("CREATE", "POLICY"), ("CREATE", "RULE"),
            ("DROP", "TABLE"), ("DROP", "INDEX"), ("DROP", "VIEW"), ("DROP", "MATERIALIZED"), ("DROP", "FOREIGN"),
            ("DROP", "TRIGGER"), ("DROP", "POLICY"), ("DROP", "RULE"):
            self = .other
        case ("CREATE", "OR") where words.contains("TRIGGER") || words.contains("RULE"):
            self = .other
        case ("TRUNCATE", _), ("LOCK", _), ("REINDEX", _), ("CLUSTER", _), ("VACUUM", _), ("REFRESH", _):
            self = .other
        default:
            return nil
        }
    }

    /// The words before the name; nil where the parser has to find it.
    var keywords: Set<String>? {
        switch self {
        case .creation: Self.beforeCreated
        case .alteration: Self.beforeAltered
        case .other: nil
        }
    }

    private static let beforeCreated: Set = [
        "CREATE", "TEMP", "TEMPORARY", "UNLOGGED", "TABLE", "MATERIALIZED", "VIEW", "IF", "NOT", "EXISTS",
    ]
    private static let beforeAltered: Set = ["ALTER", "TABLE", "IF", "EXISTS", "ONLY"]
}

extension SQLStatement {
    /// The tables beside its own that the statement may lock.
    fileprivate func othersNamed(in need: Need) -> [QualifiedName] {
        names(behind: "REFERENCES", need == .creation ? "OF" : "PARTITION").map(\.normalized)
    }
}

extension QualifiedName {
    /// The name without the schema that names without one usually mean.
    var normalized: QualifiedName { schema == "public" ? QualifiedName(name: name) : self }
}
