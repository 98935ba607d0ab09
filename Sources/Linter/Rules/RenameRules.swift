import SQLSyntax

/// Names that the running version of the application still uses.
extension Rule {
    static let renameRules = [renameColumn, renameTable, renameSchema, renameEnumValue]

    private static let advice = """
        The change itself is done in a moment, and the version of the application that still runs fails from then on with the old name. Give \
        the new name beside the old one (a column that is kept in step, a view), change the application over, and take the old name away in a \
        later release.
        """

    static let renameColumn = Rule(
        "rename-column",
        .compatibility,
        .warning,
        "RENAME COLUMN",
        page: advice,
        bad: Example("ALTER TABLE jobs RENAME COLUMN name TO title;", after: "CREATE TABLE jobs (name text);"),
        good: Example("ALTER TABLE jobs ADD COLUMN title text;", after: "CREATE TABLE jobs (name text);"),
        judge: .statement([.rename]) { context in
            guard case .rename(let rename) = context.node, rename.object.kind == .column,
                let table = rename.object.relation,
                !context.isNew(table)
            else { return }
            context.report(
                "a running application fails with `column \"\(rename.object.name.name)\" does not exist` from the commit on",
                next: "add \(rename.newName) beside it, and take the old column away in a later release"
            )
        }
    )

    static let renameTable = Rule(
        "rename-table",
        .compatibility,
        .warning,
        "RENAME of a table, or SET SCHEMA",
        page: advice,
        bad: Example("ALTER TABLE jobs RENAME TO tasks;", after: "CREATE TABLE jobs (id int);"),
        good: Example("CREATE VIEW tasks AS SELECT id FROM jobs;", after: "CREATE TABLE jobs (id int);"),
        judge: .statement([.rename, .changeSchema]) { context in
            let object: ObjectReference
            switch context.node {
            case .rename(let rename): object = rename.object
            case .changeSchema(let change): object = change.object
            default: return
            }
            guard [.table, .view, .materializedView, .foreignTable].contains(object.kind), !context.isNew(object.name)
            else { return }
            context.report(
                "a running application fails with `relation \"\(object.name.name)\" does not exist` from the commit on",
                next: "leave a view of the old name behind, in the same transaction"
            )
        }
    )

    static let renameSchema = Rule(
        "rename-schema",
        .compatibility,
        .warning,
        "ALTER SCHEMA … RENAME",
        page: advice,
        bad: Example("ALTER SCHEMA app RENAME TO core;", after: "CREATE SCHEMA app;"),
        good: Example("CREATE SCHEMA core;", after: "CREATE SCHEMA app;"),
        judge: .statement([.rename]) { context in
            guard case .rename(let rename) = context.node, rename.object.kind == .schema else { return }
            context.report(
                "a running application that names schema \(rename.object.name.name) fails from the commit on"
            )
        }
    )

    static let renameEnumValue = Rule(
        "rename-enum-value",
        .compatibility,
        .warning,
        "ALTER TYPE … RENAME VALUE",
        page: advice,
        bad: Example("ALTER TYPE state RENAME VALUE 'new' TO 'open';", after: "CREATE TYPE state AS ENUM ('new');"),
        good: Example("ALTER TYPE state ADD VALUE 'open';", after: "CREATE TYPE state AS ENUM ('new');"),
        judge: .statement([.alterEnum]) { context in
            guard case .alterEnum(let alter) = context.node, case .rename(let old, _) = alter.change else { return }
            context.report(
                "a running application that writes or compares \(StringLiteral.quote(old)) fails from the commit on"
            )
        }
    )
}
