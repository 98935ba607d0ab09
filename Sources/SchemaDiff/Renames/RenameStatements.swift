import Catalog
import SQLSyntax

/// The statements that give objects other names, in an order in which each name is free when it is taken.
struct RenameStatements {
    private let catalog: Catalog
    private let wanted: Catalog

    /// Writes statements for a catalog.
    ///
    /// - Parameters:
    ///   - catalog: what is, by the names that the renames know.
    ///   - wanted: what comes out in the end.
    init(in catalog: Catalog, to wanted: Catalog) {
        self.catalog = catalog
        self.wanted = wanted
    }

    /// The statements for renames that are made at once, each with the rename that it is for.
    func steps(for renames: [ObjectRename]) -> [(rename: ObjectRename, statements: [PlanStatement])] {
        var steps: [(rename: ObjectRename, statements: [PlanStatement])] = []
        var schemas = Set(catalog.objects(of: .schema).map(\.identity.name))
        // Parts of an object are renamed while it has its old name.
        let ordered = renames.filter { $0.part != nil } + renames.filter { $0.part == nil }
        var waiting = ordered.map { (rename: $0, name: $0.oldName) }
        while !waiting.isEmpty {
            let isFree = waiting.map { candidate in
                !waiting.contains { other in
                    other.rename != candidate.rename && isInTheWay(other.rename, of: candidate.rename)
                        && other.name == candidate.rename.newName
                }
            }
            if let index = isFree.firstIndex(of: true) {
                let (rename, name) = waiting.remove(at: index)
                var statements: [PlanStatement] = []
                if rename.isMove, let schema = rename.to.schema, schemas.insert(schema).inserted {
                    statements.append(PlanStatement("CREATE SCHEMA \(Identifier.quote(schema))"))
                }
                statements += self.statements(for: rename, from: name, to: rename.newName)
                steps.append((rename, statements))
            } else {
                // Names go round in a circle: one of them steps aside.
                let rename = waiting[0].rename
                let aside = ReplacementName.of(rename.oldName, "renamed")
                steps.append((rename, [renaming(rename, from: rename.oldName, to: aside)]))
                waiting[0].name = aside
            }
        }
        return steps
    }

    /// Whether an object, while it has its old name, may have the name that another one is to have.
    private func isInTheWay(_ one: ObjectRename, of other: ObjectRename) -> Bool {
        if one.part != nil || other.part != nil {
            return one.from == other.from && one.part != nil && other.part != nil
        }
        return one.from.kind == other.from.kind && one.from.schema == other.to.schema
            && one.from.parent == other.from.parent
    }

    private func statements(for rename: ObjectRename, from old: String, to new: String) -> [PlanStatement] {
        guard rename.isMove, let schema = rename.to.schema else {
            return [renaming(rename, from: old, to: new)] + companions(of: rename)
        }
        func move(_ name: String) -> PlanStatement {
            PlanStatement(
                "ALTER \(rename.from.with(name: name).sqlTarget) SET SCHEMA \(Identifier.quote(schema))",
                hazards: hazards(of: rename),
                lock: Self.lock(of: rename)
            )
        }
        guard old != new else { return [move(old)] + companions(of: rename) }
        let isOldNameFree = catalog[rename.from.with(schema: schema, name: old)] == nil
        return isOldNameFree
            ? [move(old), renaming(ObjectRename(rename.from.with(schema: schema), to: rename.to), from: old, to: new)]
                + companions(of: rename)
            : [renaming(rename, from: old, to: new), move(new)] + companions(of: rename)
    }

    private func renaming(_ rename: ObjectRename, from old: String, to new: String) -> PlanStatement {
        let target = rename.from.with(name: rename.part == nil ? old : nil)
        let sql = Self.words(for: target, of: parentKind(of: rename.from), part: rename.part.map { _ in old })
        let quoted = rename.part != nil && rename.from.kind == .enumeration ? StringLiteral.quote : Identifier.quote
        return PlanStatement(
            "\(sql) TO \(quoted(new))",
            hazards: hazards(of: rename),
            lock: Self.lock(of: rename)
        )
    }

    private func parentKind(of identity: ObjectIdentity) -> CatalogKind? { catalog.parent(of: identity)?.kind }

