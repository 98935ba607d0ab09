import SQLSyntax

/// What nobody gets back.
extension Rule {
    static let lossRules = [
        dropTable, dropTableCascade, dropColumn, dropColumnDropsUnique, dropColumnDropsPrimaryKey,
        dropColumnDropsForeignKey, dropSchema,
        dropDatabase, dropConstraint, truncate, truncateCascade, updateWithoutWhere, deleteWithoutWhere, dmlInMigration,
    ]

    static let dropTable = Rule(
        "drop-table",
        .data,
        .warning,
        "DROP TABLE",
        page:
            "The rows are gone with the commit, and the running version of the application fails on them. Stop using the table first, in a release of its own, and have a backup that was restored once.",
        bad: Example("DROP TABLE jobs;", after: "CREATE TABLE jobs (id int);"),
        good: Example("CREATE TABLE scratch (id int);\nDROP TABLE scratch;"),
        judge: .statement([.drop]) { context in
            guard case .drop(let drop) = context.node, drop.kind == .table || drop.kind == .foreignTable else { return }
            for object in drop.objects where !context.isNew(object.name) && !context.isSurelyGone(object.name) {
                context.report(
                    "the rows of \(object.name) are lost, and a running application that uses it fails",
                    next: "make sure that nothing uses it and that a backup has it, and allow it with a reason"
                )
            }
        }
    )

    static let dropTableCascade = Rule(
        "drop-table-cascade",
        .data,
        .warning,
        "DROP … CASCADE",
        page:
            "Everything that depends on it goes, too: views, foreign keys, columns of its type, and nobody is asked. Name what is to go.",
        bad: Example(
            "DROP TABLE jobs CASCADE;",
            after: "CREATE TABLE jobs (id int);\nCREATE VIEW all_jobs AS SELECT id FROM jobs;"
        ),
        good: Example("DROP TABLE jobs;", after: "CREATE TABLE jobs (id int);"),
        judge: .statement([.drop, .alterTable]) { context in
            switch context.node {
            case .drop(let drop) where drop.cascades:
                for object in drop.objects {
                    let key = context.schema.relationKey(object.name)
                    let users =
                        key.map { key in
                            context.schema.views(reading: key).map { "view \($0.shortened)" }
                                + context.schema.foreignKeys(to: key).map {
                                    "foreign key \($0.constraint.name) of \($0.table.shortened)"
                                }
                        } ?? []
                    context.report(
                        "what depends on \(object.name) goes, too"
                            + (users.isEmpty ? "" : ": " + users.prefix(5).joined(separator: ", ")),
                        next: "drop what is to go by its name, and leave CASCADE out"
                    )
                }
            default: return
            }
        }
    )

    static let dropColumn = Rule(
        "drop-column",
        .data,
        .warning,
        "DROP COLUMN",
        page:
            "The values are gone with the commit, and the running version of the application fails on the column. Stop using it first, in a release of its own.",
        bad: Example("ALTER TABLE jobs DROP COLUMN name;", after: "CREATE TABLE jobs (id int, name text);"),
        good: Example("CREATE TABLE t (id int, x int);\nALTER TABLE t DROP COLUMN x;"),
        judge: .statement([.alterTable]) { context in
            guard case .alterTable(let alter) = context.node, !context.isNew(alter.relation.name), alter.kind == .table
            else { return }
            for action in alter.actions where action.kind == .dropColumn {
                context.report(
                    "the values of \(alter.relation.name).\(action.name ?? "") are lost, and a running application that uses them fails",
                    next: "make sure that nothing uses it and that a backup has it, and allow it with a reason"
                )
            }
        }
    )

    static let dropColumnDropsUnique = lossWithColumn(
        "drop-column-drops-unique",
        .unique,
        "unique constraint",
        "nothing keeps rows from being there twice any more",
        bad: "CREATE TABLE users (id int, email text UNIQUE);"
    )
    static let dropColumnDropsPrimaryKey = lossWithColumn(
        "drop-column-drops-primary-key",
        .primaryKey,
        "primary key",
        "the table has no primary key any more",
        bad: "CREATE TABLE users (id int, email text PRIMARY KEY);"
    )
    static let dropColumnDropsForeignKey = lossWithColumn(
        "drop-column-drops-foreign-key",
        .foreignKey,
        "foreign key",
        "nothing checks the reference any more",
        bad:
            "CREATE TABLE mails (email text PRIMARY KEY);\nCREATE TABLE users (id int, email text REFERENCES mails (email));"
    )

