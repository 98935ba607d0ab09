import SQLSyntax

/// Constraints that are added in one step.
extension Rule {
    static let constraintRules = [
        addForeignKeyValidates, createTableForeignKeyLocks, dropForeignKeyLocks, addCheckValidates,
        validateInSameTransaction,
        addUniqueBuildsIndex, addPrimaryKeyBuildsIndex, primaryKeyIndexNullable, addExclusionConstraint,
        domainCreateConstraint,
        domainAddConstraint, domainNotNull,
    ]

    static let addForeignKeyValidates = Rule(
        "add-foreign-key-validates",
        .lock,
        .warning,
        "ADD FOREIGN KEY without NOT VALID",
        versions: "all; NOT VALID on partitioned tables from 18 on",
        page: """
            Every row is looked up while writes to both tables wait (SHARE ROW EXCLUSIVE). With NOT VALID the locks are held for a moment; \
            VALIDATE CONSTRAINT in a migration behind it lets writers through. A new column that may be null has no values to look up: then \
            only the locks are taken, which is a note. Partitioned tables cannot have NOT VALID foreign keys before version 18.
            """,
        bad: Example(
            "ALTER TABLE posts ADD CONSTRAINT posts_user_fk FOREIGN KEY (user_id) REFERENCES users (id);",
            after: "CREATE TABLE users (id int PRIMARY KEY);\nCREATE TABLE posts (user_id int);"
        ),
        good: Example(
            "ALTER TABLE posts ADD CONSTRAINT posts_user_fk FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID;",
            after: "CREATE TABLE users (id int PRIMARY KEY);\nCREATE TABLE posts (user_id int);"
        ),
        judge: .statement([.alterTable]) { context in
            guard case .alterTable(let alter) = context.node, !context.isNew(alter.relation.name) else { return }
            for action in alter.actions where action.kind == .addConstraint {
                guard let key = action.constraint, key.kind == .foreignKey, !key.isNotValid,
                    let other = key.reference?.table.name
                else { continue }
                let isPartitioned = context.relation(alter.relation.name)?.partitionStrategy != nil
                context.report(
                    "all of \(alter.relation.name) is looked up in \(other) while writes to both wait (SHARE ROW EXCLUSIVE locks)",
                    at: key.location,
                    next: isPartitioned && context.serverMajor < 18
                        ? "add it to each partition with NOT VALID and validate it there first"
                        : "add it with NOT VALID, and VALIDATE CONSTRAINT in a migration behind this one",
                    fix: isPartitioned && context.serverMajor < 18
                        ? nil : .notValid(name: context.interpreter.serversName(of: key, on: alter.relation.name))
                )
            }
            context.forEachAddedColumn { alter, column in
                guard let key = column.constraint(.foreignKey), let other = key.reference?.table.name else { return }
                let hasValues = column.defaultExpression.map { !$0.isNullConstant } ?? false
                context.report(
                    hasValues
                        ? "all of \(alter.relation.name) is looked up in \(other) while writes to both wait"
                        : "writes to \(other) wait for a moment (SHARE ROW EXCLUSIVE lock); no row is looked up, since the new column is null",
                    at: key.location,
                    hasValues ? .warning : .note,
                    next: "add the column first, and the foreign key with NOT VALID"
                )
            }
        }
    )

    static let createTableForeignKeyLocks = Rule(
        "create-table-fk-locks-parent",
        .lock,
        .note,
        "A foreign key in CREATE TABLE",
        page:
            "Writes to the table that is referred to wait until the transaction ends (SHARE ROW EXCLUSIVE): keep it short.",
        bad: Example(
            "CREATE TABLE posts (user_id int REFERENCES users (id));",
            after: "CREATE TABLE users (id int PRIMARY KEY);"
        ),
        good: Example("CREATE TABLE posts (user_id int);", after: "CREATE TABLE users (id int PRIMARY KEY);"),
        judge: .statement([.createTable]) { context in
            guard case .createTable(let create) = context.node else { return }
            for (constraint, _) in create.allConstraints {
                guard let other = constraint.reference?.table, other.name != create.table.name,
                    !context.isNew(other.name)
                else { continue }
                context.report(
                    "writes to \(other.name) wait until the transaction ends (SHARE ROW EXCLUSIVE lock)",
                    at: other.location
                )
            }
        }
    )

