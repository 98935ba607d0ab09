import Postgres
import SQLSyntax

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension SkipAnswers {
    /// Asks the server, in the transaction that the statements run in.
    ///
    /// Nothing is made, and nothing locked for others.
    mutating func ask(_ questions: SkipQuestions, on connection: PostgresConnection, marker: RunMarker) async throws {
        let server = Inquiry(connection: connection, marker: marker)
        if !questions.facts.isEmpty {
            let facts = try await RelationFacts.read(Array(questions.facts), on: connection, marker: marker)
            for oid in questions.facts { self.facts[oid] = .some(facts[oid]) }
        }
        if !questions.relations.isEmpty { try await server.askRelations(questions.relations, &self) }
        if !questions.collations.isEmpty { try await server.askCollations(questions.collations, &self) }
        if !questions.types.isEmpty { try await server.askTypes(questions.types, &self) }
        for key in questions.details { details[key] = try await server.details(key) }
        for (relation, keys) in Dictionary(grouping: questions.expressions, by: \.relation) {
            guard let relation = facts[relation] ?? nil else {
                for key in keys { expressions[key] = .some(nil) }
                continue
            }
            try await server.askExpressions(keys, over: relation, &self)
        }
        for query in questions.queries { queries[query] = .some(try await server.compare(query, facts)) }
    }
}

/// Puts questions to the server.
private struct Inquiry {
    let connection: PostgresConnection
    let marker: RunMarker

    private func rows(_ sql: String) async throws -> PostgresRows? {
        try await connection.script("\(marker) \(sql)").last
    }

    /// Runs what may fail for what a user wrote; nil if the server refuses it.
    private func attempt(_ statements: [String]) async throws -> [PostgresRows]? {
        let sql = (["SAVEPOINT lastro_ask"] + statements + ["RELEASE SAVEPOINT lastro_ask"]).joined(separator: "; ")
        do {
            return Array(try await connection.script("\(marker) \(sql)").dropFirst().dropLast())
        } catch let error as PostgresError where error.code == .server {
            try await connection.script("ROLLBACK TO SAVEPOINT lastro_ask; RELEASE SAVEPOINT lastro_ask")
            return nil
        }
    }

    func askRelations(_ names: Set<QualifiedName>, _ answers: inout SkipAnswers) async throws {
        let names = Array(names)
        let parts = names.enumerated().map { number, name in
            """
            SELECT \(number), c.oid::bigint, array(SELECT a.attname::text FROM pg_catalog.pg_constraint k
                CROSS JOIN pg_catalog.unnest(k.conkey) WITH ORDINALITY AS u (number, place)
                JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = u.number
                WHERE k.conrelid = c.oid AND k.contype = 'p' ORDER BY u.place)
            FROM pg_catalog.pg_class c WHERE \(GuardLookup.isSeen(name, as: "c"))
            """
        }
        for name in names { answers.relations[name] = .some(nil) }
        let rows = try await rows(parts.joined(separator: " UNION ALL "))
        for (number, oid, key) in try rows?.decode(as: (Int, Int, [String]).self) ?? [] {
            answers.relations[names[number]] = SkipAnswers.Relation(oid: oid, primaryKey: key)
        }
    }

    func askCollations(_ names: Set<QualifiedName>, _ answers: inout SkipAnswers) async throws {
        for name in names {
            let isSeen =
                name.schema.map { "collnamespace = \(GuardLookup.namespace($0))" }
                ?? "pg_catalog.pg_collation_is_visible(oid)"
            let rows = try await rows(
                "SELECT oid::bigint FROM pg_catalog.pg_collation WHERE collname = \(name.name.asName) AND \(isSeen)"
            )
            answers.collations[name] = Set(try rows?.decode(as: Int.self) ?? [])
        }
    }

    func details(_ key: DetailKey) async throws -> [String] {
        let sql =
            switch key.kind {
            case .schema:
                """
                SELECT u FROM pg_catalog.unnest(ARRAY[(SELECT pg_catalog.pg_get_userbyid(nspowner)::text
                    FROM pg_catalog.pg_namespace WHERE oid = \(key.oid)), current_user::text, session_user::text]) AS u
                """
            case .extension:
                """
                SELECT u FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
                    CROSS JOIN pg_catalog.unnest(ARRAY[n.nspname::text, e.extversion]) AS u WHERE e.oid = \(key.oid)
                """
            case .enumeration:
                "SELECT enumlabel::text FROM pg_catalog.pg_enum WHERE enumtypid = \(key.oid) ORDER BY enumsortorder"
            case .statistics:
                "SELECT pg_catalog.pg_get_statisticsobjdef(\(key.oid))"
            }
        return try await rows(sql)?.decode(as: String.self) ?? []
    }

    /// Finds out what types mean: of each, its number and the modifier that a column of it would have.
    func askTypes(_ types: Set<String>, _ answers: inout SkipAnswers) async throws {
        let types = types.sorted()
        for type in types { answers.types[type] = .some(nil) }
        guard let found = try await describe(types) else {
            // One that cannot be read hides the others.
            guard types.count > 1 else { return }
            for type in types { try await askTypes([type], &answers) }
            return
        }
        let names = found.map { "pg_catalog.format_type(\($0.oid), \($0.modifier))" }.joined(separator: ", ")
        guard !found.isEmpty, let row = try await rows("SELECT \(names)")?.single else { return }
        for (place, type) in found.enumerated() {
            answers.types[type.sql] = SkipAnswers.DataType(
                oid: type.oid,
                modifier: type.modifier,
                name: row[place].text ?? type.sql
            )
        }
    }

