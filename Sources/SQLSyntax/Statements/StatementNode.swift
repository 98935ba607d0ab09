/// A statement as values: which one it is, and what it says.
///
/// What is not shown here is reached through ``ParsedStatement/syntax``.
public enum StatementNode: Hashable, Sendable {
    /// `CREATE TABLE` and `CREATE FOREIGN TABLE`.
    case createTable(CreateTable)
    /// `CREATE TABLE … AS` and `CREATE MATERIALIZED VIEW`.
    case createTableAs(CreateTableAs)
    /// `CREATE VIEW`.
    case createView(CreateView)
    /// `CREATE INDEX`.
    case createIndex(CreateIndex)
    /// `ALTER TABLE`, `ALTER INDEX`, `ALTER VIEW` and the like.
    case alterTable(AlterTable)
    /// `DROP` of most objects.
    case drop(Drop)
    /// `ALTER … RENAME`.
    case rename(Rename)
    /// `ALTER … OWNER TO`, except of relations.
    case changeOwner(MoveObject)
    /// `ALTER … SET SCHEMA`.
    case changeSchema(MoveObject)
    /// `CREATE TYPE`.
    case createType(CreateType)
    /// `ALTER TYPE … ADD VALUE` and `… RENAME VALUE`.
    case alterEnum(AlterEnum)
    /// `CREATE DOMAIN`.
    case createDomain(CreateDomain)
    /// `ALTER DOMAIN`.
    case alterDomain(AlterDomain)
    /// `CREATE FUNCTION` and `CREATE PROCEDURE`.
    case createRoutine(CreateRoutine)
    /// `CREATE TRIGGER`.
    case createTrigger(CreateTrigger)
    /// `CREATE RULE`, with its name and its relation.
    case createRule(name: String, on: RelationReference)
    /// `CREATE POLICY`.
    case createPolicy(Policy)
    /// `ALTER POLICY`.
    case alterPolicy(Policy)
    /// `CREATE SEQUENCE`.
    case createSequence(RelationReference, ifNotExists: Bool, options: [StatementOption])
    /// `ALTER SEQUENCE`.
    case alterSequence(RelationReference, options: [StatementOption])
    /// `CREATE SCHEMA`; without a name, it is that of the owner.
    case createSchema(name: String?, ifNotExists: Bool, owner: String?)
    /// `CREATE EXTENSION`.
    case createExtension(name: String, ifNotExists: Bool, options: [StatementOption])
    /// `ALTER EXTENSION … UPDATE`, or ADD and DROP of a member.
    case alterExtension(name: String)
    /// `COMMENT ON`.
    case comment(Annotate)
    /// `SECURITY LABEL`.
    case securityLabel(Annotate)
    /// `GRANT` and `REVOKE` of privileges.
    case grant(Grant)
    /// `GRANT` and `REVOKE` of roles.
    case grantRole(GrantRole)
    /// `ALTER DEFAULT PRIVILEGES`.
    case alterDefaultPrivileges(Grant)
    /// `SET` and `RESET`.
    case set(SetVariable)
    /// A statement that begins, ends or marks a transaction.
    case transaction(TransactionStatement)
    /// `INSERT`, `UPDATE`, `DELETE` and `MERGE`.
    case change(DataChange)
    /// `SELECT`, `VALUES` and `TABLE`.
    case select(Select)
    /// `EXPLAIN`; with ANALYZE, the statement is run.
    case explain(isRun: Bool)
    /// `COPY`.
    case copy(Copy)
    /// `TRUNCATE`.
    case truncate(Truncate)
    /// `LOCK TABLE`.
    case lock(LockTable)
    /// `DO`.
    case doBlock(DoBlock)
    /// `CALL`.
    case call(FunctionCall)
    /// `PREPARE` of a statement, by its name.
    case prepare(name: String)
    /// `EXECUTE` of a prepared statement, by its name.
    case execute(name: String)
    /// `DEALLOCATE`, by the statement's name; nil for all.
    case deallocate(name: String?)
    /// `DISCARD`.
    case discard(DiscardTarget)
    /// `LISTEN`, on a channel.
    case listen(channel: String)
    /// `UNLISTEN`, on a channel; nil for all.
    case unlisten(channel: String?)
    /// `NOTIFY`.
    case notify(channel: String, payload: String?)
    /// `VACUUM` and `ANALYZE`.
    case vacuum(Vacuum)
    /// `REINDEX`.
    case reindex(Reindex)
    /// `CLUSTER`.
    case cluster(Cluster)
    /// `REFRESH MATERIALIZED VIEW`.
    case refreshMaterializedView(RefreshMaterializedView)
    /// `ALTER SYSTEM`.
    case alterSystem(SetVariable)
    /// `CREATE DATABASE`.
    case createDatabase(DatabaseStatement)
    /// `ALTER DATABASE` with options; its SET and OWNER TO are others.
    case alterDatabase(DatabaseStatement)
    /// `DROP DATABASE`.
    case dropDatabase(DatabaseStatement)
    /// `CREATE TABLESPACE`.
    case createTablespace(name: String)
    /// `DROP TABLESPACE`.
    case dropTablespace(name: String)
    /// `CREATE`, `ALTER` and `DROP SUBSCRIPTION`.
    case subscription(SubscriptionStatement)
    /// Any other statement, by the name of its node, such as `CreateRoleStmt`.
    case other(kind: String)
}
