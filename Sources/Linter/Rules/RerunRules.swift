import SQLSyntax

/// What fails or doubles when a file runs a second time.
extension Rule {
    static let rerunRules = [
        missingExistenceGuard, indexUnnamed, constraintUnnamed, typeWithoutGuard, triggerNotOrReplace, policyNotGuarded,
        alterNotRerunnable, insertWithoutOnConflict, onConflictGeneratedKey, seedExplicitSerialId, nonIdempotentChange,
    ]

    private static let again = """
        Lastro runs a file once, and takes all of it back when it fails, so this is asked only where a file may run again: in a repeatable \
        migration, in one that says `-- lastro: idempotent`, and with `--all-rules`, which judges for an unknown runner.
        """

    static let missingExistenceGuard = Rule(
        "missing-existence-guard",
        .existence,
        .note,
        "A creation or drop without IF [NOT] EXISTS in a file that may run again",
        page: """
            The second run fails: what is made is there, or what is dropped is not. Inside BEGIN and COMMIT the first run is taken back as a \
            whole, so nothing is asked there, unless more changes follow behind the COMMIT: when one of them fails, the file runs again from \
            its beginning. The same is true of a statement that is alone in its file. \(again)
            """,
        bad: Example("-- lastro: idempotent\nCREATE TABLE jobs (id int);"),
        good: Example("-- lastro: idempotent\nCREATE TABLE IF NOT EXISTS jobs (id int);"),
        judge: .statement([
            .createTable, .createTableAs, .createIndex, .alterTable, .drop, .createSequence, .createView, .rename,
            .createRoutine, .createSchema,
        ]) { context in
            guard context.mayRunAgain, !context.isSafelyAlone, !context.interpreter.isGuardedInBlock else { return }
            if context.runner != .lastro, context.transaction.isOpen, !context.isCommittedEarly { return }
            switch context.node {
            case .createTable(let create)
            where !create.ifNotExists && !context.isDroppedBefore(create.table.name)
                && !(create.persistence == .temporary && context.parsed.syntax?.option("oncommit") == "ONCOMMIT_DROP"):
                context.report(
                    "a second run fails: \(create.table.name) is there then",
                    at: create.table.location,
                    next: "write IF NOT EXISTS"
                )
            case .createTableAs(let create)
            where !create.ifNotExists && create.persistence != .temporary
                && !context.isDroppedBefore(create.relation.name):
                context.report(
                    "a second run fails: \(create.relation.name) is there then",
                    at: create.relation.location,
                    next: "write IF NOT EXISTS"
                )
            case .createIndex(let create) where !create.ifNotExists && create.name != nil:
                let name = QualifiedName(schema: create.table.name.schema, name: create.name ?? "")
                if context.isDroppedBefore(name) { return }
                context.report(
                    "a second run fails: index \(create.name ?? "") is there then",
                    next: "write IF NOT EXISTS"
                )
            case .createSequence(let relation, ifNotExists: false, _):
                context.report(
                    "a second run fails: \(relation.name) is there then",
                    at: relation.location,
                    next: "write IF NOT EXISTS"
                )
            case .createView(let create) where !create.orReplace && !context.isDroppedBefore(create.view.name):
                context.report(
                    "a second run fails: \(create.view.name) is there then",
                    at: create.view.location,
                    next: "write OR REPLACE"
                )
            case .createRoutine(let create) where !create.orReplace && !context.isDroppedBefore(create.name):
                context.report("a second run fails: \(create.name) is there then", next: "write OR REPLACE")
            case .createSchema(let name?, ifNotExists: false, _):
                context.report("a second run fails: schema \(name) is there then", next: "write IF NOT EXISTS")
            case .drop(let drop) where !drop.ifExists && drop.kind != .operator:
                context.report("a second run fails: what is dropped is gone then", next: "write IF EXISTS")
            case .rename(let rename) where !rename.ifExists:
                context.report("a second run fails: \(rename.object.name) has its new name then")
            case .alterTable(let alter):
                for action in alter.actions where !action.isTolerant {
                    switch action.kind {
                    case .addColumn:
                        if context.hasDropped(action.name ?? "", .dropColumn, alter) { continue }
                        context.report(
                            "a second run fails: column \(action.name ?? "") is there then",
                            at: action.column?.location,
                            next: "write ADD COLUMN IF NOT EXISTS"
                        )
                    case .dropColumn, .dropConstraint:
                        context.report("a second run fails: \(action.name ?? "") is gone then", next: "write IF EXISTS")
                    case .addConstraint where action.constraint?.name != nil:
                        if context.hasDropped(action.name ?? "", .dropConstraint, alter) { continue }
                        context.report(
                            "a second run fails: constraint \(action.name ?? "") is there then",
                            at: action.constraint?.location,
                            next: "put DROP CONSTRAINT IF EXISTS before it"
                        )
                    default: continue
                    }
                }
            default: return
            }
        }
    )

