import SQLSyntax

/// Adding and changing columns.
extension Rule {
    static let columnRules = [
        addColumnVolatileDefault, addColumnConstrainedDomain, addColumnAutoincrement, addColumnGeneratedStored,
        addColumnNotNullNoDefault, addColumnCheckScans, setNotNullScan, changeColumnType, widenUnknownType,
        dropNotNull,
    ]

    static let addColumnVolatileDefault = Rule(
        "add-column-volatile-default",
        .lock,
        .warning,
        "ADD COLUMN with a default that rewrites the table",
        versions: "all; before 11 any default rewrites the table",
        page: """
            A default that gives another value for each row (`clock_timestamp()`, `gen_random_uuid()`, `nextval()`) is computed for every row \
            there is: the table is written anew under ACCESS EXCLUSIVE. Constants, `now()` and what is computed from them are stored once, \
            from version 11 on; before, every default rewrites. Add the column without the default, set the default, and fill the rows in \
            parts.
            """,
        bad: Example(
            "ALTER TABLE jobs ADD COLUMN token uuid DEFAULT gen_random_uuid();",
            after: "CREATE TABLE jobs (id int);"
        ),
        good: Example(
            "ALTER TABLE jobs ADD COLUMN added timestamptz DEFAULT now();",
            after: "CREATE TABLE jobs (id int);"
        ),
        judge: .statement([.alterTable]) { context in
            context.forEachAddedColumn { alter, column in
                guard let value = column.defaultExpression else { return }
                if context.serverMajor < 11 {
                    if value.isNullConstant { return }
                    context.report(
                        "before version 11 any default makes \(alter.relation.name) be written anew, under ACCESS EXCLUSIVE",
                        at: value.location ?? column.location,
                        next: "add the column without a default, set it afterwards, and fill the rows in parts"
                    )
                } else if let call = context.volatileCall(in: value) {
                    context.report(
                        "\(call) gives each row its own value, so all of \(alter.relation.name) is written anew, under ACCESS EXCLUSIVE",
                        at: value.location ?? column.location,
                        next: "add the column without a default, set it afterwards, and fill the rows in parts"
                    )
                }
            }
        }
    )

    static let addColumnConstrainedDomain = Rule(
        "add-column-constrained-domain",
        .lock,
        .warning,
        "ADD COLUMN of a domain with a constraint",
        page: """
            The table is written anew under ACCESS EXCLUSIVE, also without a default, because the constraint has to be checked for each row. \
            A domain without constraints costs nothing.
            """,
        bad: Example(
            "ALTER TABLE users ADD COLUMN email email;",
            after: "CREATE DOMAIN email AS text CHECK (VALUE LIKE '%@%');\nCREATE TABLE users (id int);"
        ),
        good: Example(
            "ALTER TABLE users ADD COLUMN email email;",
            after: "CREATE DOMAIN email AS text;\nCREATE TABLE users (id int);"
        ),
        judge: .statement([.alterTable]) { context in
            context.forEachAddedColumn { alter, column in
                guard let type = column.type, let key = context.schema.typeKey(type.name),
                    case .domain(isConstrained: true, _) = context.schema.types[key]?.definition
                else { return }
                context.report(
                    "domain \(key.shortened) has a constraint, so all of \(alter.relation.name) is written anew, under ACCESS EXCLUSIVE",
                    at: type.location ?? column.location,
                    next: "use the plain type, and add a check NOT VALID that is validated afterwards"
                )
            }
        }
    )

