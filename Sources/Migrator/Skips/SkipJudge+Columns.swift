import SQLSyntax

extension SkipJudge {
    /// Compares a column.
    ///
    /// - Parameters:
    ///   - column: what is declared.
    ///   - found: the table that was there.
    ///   - isKey: whether a constraint of the table makes it a part of the primary key.
    ///   - inheritsTypes: whether a parent may say more of the column than the statement does.
    mutating func judge(_ column: ColumnDefinition, of found: RelationFacts, isKey: Bool, inheritsTypes: Bool) {
        let name = Identifier.quote(column.name)
        let alter = "ALTER TABLE \(found.sqlName) ALTER COLUMN \(name)"
        guard let existing = found.column(column.name) else {
            let text = column.location.map { declaration.source.element(at: $0) } ?? name
            differs("column \(name) is missing", "ALTER TABLE \(found.sqlName) ADD COLUMN \(text)")
            return
        }
        let serial = column.serialType
        if let serial {
            if existing.type != serial.oid {
                differs(
                    "column \(name) is \(existing.typeName), declared \(serial.name)",
                    "\(alter) TYPE \(serial.name)"
                )
            }
            if existing.expression?.hasPrefix("nextval(") != true {
                differs(
                    "column \(name) has no default from a sequence, as \(column.type?.name.name ?? "serial") gives it"
                )
            }
        } else if let type = column.type {
            judge(type, of: column, existing, alter: alter)
        }
        let isNotNull = column.isNotNull || isKey || serial != nil
        if isNotNull, !existing.isNotNull {
            differs("column \(name) may be null, declared NOT NULL", "\(alter) SET NOT NULL")
        } else if !isNotNull, existing.isNotNull, column.type != nil, !inheritsTypes {
            differs("column \(name) is NOT NULL, declared without", "\(alter) DROP NOT NULL")
        }
        judgeValue(of: column, existing, found, alter: alter, isSerial: serial != nil)
        for constraint in column.constraints
        where [.check, .primaryKey, .unique, .foreignKey].contains(constraint.kind) {
            judge(constraint, columns: [column.name], of: found)
        }
    }

    private mutating func judge(
        _ type: TypeReference,
        of column: ColumnDefinition,
        _ existing: RelationFacts.Column,
        alter: String
    ) {
        let name = Identifier.quote(column.name)
        guard case .known(let answer) = self.type(type) else { return }
        guard let declared = answer else {
            differs("column \(name) is \(existing.typeName), declared \(type), which is no type here")
            return
        }
        guard existing.type == declared.oid, existing.modifier == declared.modifier else {
            differs(
                "column \(name) is \(existing.typeName), declared \(declared.name)",
                "\(alter) TYPE \(declared.name)"
            )
            return
        }
        if let collation = column.collation {
            guard case .known(let numbers) = self.collation(collation) else { return }
            if !numbers.contains(existing.collation) {
                differs(
                    "the collation of column \(name) is \(existing.collationName ?? "the type's own"), declared \(collation)",
                    "\(alter) TYPE \(declared.name) COLLATE \(collation)"
                )
            }
        } else if let collation = existing.collationName {
            differs(
                "the collation of column \(name) is \(collation), declared without",
                "\(alter) TYPE \(declared.name)"
            )
        }
        let compression = columnSyntax(column)?.text("compression")
        if let compression, compression != "default", existing.compression != String(compression.prefix(1)) {
            differs("column \(name) is not compressed with \(compression)", "\(alter) SET COMPRESSION \(compression)")
        }
    }

    /// Where the column's values come from: a default, a sequence, an expression.
    private mutating func judgeValue(
        of column: ColumnDefinition,
        _ existing: RelationFacts.Column,
        _ found: RelationFacts,
        alter: String,
        isSerial: Bool
    ) {
        let name = Identifier.quote(column.name)
        if let generated = column.constraint(.generated) {
            guard !existing.generated.isEmpty, let expression = existing.expression else {
                differs("column \(name) is not generated")
                return
            }
            compare("the expression of column \(name)", generated.expression, expression, existing, found, nil)
            return
        }
        if !existing.generated.isEmpty {
            differs("column \(name) is generated, declared without")
            return
        }
        if let identity = column.constraint(.identity) {
            let words = identity.isAlways ? "ALWAYS" : "BY DEFAULT"
            guard existing.identity == (identity.isAlways ? "a" : "d") else {
                let remedy =
                    existing.identity.isEmpty
                    ? "\(alter) ADD GENERATED \(words) AS IDENTITY" : "\(alter) SET GENERATED \(words)"
                differs(
                    "column \(name) is "
                        + (existing.identity.isEmpty ? "no identity" : "an identity of the other kind")
                        + ", declared GENERATED \(words) AS IDENTITY",
                    remedy
                )
                return
            }
            if let sequence = existing.sequence, let options = constraintSyntax(identity)?.children("options") {
                judge(
                    sequence: options.compactMap(\.statementOption),
                    sequence,
                    called: "the sequence of column \(name)"
                )
            }
            return
        }
        guard let declared = column.defaultExpression else { return }
        guard let expression = existing.expression else {
            if declared.sql.uppercased() != "NULL" {
                differs(
                    "column \(name) has no default, declared \(declared.sql)",
                    "\(alter) SET DEFAULT \(declared.sql)"
                )
            }
            return
        }
        compare(
            "the default of column \(name)",
            declared,
            expression,
            existing,
            found,
            "\(alter) SET DEFAULT \(declared.sql)"
        )
    }

    private mutating func compare(
        _ what: String,
        _ declared: Expression?,
        _ expression: String,
        _ existing: RelationFacts.Column,
        _ found: RelationFacts,
        _ remedy: String?
    ) {
        let sql = declared?.sql ?? ""
        let likeness = likeness(
            sql,
            expression,
            as: existing.typeName,
            over: found.oid,
            isTrusted: existing.isTrusted
        )
        switch likeness {
        case .same, .open: break
        case .different: differs("\(what) is \(expression), declared \(sql)", remedy)
        case .unknown: cannotTell(what)
        }
    }

    /// The column's node in the tree.
    private func columnSyntax(_ column: ColumnDefinition) -> SyntaxNode? {
        declaration.node("ColumnDef", at: column.location)
    }

    /// A constraint's node in the tree.
    func constraintSyntax(_ constraint: ConstraintDefinition) -> SyntaxNode? {
        declaration.node("Constraint", at: constraint.location)
    }
}

extension Declaration {
    /// The first node of a kind that begins at a byte.
    fileprivate func node(_ kind: String, at location: Int?) -> SyntaxNode? {
        guard let location else { return nil }
        var found: SyntaxNode?
        syntax?.forEachNode { node in
            if found == nil, node.kind == kind, node.location == location { found = node }
        }
        return found
    }
}

extension ColumnDefinition {
    /// The type of a column that a word such as `bigserial` stands for; nil for any other.
    fileprivate var serialType: (oid: Int, name: String)? {
        guard let type, type.name.schema == nil, type.arrayDimensions == 0 else { return nil }
        return switch type.name.name {
        case "serial", "serial4": (23, "integer")
        case "bigserial", "serial8": (20, "bigint")
        case "smallserial", "serial2": (21, "smallint")
        default: nil
        }
    }
}
