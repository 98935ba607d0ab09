import SQLSyntax

/// What sort of statement something is: what rules say they read.
enum StatementKind: Hashable, CaseIterable, Sendable {
    case createTable, createTableAs, createView, createIndex, alterTable, drop, rename, changeOwner, changeSchema
    case createType, alterEnum, createDomain, alterDomain, createRoutine, createTrigger, createRule
    case createPolicy, alterPolicy, createSequence, alterSequence, createSchema, createExtension, alterExtension
    case comment, grant, grantRole, alterDefaultPrivileges, set, transaction, change, select, copy, truncate, lock
    case doBlock, vacuum, reindex, cluster, refresh, database, other, notAnalysed

    init(_ node: StatementNode?) {
        self =
            switch node {
            case .createTable: .createTable
            case .createTableAs: .createTableAs
            case .createView: .createView
            case .createIndex: .createIndex
            case .alterTable: .alterTable
            case .drop: .drop
            case .rename: .rename
            case .changeOwner: .changeOwner
            case .changeSchema: .changeSchema
            case .createType: .createType
            case .alterEnum: .alterEnum
            case .createDomain: .createDomain
            case .alterDomain: .alterDomain
            case .createRoutine: .createRoutine
            case .createTrigger: .createTrigger
            case .createRule: .createRule
            case .createPolicy: .createPolicy
            case .alterPolicy: .alterPolicy
            case .createSequence: .createSequence
            case .alterSequence: .alterSequence
            case .createSchema: .createSchema
            case .createExtension: .createExtension
            case .alterExtension: .alterExtension
            case .comment, .securityLabel: .comment
            case .grant: .grant
            case .grantRole: .grantRole
            case .alterDefaultPrivileges: .alterDefaultPrivileges
            case .set: .set
            case .transaction: .transaction
            case .change: .change
            case .select: .select
            case .copy: .copy
            case .truncate: .truncate
            case .lock: .lock
            case .doBlock: .doBlock
            case .vacuum: .vacuum
            case .reindex: .reindex
            case .cluster: .cluster
            case .refreshMaterializedView: .refresh
            case .createDatabase, .alterDatabase, .dropDatabase: .database
            case nil: .notAnalysed
            default: .other
            }
    }
}