    /// `ALTER TABLE app.t RENAME COLUMN a`, `ALTER INDEX app.i RENAME`.
    private static func words(for target: ObjectIdentity, of parent: CatalogKind?, part: String?) -> String {
        let name = Identifier.quote(target.name)
        let table = target.qualifiedParent ?? ""
        let relation = parent?.sqlName ?? "TABLE"
        if let part {
            return target.kind == .enumeration
                ? "ALTER TYPE \(target.qualifiedName) RENAME VALUE \(StringLiteral.quote(part))"
                : "ALTER TYPE \(target.qualifiedName) RENAME ATTRIBUTE \(Identifier.quote(part))"
        }
        switch target.kind {
        case .column, .viewColumn: return "ALTER \(relation) \(table) RENAME COLUMN \(name)"
        case .constraint: return "ALTER \(relation) \(table) RENAME CONSTRAINT \(name)"
        case .domainConstraint: return "ALTER DOMAIN \(table) RENAME CONSTRAINT \(name)"
        default: return "ALTER \(target.sqlTarget) RENAME"
        }
    }

    private static func lock(of rename: ObjectRename) -> TableLock? {
        switch rename.from.kind {
        case .table, .foreignTable, .column, .view, .viewColumn, .materializedView, .constraint, .trigger, .rule,
            .policy, .sequence:
            .accessExclusive
        case .index: .shareUpdateExclusive
        default: nil
        }
    }

    private func hazards(of rename: ObjectRename) -> [Hazard] {
        let isSeen: Bool
        switch rename.from.kind {
        case .constraint, .domainConstraint, .index, .trigger, .policy, .rule, .statistics, .eventTrigger,
            .operatorClass,
            .operatorFamily, .conversion:
            isSeen = false
        default: isSeen = true
        }
        guard isSeen else { return [] }
        let words = rename.part.map { "the value or attribute \($0.from) of \(rename.from)" } ?? "\(rename.from)"
        var hazards = [
            Hazard(.correctness, "programs that call \(words) by that name do not find it any more")
        ]
        let bodies = bodies(naming: rename.oldName)
        if !bodies.isEmpty {
            hazards.append(
                Hazard(
                    .untrackedDependency,
                    "\(rename.oldName) stands in the text of \(bodies.joined(separator: ", ")), which no rename changes"
                )
            )
        }
        return hazards
    }

    /// The functions whose bodies are texts that have a name in them, and are to stay as they are.
    private func bodies(naming name: String) -> [String] {
        [CatalogKind.function, .procedure].flatMap { catalog.objects(of: $0) }.filter { function in
            guard function.flag(.untrackedBody), let definition = function.text(.definition) else { return false }
            let isKept = wanted[function.identity]?.text(.definition) == definition
            return isKept && definition.containsWord(name)
        }.map(\.identity.qualifiedName)
    }

    /// What a statement does not take along, though the server names it after the object.
    private func companions(of rename: ObjectRename) -> [PlanStatement] {
        guard rename.from.kind == .rangeType, rename.part == nil, let old = catalog[rename.from]?.text("multirange"),
            let new = wanted[rename.to]?.text("multirange"), old != new,
            let before = try? Identifier.parse(old), let after = try? Identifier.parse(new),  // what the server prints
            let oldName = before.last, let name = after.last
        else { return [] }
        var (statements, current): ([PlanStatement], String) = ([], old)
        if before.dropLast() != after.dropLast(), let schema = after.dropLast().last {
            statements.append(PlanStatement("ALTER TYPE \(old) SET SCHEMA \(Identifier.quote(schema))"))
            current = Identifier.quote(schema) + "." + Identifier.quote(oldName)
        }
        if oldName != name {
            statements.append(PlanStatement("ALTER TYPE \(current) RENAME TO \(Identifier.quote(name))"))
        }
        return statements
    }
}

extension String {
    /// Whether a word stands in the text, not as a part of a longer one.
    fileprivate func containsWord(_ word: String) -> Bool {
        func isLetter(_ character: Character?) -> Bool {
            character.map { $0.isLetter || $0.isNumber || $0 == "_" } ?? false
        }
        return ranges(of: word).contains { range in
            let before = range.lowerBound == startIndex ? nil : self[index(before: range.lowerBound)]
            let behind = range.upperBound == endIndex ? nil : self[range.upperBound]
            return !isLetter(before) && !isLetter(behind)
        }
    }
}
