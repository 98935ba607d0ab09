import SQLSyntax
import TestSupport

/// Makes pairs of schemas of all kinds of objects, with names that are hard to quote, from a seed.
final class RandomSchemas {
    /// A table that was made, with the columns that later statements use.
    struct Table {
        let name: String
        var columns: [Column]
        var isPartitioned = false
        var isForeign = false

        func columns(like types: String...) -> [Column] {
            columns.filter { column in types.contains { column.type.hasPrefix($0) } }
        }
    }

    /// A column, with the type that it has on the old side.
    struct Column {
        let name: String
        let type: String
    }

    static let roles = ["reader", "lender", "\"Odd \"\"role=/\""]

    var random: SeededGenerator
    private(set) var slots: [SchemaSlot] = []
    /// How many statements of a hundred differ between the sides.
    private let unrest: Int
    private var count = 0
    private var keywords = ["select", "order", "user", "table", "group", "end", "all", "check", "default"]

    var schemas = ["public"]
    var types: [String] = []
    var enumerations: [String] = []
    var collations = ["\"C\""]
    /// Functions from an integer to an integer that cannot change their mind.
    var functions: [String] = []
    var triggerFunctions: [String] = []
    var sequences: [String] = []
    var tables: [Table] = []
    var views: [String] = []
    /// Objects with the words that `COMMENT ON` has for them.
    var commentable: [String] = []
    /// Objects with the words that `ALTER … OWNER` has for them.
    var ownable: [String] = []
    /// Objects with the words that `GRANT … ON` has for them, and their privileges.
    var grantable: [(name: String, privileges: [String])] = []

    private init(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        unrest = [6, 15, 30, 45].randomElement(using: &random) ?? 15
        self.random = random
    }

    /// The pair that belongs to a seed.
    static func pair(seed: UInt64) -> RandomPair {
        let schemas = RandomSchemas(seed: seed)
        schemas.addAll()
        let isOnline = schemas.chance(70)
        return RandomPair(slots: schemas.slots, isOnline: isOnline)
    }

    private func addAll() {
        for _ in 0..<number(0...2) { addSchema() }
        if chance(40) { addDefaultPrivileges() }
        for _ in 0..<number(0...3) { addType() }
        for _ in 0..<number(0...3) { addFunction() }
        for _ in 0..<number(0...2) { addSequence() }
        for _ in 0..<number(1...4) { addTable() }
        for _ in 0..<number(0...3) { addView() }
        for _ in 0..<number(0...3) { addOther() }
        if chance(20) { addDefaultPrivileges() }
        for _ in 0..<number(0...8) { addCommonAttribute() }
    }

    private func addSchema() {
        let name = name("schema")
        slot { _ in "CREATE SCHEMA \(name)" }
        schemas.append(name)
        commentable.append("SCHEMA \(name)")
        ownable.append("SCHEMA \(name)")
        grantable.append(("SCHEMA \(name)", ["USAGE", "CREATE"]))
    }

    /// An owner, privileges or a comment of anything.
    private func addCommonAttribute() {
        switch number(0...3) {
        case 0:
            guard let object = any(ownable) else { return }
            slot { "ALTER \(object) OWNER TO \($0.pick(Self.roles))" }
        case 1, 2:
            guard let object = any(grantable) else { return }
            slot { random in
                let role = random.pick(Self.roles + ["PUBLIC"])
                let privileges = random.some(of: object.privileges)
                let isLent = role != "PUBLIC" && random.chance(20)
                return random.chance(75)
                    ? "GRANT \(privileges) ON \(object.name) TO \(role)\(isLent ? " WITH GRANT OPTION" : "")"
                    : "REVOKE ALL ON \(object.name) FROM \(random.pick(["PUBLIC", "postgres"]))"
            }
        default:
            guard let object = any(commentable) else { return }
            slot { "COMMENT ON \(object) IS \($0.pick(["'plain'", "E'it''s\\n\\\\two %s lines'", "'über ☃'"]))" }
        }
    }

    private func addDefaultPrivileges() {
        let role = pick(["postgres"] + Self.roles)
        let place = chance(30) ? " IN SCHEMA \(pick(schemas))" : ""
        let (kind, privileges) = pick([
            ("TABLES", ["SELECT", "INSERT", "TRIGGER"]), ("SEQUENCES", ["USAGE", "SELECT"]),
            ("FUNCTIONS", ["EXECUTE"]), ("TYPES", ["USAGE"]),
        ])
        slot { random in
            let words = "ALTER DEFAULT PRIVILEGES FOR ROLE \(role)\(place)"
            return place.isEmpty && random.chance(25)
                ? "\(words) REVOKE ALL ON \(kind) FROM \(random.pick(["PUBLIC", role]))"
                : "\(words) GRANT \(random.some(of: privileges)) ON \(kind) TO \(random.pick(Self.roles + ["PUBLIC"]))"
        }
    }
}

extension RandomSchemas {
    /// Adds a statement to both sides, to one of them, or in two shapes.
    func slot(_ statement: (RandomSchemas) -> String) {
        let first = statement(self)
        guard chance(unrest) else { return slots.append(SchemaSlot(old: first, new: first)) }
        switch number(0...3) {
        case 0: slots.append(SchemaSlot(old: first, new: nil))
        case 1: slots.append(SchemaSlot(old: nil, new: first))
        default: slots.append(SchemaSlot(old: first, new: statement(self)))
        }
    }

    /// A name that nothing else has, quoted; some of them need it.
    func name(_ word: String) -> String {
        count += 1
        let plain = "\(word)_\(count)"
        switch number(0...13) {
        case 0: return Identifier.quote("Odd \"\(plain)")
        case 1: return Identifier.quote("100% \(plain)%s")
        case 2: return Identifier.quote("\(plain)\nnext")
        case 3: return Identifier.quote("表 \(plain) Größe ☃")
        case 4: return Identifier.quote(plain + String(repeating: "x", count: 63 - plain.utf8.count))
        case 5: return Identifier.quote("\(plain).it's $1 \\")
        case 6 where !keywords.isEmpty: return Identifier.quote(keywords.removeFirst())
        case 7: return Identifier.quote(plain.uppercased())
        default: return plain
        }
    }

    /// A new name in one of the schemas.
    func qualified(_ word: String) -> String { "\(pick(schemas)).\(name(word))" }

    func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }
    func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
    func any<Element>(_ list: [Element]) -> Element? { list.randomElement(using: &random) }

    func pick<Element>(_ list: [Element]) -> Element {
        guard let element = any(list) else { preconditionFailure("nothing to pick from") }
        return element
    }

    /// A text or nothing.
    func maybe(_ percent: Int, _ text: @autoclosure () -> String) -> String { chance(percent) ? text() : "" }

    /// At least one of the words, in any order, as a list.
    func some(of words: [String]) -> String {
        words.shuffled(using: &random).prefix(number(1...words.count)).joined(separator: ", ")
    }
}