    static let addColumnAutoincrement = Rule(
        "add-column-autoincrement",
        .lock,
        .warning,
        "ADD COLUMN of serial or as an identity",
        versions: "all; identity columns from 10 on",
        page: "Each row there is gets its number: the table is written anew under ACCESS EXCLUSIVE.",
        bad: Example("ALTER TABLE jobs ADD COLUMN number bigserial;", after: "CREATE TABLE jobs (id int);"),
        good: Example("ALTER TABLE jobs ADD COLUMN number bigint;", after: "CREATE TABLE jobs (id int);"),
        judge: .statement([.alterTable]) { context in
            context.forEachAddedColumn { alter, column in
                guard BuiltInTypes.isSerial(column.type) || column.constraint(.identity) != nil else { return }
                context.report(
                    "each row gets a number, so all of \(alter.relation.name) is written anew, under ACCESS EXCLUSIVE",
                    at: column.location,
                    next: "add a plain column, fill it in parts, and make it an identity afterwards"
                )
            }
        }
    )

    static let addColumnGeneratedStored = Rule(
        "add-column-generated-stored",
        .lock,
        .warning,
        "ADD COLUMN … GENERATED ALWAYS AS (…) STORED",
        versions: "from 12 on",
        page:
            "The column is computed for every row: the table is written anew under ACCESS EXCLUSIVE. VIRTUAL columns (from 18 on) cost nothing.",
        bad: Example(
            "ALTER TABLE jobs ADD COLUMN twice int GENERATED ALWAYS AS (id * 2) STORED;",
            after: "CREATE TABLE jobs (id int);"
        ),
        good: Example("ALTER TABLE jobs ADD COLUMN twice int;", after: "CREATE TABLE jobs (id int);"),
        judge: .statement([.alterTable]) { context in
            context.forEachAddedColumn { alter, column in
                guard column.constraint(.generated) != nil else { return }
                context.report(
                    "the column is computed for each row, so all of \(alter.relation.name) is written anew, under ACCESS EXCLUSIVE",
                    at: column.location,
                    next: "add a plain column with a trigger, fill it in parts, or compute it in a view"
                )
            }
        }
    )

    static let addColumnNotNullNoDefault = Rule(
        "add-column-not-null-no-default",
        .data,
        .warning,
        "ADD COLUMN … NOT NULL without a default",
        page: "It fails on a table that has a row, and inserts of the running application fail after it.",
        bad: Example("ALTER TABLE jobs ADD COLUMN owner text NOT NULL;", after: "CREATE TABLE jobs (id int);"),
        good: Example(
            "ALTER TABLE jobs ADD COLUMN owner text NOT NULL DEFAULT '';",
            after: "CREATE TABLE jobs (id int);"
        ),
        judge: .statement([.alterTable]) { context in
            context.forEachAddedColumn(orFilled: true) { alter, column in
                guard column.constraints.contains(where: { $0.kind == .notNull || $0.kind == .primaryKey }),
                    column.constraint(.generated) == nil, column.constraint(.identity) == nil,
                    !BuiltInTypes.isSerial(column.type)
                else { return }
                if let value = column.defaultExpression, !value.isNullConstant { return }
                context.report(
                    "if \(alter.relation.name) has a row, this fails with `column \"\(column.name)\" of relation "
                        + "\"\(alter.relation.name.name)\" contains null values`",
                    at: column.location,
                    next: "give it a default, or add it without NOT NULL, fill it, and add the constraint afterwards"
                )
            }
        }
    )

    static let addColumnCheckScans = Rule(
        "add-column-check-scans",
        .lock,
        .warning,
        "ADD COLUMN … CHECK",
        page: """
            The check is verified for every row under ACCESS EXCLUSIVE, although a new column has the same value in all of them. Add the \
            column first, and the check NOT VALID, to be validated in a migration behind it.
            """,
        bad: Example("ALTER TABLE jobs ADD COLUMN tries int CHECK (tries >= 0);", after: "CREATE TABLE jobs (id int);"),
        good: Example(
            "ALTER TABLE jobs ADD COLUMN tries int;\nALTER TABLE jobs ADD CONSTRAINT tries_ok CHECK (tries >= 0) NOT VALID;",
            after: "CREATE TABLE jobs (id int);"
        ),
        judge: .statement([.alterTable]) { context in
            context.forEachAddedColumn { alter, column in
                guard let check = column.constraint(.check) else { return }
                context.report(
                    "the check makes the server read all of \(alter.relation.name), under ACCESS EXCLUSIVE",
                    at: check.location,
                    next: "add the check with NOT VALID, and validate it in a migration behind this one"
                )
            }
        }
    )