    static let dropForeignKeyLocks = Rule(
        "drop-fk-locks-both",
        .lock,
        .note,
        "DROP CONSTRAINT of a foreign key",
        page: "It takes ACCESS EXCLUSIVE on both tables: also readers of the one that is referred to wait.",
        bad: Example(
            "ALTER TABLE posts DROP CONSTRAINT posts_user_id_fkey;",
            after: "CREATE TABLE users (id int PRIMARY KEY);\nCREATE TABLE posts (user_id int REFERENCES users (id));"
        ),
        good: Example(
            "ALTER TABLE posts DROP CONSTRAINT posts_user_id_check;",
            after: "CREATE TABLE posts (user_id int CHECK (user_id > 0));"
        ),
        judge: .statement([.alterTable]) { context in
            guard case .alterTable(let alter) = context.node, let relation = context.relation(alter.relation.name),
                !context.isNew(alter.relation.name)
            else { return }
            for action in alter.actions where action.kind == .dropConstraint {
                guard let key = relation.constraint(action.name ?? ""), key.kind == .foreignKey,
                    let other = key.referenced
                else { continue }
                context.report(
                    "readers of \(alter.relation.name) and of \(other.shortened) wait (ACCESS EXCLUSIVE locks)"
                )
            }
        }
    )

    static let addCheckValidates = Rule(
        "add-check-validates",
        .lock,
        .warning,
        "ADD CHECK without NOT VALID",
        page: """
            Every row is checked under ACCESS EXCLUSIVE. With NOT VALID the lock is held for a moment, and VALIDATE CONSTRAINT in a migration \
            behind it lets readers and writers through.
            """,
        bad: Example("ALTER TABLE jobs ADD CONSTRAINT positive CHECK (id > 0);", after: "CREATE TABLE jobs (id int);"),
        good: Example(
            "ALTER TABLE jobs ADD CONSTRAINT positive CHECK (id > 0) NOT VALID;",
            after: "CREATE TABLE jobs (id int);"
        ),
        judge: .statement([.alterTable]) { context in
            context.forEachAddedConstraint(.check) { alter, check in
                guard !check.isNotValid else { return }
                context.report(
                    "all of \(alter.relation.name) is read to check it, under ACCESS EXCLUSIVE",
                    at: check.location,
                    next: "add it with NOT VALID, and VALIDATE CONSTRAINT in a migration behind this one",
                    fix: .notValid(name: nil)
                )
            }
        }
    )

    static let validateInSameTransaction = Rule(
        "validate-in-same-transaction",
        .lock,
        .warning,
        "NOT VALID and VALIDATE CONSTRAINT in one transaction",
        page: """
            The lock of ADD CONSTRAINT is held until the transaction ends, so that all rows are read while others wait: nothing is won. Put \
            VALIDATE CONSTRAINT into a migration of its own.
            """,
        bad: Example(
            "ALTER TABLE jobs ADD CONSTRAINT positive CHECK (id > 0) NOT VALID;\nALTER TABLE jobs VALIDATE CONSTRAINT positive;",
            after: "CREATE TABLE jobs (id int);"
        ),
        good: Example(
            "ALTER TABLE jobs VALIDATE CONSTRAINT positive;",
            after: "CREATE TABLE jobs (id int);\nALTER TABLE jobs ADD CONSTRAINT positive CHECK (id > 0) NOT VALID;"
        ),
        judge: .statement([.alterTable]) { context in
            guard case .alterTable(let alter) = context.node, context.isInOneTransaction,
                !context.isNew(alter.relation.name)
            else { return }
            let condition = context.transaction.isOpen ? "" : "where one transaction does the whole file, "
            for action in alter.actions where action.kind == .validateConstraint {
                let added = context.relation(alter.relation.name)?.constraint(action.name ?? "")
                guard let added, added.origin.transaction == context.transaction.number else { continue }
                context.report(
                    condition
                        + "the lock that ADD CONSTRAINT \(action.name ?? "") took is still held while all of \(alter.relation.name) is read",
                    next: "put VALIDATE CONSTRAINT into a migration of its own"
                )
            }
        }
    )

