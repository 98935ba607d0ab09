import SQLSyntax

/// What shares the names of tables: PostgreSQL's `pg_class`.
enum RelationKind: String, Sendable {
    case table
    case foreignTable = "foreign table"
    case view
    case materializedView = "materialized view"
    case index
    case sequence
    case compositeType = "composite type"
}

/// How well the columns and constraints of a relation are known.
enum Shape: Sendable {
    /// The history made it: there is nothing else in it.
    case known
    /// A guarded creation declares it, and may have done nothing.
    case guarded(Origin)
    /// Nobody has seen it made.
    case open
}

/// A table, a view, an index or a sequence.
struct Relation: Sendable {
    var kind: RelationKind
    var certainty: Certainty
    var shape: Shape
    var origin: Origin
    var columns: [SimulatedColumn] = []
    var constraints: [SimulatedConstraint] = []
    var persistence = Persistence.permanent
    var index: SimulatedIndex?
    var indexes: [QualifiedName] = []
    var triggers: [String: Certainty] = [:]
    /// The functions that its triggers call.
    var triggerFunctions: [String: QualifiedName] = [:]
    var policies: [String: Certainty] = [:]
    /// The columns of the table that its policies read.
    var policyColumns: [String: Set<String>] = [:]
    /// The columns of the table that its triggers name: behind UPDATE OF, or in WHEN.
    var triggerColumns: [String: Set<String>] = [:]
    var rules: [String: Certainty] = [:]
    /// The statistics objects on it, with the columns that they are about.
    var statistics: [QualifiedName: Set<String>] = [:]
    var hasRowSecurity = false
    /// Whether nobody has seen it made: a statement that needs it has run, so it is there.
    var isAssumed = false
    /// Whether the history puts rows into it.
    var hasRows = false
    /// `range`, `list` or `hash`; nil if it is not partitioned.
    var partitionStrategy: String?
    /// Whether a partition has been made of what only a guarded statement declares to be partitioned.
    var isSurelyPartitioned = false
    /// The rows that it takes as a partition of another one.
    var partitionBound: PartitionBound?
    /// The columns that it is partitioned by.
    var partitionColumns: Set<String> = []
    /// Whether it may have got keys or constraints from another table under names that nobody has followed.
    var mayHaveOthersParts = false
    var parents: [QualifiedName] = []
    var children: [QualifiedName] = []
    /// The relations that a view reads, and the columns.
    var reads: [QualifiedName] = []
    /// The columns that a view names, by the relations they are of.
    var readColumns: [QualifiedName: Set<String>] = [:]
    /// Whether a view reads itself, so that no query of it runs.
    var isRecursive = false
    /// Whether the query of a view is known to call no function and to cast nothing.
    var isPlainQuery = false
    var options: [String] = []
    /// Columns that were dropped or renamed.
    var goneColumns: [String: SimulatedSchema.Departure] = [:]
    /// Columns that a skipped guarded creation declares and that are not there.
    var phantoms: [String: Origin] = [:]
    /// The last guarded creation that did nothing although it declares something else.
    var differsFrom: Origin?
    /// The guarded creation that made it with columns that nobody knows, unless it was there.
    var blindGuard: Origin?
    /// The table and column that own a sequence.
    var owner: (table: QualifiedName, column: String)?

    init(_ kind: RelationKind, certainty: Certainty = .sure, shape: Shape = .known, origin: Origin) {
        self.kind = kind
        self.certainty = certainty
        self.shape = shape
        self.origin = origin
    }

    var isTable: Bool { kind == .table || kind == .foreignTable }

    /// Whether all columns are known, if only by what a guarded creation declares.
    var hasColumnList: Bool { if case .open = shape { false } else { true } }

    /// Whether the history made it, so that nothing else is in it.
    var isKnown: Bool { if case .known = shape { true } else { false } }

    var isGuarded: Bool { if case .guarded = shape { true } else { false } }

    func column(_ name: String) -> SimulatedColumn? { columns.first { $0.name == name } }

    func position(of column: String) -> Int? { columns.firstIndex { $0.name == column } }

    func constraint(_ name: String) -> SimulatedConstraint? { constraints.first { $0.name == name } }

    mutating func removeConstraint(_ name: String) {
        if let place = constraints.firstIndex(where: { $0.name == name }) { constraints.remove(at: place) }
    }

    /// The primary key, if one is known.
    var primaryKey: SimulatedConstraint? { constraints.first { $0.kind == .primaryKey } }
}

/// A column.
struct SimulatedColumn: Sendable {
    var name: String
    var type: TypeReference?
    var isNotNull = false
    var defaultSQL: String?
    var isIdentity = false
    var isGenerated = false
    /// Whether it was declared as `serial` or one of its kind.
    var isSerial = false
    /// Whether it is there because a parent has it, and goes with the parent's.
    var isInherited = false
    var certainty = Certainty.sure
    /// How sure its type, default and nullability are.
    var definitionCertainty = Certainty.sure
    var origin: Origin
}

/// A constraint of a table.
struct SimulatedConstraint: Sendable {
    var name: String
    var kind: ConstraintDefinition.Kind
    var columns: [String]
    /// The condition of a check, in one spelling.
    var expression: String?
    var referenced: QualifiedName?
    var referencedColumns: [String] = []
    /// What a foreign key does when a row goes or changes; empty where that is not known.
    var actions: [ForeignKeyReference.Action] = []
    var isValidated = true
    var certainty = Certainty.sure
    /// How sure it is that it is what the statement says: a block may have found another one of its name.
    var definitionCertainty = Certainty.sure
    /// Whether a key of its name may be there in its place.
    var mayBeKey = false
    var origin: Origin

    /// Whether VALIDATE works on it: keys have no state in between.
    var isValidatable: Bool { kind == .check || kind == .foreignKey }

    /// The columns that a validated check proves not to be null.
    var provesNotNull: String?
}

/// An index.
struct SimulatedIndex: Sendable {
    var table: QualifiedName
    /// The columns and expressions, in one spelling.
    var elements: [String]
    var columns: [String?]
    var isUnique: Bool
    var method: String
    var condition: String?
    var included: [String] = []
    /// Whether a constraint stands on it.
    var constraint: String?
    /// How sure its definition is: an index of that name may have been there before.
    var certainty = Certainty.sure
    /// The columns that it names anywhere, also in expressions and in its condition.
    var namedColumns: Set<String> = []
    /// Whether a build without a transaction may have left it invalid.
    var mayBeInvalid = false
}
