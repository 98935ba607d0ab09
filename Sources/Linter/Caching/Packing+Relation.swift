import SQLSyntax

extension Relation: Packable {
    func pack(into packer: inout Packer) {
        packer.pack(kind.rawValue)
        packer.pack(certainty)
        switch shape {
        case .known: packer.pack(0)
        case .open: packer.pack(1)
        case .guarded(let origin):
            packer.pack(2)
            packer.pack(origin)
        }
        packer.pack(origin)
        packer.pack(all: columns)
        packer.pack(all: constraints)
        packer.pack(persistence.rawValue)
        packer.pack(index)
        packer.pack(all: indexes)
        packer.pack(byName: triggers)
        packer.pack(byName: triggerFunctions)
        packer.pack(byName: policies)
        for columns in [policyColumns, triggerColumns] {
            packer.pack(columns) {
                $0.pack($1.key)
                $0.pack(all: $1.value)
            }
        }
        packer.pack(byName: rules)
        packer.pack(statistics) {
            $0.pack($1.key)
            $0.pack(all: $1.value)
        }
        packer.pack(hasRowSecurity)
        packer.pack(isAssumed)
        packer.pack(hasRows)
        packer.pack(partitionStrategy)
        packer.pack(isSurelyPartitioned)
        packer.pack(partitionBound)
        packer.pack(all: partitionColumns)
        packer.pack(mayHaveOthersParts)
        packer.pack(all: parents)
        packer.pack(all: children)
        packer.pack(all: reads)
        packer.pack(readColumns) {
            $0.pack($1.key)
            $0.pack(all: $1.value)
        }
        packer.pack(isRecursive)
        packer.pack(isPlainQuery)
        packer.pack(all: options)
        packer.pack(byName: goneColumns)
        packer.pack(byName: phantoms)
        packer.pack(differsFrom)
        packer.pack(blindGuard)
        packer.pack(owner) {
            $0.pack($1.table)
            $0.pack($1.column)
        }
    }

    init(from unpacker: inout Unpacker) {
        let kind = RelationKind(rawValue: unpacker.text()) ?? .table
        let certainty: Certainty = unpacker.value()
        let shape: Shape
        switch unpacker.number() {
        case 0: shape = .known
        case 2: shape = .guarded(unpacker.value())
        default: shape = .open
        }
        self.init(kind, certainty: certainty, shape: shape, origin: unpacker.value())
        columns = unpacker.values()
        constraints = unpacker.values()
        persistence = Persistence(rawValue: unpacker.text()) ?? .permanent
        index = unpacker.optional()
        indexes = unpacker.values()
        triggers = unpacker.byName()
        triggerFunctions = unpacker.byName()
        policies = unpacker.byName()
        policyColumns = unpacker.columnSets()
        triggerColumns = unpacker.columnSets()
        rules = unpacker.byName()
        statistics = unpacker.dictionary { unpacker in
            let name: QualifiedName = unpacker.value()
            return (name, Set(unpacker.values()))
        }
        hasRowSecurity = unpacker.flag()
        isAssumed = unpacker.flag()
        hasRows = unpacker.flag()
        partitionStrategy = unpacker.optionalText()
        isSurelyPartitioned = unpacker.flag()
        partitionBound = unpacker.optional()
        partitionColumns = Set(unpacker.values())
        mayHaveOthersParts = unpacker.flag()
        parents = unpacker.values()
        children = unpacker.values()
        reads = unpacker.values()
        readColumns = unpacker.dictionary { unpacker in
            let name: QualifiedName = unpacker.value()
            return (name, Set(unpacker.values()))
        }
        isRecursive = unpacker.flag()
        isPlainQuery = unpacker.flag()
        options = unpacker.values()
        goneColumns = unpacker.byName()
        phantoms = unpacker.byName()
        differsFrom = unpacker.optional()
        blindGuard = unpacker.optional()
        owner = unpacker.optional { unpacker in
            let table: QualifiedName = unpacker.value()
            return (table: table, column: unpacker.text())
        }
    }
}