    static let addUniqueBuildsIndex = Rule(
        "add-unique-builds-index",
        .lock,
        .warning,
        "ADD UNIQUE, which builds its index under ACCESS EXCLUSIVE",
        page:
            "Nobody reads or writes the table while the index is built. Build it with CREATE UNIQUE INDEX CONCURRENTLY, and add the constraint USING INDEX.",
        bad: Example(
            "ALTER TABLE users ADD CONSTRAINT users_email_key UNIQUE (email);",
            after: "CREATE TABLE users (email text);"
        ),
        good: Example(
            "ALTER TABLE users ADD CONSTRAINT users_email_key UNIQUE USING INDEX users_email_idx;",
            after: "CREATE TABLE users (email text);\nCREATE UNIQUE INDEX users_email_idx ON users (email);"
        ),
        judge: .statement([.alterTable]) { context in
            context.forEachAddedConstraint(.unique) { alter, constraint in
                guard constraint.index == nil else { return }
                context.report(
                    "the index is built while nobody can read or write \(alter.relation.name) (ACCESS EXCLUSIVE lock)",
                    at: constraint.location,
                    next: "build it with CREATE UNIQUE INDEX CONCURRENTLY, then ADD CONSTRAINT … UNIQUE USING INDEX"
                )
            }
        }
    )

    static let addPrimaryKeyBuildsIndex = Rule(
        "add-primary-key-builds-index",
        .lock,
        .warning,
        "ADD PRIMARY KEY, which builds its index under ACCESS EXCLUSIVE",
        page:
            "Nobody reads or writes the table while the index is built, and columns that may be null are read once more. Build the index with CREATE UNIQUE INDEX CONCURRENTLY, and add the key USING INDEX.",
        bad: Example("ALTER TABLE users ADD PRIMARY KEY (id);", after: "CREATE TABLE users (id int NOT NULL);"),
        good: Example(
            "ALTER TABLE users ADD CONSTRAINT users_pkey PRIMARY KEY USING INDEX users_id_idx;",
            after: "CREATE TABLE users (id int NOT NULL);\nCREATE UNIQUE INDEX users_id_idx ON users (id);"
        ),
        judge: .statement([.alterTable]) { context in
            context.forEachAddedConstraint(.primaryKey) { alter, constraint in
                guard constraint.index == nil else { return }
                context.report(
                    "the index is built while nobody can read or write \(alter.relation.name) (ACCESS EXCLUSIVE lock)",
                    at: constraint.location,
                    next:
                        "build it with CREATE UNIQUE INDEX CONCURRENTLY, then ADD CONSTRAINT … PRIMARY KEY USING INDEX"
                )
            }
        }
    )

    static let primaryKeyIndexNullable = Rule(
        "pk-index-nullable",
        .lock,
        .warning,
        "PRIMARY KEY USING INDEX over columns that may be null",
        page:
            "The columns become NOT NULL, and the server reads the whole table for it under ACCESS EXCLUSIVE. Make them NOT NULL first, with the help of a valid check.",
        bad: Example(
            "ALTER TABLE users ADD CONSTRAINT users_pkey PRIMARY KEY USING INDEX users_id_idx;",
            after: "CREATE TABLE users (id int);\nCREATE UNIQUE INDEX users_id_idx ON users (id);"
        ),
        good: Example(
            "ALTER TABLE users ADD CONSTRAINT users_pkey PRIMARY KEY USING INDEX users_id_idx;",
            after: "CREATE TABLE users (id int NOT NULL);\nCREATE UNIQUE INDEX users_id_idx ON users (id);"
        ),
        judge: .statement([.alterTable]) { context in
            guard case .alterTable(let alter) = context.node, let key = context.schema.relationKey(alter.relation.name)
            else { return }
            for action in alter.actions where action.constraint?.kind == .primaryKey {
                guard let name = action.constraint?.index,
                    let index = context.schema.relations[QualifiedName(schema: key.schema, name: name)]?.index
                else { continue }
                let nullable = index.columns.compactMap(\.self).filter { column in
                    guard let column = context.relation(alter.relation.name)?.column(column) else { return false }
                    return !column.isNotNull && column.definitionCertainty == .sure
                }
                guard let column = nullable.first else { continue }
                context.report(
                    "\(Identifier.quote(column)) may be null, so all of \(alter.relation.name) is read under ACCESS EXCLUSIVE",
                    at: action.constraint?.location,
                    next: "SET NOT NULL first, with the help of a valid check"
                )
            }
        }
    )

