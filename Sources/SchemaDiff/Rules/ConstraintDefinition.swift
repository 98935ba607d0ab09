import Catalog
import SQLSyntax

/// A constraint as the server prints it, and the statements that are made of it.
struct ConstraintDefinition {
    private let object: CatalogObject
    private let definition: String
    /// The table's name as SQL writes it.
    let table: String
    /// Whether the table is divided into partitions.
    let isOnPartitionedTable: Bool
    private let isForeignTable: Bool

    init(_ object: CatalogObject, on table: CatalogObject?) {
        self.object = object
        definition = object.text(.definition) ?? ""
        self.table = object.identity.qualifiedParent ?? ""
        isOnPartitionedTable = table?.text(.partitionKey) != nil
        isForeignTable = table?.identity.kind == .foreignTable
    }

    var comment: String? { object.text(.comment) }
    var isForeignKey: Bool { definition.hasPrefix("FOREIGN KEY") }
    private var isCheck: Bool { definition.hasPrefix("CHECK") }
    private var isExclusion: Bool { definition.hasPrefix("EXCLUDE") }

    /// Whether an index of the constraint's name stands behind it.
    var hasIndex: Bool { !isForeignKey && !isCheck }

    /// Whether the rows that are there are not held against it.
    var isNotValid: Bool { definition.hasSuffix(ConstraintRule.notValid) }

    /// Whether it can be added first and held against the rows later.
    var isValidatedLater: Bool {
        guard !isForeignTable, !definition.contains(" NOT ENFORCED") else { return false }
        return isCheck || (isForeignKey && !isOnPartitionedTable)
    }

    /// The statement that adds it whole.
    func addition(named name: String? = nil) -> String {
        // A check is for child tables, too, and so is a foreign key for partitions; an index is each table's own.
        let only = hasIndex || (isForeignKey && !isOnPartitionedTable) ? "ONLY " : ""
        let name = Identifier.quote(name ?? object.identity.name)
        return "ALTER TABLE \(isForeignTable ? "" : only)\(table) ADD CONSTRAINT \(name) \(keptDefinition)"
    }

    /// The definition with the settings of its index.
    private var keptDefinition: String {
        guard hasIndex else { return definition }
        var keeping = ""
        if let parameters = StorageParameters(object.list(.storageParameters)).clause {
            keeping += " WITH \(parameters)"
        }
        if let tablespace = object.text(.tablespace) {
            keeping += " USING INDEX TABLESPACE \(Identifier.quote(tablespace))"
        }
        guard isExclusion, let predicate = definition.firstRange(of: " WHERE (") else {
            return withoutTiming + keeping + timing
        }
        return definition[..<predicate.lowerBound] + keeping + definition[predicate.lowerBound...]
    }

    /// The statement that builds its index beside the work on the table; nil where the server has none.
    func index(named name: String) -> String? {
        guard !isExclusion, !isOnPartitionedTable, !isForeignTable, hasIndex,
            !definition.contains(" WITHOUT OVERLAPS")
        else { return nil }
        var columns = withoutTiming[...]
        for words in ["PRIMARY KEY ", "UNIQUE "] where columns.hasPrefix(words) {
            columns = columns.dropFirst(words.count)
        }
        let distinct = "NULLS NOT DISTINCT "
        let areNullsAlike = columns.hasPrefix(distinct)
        if areNullsAlike { columns = columns.dropFirst(distinct.count) }
        return "CREATE UNIQUE INDEX CONCURRENTLY \(Identifier.quote(name)) ON \(table) \(columns)"
            + (areNullsAlike ? " NULLS NOT DISTINCT" : "") + IndexDefinition.keeping(of: object)
    }

    /// The statement that makes an index its own.
    func additionUsingIndex(_ index: String) -> String {
        let kind = definition.hasPrefix("PRIMARY KEY") ? "PRIMARY KEY" : "UNIQUE"
        let name = Identifier.quote(object.identity.name)
        return "ALTER TABLE \(table) ADD CONSTRAINT \(name) \(kind) USING INDEX \(Identifier.quote(index))\(timing)"
    }

    /// The statement that holds it against the rows that are there.
    func validation(of name: String) -> PlanStatement {
        PlanStatement(
            "ALTER TABLE \(table) VALIDATE CONSTRAINT \(Identifier.quote(name))",
            hazards: [.validates(table)],
            lock: .shareUpdateExclusive
        )
    }

    /// When it is checked: at the end of a statement, or of the transaction.
    private var timing: String {
        for timing in [" DEFERRABLE INITIALLY DEFERRED", " DEFERRABLE"] where definition.hasSuffix(timing) {
            return timing
        }
        return ""
    }

    /// The definition without when it is checked.
    var withoutTiming: String { String(definition.dropLast(timing.count)) }

    /// The statement for a foreign key that differs in when it is checked alone.
    var timingChange: PlanStatement {
        let name = Identifier.quote(object.identity.name)
        let timing =
            timing.isEmpty ? " NOT DEFERRABLE" : timing.hasSuffix("DEFERRED") ? timing : timing + " INITIALLY IMMEDIATE"
        return PlanStatement("ALTER TABLE \(table) ALTER CONSTRAINT \(name)\(timing)", lock: .accessExclusive)
    }

    /// What adding it in one statement hurts.
    var offlineHazards: [Hazard] {
        if isNotValid || isForeignTable { return [] }
        let scan = Hazard.validates(table)
        if isForeignKey {
            return [scan, Hazard(.shareLock, "nobody can write to \(table) or the table it refers to meanwhile")]
        }
        if isCheck { return Hazard.scansExclusively(table) }
        return [Hazard(.indexBuild, "an index over all rows of \(table) is built, which takes time and disk")]
            + Hazard.scansExclusively(table)
    }

    /// The lock that adding it takes.
    var additionLock: TableLock { isForeignKey ? .shareRowExclusive : .accessExclusive }
}