    static let setNotNullScan = Rule(
        "set-not-null-scan",
        .lock,
        .warning,
        "SET NOT NULL, which reads the whole table",
        versions: "all; a valid check proves it from 12 on",
        page: """
            The server looks for nulls under ACCESS EXCLUSIVE. From version 12 on it does not where a valid check `column IS NOT NULL` proves \
            that there are none: add that NOT VALID, validate it, and then SET NOT NULL. Version 18 can add NOT NULL itself as NOT VALID.
            """,
        bad: Example("ALTER TABLE jobs ALTER COLUMN owner SET NOT NULL;", after: "CREATE TABLE jobs (owner text);"),
        good: Example(
            "ALTER TABLE jobs ALTER COLUMN owner SET NOT NULL;",
            after: """
                CREATE TABLE jobs (owner text);
                ALTER TABLE jobs ADD CONSTRAINT owner_there CHECK (owner IS NOT NULL) NOT VALID;
                ALTER TABLE jobs VALIDATE CONSTRAINT owner_there;
                """
        ),
        judge: .statement([.alterTable]) { context in
            guard case .alterTable(let alter) = context.node, !context.isNew(alter.relation.name) else { return }
            let relation = context.relation(alter.relation.name)
            for action in alter.actions where action.kind == .setNotNull {
                let name = action.name ?? ""
                if let column = relation?.column(name), column.isNotNull, column.definitionCertainty == .sure {
                    continue
                }
                let isProved = relation?.constraints.contains { $0.provesNotNull == name && $0.isValidated } ?? false
                if isProved, context.serverMajor >= 12 { continue }
                context.report(
                    "the server reads all of \(alter.relation.name) to look for nulls in \(Identifier.quote(name)), under ACCESS EXCLUSIVE",
                    next: context.serverMajor >= 12
                        ? "prove it first: ADD CONSTRAINT … CHECK (\(Identifier.quote(name)) IS NOT NULL) NOT VALID, then VALIDATE"
                        : "keep it as a check that is added NOT VALID and validated"
                )
            }
        }
    )

    static let changeColumnType = Rule(
        "change-column-type",
        .lock,
        .warning,
        "ALTER COLUMN … TYPE that rewrites the table",
        versions: "all; timestamp to timestamptz without a rewrite from 12 on",
        page: """
            A type with another representation makes the server write the table and its indexes anew under ACCESS EXCLUSIVE: `int` to \
            `bigint`, `text` to `varchar(n)`, `varchar` to a shorter one, another scale of `numeric`, `json` to `jsonb`, a domain with a \
            constraint, `timestamp` to `timestamptz` unless the session's time zone is UTC. Free are a longer `varchar`, `varchar` to \
            `text`, more digits of `numeric` with the same scale, and a domain without constraints. Another collation builds the column's \
            indexes anew.
            """,
        bad: Example("ALTER TABLE jobs ALTER COLUMN id TYPE bigint;", after: "CREATE TABLE jobs (id int);"),
        good: Example(
            "ALTER TABLE jobs ALTER COLUMN name TYPE varchar(500);",
            after: "CREATE TABLE jobs (name varchar(255));"
        ),
        judge: .statement([.alterTable]) { context in
            guard case .alterTable(let alter) = context.node, !context.isNew(alter.relation.name), alter.kind != .type
            else { return }
            for action in alter.actions where action.kind == .alterColumnType {
                let name = action.name ?? ""
                guard let type = action.column?.type, let change = context.typeChange(by: action, in: alter) else {
                    continue
                }
                switch change.cost {
                case .free: continue
                case .unknown where action.isWidest: continue
                case .unknown:
                    context.report(
                        "unless \(type.canonical) has the representation that \(Identifier.quote(name)) has now, all of \(alter.relation.name) is "
                            + "written anew, under ACCESS EXCLUSIVE",
                        at: type.location,
                        next: "add a column of the new type, fill it in parts, and change over"
                    )
                case .rewrites:
                    context.report(
                        "\(change.old.map { "from \($0.canonical) to \(type.canonical)" } ?? "this") all of \(alter.relation.name) and its indexes are "
                            + "written anew, under ACCESS EXCLUSIVE",
                        at: type.location,
                        next: "add a column of the new type, fill it in parts, and change over"
                    )
                }
            }
        }
    )

