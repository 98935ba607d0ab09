import TestSupport

/// Makes random histories: always the same one for a seed.
///
/// A small model of what is there keeps most statements such that they can run; some name what is not there. A column's
/// name says its type, so that no failure is one of types.
struct RandomHistories {
    struct Table {
        var name: String
        var columns: [String]
        var isView = false
        var isMatview = false
        /// The columns of its guarded creation; nil where it is made without a guard.
        var guardedColumns: [String]?
        /// Names of constraints, and of those that are keys the columns.
        var constraints: [String] = []
        var keys: [[String]] = []
        var triggers: [String] = []
        var policies: [String] = []
        var isPartitioned = false
    }

    var random: SeededGenerator
    var statements: [HistoryStatement] = []
    var tables: [Table] = []
    var indexes: [(name: String, table: String, columns: [String], isUnique: Bool)] = []
    var types: [(name: String, labels: [String])] = []
    var sequences: [String] = []
    var schemas: [String] = []
    var functions: [String] = []
    /// How often something is guarded, in percent.
    var guardRate = 45
    private var counter = 0

    static let types = [
        "a": "integer", "b": "integer", "c": "integer", "k": "bigint", "n": "text", "m": "text", "d": "date",
    ]
    static let columnNames = types.keys.sorted()
    static let names = ["alpha", "beta", "gamma", "delta"]

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
    }

    /// A history of one theorem or the other.
    ///
    /// - Parameters:
    ///   - seed: what it follows from.
    ///   - hasStart: whether it begins with a database that is known.
    /// - Returns: the history.
    static func history(seed: UInt64, hasStart: Bool) -> RandomHistory {
        var maker = RandomHistories(seed: seed)
        maker.guardRate = [0, 12, 25, 50][Int(seed % 4)]
        let guardRate = maker.guardRate
        var start: [String] = []
        if hasStart {
            maker.guardRate = 10
            for _ in 0..<maker.number(3...14) { maker.addStatement() }
            start = maker.statements.map(\.sql)
            maker.statements = []
            maker.guardRate = max(25, guardRate)
            for index in maker.tables.indices { maker.tables[index].guardedColumns = nil }
        }
        let isIdempotent = !hasStart && maker.chance(20)
        if isIdempotent { maker.guardRate = 92 }
        let count = maker.number(3...15)
        while maker.statements.count < count { maker.addStatement() }
        let breaks = (0..<maker.number(0...2)).map { _ in maker.number(1...max(1, count - 1)) }.sorted()
        return RandomHistory(
            start: start,
            statements: maker.statements,
            breaks: breaks,
            isIdempotent: isIdempotent
        )
    }

    private mutating func addStatement() {
        switch number(0...99) {
        case _ where tables.isEmpty || tables.count < 2 && chance(50): addTable()
        case 0..<14: addTable()
        case 14..<18: addDerivedTable()
        case 18..<30: addColumn()
        case 30..<38: alterColumn()
        case 38..<48: addConstraint()
        case 48..<52: dropConstraint()
        case 52..<64: addIndex()
        case 64..<67: dropIndex()
        case 67..<73: rename()
        case 73..<78: addView()
        case 78..<82: dropTable()
        case 82..<86: addType()
        case 86..<90: addRoutine()
        case 90..<92: addPolicy()
        case 92..<95: addSequenceOrSchema()
        default: addUse()
        }
    }

    // MARK: Choosing

    mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

    mutating func chance(_ percent: Int) -> Bool { number(1...100) <= percent }

    mutating func isGuarded() -> Bool { chance(guardRate) }

    mutating func pick<Value>(_ values: [Value]) -> Value? { values.randomElement(using: &random) }

    mutating func word(_ values: String...) -> String { values.randomElement(using: &random) ?? "" }

    mutating func maybe(_ percent: Int, _ text: String) -> String { chance(percent) ? text : "" }

    mutating func fresh(_ stem: String) -> String {
        counter += 1
        return "\(stem)_\(counter)"
    }

    /// A table that is there, or seldom a name that may not be.
    mutating func someTable(where matches: (Table) -> Bool = { !$0.isView && !$0.isMatview }) -> Table? {
        if chance(1) { return Table(name: pick(Self.names) ?? "", columns: ["a", "b"]) }
        return pick(tables.filter(matches))
    }

    /// A column of a table, or seldom one that it may lack.
    mutating func someColumn(of table: Table) -> String {
        if chance(2) { return pick(Self.columnNames) ?? "a" }
        return pick(table.columns) ?? "a"
    }

    mutating func someColumns(of table: Table, _ count: Int) -> [String] {
        var columns: [String] = []
        for _ in 0..<count {
            let column = someColumn(of: table)
            if !columns.contains(column) { columns.append(column) }
        }
        return columns
    }

    mutating func update(_ name: String, _ body: (inout Table) -> Void) {
        if let place = tables.firstIndex(where: { $0.name == name }) { body(&tables[place]) }
    }

    mutating func add(_ sql: String, makes: [String] = [], _ guarded: HistoryStatement.Guard? = nil) {
        statements.append(HistoryStatement(sql: sql, makes: makes, looksFor: guarded))
    }

    static func type(of column: String) -> String { types[column] ?? "integer" }

    /// A table of these columns in other forms.
    static func forms(of name: String, _ columns: [String], declaration: String?) -> [String] {
        let plain = columns.map { "\($0) \(type(of: $0))" }
        let half = plain.enumerated().filter { $0.offset % 2 == 0 }.map(\.element) + ["lastro_other integer"]
        let allButOne = plain.indices.map { missing in
            let rest = plain.indices.filter { $0 != missing }.map { plain[$0] }
            return "CREATE TABLE \(name) (\((rest + ["lastro_other integer"]).joined(separator: ", ")))"
        }
        return allButOne + [
            "CREATE TABLE \(name) (lastro_other integer)",
            "CREATE TABLE \(name) (\(plain.joined(separator: ", ")))",
            "CREATE TABLE \(name) (\(half.joined(separator: ", ")))",
        ] + (declaration.map { [$0 + "; ALTER TABLE \(name) ADD lastro_other integer"] } ?? [])
    }
}
