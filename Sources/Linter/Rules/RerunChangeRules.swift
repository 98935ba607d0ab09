import SQLSyntax

/// Rows that a second run doubles, or changes once more.
extension Rule {
    static let rerunChangeRules = [
        insertWithoutOnConflict, onConflictGeneratedKey, seedExplicitSerialId, nonIdempotentChange,
    ]

    static let insertWithoutOnConflict = Rule(
        "insert-without-on-conflict",
        .existence,
        .warning,
        "INSERT of fixed rows without ON CONFLICT into a table that may have them",
        page: """
            A second run fails on the key, or inserts the rows again. The same is true of a table whose CREATE TABLE IF NOT EXISTS says that \
            it may have been there, with its rows. \(again)
            """,
        bad: Example(
            "-- lastro: idempotent\nINSERT INTO roles VALUES (1, 'admin');",
            after: "CREATE TABLE roles (id int PRIMARY KEY, name text);"
        ),
        good: Example(
            "-- lastro: idempotent\nINSERT INTO roles VALUES (1, 'admin') ON CONFLICT (id) DO NOTHING;",
            after: "CREATE TABLE roles (id int PRIMARY KEY, name text);"
        ),
        judge: .statement([.change]) { context in
            guard case .change(let change) = context.node, change.kind == .insert, let syntax = context.parsed.syntax
            else { return }
            let relation = context.relation(change.target.name)
            guard context.mayRunAgain || relation?.isGuarded == true, syntax.child("on_conflict_clause") == nil else {
                return
            }
            guard let source = syntax.child("select_stmt"), !source.children("values_lists").isEmpty else { return }
            context.report(
                "if \(change.target.name) has these rows already, this fails on its key, or inserts them again",
                at: change.target.location,
                next: "add ON CONFLICT … DO NOTHING"
            )
        }
    )

    static let onConflictGeneratedKey = Rule(
        "on-conflict-generated-key",
        .existence,
        .warning,
        "ON CONFLICT DO NOTHING where the only key is generated",
        page:
            "A number that the server makes is always new, so no row ever conflicts, and each run inserts the rows again.",
        bad: Example(
            "INSERT INTO roles (name) VALUES ('admin') ON CONFLICT DO NOTHING;",
            after: "CREATE TABLE roles (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text);"
        ),
        good: Example(
            "INSERT INTO roles (name) VALUES ('admin') ON CONFLICT DO NOTHING;",
            after: "CREATE TABLE roles (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text UNIQUE);"
        ),
        judge: .statement([.change]) { context in
            guard case .change(let change) = context.node, change.kind == .insert, !change.columns.isEmpty,
                let conflict = context.parsed.syntax?.child("on_conflict_clause"), conflict.child("infer") == nil,
                let relation = context.relation(change.target.name), case .known = relation.shape
            else { return }
            let keys =
                relation.constraints.filter { [.primaryKey, .unique].contains($0.kind) }.map(\.columns)
                + relation.indexes.compactMap { context.schema.relations[$0]?.index }.filter(\.isUnique).map {
                    $0.columns.compactMap(\.self)
                }
            let given = Set(change.columns)
            guard !keys.contains(where: { !Set($0).isDisjoint(with: given) || $0.isEmpty }) else { return }
            context.report(
                "no key of \(change.target.name) is among the columns that are given, so no row conflicts, and each run inserts them again",
                at: change.target.location,
                next: "add a unique key on what makes a row the same"
            )
        }
    )

    static let seedExplicitSerialId = Rule(
        "seed-explicit-serial-id",
        .existence,
        .warning,
        "INSERT with a number of one's own into a serial or identity column",
        page: """
            The sequence does not notice: the next row without a number gets one that is taken, and fails. Leave the column out, or set the \
            sequence with setval behind the INSERT.
            """,
        bad: Example(
            "INSERT INTO roles (id, name) VALUES (1, 'admin');",
            after: "CREATE TABLE roles (id serial PRIMARY KEY, name text);"
        ),
        good: Example(
            "INSERT INTO roles (name) VALUES ('admin');",
            after: "CREATE TABLE roles (id serial PRIMARY KEY, name text);"
        ),
        judge: .statement([.change]) { context in
            guard case .change(let change) = context.node, change.kind == .insert,
                let relation = context.relation(change.target.name),
                let source = context.parsed.syntax?.child("select_stmt"), !source.children("values_lists").isEmpty
            else { return }
            let named = change.columns.isEmpty ? relation.columns.map(\.name) : change.columns
            let rows = source.children("values_lists").map { $0.children("items") }
            for (place, name) in named.enumerated() {
                guard let column = relation.column(name), column.isSerial || column.isIdentity else { continue }
                guard rows.contains(where: { $0.indices.contains(place) && $0[place].kind == "A_Const" }) else {
                    continue
                }
                if context.setsSequence { return }
                context.report(
                    "the sequence of \(change.target.name).\(name) does not notice these numbers: the next row without one fails on its key",
                    at: change.target.location,
                    next: "leave \(name) out, or call setval behind it"
                )
            }
        }
    )

    static let nonIdempotentChange = Rule(
        "non-idempotent-dml",
        .existence,
        .warning,
        "UPDATE that computes a column from itself in a file that may run again",
        page: "A second run computes once more: `SET price = price * 100` makes it ten thousand times. \(again)",
        bad: Example(
            "-- lastro: idempotent\nUPDATE items SET price = price * 100;",
            after: "CREATE TABLE items (price int);"
        ),
        good: Example(
            "-- lastro: idempotent\nUPDATE items SET price = 0 WHERE price IS NULL;",
            after: "CREATE TABLE items (price int);"
        ),
        judge: .statement([.change]) { context in
            guard case .change(let change) = context.node, change.kind == .update, context.mayRunAgain else { return }
            for target in context.parsed.syntax?.children("target_list") ?? [] {
                guard let name = target.text("name"), let value = target.child("val"), value.kind == "A_Expr" else {
                    continue
                }
                var usesItself = false
                value.forEachNode { node in
                    if node.columnReference?.parts.last == name { usesItself = true }
                }
                guard usesItself else { continue }
                context.report(
                    "a second run computes \(name) from itself once more",
                    at: target.location,
                    next: "say in WHERE which rows are still to be changed"
                )
            }
        }
    )
}