    static let widenUnknownType = Rule(
        "widen-unknown-type",
        .lock,
        .note,
        "ALTER COLUMN … TYPE text, varchar or numeric from a type that nobody knows",
        page: """
            Without a length and without USING this is most often a limit that goes: from `varchar(n)` to `text` or `varchar`, and from \
            `numeric(p,s)` to `numeric`, the rows stay as they are. From any other type, such as `int` or `char(n)`, the table is written anew \
            under ACCESS EXCLUSIVE. Where no migration says what the column is, look there; `--database` does.
            """,
        bad: Example(
            "ALTER TABLE jobs ALTER COLUMN name TYPE text;",
            after: "DO $$ BEGIN EXECUTE 'CREATE TABLE ' || 'jobs (name varchar(20))'; END $$;"
        ),
        good: Example(
            "ALTER TABLE jobs ALTER COLUMN name TYPE text;",
            after: "CREATE TABLE jobs (name varchar(20));"
        ),
        judge: .statement([.alterTable]) { context in
            guard case .alterTable(let alter) = context.node, !context.isNew(alter.relation.name) else { return }
            for action in alter.actions where action.isWidest {
                guard let type = action.column?.type, let change = context.typeChange(by: action, in: alter),
                    case .unknown = change.cost
                else { continue }
                let free = type.name.name == "numeric" ? "numeric(p,s)" : "varchar(n)"
                context.report(
                    "from \(free) this is free, and from other types all of \(alter.relation.name) is written anew: no migration says what "
                        + "\(Identifier.quote(action.name ?? "")) is",
                    at: type.location,
                    next: "look what it is, or judge with --database"
                )
            }
        }
    )

    static let dropNotNull = Rule(
        "drop-not-null",
        .compatibility,
        .note,
        "DROP NOT NULL",
        page: "Readers that were never given a null may get one.",
        bad: Example(
            "ALTER TABLE jobs ALTER COLUMN owner DROP NOT NULL;",
            after: "CREATE TABLE jobs (owner text NOT NULL);"
        ),
        good: Example(
            "ALTER TABLE jobs ALTER COLUMN owner SET DEFAULT '';",
            after: "CREATE TABLE jobs (owner text NOT NULL);"
        ),
        judge: .statement([.alterTable]) { context in
            guard case .alterTable(let alter) = context.node, !context.isNew(alter.relation.name) else { return }
            for action in alter.actions where action.kind == .dropNotNull {
                context.report(
                    "readers of \(alter.relation.name).\(action.name ?? "") may get a null that they never got before"
                )
            }
        }
    )
}

extension StatementContext {
    /// Calls a closure with each column that the statement adds to a table that is in use.
    ///
    /// - Parameters:
    ///   - isFilledEnough: whether a table that is new counts as well, if the history puts rows into it.
    ///   - body: the closure.
    func forEachAddedColumn(orFilled isFilledEnough: Bool = false, _ body: (AlterTable, ColumnDefinition) -> Void) {
        guard case .alterTable(let alter) = node, alter.kind == .table || alter.kind == .foreignTable,
            !isNew(alter.relation.name) || isFilledEnough && relation(alter.relation.name)?.hasRows == true
        else { return }
        for action in alter.actions where action.kind == .addColumn {
            guard let column = action.column else { continue }
            // A guard over a column that is there does nothing.
            if action.isTolerant, relation(alter.relation.name)?.column(column.name)?.certainty == .sure { continue }
            body(alter, column)
        }
    }
}
