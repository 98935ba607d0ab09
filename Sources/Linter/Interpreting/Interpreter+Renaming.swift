import SQLSyntax

/// Other names and other schemas.
extension Interpreter {
    func apply(_ rename: Rename) {
        let object = rename.object
        switch object.kind {
        case .table, .foreignTable, .view, .materializedView, .sequence, .index:
            if rename.ifExists, schema.relationKey(object.name) == nil {
                reportSkippedAlter(object.name, at: nil, what: "ALTER \(object.kind.words.uppercased())")
                return
            }
            let isIndex = object.kind == .index
            guard
                let key = isIndex
                    ? needIndex(object.name, at: nil, for: "ALTER INDEX")
                    : need(object.name, at: nil, as: object.kind.words)
            else { return }
            guard isNamed(key, as: object.kind.words) else { return }
            move(key, to: QualifiedName(schema: key.schema, name: rename.newName))
        case .column, .attribute:
            guard let table = object.relation else { return }
            if rename.ifExists, schema.relationKey(table) == nil { return }
            guard let key = need(table, at: nil) else { return }
            renameColumn(object.name.name, of: key, to: rename.newName)
        case .tableConstraint:
            guard let table = object.relation, let key = need(table, at: nil) else { return }
            needConstraint(object.name.name, of: key, for: "RENAME CONSTRAINT")
            if let place = schema.relations[key]?.constraints.firstIndex(where: { $0.name == object.name.name }) {
                schema.relations[key]?.constraints[place].name = rename.newName
                let index = QualifiedName(schema: key.schema, name: object.name.name)
                if schema.relations[index]?.index?.constraint == object.name.name {
                    schema.relations[index]?.index?.constraint = rename.newName
                    schema.rename(index, to: QualifiedName(schema: key.schema, name: rename.newName), at: origin)
                }
            }
        case .trigger, .policy:
            guard let table = object.relation, let key = need(table, at: nil) else { return }
            if object.kind == .trigger {
                needTrigger(object.name.name, of: key, for: "ALTER TRIGGER")
                let certainty = schema.relations[key]?.triggers.removeValue(forKey: object.name.name)
                schema.relations[key]?.triggers[rename.newName] = certainty ?? .sure
                let function = schema.relations[key]?.triggerFunctions.removeValue(forKey: object.name.name)
                schema.relations[key]?.triggerFunctions[rename.newName] = function
                let columns = schema.relations[key]?.triggerColumns.removeValue(forKey: object.name.name)
                schema.relations[key]?.triggerColumns[rename.newName] = columns
            } else {
                let certainty = schema.relations[key]?.policies.removeValue(forKey: object.name.name)
                schema.relations[key]?.policies[rename.newName] = certainty ?? .sure
                let columns = schema.relations[key]?.policyColumns.removeValue(forKey: object.name.name)
                schema.relations[key]?.policyColumns[rename.newName] = columns
            }
        case .type, .domain:
            needType(TypeReference(named: object.name), for: "ALTER TYPE")
            guard let key = schema.typeKey(object.name) else { return }
            let new = QualifiedName(schema: key.schema, name: rename.newName)
            schema.types[new] = schema.types.removeValue(forKey: key)
            schema.gone[SimulatedSchema.ObjectKey(kind: .type, name: key)] = SimulatedSchema.Departure(
                origin: origin,
                renamedTo: new
            )
            for name in schema.users(ofType: key.name) {
                guard let columns = schema.relations[name]?.columns else { continue }
                for place in columns.indices where columns[place].type?.name.name == key.name {
                    schema.relations[name]?.columns[place].type = TypeReference(named: new)
                }
            }
        case .schema:
            renameSchema(object.name.name, to: rename.newName)
        case .rule:
            guard let table = object.relation, let key = need(table, at: nil) else { return }
            needRule(object.name.name, of: key, for: "ALTER RULE")
            let certainty = schema.relations[key]?.rules.removeValue(forKey: object.name.name)
            schema.relations[key]?.rules[rename.newName] = certainty ?? .sure
        case _ where object.kind.isOther:
            move(object.kind, object.name, for: "RENAME TO") { QualifiedName(schema: $0.schema, name: rename.newName) }
        case .function, .procedure, .routine, .aggregate:
            needObject(object, for: "ALTER \(object.kind.words.uppercased())")
            guard let key = schema.routineKey(object.name) else { return }
            let new = QualifiedName(schema: key.schema, name: rename.newName)
            schema.routines[new] = schema.routines.removeValue(forKey: key)
            schema.gone[SimulatedSchema.ObjectKey(kind: .routine, name: key)] = SimulatedSchema.Departure(
                origin: origin,
                renamedTo: new
            )
        default:
            return
        }
    }