    static let indexUnnamed = Rule(
        "index-unnamed",
        .existence,
        .warning,
        "CREATE INDEX without a name in a file that may run again",
        page: "The server chooses a name that is free, so each run makes one more index on the same columns. \(again)",
        bad: Example("-- lastro: idempotent\nCREATE INDEX ON jobs (id);", after: "CREATE TABLE jobs (id int);"),
        good: Example(
            "-- lastro: idempotent\nCREATE INDEX IF NOT EXISTS jobs_id_idx ON jobs (id);",
            after: "CREATE TABLE jobs (id int);"
        ),
        judge: .statement([.createIndex]) { context in
            guard case .createIndex(let create) = context.node, create.name == nil, context.mayRunAgain else { return }
            context.report(
                "each run makes one more index on \(create.table.name), since the server chooses a name that is free",
                next: "give it a name and IF NOT EXISTS"
            )
        }
    )

    static let constraintUnnamed = Rule(
        "constraint-unnamed",
        .existence,
        .warning,
        "ADD CHECK, FOREIGN KEY or UNIQUE without a name in a file that may run again",
        page: "The server chooses a name that is free, so each run adds the constraint once more. \(again)",
        bad: Example(
            "-- lastro: idempotent\nALTER TABLE jobs ADD CHECK (id > 0);",
            after: "CREATE TABLE jobs (id int);"
        ),
        good: Example(
            """
            -- lastro: idempotent
            ALTER TABLE jobs DROP CONSTRAINT IF EXISTS positive;
            ALTER TABLE jobs ADD CONSTRAINT positive CHECK (id > 0);
            """,
            after: "CREATE TABLE jobs (id int);"
        ),
        judge: .statement([.alterTable]) { context in
            guard case .alterTable(let alter) = context.node, context.mayRunAgain else { return }
            for action in alter.actions where action.kind == .addConstraint {
                guard let constraint = action.constraint, constraint.name == nil, constraint.kind != .primaryKey else {
                    continue
                }
                context.report(
                    "each run adds the \(constraint.words(column: nil)) to \(alter.relation.name) once more, under a new name",
                    at: constraint.location,
                    next: "give it a name, and drop it first if it is there"
                )
            }
        }
    )

    static let typeWithoutGuard = Rule(
        "type-without-guard",
        .existence,
        .note,
        "CREATE TYPE or DOMAIN in a file that may run again",
        page: "There is no IF NOT EXISTS for types: look for the type, with its schema, in a DO block. \(again)",
        bad: Example("-- lastro: idempotent\nCREATE TYPE state AS ENUM ('a');"),
        good: Example(
            "-- lastro: idempotent\nDO $$ BEGIN CREATE TYPE state AS ENUM ('a'); EXCEPTION WHEN duplicate_object THEN NULL; END $$;"
        ),
        judge: .statement([.createType, .createDomain]) { context in
            guard context.mayRunAgain, !context.isInBlock else { return }
            context.report("a second run fails: the type is there then", next: "guard it in a DO block")
        }
    )

