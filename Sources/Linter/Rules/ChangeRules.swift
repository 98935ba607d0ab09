import SQLSyntax

/// Enums, and statements that could be written better.
extension Rule {
    static let changeRules = [
        enumCreate, enumAddValue, enumValueOrder, enumValueUsedInTransaction, duplicateColumnAssignment,
        combineAlterTable,
    ]

    static let enumCreate = Rule(
        "enum-create",
        .type,
        .note,
        isDefault: false,
        "CREATE TYPE … AS ENUM",
        page:
            "Labels can be added, but neither removed nor put into another order. A lookup table or a check is easier to change.",
        bad: Example("CREATE TYPE state AS ENUM ('new', 'done');"),
        good: Example("CREATE TABLE states (name text PRIMARY KEY);"),
        judge: .statement([.createType]) { context in
            guard case .createType(let create) = context.node, case .enumeration = create.definition else { return }
            context.report(
                "labels of \(create.name) can be added later, but not removed",
                next: "consider a lookup table"
            )
        }
    )

    static let enumAddValue = Rule(
        "enum-add-value",
        .type,
        .note,
        isDefault: false,
        "ALTER TYPE … ADD VALUE",
        versions: "all; before 12 not in a transaction",
        page: "It cannot be taken back, and before version 12 it cannot run in a transaction.",
        bad: Example("ALTER TYPE state ADD VALUE 'done';", after: "CREATE TYPE state AS ENUM ('new');"),
        good: Example("CREATE TYPE state AS ENUM ('new', 'done');"),
        judge: .statement([.alterEnum]) { context in
            guard case .alterEnum(let alter) = context.node, case .add(let value, _, _) = alter.change else { return }
            context.report("label \(StringLiteral.quote(value)) of \(alter.type) cannot be taken away again")
        }
    )

    static let enumValueOrder = Rule(
        "enum-value-order",
        .type,
        .note,
        isDefault: false,
        "ADD VALUE without BEFORE or AFTER",
        page:
            "A label without a place comes last, which is how values are sorted and compared from then on. Say where it belongs.",
        bad: Example("ALTER TYPE state ADD VALUE 'open';", after: "CREATE TYPE state AS ENUM ('new', 'done');"),
        good: Example(
            "ALTER TYPE state ADD VALUE 'open' AFTER 'new';",
            after: "CREATE TYPE state AS ENUM ('new', 'done');"
        ),
        judge: .statement([.alterEnum]) { context in
            guard case .alterEnum(let alter) = context.node, case .add(let value, _, .last) = alter.change else {
                return
            }
            context.report(
                "\(StringLiteral.quote(value)) is sorted behind all other labels of \(alter.type)",
                next: "say BEFORE or AFTER which label"
            )
        }
    )

    static let enumValueUsedInTransaction = Rule(
        "enum-value-used-in-transaction",
        .transaction,
        .error,
        "An enum label that is used in the transaction which adds it",
        versions: "from 12 on; before, ADD VALUE cannot run in a transaction at all",
        page: """
            INSERT, DEFAULT and CHECK with the label fail with `unsafe use of new value` until the transaction that adds it is committed. Lastro \
            sees it and runs such a file step by step, so this is asked of blocks between BEGIN and COMMIT, and for other runners.
            """,
        bad: Example(
            "BEGIN;\nALTER TYPE state ADD VALUE 'done';\nINSERT INTO jobs VALUES ('done');\nCOMMIT;",
            after: "CREATE TYPE state AS ENUM ('new');\nCREATE TABLE jobs (state state);",
            refusal: "unsafe use of new value \"done\" of enum type state"
        ),
        good: Example(
            "INSERT INTO jobs VALUES ('done');",
            after:
                "CREATE TYPE state AS ENUM ('new');\nCREATE TABLE jobs (state state);\nALTER TYPE state ADD VALUE 'done';"
        )
    )

    static let duplicateColumnAssignment = Rule(
        "duplicate-column-assignment",
        .data,
        .error,
        "UPDATE that assigns a column twice",
        page: "The statement fails: `multiple assignments to same column`.",
        bad: Example(
            "UPDATE jobs SET name = 'a', name = 'b' WHERE id = 1;",
            after: "CREATE TABLE jobs (id int, name text);",
            refusal: "multiple assignments to same column \"name\""
        ),
        good: Example("UPDATE jobs SET name = 'b' WHERE id = 1;", after: "CREATE TABLE jobs (id int, name text);"),
        judge: .statement([.change]) { context in
            guard case .change(let change) = context.node, change.kind != .delete, let syntax = context.parsed.syntax
            else { return }
            var lists = [syntax.children(change.kind == .insert ? "cols" : "target_list")]
            if let conflict = syntax.child("on_conflict_clause") { lists.append(conflict.children("target_list")) }
            for list in lists {
                var seen: Set<String> = []
                for target in list where target.children("indirection").isEmpty {
                    guard let name = target.text("name"), !seen.insert(name).inserted else { continue }
                    context.report(
                        "column \(Identifier.quote(name)) is assigned twice: this fails",
                        at: target.location
                    )
                }
            }
        }
    )

    static let combineAlterTable = Rule(
        "combine-alter-table",
        .lock,
        .note,
        isDefault: false,
        "Two ALTER TABLE of one table that could be one",
        page:
            "Each takes the lock and may read or write the whole table; several sub-commands of one statement share a single pass.",
        bad: Example(
            "ALTER TABLE jobs ADD COLUMN a int;\nALTER TABLE jobs ADD COLUMN b int;",
            after: "CREATE TABLE jobs (id int);"
        ),
        good: Example("ALTER TABLE jobs ADD COLUMN a int, ADD COLUMN b int;", after: "CREATE TABLE jobs (id int);"),
        judge: .statement([.alterTable]) { context in
            guard case .alterTable(let alter) = context.node, context.index > 0,
                case .alterTable(let before) = context.source.statements[context.index - 1].node,
                before.relation.name.shortened == alter.relation.name.shortened,
                // NOT VALID and VALIDATE are meant to be apart.
                !alter.actions.contains(where: { $0.kind == .validateConstraint })
            else { return }
            context.report(
                "this and the statement before it could be one ALTER TABLE \(alter.relation.name)",
                at: alter.relation.location
            )
        }
    )
}