    private func move(_ key: QualifiedName, to new: QualifiedName) {
        if let existing = schema.relations[new], existing.certainty == .sure {
            report(
                .objectMayExist,
                "\(existing.kind.rawValue) \(new.shortened) exists since \(words(for: existing.origin)): this fails with `relation "
                    + "\"\(new.name)\" already exists`"
            )
            return
        }
        if let type = schema.types[new], type.certainty == .sure, !isConditional,
            schema.relations[key].map({ $0.kind != .index }) == true
        {
            report(
                .objectMayExist,
                "type \(new.shortened) exists since \(words(for: type.origin)), and a relation has a type of its own name: this fails "
                    + "with `type \"\(new.name)\" already exists`",
                severity(since: type.origin)
            )
        }
        if isConditional {
            // It has the one name or the other.
            schema.relations[key]?.certainty = .maybe
            guard !schema.relations.has(new), let relation = schema.relations[key] else { return }
            place(Relation(relation.kind, certainty: .maybe, shape: .open, origin: origin), at: new)
            return
        }
        schema.rename(key, to: new, at: origin)
    }

    private func renameColumn(_ name: String, of key: QualifiedName, to new: String) {
        needColumn(name, of: key, at: nil, for: "RENAME COLUMN")
        if let parent = inheritedFrom(name, key) {
            report(
                .dropNeedsCascade,
                "column \(Identifier.quote(name)) of \(key.shortened) is inherited from \(parent.shortened): this fails with `cannot "
                    + "rename inherited column`",
                next: "rename it in \(parent.shortened)"
            )
            return
        }
        let tables = [key] + schema.descendants(of: key)
        for table in tables {
            guard let there = schema.relations[table]?.column(new) else { continue }
            report(
                .objectMayExist,
                "\(table.shortened) has a column \(Identifier.quote(new)) since \(words(for: there.origin)): this fails with `column "
                    + "\"\(new)\" of relation \"\(table.name)\" already exists`"
            )
            // Where the table was there in another form it may not fail, and then the old name is gone.
            if schema.relations[key]?.isGuarded == true, let place = schema.relations[key]?.position(of: name) {
                schema.relations[key]?.columns[place].certainty = .maybe
            }
            return
        }
        for table in tables { renamePart(name, of: table, to: new) }
    }

    private func renamePart(_ name: String, of key: QualifiedName, to new: String) {
        guard let relation = schema.relations[key] else { return }
        if let place = relation.position(of: name) { schema.relations[key]?.columns[place].name = new }
        schema.relations[key]?.goneColumns[name] = SimulatedSchema.Departure(
            origin: origin,
            renamedTo: QualifiedName(name: new)
        )
        schema.relations[key]?.goneColumns[new] = nil
        for user in schema.users(ofRelation: key) {
            guard let owner = schema.relations[user]?.owner, owner.table == key, owner.column == name else { continue }
            schema.relations[user]?.owner = (key, new)
        }
        for place in relation.constraints.indices {
            schema.relations[key]?.constraints[place].columns = relation.constraints[place].columns.map {
                $0 == name ? new : $0
            }
            if relation.constraints[place].provesNotNull == name {
                schema.relations[key]?.constraints[place].provesNotNull = new
            }
        }
        for (policy, columns) in relation.policyColumns where columns.contains(name) {
            schema.relations[key]?.policyColumns[policy] = columns.subtracting([name]).union([new])
        }
        for (trigger, columns) in relation.triggerColumns where columns.contains(name) {
            schema.relations[key]?.triggerColumns[trigger] = columns.subtracting([name]).union([new])
        }
        for (statistics, columns) in relation.statistics where columns.contains(name) {
            schema.relations[key]?.statistics[statistics] = columns.subtracting([name]).union([new])
        }
        if relation.partitionColumns.contains(name) {
            schema.relations[key]?.partitionColumns.remove(name)
            schema.relations[key]?.partitionColumns.insert(new)
        }
        for index in relation.indexes {
            guard var detail = schema.relations[index]?.index else { continue }
            detail.columns = detail.columns.map { $0 == name ? new : $0 }
            detail.elements = detail.elements.map { $0 == Identifier.quote(name) ? Identifier.quote(new) : $0 }
            if detail.namedColumns.remove(name) != nil { detail.namedColumns.insert(new) }
            schema.relations[index]?.index = detail
        }
        for (table, constraint) in schema.foreignKeys(to: key, withOwn: true) {
            guard let place = schema.relations[table]?.constraints.firstIndex(where: { $0.name == constraint.name })
            else { continue }
            schema.relations[table]?.constraints[place].referencedColumns = constraint.referencedColumns.map {
                $0 == name ? new : $0
            }
        }
        for view in schema.views(reading: key, column: name) {
            schema.relations[view]?.readColumns[key]?.remove(name)
            schema.relations[view]?.readColumns[key]?.insert(new)
        }
    }