    static let triggerNotOrReplace = Rule(
        "trigger-not-or-replace",
        .existence,
        .note,
        "CREATE TRIGGER without OR REPLACE in a file that may run again",
        versions: "all; OR REPLACE from 14 on",
        page:
            "From version 14 on there is CREATE OR REPLACE TRIGGER, but not for constraint triggers; before, drop it first. \(again)",
        bad: Example(
            """
            -- lastro: idempotent
            CREATE TRIGGER stamp BEFORE UPDATE ON jobs FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
            """,
            after: "CREATE TABLE jobs (id int);"
        ),
        good: Example(
            """
            -- lastro: idempotent
            CREATE OR REPLACE TRIGGER stamp BEFORE UPDATE ON jobs FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
            """,
            after: "CREATE TABLE jobs (id int);"
        ),
        judge: .statement([.createTrigger]) { context in
            guard case .createTrigger(let create) = context.node, !create.orReplace, context.mayRunAgain else { return }
            guard !context.isPartDroppedBefore(create.name, .trigger) else { return }
            context.report(
                "a second run fails: trigger \(create.name) is there then",
                next: context.serverMajor >= 14
                    ? "write CREATE OR REPLACE TRIGGER" : "put DROP TRIGGER IF EXISTS before it"
            )
        }
    )

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
                next: "put DROP POLICY IF EXISTS before it"
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

extension StatementContext {
    /// Whether the file may run a second time.
    var mayRunAgain: Bool {
        source.directives.isIdempotent || source.text.isRepeatable || runner == .unknown || runner == .wrapping
    }

    /// Whether the statement is the only one of its file, and so done as a whole or not at all.
    var isSafelyAlone: Bool {
        runner != .lastro && source.statements.count == 1 && node.transactionBehavior == .transactional
    }

    /// Whether the file goes on changing things behind the end of the transaction that the statement is in.
    var isCommittedEarly: Bool {
        let rest = source.statements[(index + 1)...]
        guard let end = rest.firstIndex(where: { $0.isCommit }) else { return false }
        return source.statements[(end + 1)...].contains {
            ![.transaction, .select, .set].contains($0.kind)
        }
    }

    /// Whether what is read stands inside a block.
    var isInBlock: Bool { interpreter.offsetShift != nil }

    /// Whether an earlier statement of the file drops the relation.
    func isDroppedBefore(_ name: QualifiedName) -> Bool {
        source.statements.prefix(index).contains { statement in
            guard case .drop(let drop) = statement.node else { return false }
            return drop.objects.contains { $0.name.name == name.name }
        }
    }

    /// Whether an earlier statement of the file drops a trigger or policy.
    func isPartDroppedBefore(_ name: String, _ kind: ObjectKind) -> Bool {
        source.statements.prefix(index).contains { statement in
            guard case .drop(let drop) = statement.node, drop.kind == kind else { return false }
            return drop.objects.contains { $0.name.name == name }
        }
    }

    /// Whether what the file last did with a column or constraint is to drop it, if it was there.
    func hasDropped(_ name: String, _ kind: AlterTableAction.Kind, _ alter: AlterTable) -> Bool {
        let before = source.statements.prefix(index).flatMap { statement -> [AlterTableAction] in
            guard case .alterTable(let other) = statement.node, other.relation.name == alter.relation.name else {
                return []
            }
            return other.actions
        }
        let here = alter.actions.filter { $0.kind == kind }
        return (before + here).last { $0.name == name }.map { $0.kind == kind && $0.isTolerant } ?? false
    }

    /// Whether the file sets a sequence.
    var setsSequence: Bool {
        source.statements.contains { $0.kind == .select && $0.parsed.statement.contains(anyOf: "setval") }
            || source.statements.contains { statement in
                guard case .alterSequence(_, let options) = statement.node else { return false }
                return options.contains { $0.name == "restart" }
            }
    }
}

extension LintSource.Statement {
    /// Whether it ends a transaction and keeps what that did.
    fileprivate var isCommit: Bool {
        if case .transaction(let statement) = node { statement.control == .commit } else { false }
    }
}
