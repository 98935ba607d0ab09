import SQLSyntax

extension SkipJudge {
    /// Compares how a table is divided into partitions.
    mutating func judgePartitionKey(_ found: RelationFacts) {
        guard let declared = tableSyntax?.child("partspec") else { return }
        let text = found.partitionKey ?? ""
        guard let existing = Self.table("CREATE TABLE t (c int) PARTITION BY \(text)")?.child("partspec") else {
            cannotTell("the partition key")
            return
        }
        let keys = (declared.children("part_params"), existing.children("part_params"))
        let isSame =
            declared.text("strategy")?.lowercased() == existing.text("strategy")?.lowercased()
            && keys.0.count == keys.1.count && zip(keys.0, keys.1).allSatisfy { $0.text("name") == $1.text("name") }
        guard isSame else {
            differs("it is partitioned by \(text), declared otherwise")
            return
        }
        for (key, other) in zip(keys.0, keys.1) where key.child("expr")?.outline != other.child("expr")?.outline {
            cannotTell("an expression of the partition key")
        }
        for (key, other) in zip(keys.0, keys.1) {
            for field in ["opclass", "collation"] where !key.children(field).isEmpty {
                if key.children(field).last?.text("sval") != other.children(field).last?.text("sval") {
                    cannotTell("the operator classes and collations of the partition key")
                }
            }
        }
    }

    /// Compares whose partition a table is, and of which rows.
    mutating func judgePartition(of parent: RelationReference, _ found: RelationFacts) {
        guard case .known(let relation) = relation(parent.name) else { return }
        guard let relation, found.parents.contains(relation.oid), found.isPartition, let text = found.bound else {
            differs(
                "it is no partition of \(parent.name)",
                "ALTER TABLE \(parent.name) ATTACH PARTITION \(found.sqlName) …"
            )
            return
        }
        let existing = Self.table("CREATE TABLE t PARTITION OF p \(text)")?.child("partbound")
        guard let declared = tableSyntax?.child("partbound"), let existing else {
            cannotTell("the bounds of the partition")
            return
        }
        if declared.outline == existing.outline { return }
        guard case .known(let owner) = facts(relation.oid) else { return }
        let types = owner?.partitionColumnTypes ?? []
        let numbers = ["modulus", "remainder"].map { declared.number($0) == existing.number($0) }
        var isSame = declared.isSet("is_default") == existing.isSet("is_default") && !numbers.contains(false)
        var isOpen = false
        for (field, isList) in [("listdatums", true), ("lowerdatums", false), ("upperdatums", false)] {
            let values = (declared.children(field), existing.children(field))
            isSame = isSame && values.0.count == values.1.count
            guard isSame else { break }
            // The values of a list stand in any order, those of a range each in its column's place.
            for (place, value) in values.0.enumerated() {
                let type = isList ? types.first : types.indices.contains(place) ? types[place] : nil
                let others = isList ? values.1 : [values.1[place]]
                let likenesses = others.map { compare(value, $0, as: type, over: relation.oid) }
                if likenesses.contains(.same) { continue }
                if likenesses.contains(.open) {
                    isOpen = true
                } else if likenesses.contains(.unknown) {
                    cannotTell("the bounds of the partition")
                    return
                } else {
                    isSame = false
                }
            }
        }
        if !isSame { differs("it is the partition \(text), declared with other bounds") } else if isOpen { return }
    }

    private mutating func compare(
        _ value: SyntaxNode,
        _ other: SyntaxNode,
        as type: String?,
        over relation: Int
    ) -> Likeness {
        if value.outline == other.outline { return .same }
        guard let type, let declared = value.boundConstant, let existing = other.boundConstant else {
            return value.isUnbounded || other.isUnbounded ? .different : .unknown
        }
        return likeness(declared, existing, as: type, over: relation, isTrusted: true)
    }

    private static func table(_ sql: String) -> SyntaxNode? {
        // What cannot be parsed is not compared.
        guard let statement = (try? SQLScript(sql))?.statements.first else { return nil }
        return (try? ParsedStatement(statement))?.syntax
    }
}

extension RelationFacts {
    /// The types of the columns that the rows are divided by; empty where an expression divides them.
    fileprivate var partitionColumnTypes: [String] {
        guard let key = partitionKey, let open = key.firstIndex(of: "("), key.hasSuffix(")") else { return [] }
        // Without commas inside parentheses every part is a column, with what stands behind its name.
        let list = key[key.index(after: open)...].dropLast()
        guard !list.contains("(") else { return [] }
        let parts = list.split(separator: ",").map { part in
            columns.first { part.drop { $0 == " " }.hasPrefix(Identifier.quote($0.name)) && part.isNamed($0.name) }
        }
        return parts.allSatisfy { $0 != nil } ? parts.compactMap { $0?.typeName } : []
    }
}

extension Substring {
    fileprivate func isNamed(_ name: String) -> Bool {
        let rest = drop { $0 == " " }.dropFirst(Identifier.quote(name).count)
        return rest.isEmpty || rest.first == " "
    }
}

extension SyntaxNode {
    /// A bound's constant as SQL; nil for what is none.
    fileprivate var boundConstant: String? {
        switch kind {
        case "PartitionRangeDatum": return child("value")?.boundConstant
        case "A_Const":
            if isSet("isnull") { return "NULL" }
            if let text = child("sval")?.text("sval") { return StringLiteral.quote(text) }
            if let text = child("fval")?.text("fval") { return text }
            if let value = child("boolval") { return value.isSet("boolval") ? "true" : "false" }
            return child("ival").map { "\($0.number("ival") ?? 0)" }
        default: return nil
        }
    }

    /// Whether it is MINVALUE or MAXVALUE.
    fileprivate var isUnbounded: Bool {
        ["PARTITION_RANGE_DATUM_MINVALUE", "PARTITION_RANGE_DATUM_MAXVALUE"].contains(option("kind"))
            || kind == "ColumnRef"
    }
}