    private func renameSchema(_ name: String, to new: String) {
        needSchema(name, at: nil)
        schema.schemas[new] = schema.schemas.removeValue(forKey: name) ?? .sure
        for key in schema.relations.keys where key.schema == name {
            schema.rename(key, to: QualifiedName(schema: new, name: key.name), at: origin)
        }
        for key in schema.types.keys where key.schema == name {
            schema.types[QualifiedName(schema: new, name: key.name)] = schema.types.removeValue(forKey: key)
        }
        for key in schema.objects.keys where key.name.schema == name {
            let moved = SimulatedObject.Key(kind: key.kind, name: QualifiedName(schema: new, name: key.name.name))
            schema.objects[moved] = schema.objects.removeValue(forKey: key)
        }
        for key in schema.routines.keys where key.schema == name {
            schema.routines[QualifiedName(schema: new, name: key.name)] = schema.routines.removeValue(forKey: key)
        }
    }

    func applySchemaChange(_ change: MoveObject) {
        let object = change.object
        needSchema(change.destination, at: nil)
        switch object.kind {
        case .table, .foreignTable, .view, .materializedView, .sequence:
            if change.ifExists, schema.relationKey(object.name) == nil {
                reportSkippedAlter(object.name, at: nil, what: "ALTER \(object.kind.words.uppercased())")
                return
            }
            guard let key = need(object.name, at: nil, as: object.kind.words), isNamed(key, as: object.kind.words),
                key.schema != change.destination
            else { return }
            move(key, to: QualifiedName(schema: change.destination, name: key.name))
        case .type, .domain:
            needType(TypeReference(named: object.name), for: "ALTER TYPE")
            guard let key = schema.typeKey(object.name) else { return }
            schema.types[QualifiedName(schema: change.destination, name: key.name)] = schema.types.removeValue(
                forKey: key
            )
        case _ where object.kind.isOther:
            move(object.kind, object.name, for: "SET SCHEMA") {
                QualifiedName(schema: change.destination, name: $0.name)
            }
        case .function, .procedure, .routine, .aggregate:
            needObject(object, for: "ALTER \(object.kind.words.uppercased())")
            guard let key = schema.routineKey(object.name) else { return }
            schema.routines[QualifiedName(schema: change.destination, name: key.name)] = schema.routines.removeValue(
                forKey: key
            )
        default:
            return
        }
    }

    /// Whether a relation is what the statement calls it; ALTER TABLE and ALTER INDEX take others as well.
    func isNamed(_ key: QualifiedName, as what: String) -> Bool {
        guard ["view", "materialized view", "sequence", "foreign table"].contains(what),
            let relation = schema.relations[key], !relation.isAssumed, relation.kind.words != what
        else { return true }
        report(
            .wrongKind,
            "\(key.shortened) is \(relation.kind.withArticle) since \(words(for: relation.origin)): this fails with "
                + "`\"\(key.name)\" is not a \(what)`",
            relation.isGuarded ? .warning : nil,
            next: "write ALTER \(relation.kind.rawValue.uppercased())"
        )
        return !isProving
    }
}
