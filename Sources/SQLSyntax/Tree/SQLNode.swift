/// What a statement says; every case has the parts that migrations and lint rules ask for.
public indirect enum SQLNode: Hashable, Sendable {
    /// `CREATE TABLE`, `CREATE FOREIGN TABLE`.
    case createTable(CreateTableStatement)
    /// `CREATE INDEX`.
    case createIndex(CreateIndexStatement)
    /// `ALTER TABLE`, `ALTER INDEX`, `ALTER VIEW` and the like.
    case alterTable(AlterTableStatement)
    /// `DROP`.
    case drop(DropStatement)
    /// `ALTER … RENAME`.
    case rename(RenameStatement)
    /// `ALTER … SET SCHEMA`.
    case setSchema(SetSchemaStatement)
    /// `ALTER … OWNER TO` of what is no relation.
    case setOwner(SetOwnerStatement)
    /// `COMMENT ON`.
    case comment(CommentStatement)
    /// `CREATE TYPE`, `CREATE DOMAIN`.
    case createType(CreateTypeStatement)
    /// `ALTER TYPE … ADD VALUE`, `ALTER TYPE … RENAME VALUE`.
    case alterEnum(AlterEnumStatement)
    /// `ALTER DOMAIN`.
    case alterDomain(AlterDomainStatement)
    /// `CREATE TABLE AS`, `SELECT INTO`.
    case createTableAs(CreateTableAsStatement)
    /// `CREATE VIEW`.
    case createView(CreateViewStatement)
    /// `CREATE MATERIALIZED VIEW`.
    case createMaterializedView(CreateTableAsStatement)
    /// `REFRESH MATERIALIZED VIEW`.
    case refreshMaterializedView(RefreshMaterializedViewStatement)
    /// `CREATE FUNCTION`, `CREATE PROCEDURE`.
    case createFunction(CreateFunctionStatement)
    /// `CREATE TRIGGER`.
    case createTrigger(CreateTriggerStatement)
    /// `CREATE RULE`.
    case createRule(CreateRuleStatement)
    /// `CREATE POLICY`.
    case createPolicy(PolicyStatement)
    /// `ALTER POLICY`.
    case alterPolicy(PolicyStatement)
    /// `CREATE SEQUENCE`.
    case createSequence(SequenceStatement)
    /// `ALTER SEQUENCE`.
    case alterSequence(SequenceStatement)
    /// `CREATE SCHEMA`.
    case createSchema(CreateSchemaStatement)
    /// `CREATE EXTENSION`.
    case createExtension(ExtensionStatement)
    /// `ALTER EXTENSION … UPDATE`.
    case alterExtension(ExtensionStatement)
    /// `GRANT` and `REVOKE` of privileges.
    case grant(GrantStatement)
    /// `GRANT` and `REVOKE` of roles.
    case grantRole(GrantRoleStatement)
    /// `SET`, `RESET`.
    case set(SettingChange)
    /// `SHOW`, by the name of the setting.
    case show(String)
    /// `ALTER SYSTEM`.
    case alterSystem(SettingChange)
    /// `BEGIN`, `COMMIT` and the like.
    case transaction(TransactionStatement)
    /// `INSERT`.
    case insert(InsertStatement)
    /// `UPDATE`.
    case update(UpdateStatement)
    /// `DELETE`.
    case delete(DeleteStatement)
    /// `MERGE`.
    case merge(MergeStatement)
    /// `SELECT`, `VALUES`, `TABLE`.
    case select(SelectStatement)
    /// `COPY`.
    case copy(CopyStatement)
    /// `DO`.
    case doBlock(DoStatement)
    /// `CALL`.
    case call(FunctionReference)
    /// `VACUUM`.
    case vacuum(VacuumStatement)
    /// `ANALYZE`.
    case analyze(VacuumStatement)
    /// `REINDEX`.
    case reindex(ReindexStatement)
    /// `CLUSTER`.
    case cluster(ClusterStatement)
    /// `LOCK TABLE`.
    case lock(LockStatement)
    /// `TRUNCATE`.
    case truncate(TruncateStatement)
    /// `CREATE DATABASE`.
    case createDatabase(String, options: [SQLOption])
    /// `ALTER DATABASE` with options, such as `tablespace`.
    case alterDatabase(String, options: [SQLOption])
    /// `ALTER DATABASE … SET`.
    case alterDatabaseSet(String, SettingChange)
    /// `DROP DATABASE`.
    case dropDatabase(String, ifExists: Bool)
    /// `CREATE TABLESPACE`.
    case createTablespace(String)
    /// `DROP TABLESPACE`.
    case dropTablespace(String, ifExists: Bool)
    /// `CREATE SUBSCRIPTION`.
    case createSubscription(SubscriptionStatement)
    /// `ALTER SUBSCRIPTION`.
    case alterSubscription(SubscriptionStatement)
    /// `DROP SUBSCRIPTION`.
    case dropSubscription(String, ifExists: Bool)
    /// `CREATE PUBLICATION`.
    case createPublication(PublicationStatement)
    /// `ALTER PUBLICATION`.
    case alterPublication(PublicationStatement)
    /// `LISTEN`.
    case listen(channel: String)
    /// `NOTIFY`.
    case notify(channel: String, payload: String?)
    /// `UNLISTEN`; nil for all channels.
    case unlisten(channel: String?)
    /// `PREPARE`, with the statement that it prepares.
    case prepare(String, SQLNode)
    /// `EXECUTE`.
    case execute(String)
    /// `DEALLOCATE`; nil for all.
    case deallocate(String?)
    /// `DISCARD`, by its word in capitals.
    case discard(String)
    /// A statement of another kind, by PostgreSQL's name for its node, such as `CreateCastStmt`.
    case other(kind: String)
}
