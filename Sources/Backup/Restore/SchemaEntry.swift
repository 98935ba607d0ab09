/// One object of a schema's archive, with the statements that make it as pg_restore writes them.
struct SchemaEntry: Hashable, Sendable {
    /// The number that the archive knows it by.
    var id: Int
    /// `TABLE`, `FK CONSTRAINT` and so on, in the archive's words.
    var kind: String
    /// Empty where it has none.
    let schema: String
    /// As the archive has it: a function's with its arguments, a constraint's behind its table's.
    let name: String
    /// What it needs, by the archive's numbers; not all of these are in it.
    var dependencies: Set<Int>
    /// What has to be set before its statements, as default tablespaces are.
    var settings: String
    var sql: String

    /// What it is called in messages.
    var title: String {
        "\(kind.lowercased()) \(schema.isEmpty ? "" : schema + ".")\(name)"
    }

    /// What is sent to make it.
    var script: String { settings.isEmpty ? sql : settings + "\n" + sql }

    /// Reads what `pg_restore --verbose` writes.
    static func entries(in text: String) -> [SchemaEntry] {
        var reader = Reader()
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) { reader.read(line) }
        reader.end()
        return reader.entries
    }

    /// Takes lines one by one.
    private struct Reader {
        var entries: [SchemaEntry] = []
        private var head: (id: Int, dependencies: Set<Int>)?
        private var body: [Substring] = []
        private var settings: [String: Substring] = [:]
        private var restriction: Substring?

        mutating func read(_ line: Substring) {
            if line.hasPrefix("-- TOC entry "), body.last == "--", let id = Self.number(in: line) {
                body.removeLast()
                end()
                head = (id, [])
            } else if let head, body.isEmpty, line.hasPrefix("-- Dependencies: ") {
                self.head?.dependencies = Set(line.dropFirst(17).split(separator: " ").compactMap { Int($0) })
                    .subtracting([head.id])
            } else if let head, body.isEmpty, line.hasPrefix("-- Name: "), let title = Self.title(in: line) {
                entries.append(
                    SchemaEntry(
                        id: head.id,
                        kind: title.kind,
                        schema: title.schema,
                        name: title.name,
                        dependencies: head.dependencies,
                        settings: settings.values.sorted().joined(separator: "\n"),
                        sql: ""
                    )
                )
                self.head = nil
            } else if restriction == nil, entries.isEmpty, line.hasPrefix("\\restrict ") {
                // For psql: what it is not to obey from here on. A word that cannot be known before ends that.
                restriction = line.dropFirst("\\restrict ".count)
            } else if let restriction, line == "\\unrestrict " + restriction {
                return
            } else {
                body.append(line)
            }
        }

        /// Ends the entry that was read last.
        mutating func end() {
            // What stands before an object's head belongs to those behind it. The last line of a statement ends it, whatever
            // else is in that line: a text or a function may have such lines as well.
            while let last = body.last, last.isEmpty || Self.setting(last) != nil || last.isOfPsql {
                body.removeLast()
                if let name = Self.setting(last), pending[name] == nil { pending[name] = last }
            }
            if var entry = entries.popLast() {
                let comment = body.prefix { $0.isEmpty || $0.hasPrefix("--") }.count
                entry.sql = body.dropFirst(comment).joined(separator: "\n")
                entries.append(entry)
            }
            settings.merge(pending) { $1 }
            pending = [:]
            body = []
        }

        private var pending: [String: Substring] = [:]

        private static func setting(_ line: Substring) -> String? {
            ["default_tablespace", "default_table_access_method"].first { name in
                guard line.hasPrefix("SET \(name) = "), line.hasSuffix(";") else { return false }
                let value = line.dropFirst("SET \(name) = ".count).dropLast()
                let isQuoted = value.count > 1 && value.first == "\"" && value.last == "\""
                return value == "''" || isQuoted || value.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
            }
        }

        // -- TOC entry 3264 (class 2606 OID 16400)
        private static func number(in line: Substring) -> Int? {
            let words = line.split(separator: " ")
            guard words.count == 8, words[4] == "(class", words[6] == "OID", words[7].hasSuffix(")") else { return nil }
            return Int(words[3])
        }

        // -- Name: t id; Type: DEFAULT; Schema: public; Owner: postgres
        private static func title(in line: Substring) -> (name: String, kind: String, schema: String)? {
            guard let owner = line.lastRange(of: "; Owner: "),
                let schema = line[..<owner.lowerBound].lastRange(of: "; Schema: "),
                let kind = line[..<schema.lowerBound].lastRange(of: "; Type: ")
            else { return nil }
            let schemaName = String(line[schema.upperBound..<owner.lowerBound])
            return (
                String(line[..<kind.lowerBound].dropFirst(9)), String(line[kind.upperBound..<schema.lowerBound]),
                schemaName == "-" ? "" : schemaName
            )
        }
    }
}

extension Substring {
    /// Whether it is a comment of a line of its own between statements.
    fileprivate var isOfPsql: Bool { hasPrefix("--") && !hasSuffix(";") }

    /// The last place of a text.
    fileprivate func lastRange(of text: String) -> Range<Index>? {
        ranges(of: text).last
    }
}
