import CPgQuery

extension AlterTableAction {
    /// What a sub-command of ALTER TABLE does; called by its words in the manual.
    public enum Kind: Hashable, Sendable {
        /// `ADD COLUMN`.
        case addColumn
        /// `ALTER COLUMN … SET DEFAULT, or DROP DEFAULT when there is no expression`.
        case setColumnDefault
        /// `ALTER COLUMN … DROP NOT NULL`.
        case dropNotNull
        /// `ALTER COLUMN … SET NOT NULL`.
        case setNotNull
        /// `ALTER COLUMN … DROP EXPRESSION`.
        case dropExpression
        /// `ALTER COLUMN … SET STATISTICS`.
        case setStatistics
        /// `ALTER COLUMN … SET (…)`.
        case setColumnOptions
        /// `ALTER COLUMN … RESET (…)`.
        case resetColumnOptions
        /// `ALTER COLUMN … SET STORAGE`.
        case setStorage
        /// `ALTER COLUMN … SET COMPRESSION`.
        case setCompression
        /// `DROP COLUMN`.
        case dropColumn
        /// `ADD CONSTRAINT`.
        case addConstraint
        /// `ALTER CONSTRAINT`.
        case alterConstraint
        /// `VALIDATE CONSTRAINT`.
        case validateConstraint
        /// `DROP CONSTRAINT`.
        case dropConstraint
        /// `ALTER COLUMN … TYPE`.
        case alterColumnType
        /// `ALTER COLUMN … OPTIONS (…), of a foreign table`.
        case alterColumnForeignOptions
        /// `OWNER TO`.
        case changeOwner
        /// `CLUSTER ON`.
        case clusterOn
        /// `SET WITHOUT CLUSTER`.
        case dropCluster
        /// `SET LOGGED`.
        case setLogged
        /// `SET UNLOGGED`.
        case setUnlogged
        /// `SET WITHOUT OIDS`.
        case dropOids
        /// `SET ACCESS METHOD`.
        case setAccessMethod
        /// `SET TABLESPACE`.
        case setTablespace
        /// `SET (…)`.
        case setOptions
        /// `RESET (…)`.
        case resetOptions
        /// `ENABLE TRIGGER`.
        case enableTrigger
        /// `ENABLE ALWAYS TRIGGER`.
        case enableAlwaysTrigger
        /// `ENABLE REPLICA TRIGGER`.
        case enableReplicaTrigger
        /// `DISABLE TRIGGER`.
        case disableTrigger
        /// `ENABLE TRIGGER ALL`.
        case enableTriggerAll
        /// `DISABLE TRIGGER ALL`.
        case disableTriggerAll
        /// `ENABLE TRIGGER USER`.
        case enableTriggerUser
        /// `DISABLE TRIGGER USER`.
        case disableTriggerUser
        /// `ENABLE RULE`.
        case enableRule
        /// `ENABLE ALWAYS RULE`.
        case enableAlwaysRule
        /// `ENABLE REPLICA RULE`.
        case enableReplicaRule
        /// `DISABLE RULE`.
        case disableRule
        /// `INHERIT`.
        case addInherit
        /// `NO INHERIT`.
        case dropInherit
        /// `OF`.
        case setTypeOf
        /// `NOT OF`.
        case dropTypeOf
        /// `REPLICA IDENTITY`.
        case replicaIdentity
        /// `ENABLE ROW LEVEL SECURITY`.
        case enableRowSecurity
        /// `DISABLE ROW LEVEL SECURITY`.
        case disableRowSecurity
        /// `FORCE ROW LEVEL SECURITY`.
        case forceRowSecurity
        /// `NO FORCE ROW LEVEL SECURITY`.
        case noForceRowSecurity
        /// `OPTIONS (…), of a foreign table`.
        case alterForeignOptions
        /// `ATTACH PARTITION`.
        case attachPartition
        /// `DETACH PARTITION`.
        case detachPartition
        /// `DETACH PARTITION … FINALIZE`.
        case detachPartitionFinalize
        /// `ALTER COLUMN … ADD GENERATED … AS IDENTITY`.
        case addIdentity
        /// `ALTER COLUMN … SET GENERATED, or its sequence options`.
        case setIdentity
        /// `ALTER COLUMN … DROP IDENTITY`.
        case dropIdentity
        /// A sub-command that this list does not know, by PostgreSQL's own name for it.
        case other(String)

        init(_ type: PgQuery__AlterTableType) {
            let name = NodeReader.name(of: Int32(bitPattern: type.rawValue), in: lastro_alter_table_type_descriptor())
            self.init(name: String((name ?? "").dropFirst("AT_".count)))
        }

        private init(name: String) {
            self =
                switch name {
                case "AddColumn": .addColumn
                case "ColumnDefault": .setColumnDefault
                case "DropNotNull": .dropNotNull
                case "SetNotNull": .setNotNull
                case "DropExpression": .dropExpression
                case "SetStatistics": .setStatistics
                case "SetOptions": .setColumnOptions
                case "ResetOptions": .resetColumnOptions
                case "SetStorage": .setStorage
                case "SetCompression": .setCompression
                case "DropColumn": .dropColumn
                case "AddConstraint": .addConstraint
                case "AlterConstraint": .alterConstraint
                case "ValidateConstraint": .validateConstraint
                case "DropConstraint": .dropConstraint
                case "AlterColumnType": .alterColumnType
                case "AlterColumnGenericOptions": .alterColumnForeignOptions
                case "ChangeOwner": .changeOwner
                case "ClusterOn": .clusterOn
                case "DropCluster": .dropCluster
                case "SetLogged": .setLogged
                case "SetUnLogged": .setUnlogged
                case "DropOids": .dropOids
                case "SetAccessMethod": .setAccessMethod
                case "SetTableSpace": .setTablespace
                case "SetRelOptions": .setOptions
                case "ResetRelOptions": .resetOptions
                case "EnableTrig": .enableTrigger
                case "EnableAlwaysTrig": .enableAlwaysTrigger
                case "EnableReplicaTrig": .enableReplicaTrigger
                case "DisableTrig": .disableTrigger
                case "EnableTrigAll": .enableTriggerAll
                case "DisableTrigAll": .disableTriggerAll
                case "EnableTrigUser": .enableTriggerUser
                case "DisableTrigUser": .disableTriggerUser
                case "EnableRule": .enableRule
                case "EnableAlwaysRule": .enableAlwaysRule
                case "EnableReplicaRule": .enableReplicaRule
                case "DisableRule": .disableRule
                case "AddInherit": .addInherit
                case "DropInherit": .dropInherit
                case "AddOf": .setTypeOf
                case "DropOf": .dropTypeOf
                case "ReplicaIdentity": .replicaIdentity
                case "EnableRowSecurity": .enableRowSecurity
                case "DisableRowSecurity": .disableRowSecurity
                case "ForceRowSecurity": .forceRowSecurity
                case "NoForceRowSecurity": .noForceRowSecurity
                case "GenericOptions": .alterForeignOptions
                case "AttachPartition": .attachPartition
                case "DetachPartition": .detachPartition
                case "DetachPartitionFinalize": .detachPartitionFinalize
                case "AddIdentity": .addIdentity
                case "SetIdentity": .setIdentity
                case "DropIdentity": .dropIdentity
                default: .other(name)
                }
        }
    }
}
