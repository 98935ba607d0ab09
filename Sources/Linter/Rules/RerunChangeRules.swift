import SQLSyntax

/// What a second run doubles, or changes once more: rows, policies, tables.
extension Rule {
    static let rerunChangeRules = [
        policyNotGuarded, alterNotRerunnable, uniqueIndexRenamed, insertWithoutOnConflict, onConflictGeneratedKey,
        seedExplicitSerialId, nonIdempotentChange,
    ]

    static let policyNotGuarded = Rule(
        "policy-not-guarded",
        .existence,
        .note,
        "CREATE POLICY without a DROP POLICY IF EXISTS before it in a file that may run again",
        page:
            "Policies have neither guard nor OR REPLACE. Drop it first, in the same transaction: between the two nobody is let in. \(again)",
        bad: Example(
            "-- lastro: idempotent\nCREATE POLICY own ON jobs USING (id = 1);",
            after: "CREATE TABLE jobs (id int);"
        ),
        good: Example(
            "-- lastro: idempotent\nDROP POLICY IF EXISTS own ON jobs;\nCREATE POLICY own ON jobs USING (id = 1);",
            after: "CREATE TABLE jobs (id int);"
        ),
        judge: .statement([.createPolicy]) { context in
            guard case .createPolicy(let policy) = context.node, context.mayRunAgain else { return }
            guard !context.isPartDroppedBefore(policy.name, .policy) else { return }
            context.report(
                "a second run fails: policy \(policy.name) is there then",
                next: "put DROP POLICY IF EXISTS before it",
                fix: .guarded(
                    .dropBefore("DROP POLICY IF EXISTS \(Identifier.quote(policy.name)) ON \(policy.table.name)")
                )
            )
        }
    )

    static let alterNotRerunnable = Rule(
        "alter-not-rerunnable",
        .existence,
        .note,
        "ADD GENERATED or ATTACH PARTITION in a file that may run again",
        page:
            "Both fail a second time. SET NOT NULL, SET DEFAULT, TYPE, ENABLE ROW LEVEL SECURITY and VALIDATE do not. \(again)",
        bad: Example(
            "-- lastro: idempotent\nALTER TABLE jobs ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY;",
            after: "CREATE TABLE jobs (id int NOT NULL);"
        ),
        good: Example(
            "-- lastro: idempotent\nALTER TABLE jobs ALTER COLUMN id SET NOT NULL;",
            after: "CREATE TABLE jobs (id int NOT NULL);"
        ),
        judge: .statement([.alterTable]) { context in
            guard case .alterTable(let alter) = context.node, context.mayRunAgain else { return }
            for action in alter.actions where action.kind == .addIdentity || action.kind == .attachPartition {
                context.report(
                    action.kind == .addIdentity
                        ? "a second run fails: column \(action.name ?? "") is an identity column then"
                        : "a second run fails: the table is a partition then",
                    next: "look for it in a DO block"
                )
            }
        }
    )

    static let uniqueIndexRenamed = Rule(
        "unique-index-renamed-by-constraint",
        .existence,
        .warning,
        "ADD CONSTRAINT … USING INDEX under another name than the index has",
        page: """
            The index takes the constraint's name. CREATE UNIQUE INDEX IF NOT EXISTS, in a second run or in a later file, does not find \
            its old name, and builds a second one beside it. Give both one name. It is asked where the file that makes the index may run \
            again, and of a later guarded creation under the old name.
            """,
        bad: Example(
            """
            -- lastro: idempotent
            CREATE UNIQUE INDEX IF NOT EXISTS users_email_new ON users (email);
            ALTER TABLE users ADD CONSTRAINT users_email_key UNIQUE USING INDEX users_email_new;
            """,
            after: "CREATE TABLE users (email text);"
        ),
        good: Example(
            """
            -- lastro: idempotent
            CREATE UNIQUE INDEX IF NOT EXISTS users_email_key ON users (email);
            ALTER TABLE users ADD CONSTRAINT users_email_key UNIQUE USING INDEX users_email_key;
            """,
            after: "CREATE TABLE users (email text);"
        ),
        judge: .statement([.alterTable, .createIndex]) { context in
            switch context.node {
            case .alterTable(let alter) where context.mayRunAgain:
                for action in alter.actions where action.kind == .addConstraint {
                    guard let constraint = action.constraint, let index = constraint.index, let name = constraint.name,
                        name != index, context.interpreter.memory.guardedIndexes.contains(index)
                    else { continue }
                    context.report(
                        "index \(Identifier.quote(index)) is called \(Identifier.quote(name)) from here on, so a second run builds it once more",
                        at: constraint.location,
                        next: "give the index the constraint's name"
                    )
                }
            case .createIndex(let create) where create.ifNotExists && create.isUnique:
                guard let name = create.name, let table = context.schema.relationKey(create.table.name) else { return }
                let key = QualifiedName(schema: table.schema, name: name)
                guard !context.schema.relations.has(key),
                    let new = context.schema.gone[SimulatedSchema.ObjectKey(kind: .relation, name: key)]?.renamedTo,
                    let index = context.schema.relations[new]?.index, index.constraint != nil, index.table == table
                else { return }
                context.report(
                    "a constraint has taken index \(Identifier.quote(name)) and given it its own name, \(new.shortened): this builds a second one",
                    next: "take the statement out, or look for \(new.shortened)"
                )
            default: return
            }
        }
    )

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