    private static func lossWithColumn(
        _ name: String,
        _ kind: ConstraintDefinition.Kind,
        _ what: String,
        _ effect: String,
        bad: String
    ) -> Rule {
        Rule(
            name,
            .data,
            .warning,
            "DROP COLUMN that takes a \(what) along",
            page: "Constraints on the column go with it, without a word, also those on several columns: \(effect).",
            bad: Example("ALTER TABLE users DROP COLUMN email;", after: bad),
            good: Example("ALTER TABLE users DROP COLUMN email;", after: "CREATE TABLE users (id int, email text);"),
            judge: .statement([.alterTable]) { context in
                guard case .alterTable(let alter) = context.node, let relation = context.relation(alter.relation.name),
                    let key = context.schema.relationKey(alter.relation.name)
                else { return }
                for action in alter.actions where action.kind == .dropColumn {
                    let column = action.name ?? ""
                    for constraint in relation.constraints
                    where constraint.kind == kind && constraint.columns.contains(column) {
                        context.report(
                            "\(what) \(Identifier.quote(constraint.name)) of \(alter.relation.name) goes with the column: \(effect)"
                        )
                    }
                    guard kind == .unique else { continue }
                    for index in relation.indexes {
                        guard let detail = context.schema.relations[index]?.index, detail.isUnique,
                            detail.constraint == nil,
                            detail.namedColumns.contains(column)
                        else { continue }
                        context.report(
                            "unique index \(index.shortened) of \(key.shortened) goes with the column: \(effect)"
                        )
                    }
                }
            }
        )
    }

    static let dropSchema = Rule(
        "drop-schema",
        .data,
        .warning,
        "DROP SCHEMA",
        page: "With CASCADE all that is in it goes, tables and rows included.",
        bad: Example("DROP SCHEMA app CASCADE;", after: "CREATE SCHEMA app;"),
        good: Example("CREATE SCHEMA app;"),
        judge: .statement([.drop]) { context in
            guard case .drop(let drop) = context.node, drop.kind == .schema else { return }
            for object in drop.objects {
                context.report(
                    "schema \(object.name.name) goes" + (drop.cascades ? ", with all tables and rows in it" : "")
                )
            }
        }
    )

    static let dropDatabase = Rule(
        "drop-database",
        .data,
        .error,
        "DROP DATABASE",
        page: "No migration needs it, and nothing takes it back.",
        bad: Example("DROP DATABASE IF EXISTS other;"),
        good: Example("SELECT 1;"),
        judge: .statement([.database]) { context in
            guard case .dropDatabase(let drop) = context.node else { return }
            context.report("database \(drop.name) and all that is in it are lost")
        }
    )

    static let dropConstraint = Rule(
        "drop-constraint",
        .data,
        .note,
        isDefault: false,
        "DROP CONSTRAINT",
        page: "From then on rows that the constraint kept out are let in, and it may be hard to add it again.",
        bad: Example(
            "ALTER TABLE jobs DROP CONSTRAINT positive;",
            after: "CREATE TABLE jobs (id int CONSTRAINT positive CHECK (id > 0));"
        ),
        good: Example("ALTER TABLE jobs ADD COLUMN x int;", after: "CREATE TABLE jobs (id int);"),
        judge: .statement([.alterTable]) { context in
            guard case .alterTable(let alter) = context.node, !context.isNew(alter.relation.name) else { return }
            for action in alter.actions where action.kind == .dropConstraint {
                context.report(
                    "rows that \(action.name ?? "") kept out of \(alter.relation.name) are let in from now on"
                )
            }
        }
    )

    static let truncate = Rule(
        "truncate",
        .data,
        .warning,
        "TRUNCATE",
        page: "All rows are gone with the commit, under ACCESS EXCLUSIVE.",
        bad: Example("TRUNCATE jobs;", after: "CREATE TABLE jobs (id int);"),
        good: Example("DELETE FROM jobs WHERE id < 0;", after: "CREATE TABLE jobs (id int);"),
        judge: .statement([.truncate]) { context in
            guard case .truncate(let truncate) = context.node else { return }
            for table in truncate.tables where !context.isNew(table.name) {
                context.report("all rows of \(table.name) are lost", at: table.location)
            }
        }
    )

    static let truncateCascade = Rule(
        "truncate-cascade",
        .data,
        .error,
        "TRUNCATE … CASCADE",
        page:
            "Every table that refers to it is emptied, too, whatever its foreign key says about deleting, and those that refer to these.",
        bad: Example(
            "TRUNCATE users CASCADE;",
            after: "CREATE TABLE users (id int PRIMARY KEY);\nCREATE TABLE posts (user_id int REFERENCES users (id));"
        ),
        good: Example("TRUNCATE posts;", after: "CREATE TABLE posts (user_id int);"),
        judge: .statement([.truncate]) { context in
            guard case .truncate(let truncate) = context.node, truncate.cascades else { return }
            for table in truncate.tables {
                let others =
                    context.schema.relationKey(table.name).map {
                        context.schema.foreignKeys(to: $0).map { "\($0.table.shortened)" }
                    } ?? []
                context.report(
                    "every table that refers to \(table.name) is emptied, too"
                        + (others.isEmpty ? "" : ": " + others.joined(separator: ", ")),
                    at: table.location,
                    next: "name the tables that are to be emptied"
                )
            }
        }
    )

