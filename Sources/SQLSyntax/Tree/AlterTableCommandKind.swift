import CPgQuery

extension AlterTableStatement.Command {
    /// What a command of ALTER TABLE does, by PostgreSQL's names (`AlterTableType` in the server's `nodes/parsenodes.h`).
    ///
    /// The server also uses some of them inside of itself; those never come out of the grammar.
    public enum Kind: String, CaseIterable, Hashable, Sendable {
        // In the order of the parser's numbers, which count from 1.
        /// `ADD COLUMN`.
        case addColumn = "AT_AddColumn"
        /// Inside of the server only.
        case addColumnRecurse = "AT_AddColumnRecurse"
        /// Inside of the server only.
        case addColumnToView = "AT_AddColumnToView"
        /// `ALTER COLUMN … SET DEFAULT, DROP DEFAULT`.
        case columnDefault = "AT_ColumnDefault"
        /// Inside of the server only.
        case cookedColumnDefault = "AT_CookedColumnDefault"
        /// `ALTER COLUMN … DROP NOT NULL`.
        case dropNotNull = "AT_DropNotNull"
        /// `ALTER COLUMN … SET NOT NULL`.
        case setNotNull = "AT_SetNotNull"
        /// `ALTER COLUMN … DROP EXPRESSION`.
        case dropExpression = "AT_DropExpression"
        /// Inside of the server only.
        case checkNotNull = "AT_CheckNotNull"
        /// `ALTER COLUMN … SET STATISTICS`.
        case setStatistics = "AT_SetStatistics"
        /// `ALTER COLUMN … SET (…)`.
        case setOptions = "AT_SetOptions"
        /// `ALTER COLUMN … RESET (…)`.
        case resetOptions = "AT_ResetOptions"
        /// `ALTER COLUMN … SET STORAGE`.
        case setStorage = "AT_SetStorage"
        /// `ALTER COLUMN … SET COMPRESSION`.
        case setCompression = "AT_SetCompression"
        /// `DROP COLUMN`.
        case dropColumn = "AT_DropColumn"
        /// Inside of the server only.
        case dropColumnRecurse = "AT_DropColumnRecurse"
        /// Inside of the server only.
        case addIndex = "AT_AddIndex"
        /// Inside of the server only.
        case reAddIndex = "AT_ReAddIndex"
        /// `ADD CONSTRAINT`.
        case addConstraint = "AT_AddConstraint"
        /// Inside of the server only.
        case addConstraintRecurse = "AT_AddConstraintRecurse"
        /// Inside of the server only.
        case reAddConstraint = "AT_ReAddConstraint"
        /// Inside of the server only.
        case reAddDomainConstraint = "AT_ReAddDomainConstraint"
        /// `ALTER CONSTRAINT`.
        case alterConstraint = "AT_AlterConstraint"
        /// `VALIDATE CONSTRAINT`.
        case validateConstraint = "AT_ValidateConstraint"
        /// Inside of the server only.
        case validateConstraintRecurse = "AT_ValidateConstraintRecurse"
        /// Inside of the server only.
        case addIndexConstraint = "AT_AddIndexConstraint"
        /// `DROP CONSTRAINT`.
        case dropConstraint = "AT_DropConstraint"
        /// Inside of the server only.
        case dropConstraintRecurse = "AT_DropConstraintRecurse"
        /// Inside of the server only.
        case reAddComment = "AT_ReAddComment"
        /// `ALTER COLUMN … TYPE`.
        case alterColumnType = "AT_AlterColumnType"
        /// `ALTER COLUMN … OPTIONS (…)`.
        case alterColumnGenericOptions = "AT_AlterColumnGenericOptions"
        /// `OWNER TO`.
        case changeOwner = "AT_ChangeOwner"
        /// `CLUSTER ON`.
        case clusterOn = "AT_ClusterOn"
        /// `SET WITHOUT CLUSTER`.
        case dropCluster = "AT_DropCluster"
        /// `SET LOGGED`.
        case setLogged = "AT_SetLogged"
        /// `SET UNLOGGED`.
        case setUnlogged = "AT_SetUnLogged"
        /// `SET WITHOUT OIDS`.
        case dropOids = "AT_DropOids"
        /// `SET ACCESS METHOD`.
        case setAccessMethod = "AT_SetAccessMethod"
        /// `SET TABLESPACE`.
        case setTablespace = "AT_SetTableSpace"
        /// `SET (…)`.
        case setRelationOptions = "AT_SetRelOptions"
        /// `RESET (…)`.
        case resetRelationOptions = "AT_ResetRelOptions"
        /// Inside of the server only.
        case replaceRelationOptions = "AT_ReplaceRelOptions"
        /// `ENABLE TRIGGER`.
        case enableTrigger = "AT_EnableTrig"
        /// `ENABLE ALWAYS TRIGGER`.
        case enableAlwaysTrigger = "AT_EnableAlwaysTrig"
        /// `ENABLE REPLICA TRIGGER`.
        case enableReplicaTrigger = "AT_EnableReplicaTrig"
        /// `DISABLE TRIGGER`.
        case disableTrigger = "AT_DisableTrig"
        /// `ENABLE TRIGGER ALL`.
        case enableAllTriggers = "AT_EnableTrigAll"
        /// `DISABLE TRIGGER ALL`.
        case disableAllTriggers = "AT_DisableTrigAll"
        /// `ENABLE TRIGGER USER`.
        case enableUserTriggers = "AT_EnableTrigUser"
        /// `DISABLE TRIGGER USER`.
        case disableUserTriggers = "AT_DisableTrigUser"
        /// `ENABLE RULE`.
        case enableRule = "AT_EnableRule"
        /// `ENABLE ALWAYS RULE`.
        case enableAlwaysRule = "AT_EnableAlwaysRule"
        /// `ENABLE REPLICA RULE`.
        case enableReplicaRule = "AT_EnableReplicaRule"
        /// `DISABLE RULE`.
        case disableRule = "AT_DisableRule"
        /// `INHERIT`.
        case addInherit = "AT_AddInherit"
        /// `NO INHERIT`.
        case dropInherit = "AT_DropInherit"
        /// `OF`.
        case addOf = "AT_AddOf"
        /// `NOT OF`.
        case dropOf = "AT_DropOf"
        /// `REPLICA IDENTITY`.
        case replicaIdentity = "AT_ReplicaIdentity"
        /// `ENABLE ROW LEVEL SECURITY`.
        case enableRowSecurity = "AT_EnableRowSecurity"
        /// `DISABLE ROW LEVEL SECURITY`.
        case disableRowSecurity = "AT_DisableRowSecurity"
        /// `FORCE ROW LEVEL SECURITY`.
        case forceRowSecurity = "AT_ForceRowSecurity"
        /// `NO FORCE ROW LEVEL SECURITY`.
        case noForceRowSecurity = "AT_NoForceRowSecurity"
        /// `OPTIONS (…)`.
        case genericOptions = "AT_GenericOptions"
        /// `ATTACH PARTITION`.
        case attachPartition = "AT_AttachPartition"
        /// `DETACH PARTITION`.
        case detachPartition = "AT_DetachPartition"
        /// `DETACH PARTITION … FINALIZE`.
        case detachPartitionFinalize = "AT_DetachPartitionFinalize"
        /// `ALTER COLUMN … ADD GENERATED … AS IDENTITY`.
        case addIdentity = "AT_AddIdentity"
        /// `ALTER COLUMN … SET GENERATED`.
        case setIdentity = "AT_SetIdentity"
        /// `ALTER COLUMN … DROP IDENTITY`.
        case dropIdentity = "AT_DropIdentity"
        /// Inside of the server only.
        case reAddStatistics = "AT_ReAddStatistics"

        init?(_ type: PgQuery__AlterTableType) {
            let index = Int(type.rawValue) - 1
            guard Self.allCases.indices.contains(index) else { return nil }
            self = Self.allCases[index]
        }
    }
}
