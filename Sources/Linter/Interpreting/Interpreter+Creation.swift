import SQLSyntax

/// Making what shares the names of tables, with and without a guard.
extension Interpreter {
    /// What becomes of a creation.
    enum Making {
        /// It makes the object: there was none.
        case new
        /// It makes the object, unless one was there before the history: the guard says that this may be.
        case guarded
        /// It does nothing: there is one.
        case skipped(Relation)
        /// It fails: there is one.
        case conflict
    }

    /// Whether a guarded creation of what nobody has seen may find something.
    func mayBeThere(_ key: QualifiedName, kind: SimulatedSchema.ObjectKey.Kind = .relation) -> Bool {
        !schema.knowsStart && key.schema != "pg_temp"
            && !schema.gone.has(SimulatedSchema.ObjectKey(kind: kind, name: key))
    }

    /// Finds out what a creation does, and reports where that is not what its words say.
    func making(
        _ name: QualifiedName,
        key: QualifiedName,
        _ kind: RelationKind,
        isGuarded: Bool,
        at offset: Int?
    ) -> Making {
        needSchema(name.schema, at: offset)
        guard let existing = schema.relations[key] else {
            if kind != .index { checkType(of: key, at: offset) }
            checkOtherSpelling(of: key, isGuarded: isGuarded, at: offset)
            if isGuarded { checkSearchPath(name, key: key, at: offset) }
            return isGuarded && mayBeThere(key) ? .guarded : .new
        }
        if isGuarded {
            if existing.certainty == .maybe { return .guarded }
            if existing.kind != kind, existing.hasColumnList || existing.kind != .table {
                report(
                    .ifNotExistsWrongKind,
                    "\(key.shortened) is \(existing.kind.withArticle) since \(words(for: existing.origin)): IF NOT EXISTS "
                        + "looks at the name alone, so no \(kind.rawValue) is made",
                    at: offset,
                    next: "choose another name, or drop the \(existing.kind.rawValue) first"
                )
            }
            return .skipped(existing)
        }
        let made = "\(existing.kind.rawValue) \(key.shortened)"
        if existing.certainty == .maybe {
            report(
                .objectMayExist,
                "\(made) may be there: \(words(for: existing.origin)) makes it under a condition, and then this fails",
                at: offset,
                .warning
            )
            return .new
        }
        if existing.isAssumed, existing.origin.file == sourceIndex, existing.origin.statement == statementIndex {
            return .new
        }
        let severity = severity(since: existing.origin, isFollowed: isFollowed(existing))
        report(
            .objectMayExist,
            "\(made) exists since \(words(for: existing.origin)): this fails with `relation \"\(key.name)\" already exists`",
            at: offset,
            severity,
            next: "drop it first, or choose another name"
        )
        return severity == nil ? .conflict : .new
    }

    /// A table has a row type of its own name, which may be taken.
    private func checkType(of key: QualifiedName, at offset: Int?) {
        guard let type = schema.types[key], type.certainty == .sure, !isConditional else { return }
        // A type that is only taken for made may be this very row type.
        if case .other = type.definition { return }
        report(
            .objectMayExist,
            "type \(key.shortened) exists since \(words(for: type.origin)), and a relation has a type of its own name: this fails with "
                + "`type \"\(key.name)\" already exists`",
            at: offset,
            severity(since: type.origin),
            next: "choose another name"
        )
    }

    /// `"Jobs"` and `Jobs` are two tables.
    private func checkOtherSpelling(of key: QualifiedName, isGuarded: Bool, at offset: Int?) {
        let folded = QualifiedName(schema: key.schema, name: key.name.lowercased())
        var other = schema.mixedCase[folded]
        if folded != key {
            if schema.relations.has(folded) { other = folded }
            schema.mixedCase[folded] = key
        }
        guard isGuarded, let other, other != key, let relation = schema.relations[other] else { return }
        report(
            .ifNotExistsCase,
            "\(other.shortened) exists since \(words(for: relation.origin)), and \(key.shortened) is another name: the guard "
                + "does not find it, and a second \(relation.kind.rawValue) is made",
            at: offset,
            next: "write \(other.shortened) with its quotes as they were, or rename it"
        )
    }

    /// A guard looks only at the schema in which the object would be made.
    private func checkSearchPath(_ name: QualifiedName, key: QualifiedName, at offset: Int?) {
        guard name.schema == nil else { return }
        let others = ["pg_temp"] + schema.searchPath
        for path in others where path != key.schema {
            let other = QualifiedName(schema: path, name: name.name)
            guard let relation = schema.relations[other] else { continue }
            let where_ = path == "pg_temp" ? "as a temporary table" : "in schema \(Identifier.quote(path))"
            report(
                .ifNotExistsSearchPath,
                "\(Identifier.quote(name.name)) exists \(where_) since \(words(for: relation.origin)), but the guard looks only at "
                    + "schema \(Identifier.quote(key.schema ?? "public")): a second one is made, and names without a schema may "
                    + "mean either",
                at: offset,
                next: "write the schema: \(QualifiedName(schema: path, name: name.name))"
            )
            return
        }
    }

    /// Puts a relation in its place; it is no longer gone.
    func place(_ relation: Relation, at key: QualifiedName) {
        var relation = relation
        if isConditional, !schema.relations.has(key) { relation.certainty = .maybe }
        schema.relations[key] = relation
        touched.insert(key)
        schema.gone.clear(SimulatedSchema.ObjectKey(kind: .relation, name: key))
    }

    /// The name that PostgreSQL chooses for an index or a constraint, cut as `makeObjectName` cuts it.
    func chosenName(_ table: String, _ columns: [String], _ label: String, taken: (String) -> Bool) -> String {
        // The server joins the names of columns up to a length that the cutting makes meaningless behind it.
        let middle = columns.joined(separator: "_")
        for number in 0... {
            let name = Self.objectName(table, middle, number == 0 ? label : "\(label)\(number)")
            if !taken(name) { return name }
        }
        return label
    }

    private static func objectName(_ first: String, _ second: String, _ label: String) -> String {
        let overhead = label.utf8.count + 1 + (second.isEmpty ? 0 : 1)
        let room = Identifier.maximumLength - overhead
        var (one, two) = (first.utf8.count, second.utf8.count)
        while one + two > room {
            if one > two { one -= 1 } else { two -= 1 }
        }
        let parts = [first.prefixOfBytes(one), second.isEmpty ? nil : second.prefixOfBytes(two), label]
        return parts.compactMap(\.self).joined(separator: "_")
    }
}

extension String {
    /// The first bytes of a text, cut at a character's end.
    func prefixOfBytes(_ count: Int) -> String {
        guard utf8.count > count else { return self }
        var end = utf8.index(utf8.startIndex, offsetBy: count)
        while end > startIndex, utf8[end] & 0b1100_0000 == 0b1000_0000 { end = utf8.index(before: end) }
        return String(decoding: utf8[..<end], as: UTF8.self)
    }
}

extension RelationKind {
    var withArticle: String { self == .index ? "an index" : "a \(rawValue)" }
}