    static let addExclusionConstraint = Rule(
        "add-exclusion-constraint",
        .lock,
        .warning,
        "ADD EXCLUDE",
        page:
            "Its index is built under ACCESS EXCLUSIVE, and there is no way to build it before: plan for the time that it takes.",
        bad: Example(
            "ALTER TABLE stays ADD CONSTRAINT one_at_a_time EXCLUDE USING gist (during WITH &&);",
            after: "CREATE TABLE stays (during tsrange);"
        ),
        good: Example("CREATE TABLE stays (during tsrange, EXCLUDE USING gist (during WITH &&));"),
        judge: .statement([.alterTable]) { context in
            context.forEachAddedConstraint(.exclusion) { alter, constraint in
                context.report(
                    "the index is built while nobody can read or write \(alter.relation.name) (ACCESS EXCLUSIVE lock), and there is no "
                        + "concurrent way",
                    at: constraint.location
                )
            }
        }
    )

    static let domainCreateConstraint = Rule(
        "domain-create-constraint",
        .type,
        .note,
        isDefault: false,
        "CREATE DOMAIN with a constraint",
        page:
            "A constraint of a domain cannot be changed without reading every table that uses it, and adding a column of it rewrites the table. A check on the table is easier to live with.",
        bad: Example("CREATE DOMAIN positive AS int CHECK (VALUE > 0);"),
        good: Example("CREATE DOMAIN amount AS int;"),
        judge: .statement([.createDomain]) { context in
            guard case .createDomain(let create) = context.node,
                create.constraints.contains(where: { $0.kind == .check })
            else { return }
            context.report("a later change of the constraint reads every table with a column of \(create.name)")
        }
    )

    static let domainAddConstraint = Rule(
        "domain-add-constraint",
        .lock,
        .warning,
        "ALTER DOMAIN … ADD CONSTRAINT without NOT VALID",
        page:
            "Every table with a column of the domain is read while writes to it wait (SHARE). Add it NOT VALID, and validate it afterwards.",
        bad: Example(
            "ALTER DOMAIN amount ADD CONSTRAINT positive CHECK (VALUE > 0);",
            after: "CREATE DOMAIN amount AS int;"
        ),
        good: Example(
            "ALTER DOMAIN amount ADD CONSTRAINT positive CHECK (VALUE > 0) NOT VALID;",
            after: "CREATE DOMAIN amount AS int;"
        ),
        judge: .statement([.alterDomain]) { context in
            guard case .alterDomain(let alter) = context.node, alter.action == "C", let constraint = alter.constraint,
                constraint.kind == .check, !constraint.isNotValid
            else { return }
            context.report(
                "every table with a column of \(alter.name) is read while writes to it wait",
                at: constraint.location,
                next: "add it with NOT VALID, and validate it in a migration behind this one"
            )
        }
    )

    static let domainNotNull = Rule(
        "domain-not-null",
        .lock,
        .warning,
        "ALTER DOMAIN … SET NOT NULL, or ADD NOT NULL",
        versions: "all; ADD NOT NULL from 17 on",
        page:
            "Every table with a column of the domain is read, and outer joins may still give a null of it. Make the columns NOT NULL instead.",
        bad: Example("ALTER DOMAIN amount SET NOT NULL;", after: "CREATE DOMAIN amount AS int;"),
        good: Example("ALTER DOMAIN amount SET DEFAULT 0;", after: "CREATE DOMAIN amount AS int;"),
        judge: .statement([.alterDomain, .createDomain]) { context in
            switch context.node {
            case .alterDomain(let alter)
            where alter.action == "O" || alter.action == "C" && alter.constraint?.kind == .notNull:
                context.report("every table with a column of \(alter.name) is read", next: "make the columns NOT NULL")
            default: return
            }
        }
    )
}

extension StatementContext {
    /// Calls a closure with each constraint of a kind that the statement adds to a table that is in use, also with a column.
    func forEachAddedConstraint(_ kind: ConstraintDefinition.Kind, _ body: (AlterTable, ConstraintDefinition) -> Void) {
        guard case .alterTable(let alter) = node, !isNew(alter.relation.name) else { return }
        for action in alter.actions {
            if action.kind == .addConstraint, let constraint = action.constraint, constraint.kind == kind {
                body(alter, constraint)
            }
            guard action.kind == .addColumn, kind != .check, kind != .foreignKey, let column = action.column else {
                continue
            }
            if action.isTolerant, relation(alter.relation.name)?.column(column.name)?.certainty == .sure { continue }
            for constraint in column.constraints where constraint.kind == kind { body(alter, constraint) }
        }
    }
}