    static let updateWithoutWhere = Rule(
        "update-without-where",
        .data,
        .warning,
        "UPDATE of every row",
        page:
            "Every row is written anew in one transaction: locks on all of them, as much dead space as the table is large, and replicas that fall behind. Do it in parts: `-- lastro: batch key=id`.",
        bad: Example("UPDATE jobs SET name = '';", after: "CREATE TABLE jobs (id int, name text);"),
        good: Example("UPDATE jobs SET name = '' WHERE id = 1;", after: "CREATE TABLE jobs (id int, name text);"),
        judge: .statement([.change]) { context in
            guard case .change(let change) = context.node, change.kind == .update, !context.isNew(change.target.name),
                !context.source.text.isBatched, context.parsed.syntax?.children("from_clause").isEmpty == true
            else { return }
            guard change.condition.map(\.isAlwaysTrue) ?? true else { return }
            context.report(
                "every row of \(change.target.name) is written anew in one transaction",
                at: change.target.location,
                next: "say which rows, and do a large table in parts with `-- lastro: batch key=…`"
            )
        }
    )

    static let deleteWithoutWhere = Rule(
        "delete-without-where",
        .data,
        .warning,
        "DELETE of every row",
        page: "All rows are lost, and deleting them one by one is slow.",
        bad: Example("DELETE FROM jobs;", after: "CREATE TABLE jobs (id int);"),
        good: Example("DELETE FROM jobs WHERE id < 0;", after: "CREATE TABLE jobs (id int);"),
        judge: .statement([.change]) { context in
            guard case .change(let change) = context.node, change.kind == .delete, !context.isNew(change.target.name),
                context.parsed.syntax?.children("using_clause").isEmpty == true
            else { return }
            guard change.condition.map(\.isAlwaysTrue) ?? true else { return }
            context.report("all rows of \(change.target.name) are lost", at: change.target.location)
        }
    )

    static let dmlInMigration = Rule(
        "dml-in-migration",
        .data,
        .note,
        isDefault: false,
        "UPDATE, DELETE or INSERT … SELECT of many rows among definitions",
        page:
            "Changing many rows takes as long as there are rows, while the locks of the definitions around it are held. Put it into a migration of its own, in parts.",
        bad: Example(
            "ALTER TABLE jobs ADD COLUMN x int;\nUPDATE jobs SET x = 1 WHERE true;",
            after: "CREATE TABLE jobs (id int);"
        ),
        good: Example("ALTER TABLE jobs ADD COLUMN x int;", after: "CREATE TABLE jobs (id int);"),
        judge: .statement([.change]) { context in
            guard case .change(let change) = context.node, [.update, .delete].contains(change.kind),
                !context.isNew(change.target.name),
                !context.source.text.isBatched
            else { return }
            let isPointed = change.condition.map { !$0.isAlwaysTrue && $0.isEqualityWithConstant } ?? false
            guard !isPointed else { return }
            context.report(
                "many rows of \(change.target.name) may be changed here, while the locks of the file are held",
                at: change.target.location,
                next: "put it into a migration of its own, in parts with `-- lastro: batch key=…`"
            )
        }
    )
}

extension Expression {
    /// Whether the condition holds for every row, as far as its words tell.
    var isAlwaysTrue: Bool {
        if isConstant { return ["true", "1 = 1"].contains(sql.lowercased()) }
        let sides = sql.split(separator: "=", maxSplits: 1).map { $0.trimmingSpaces }
        return columns.isEmpty && functionCalls.isEmpty && sides.count == 2 && sides[0] == sides[1]
    }

    /// Whether it compares one column with one constant.
    var isEqualityWithConstant: Bool {
        columns.count == 1 && functionCalls.isEmpty && sql.contains("=") && !sql.contains("<") && !sql.contains(">")
    }
}

extension StatementContext {
    /// Whether the history has dropped a relation that a guarded drop names again.
    func isSurelyGone(_ name: QualifiedName) -> Bool {
        schema.relationKey(name) == nil
            && schema.gone.has(SimulatedSchema.ObjectKey(kind: .relation, name: schema.creationKey(name)))
    }
}