    private func describe(_ types: [String]) async throws -> [(sql: String, oid: Int, modifier: Int)]? {
        let numbers = types.map { "pg_catalog.to_regtype(\(StringLiteral.quote($0)))::oid::bigint" }
        guard let row = try await attempt(["SELECT " + numbers.joined(separator: ", ")])?.first?.single else {
            return nil
        }
        let known = try types.indices.compactMap { place -> (sql: String, oid: Int)? in
            guard row[place].text != nil else { return nil }
            return (types[place], try Int(postgres: row[place]))
        }
        guard !known.isEmpty else { return [] }
        let columns = known.indices.map { "c\($0) \(known[$0].sql)" }.joined(separator: ", ")
        // The columns of a function's result keep their modifiers, and nothing is made.
        let query = "SELECT * FROM pg_catalog.json_to_recordset('[]') AS t (\(columns))"
        guard let described = try await attempt([query])?.first?.columns else { return nil }
        return zip(known, described).map { type, column in
            // A domain is described as the type below it; a column of a domain has no modifier.
            (type.sql, type.oid, Int(column.typeOID) == type.oid ? column.typeModifier : -1)
        }
    }

    /// Has the server read expressions over the columns of a relation, and say what its planner makes of them.
    ///
    /// Two that mean the same are the same there: implicit casts are written out, constants computed. It is an EXPLAIN
    /// over columns of the same types, so the relation itself is not touched.
    func askExpressions(
        _ keys: [ExpressionKey],
        over relation: RelationFacts,
        _ answers: inout SkipAnswers
    ) async throws {
        for key in keys { answers.expressions[key] = .some(nil) }
        let columns = relation.columns.map { column in
            "\(Identifier.alwaysQuote(column.name)) \(column.typeName)"
                + (column.collationName.map { " COLLATE \($0)" } ?? "")
        }
        let source =
            columns.isEmpty
            ? ""
            : " FROM pg_catalog.json_to_recordset('[]') AS \(Identifier.alwaysQuote(relation.name)) "
                + "(\(columns.joined(separator: ", ")))"
        let values = keys.map { key in
            key.type.map { "CAST((\n\(key.sql)\n) AS \($0))" } ?? "(\n\(key.sql)\n)"
        }
        let sql = "EXPLAIN (VERBOSE, COSTS OFF, FORMAT JSON) SELECT \(values.joined(separator: ", "))\(source)"
        guard let text = try await attempt([sql])?.first?.single[0].text, let plan = ExplainedPlan(text),
            plan.output.count == keys.count
        else {
            guard keys.count > 1 else { return }
            for key in keys { try await askExpressions([key], over: relation, &answers) }
            return
        }
        for (key, form) in zip(keys, plan.output) { answers.expressions[key] = form }
    }

    /// Compares a query with what was there: its columns, and of a materialized view what it reads and how.
    func compare(_ query: QueryKey, _ facts: [Int: RelationFacts?]) async throws -> SkipAnswers.QueryMatch? {
        guard let relation = facts[query.relation] ?? nil else { return nil }
        let name = "\(Identifier.alwaysQuote(relation.schema)).\(Identifier.alwaysQuote(relation.name))"
        let names = query.columns.map(Identifier.alwaysQuote).joined(separator: ", ")
        let alias = "declared" + (names.isEmpty ? "" : " (\(names))")
        let described = try await attempt([
            "SELECT * FROM (\n\(query.sql)\n) AS \(alias) WHERE false", "SELECT * FROM \(name) WHERE false",
        ])
        guard let described, described.count == 2 else { return nil }
        var differences: [String] = []
        for (place, column) in described[0].columns.enumerated() {
            guard let other = described[1].columns.first(where: { $0.name == column.name }) else {
                differences.append("column \(Identifier.quote(column.name)) is missing")
                continue
            }
            if other.typeOID != column.typeOID || other.typeModifier != column.typeModifier {
                differences.append("column \(Identifier.quote(column.name)) has another type")
            }
            if relation.kind == "m", described[1].columns.firstIndex(of: other) != place {
                differences.append("column \(Identifier.quote(column.name)) stands at another place")
            }
        }
        guard let existing = query.existing else { return SkipAnswers.QueryMatch(columns: differences, isSame: true) }
        let text = existing.hasSuffix(";") ? String(existing.dropLast()) : existing
        let plans = try await attempt([query.sql, text].map { "EXPLAIN (VERBOSE, COSTS OFF, FORMAT JSON) \($0)" })
        let texts = (plans ?? []).compactMap { rows in rows.first?[0].text.flatMap(ExplainedPlan.init)?.text }
        return SkipAnswers.QueryMatch(columns: differences, isSame: texts.count == 2 ? texts[0] == texts[1] : nil)
    }
}

/// What EXPLAIN said as JSON.
private struct ExplainedPlan {
    /// What the topmost node gives out, an entry an expression.
    let output: [String]
    /// The plan by itself, without what the server adds of the session.
    let text: String

    private struct Answer: Decodable {
        let plan: Node

        enum CodingKeys: String, CodingKey {
            case plan = "Plan"
        }
    }

    private struct Node: Decodable {
        let output: [String]?

        enum CodingKeys: String, CodingKey {
            case output = "Output"
        }
    }

    init?(_ text: String) {
        // Another form than expected says nothing.
        guard let answers = try? JSONDecoder().decode([Answer].self, from: Data(text.utf8)) else { return nil }
        output = answers.first?.plan.output ?? []
        // A query's number stands behind the plan.
        let end = text.firstRange(of: "\n    \"Query Identifier\"")?.lowerBound ?? text.endIndex
        self.text = String(text[..<end])
    }
}
