import CPgQuery

/// `CREATE SEQUENCE` and `ALTER SEQUENCE`.
public struct SequenceStatement: Hashable, Sendable {
    /// The sequence.
    public let sequence: RelationReference
    /// Whether one of that name, or in ALTER none, is no error.
    public let isConditional: Bool
    /// How long it lives.
    public let persistence: Persistence
    /// The options by the grammar's names: `as`, `start`, `increment`, `maxvalue`, `owned_by` and so on.
    public let options: [SQLOption]
}

/// `CREATE SCHEMA`.
public struct CreateSchemaStatement: Hashable, Sendable {
    /// The schema's name; nil where it is called like its owner.
    public let name: String?
    /// The role that owns it, with `AUTHORIZATION`.
    public let owner: String?
    /// Whether a schema of that name is no error.
    public let ifNotExists: Bool
    /// What is made in it by the same statement.
    public let elements: [SQLNode]
}

/// `CREATE EXTENSION` and `ALTER EXTENSION … UPDATE`.
public struct ExtensionStatement: Hashable, Sendable {
    /// The extension's name.
    public let name: String
    /// Whether an extension of that name is no error.
    public let ifNotExists: Bool
    /// The options by the grammar's names: `schema`, `new_version`, `cascade`.
    public let options: [SQLOption]
}

extension TreeReader {
    func createSequence(_ create: PgQuery__CreateSeqStmt) -> SQLNode {
        guard let sequence = relation(create.sequence) else { return .other(kind: "CreateSeqStmt") }
        return .createSequence(
            SequenceStatement(
                sequence: sequence,
                isConditional: create.if_not_exists != 0,
                persistence: persistence(create.sequence),
                options: options(create.n_options, create.options)
            )
        )
    }

    func alterSequence(_ alter: PgQuery__AlterSeqStmt) -> SQLNode {
        guard let sequence = relation(alter.sequence) else { return .other(kind: "AlterSeqStmt") }
        return .alterSequence(
            SequenceStatement(
                sequence: sequence,
                isConditional: alter.missing_ok != 0,
                persistence: persistence(alter.sequence),
                options: options(alter.n_options, alter.options)
            )
        )
    }

    func createSchema(_ create: PgQuery__CreateSchemaStmt) -> SQLNode {
        .createSchema(
            CreateSchemaStatement(
                name: text(create.schemaname),
                owner: create.authrole.map { role($0) },
                ifNotExists: create.if_not_exists != 0,
                elements: nodes(create.n_schema_elts, create.schema_elts).map(statement)
            )
        )
    }

    func createExtension(_ create: PgQuery__CreateExtensionStmt) -> SQLNode {
        .createExtension(
            ExtensionStatement(
                name: text(create.extname) ?? "",
                ifNotExists: create.if_not_exists != 0,
                options: options(create.n_options, create.options)
            )
        )
    }

    func alterExtension(_ alter: PgQuery__AlterExtensionStmt) -> SQLNode {
        .alterExtension(
            ExtensionStatement(
                name: text(alter.extname) ?? "",
                ifNotExists: false,
                options: options(alter.n_options, alter.options)
            )
        )
    }
}
