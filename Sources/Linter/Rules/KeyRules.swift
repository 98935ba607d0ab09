import SQLSyntax

/// Keys and indexes, looked at when the file is through.
extension Rule {
    static let keyRules = [
        tableWithoutPrimaryKey, uniqueInsteadOfPrimaryKey, foreignKeyWithoutIndex, redundantIndex, unloggedTable,
    ]

    static let tableWithoutPrimaryKey = Rule(
        "table-without-primary-key",
        .type,
        .note,
        "A table without a primary key when its file is through",
        page:
            "Rows cannot be told apart: logical replication refuses updates, and tools that edit rows do not know which one is meant.",
        bad: Example("CREATE TABLE jobs (id bigint);"),
        good: Example("CREATE TABLE jobs (id bigint);\nALTER TABLE jobs ADD PRIMARY KEY (id);"),
        judge: .file { context in
            context.forEachTableMade { index, create, relation in
                guard relation.primaryKey == nil, create.partitionOf == nil, create.inherits.isEmpty,
                    create.like.isEmpty, relation.parents.isEmpty,
                    !context.hasUniqueNotNull(relation)
                else { return }
                context.report(
                    "\(create.table.name) has no primary key",
                    atStatement: index,
                    offset: create.table.location
                )
            }
        }
    )

    static let uniqueInsteadOfPrimaryKey = Rule(
        "unique-instead-of-primary-key",
        .type,
        .note,
        "A table with a unique key on columns that are not null, and no primary key",
        page: "It is a primary key in all but name: tools and replication look for the name.",
        bad: Example("CREATE TABLE jobs (id bigint NOT NULL UNIQUE);"),
        good: Example("CREATE TABLE jobs (id bigint PRIMARY KEY);"),
        judge: .file { context in
            context.forEachTableMade { index, create, relation in
                guard relation.primaryKey == nil, context.hasUniqueNotNull(relation) else { return }
                context.report(
                    "the unique key of \(create.table.name) could be its primary key",
                    atStatement: index,
                    offset: create.table.location
                )
            }
        }
    )

    static let foreignKeyWithoutIndex = Rule(
        "fk-without-index",
        .type,
        .warning,
        "A foreign key without an index that begins with its columns when the file is through",
        page:
            "Each DELETE or change of a key at the other end reads the whole table to find rows that refer to it. A primary key or a longer index that begins with the columns counts.",
        bad: Example(
            "CREATE TABLE posts (id bigint PRIMARY KEY, user_id bigint REFERENCES users (id));",
            after: "CREATE TABLE users (id bigint PRIMARY KEY);"
        ),
        good: Example(
            """
            CREATE TABLE posts (id bigint PRIMARY KEY, user_id bigint REFERENCES users (id));
            CREATE INDEX posts_user_idx ON posts (user_id);
            """,
            after: "CREATE TABLE users (id bigint PRIMARY KEY);"
        ),
        judge: .file { context in
            for key in context.interpreter.touched.sorted() {
                guard let relation = context.schema.relations[key], relation.isTable else { continue }
                for constraint in relation.constraints
                where constraint.kind == .foreignKey && constraint.origin.file == context.sourceIndex {
                    guard !constraint.columns.isEmpty, !context.hasIndex(on: constraint.columns, relation) else {
                        continue
                    }
                    context.report(
                        "\(key.shortened) has no index that begins with (\(constraint.columns.map(Identifier.quote).joined(separator: ", "))): each "
                            + "DELETE at the other end of \(Identifier.quote(constraint.name)) reads all of it",
                        atStatement: constraint.origin.statement,
                        next:
                            "CREATE INDEX ON \(key.shortened) (\(constraint.columns.map(Identifier.quote).joined(separator: ", ")))"
                    )
                }
            }
        }
    )

    static let redundantIndex = Rule(
        "redundant-index",
        .type,
        .note,
        "An index that another one makes needless",
        page:
            "An index on (a) is not needed beside one on (a, b): both serve the same searches, and each write keeps both.",
        bad: Example(
            "CREATE INDEX a_idx ON t (a);",
            after: "CREATE TABLE t (a int, b int);\nCREATE INDEX ab_idx ON t (a, b);"
        ),
        good: Example(
            "CREATE INDEX b_idx ON t (b);",
            after: "CREATE TABLE t (a int, b int);\nCREATE INDEX ab_idx ON t (a, b);"
        ),
        judge: .file { context in
            var prefixes: [QualifiedName: [[String]: QualifiedName]] = [:]
            for key in context.interpreter.touched.sorted() {
                guard let relation = context.schema.relations[key], relation.origin.file == context.sourceIndex,
                    let index = relation.index,
                    !index.isUnique, index.condition == nil, index.included.isEmpty, index.method == "btree"
                else { continue }
                let served = prefixes[index.table] ?? context.schema.prefixes(servedBy: index.table)
                prefixes[index.table] = served
                guard let wider = served[index.elements] else { continue }
                context.report(
                    "index \(key.shortened) is needless beside \(wider.shortened)",
                    atStatement: relation.origin.statement
                )
            }
        }
    )

    static let unloggedTable = Rule(
        "unlogged-table",
        .type,
        .note,
        "CREATE UNLOGGED TABLE",
        page: "Its rows are gone after a crash of the server, and replicas never have them.",
        bad: Example("CREATE UNLOGGED TABLE cache (id bigint PRIMARY KEY);"),
        good: Example("CREATE TABLE cache (id bigint PRIMARY KEY);"),
        judge: .statement([.createTable, .createTableAs]) { context in
            switch context.node {
            case .createTable(let create) where create.persistence == .unlogged:
                context.report("the rows of \(create.table.name) are gone after a crash", at: create.table.location)
            case .createTableAs(let create) where create.persistence == .unlogged:
                context.report(
                    "the rows of \(create.relation.name) are gone after a crash",
                    at: create.relation.location
                )
            default: return
            }
        }
    )
}

extension FileContext {
    /// Calls a closure with each table that the file makes and leaves behind.
    func forEachTableMade(_ body: (Int, CreateTable, Relation) -> Void) {
        for (index, statement) in source.statements.enumerated() {
            guard case .createTable(let create) = statement.node, create.persistence != .temporary,
                create.foreignServer == nil,
                let relation = schema.relation(create.table.name), relation.isTable,
                relation.origin.file == sourceIndex,
                relation.origin.statement == index
            else { continue }
            body(index, create, relation)
        }
    }

    func hasUniqueNotNull(_ relation: Relation) -> Bool {
        relation.constraints.contains { constraint in
            constraint.kind == .unique && constraint.columns.allSatisfy { relation.column($0)?.isNotNull == true }
        }
    }

    /// Whether an index of a table begins with columns, in any order.
    func hasIndex(on columns: [String], _ relation: Relation) -> Bool {
        relation.indexes.contains { name in
            guard let index = schema.relations[name]?.index,
                index.condition == nil || index.condition?.contains("ISNOTNULL") == true
            else { return false }
            let first = index.columns.prefix(columns.count)
            return first.count == columns.count && Set(first.compactMap(\.self)) == Set(columns)
        }
    }
}
