import SQLSyntax

/// Names.
extension Rule {
    static let nameRules = [identifierTooLong, identifierNeedsQuoting, unqualifiedName]

    static let identifierTooLong = Rule(
        "identifier-too-long",
        .name,
        .warning,
        "A name of more than 63 bytes",
        page: "The server cuts it, with no more than a notice. Two names that differ only behind that are one.",
        bad: Example(
            "CREATE TABLE a_table_whose_name_goes_on_and_on_until_nobody_can_remember_how_it_began (id bigint PRIMARY KEY);"
        ),
        good: Example("CREATE TABLE short (id bigint PRIMARY KEY);"),
        judge: .statement([
            .createTable, .createTableAs, .createView, .createIndex, .alterTable, .rename, .createType, .createDomain,
            .createRoutine,
            .createTrigger, .createPolicy, .createSequence, .createSchema, .drop,
        ]) { context in
            // The parser has cut the name already: the words of the statement still have it whole.
            guard context.parsed.statement.range.count > Identifier.maximumLength else { return }
            for word in context.longWords {
                context.report(
                    "the name is cut to \(Identifier.quote(Identifier.truncate(word.text)))",
                    at: word.offset,
                    next: "choose one of at most \(Identifier.maximumLength) bytes"
                )
            }
        }
    )

    static let identifierNeedsQuoting = Rule(
        "identifier-needs-quoting",
        .name,
        .note,
        isDefault: false,
        "A name that must be written in quotes",
        page:
            "Capital letters, blanks and reserved words make every query write the name in quotes; without them another name is meant.",
        bad: Example("CREATE TABLE \"Jobs\" (id bigint PRIMARY KEY);"),
        good: Example("CREATE TABLE jobs (id bigint PRIMARY KEY);"),
        judge: .statement([.createTable, .createView, .createIndex, .alterTable, .createType, .createRoutine, .rename])
        { context in
            var names: [(String, Int?)] = []
            switch context.node {
            case .createTable(let create):
                names =
                    [(create.table.name.name, create.table.location)] + create.columns.map { ($0.name, $0.location) }
            case .createView(let create): names = [(create.view.name.name, create.view.location)]
            case .createIndex(let create): names = create.name.map { [($0, nil)] } ?? []
            case .createType(let create): names = [(create.name.name, nil)]
            case .createRoutine(let create): names = [(create.name.name, nil)]
            case .rename(let rename): names = [(rename.newName, nil)]
            case .alterTable(let alter):
                names = alter.actions.filter { $0.kind == .addColumn }.compactMap { $0.column }.map {
                    ($0.name, $0.location)
                }
            default: return
            }
            for (name, offset) in names where Identifier.quote(name) != name {
                context.report("\(Identifier.quote(name)) must be written in quotes everywhere", at: offset)
            }
        }
    )

    static let unqualifiedName = Rule(
        "unqualified-name",
        .name,
        .note,
        isDefault: false,
        "A table without its schema",
        page: "Which table is meant, or where one is made, depends on the search path of who runs the file.",
        bad: Example("CREATE TABLE jobs (id bigint PRIMARY KEY);"),
        good: Example("CREATE TABLE public.jobs (id bigint PRIMARY KEY);"),
        judge: .statement([.createTable, .createTableAs, .createView, .createIndex, .alterTable, .drop, .truncate]) {
            context in
            var relations: [(QualifiedName, Int?)] = []
            switch context.node {
            case .createTable(let create) where create.persistence != .temporary:
                relations = [(create.table.name, create.table.location)]
            case .createTableAs(let create) where create.persistence != .temporary:
                relations = [(create.relation.name, create.relation.location)]
            case .createView(let create) where context.parsed.persistence != .temporary:
                relations = [(create.view.name, create.view.location)]
            case .createIndex(let create): relations = [(create.table.name, create.table.location)]
            case .alterTable(let alter): relations = [(alter.relation.name, alter.relation.location)]
            case .drop(let drop) where [.table, .view, .materializedView].contains(drop.kind):
                relations = drop.objects.map { ($0.name, nil) }
            case .truncate(let truncate): relations = truncate.tables.map { ($0.name, $0.location) }
            default: return
            }
            for (name, offset) in relations where name.schema == nil {
                if context.schema.relationKey(name)?.schema == "pg_temp" { continue }
                context.report("\(name) has no schema: which one is meant depends on the search path", at: offset)
            }
        }
    )
}

extension StatementContext {
    /// The names of the statement that are longer than the server keeps them, with their places.
    var longWords: [(text: String, offset: Int)] {
        let range = parsed.statement.range
        guard parsed.statement.range.upperBound <= source.text.bytes.count || isInBlock else { return [] }
        var words: [(text: String, offset: Int)] = []
        let bytes = Array(parsed.statement.text.utf8)
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            if byte == UInt8(ascii: "'") {
                index += 1
                while index < bytes.count, bytes[index] != UInt8(ascii: "'") { index += 1 }
                index += 1
            } else if byte == UInt8(ascii: "$") {
                // The body of a function is a text of its own.
                return words
            } else if byte == UInt8(ascii: "-"), index + 1 < bytes.count, bytes[index + 1] == byte {
                while index < bytes.count, bytes[index] != UInt8(ascii: "\n") { index += 1 }
            } else if byte == UInt8(ascii: "/"), index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "*") {
                index += 2
                while index + 1 < bytes.count,
                    !(bytes[index] == UInt8(ascii: "*") && bytes[index + 1] == UInt8(ascii: "/"))
                { index += 1 }
                index += 2
            } else if byte == UInt8(ascii: "\"") {
                let start = index
                index += 1
                while index < bytes.count, bytes[index] != UInt8(ascii: "\"") { index += 1 }
                if index - start - 1 > Identifier.maximumLength {
                    words.append(
                        (String(decoding: bytes[(start + 1)..<index], as: UTF8.self), range.lowerBound + start)
                    )
                }
                index += 1
            } else if byte.isNamePart {
                let start = index
                while index < bytes.count, bytes[index].isNamePart { index += 1 }
                if index - start > Identifier.maximumLength {
                    words.append((String(decoding: bytes[start..<index], as: UTF8.self), range.lowerBound + start))
                }
            } else {
                index += 1
            }
        }
        return words
    }
}

extension UInt8 {
    fileprivate var isNamePart: Bool {
        self == UInt8(ascii: "_") || self >= 0x80 || self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9")
            || self | 0x20 >= UInt8(ascii: "a") && self | 0x20 <= UInt8(ascii: "z")
    }
}