extension Packer {
    fileprivate mutating func pack<Value: Packable>(byName values: [String: Value]) {
        pack(values) {
            $0.pack($1.key)
            $0.pack($1.value)
        }
    }
}

extension Unpacker {
    fileprivate mutating func dictionary<Key: Hashable, Value>(
        _ body: (inout Unpacker) -> (Key, Value)
    ) -> [Key: Value] {
        Dictionary(list(body)) { first, _ in first }
    }

    fileprivate mutating func columnSets() -> [String: Set<String>] {
        dictionary { unpacker in
            let name = unpacker.text()
            return (name, Set(unpacker.values()))
        }
    }

    fileprivate mutating func byName<Value: Packable>() -> [String: Value] {
        dictionary { unpacker in
            let name = unpacker.text()
            return (name, unpacker.value())
        }
    }
}

extension SimulatedColumn: Packable {
    func pack(into packer: inout Packer) {
        packer.pack(name)
        packer.pack(type)
        packer.pack(isNotNull)
        packer.pack(defaultSQL)
        packer.pack(isIdentity)
        packer.pack(isGenerated)
        packer.pack(isSerial)
        packer.pack(isInherited)
        packer.pack(certainty)
        packer.pack(definitionCertainty)
        packer.pack(origin)
    }

    init(from unpacker: inout Unpacker) {
        name = unpacker.text()
        type = unpacker.optional()
        isNotNull = unpacker.flag()
        defaultSQL = unpacker.optionalText()
        isIdentity = unpacker.flag()
        isGenerated = unpacker.flag()
        isSerial = unpacker.flag()
        isInherited = unpacker.flag()
        certainty = unpacker.value()
        definitionCertainty = unpacker.value()
        origin = unpacker.value()
    }
}

extension SimulatedConstraint: Packable {
    private static var kinds: [ConstraintDefinition.Kind] {
        [
            .null, .notNull, .default, .identity, .generated, .check, .primaryKey, .unique, .exclusion, .foreignKey,
            .attributes,
        ]
    }

    func pack(into packer: inout Packer) {
        packer.pack(name)
        packer.pack(Self.kinds.firstIndex(of: kind) ?? 0)
        packer.pack(all: columns)
        packer.pack(expression)
        packer.pack(referenced)
        packer.pack(all: referencedColumns)
        packer.pack(all: actions.map(\.rawValue))
        packer.pack(isValidated)
        packer.pack(certainty)
        packer.pack(definitionCertainty)
        packer.pack(mayBeKey)
        packer.pack(origin)
        packer.pack(provesNotNull)
    }

    init(from unpacker: inout Unpacker) {
        name = unpacker.text()
        let number = unpacker.number()
        kind = Self.kinds.indices.contains(number) ? Self.kinds[number] : .null
        columns = unpacker.values()
        expression = unpacker.optionalText()
        referenced = unpacker.optional()
        referencedColumns = unpacker.values()
        actions = unpacker.list { ForeignKeyReference.Action(rawValue: $0.text()) ?? .noAction }
        isValidated = unpacker.flag()
        certainty = unpacker.value()
        definitionCertainty = unpacker.value()
        mayBeKey = unpacker.flag()
        origin = unpacker.value()
        provesNotNull = unpacker.optionalText()
    }
}

extension SimulatedIndex: Packable {
    func pack(into packer: inout Packer) {
        packer.pack(table)
        packer.pack(all: elements)
        packer.pack(columns) { $0.pack($1) }
        packer.pack(isUnique)
        packer.pack(method)
        packer.pack(condition)
        packer.pack(all: included)
        packer.pack(constraint)
        packer.pack(certainty)
        packer.pack(all: namedColumns)
        packer.pack(mayBeInvalid)
    }

    init(from unpacker: inout Unpacker) {
        table = unpacker.value()
        elements = unpacker.values()
        columns = unpacker.list { $0.optionalText() }
        isUnique = unpacker.flag()
        method = unpacker.text()
        condition = unpacker.optionalText()
        included = unpacker.values()
        constraint = unpacker.optionalText()
        certainty = unpacker.value()
        namedColumns = Set(unpacker.values())
        mayBeInvalid = unpacker.flag()
    }
}
