import SQLSyntax

/// What a partitioned table refuses, and a plain one.
extension Interpreter {
    /// Whether a table is known to be partitioned, or known not to be; nil where it may be either.
    private func isPartitioned(_ key: QualifiedName) -> Bool? {
        guard let relation = schema.relations[key], relation.kind == .table, relation.isKnown,
            relation.certainty == .sure, severity(since: relation.origin, isFollowed: isFollowed(relation)) == nil
        else { return nil }
        return relation.partitionStrategy != nil
    }

    /// Looks whether a table can have partitions.
    func needPartitioned(_ key: QualifiedName, at offset: Int?) {
        guard let parent = schema.relations[key] else { return }
        if isPartitioned(key) == false {
            report(
                .wrongKind,
                "\(key.shortened) is a plain table since \(words(for: parent.origin)): this fails with `\"\(key.name)\" is not "
                    + "partitioned`",
                at: offset
            )
            return
        }
        // A guarded creation may have found a table that is not partitioned.
        guard parent.isGuarded, parent.partitionStrategy != nil, !parent.isSurelyPartitioned, !schema.knowsStart else {
            return
        }
        report(
            .wrongKind,
            "only a guarded statement at \(words(for: parent.origin)) declares that \(key.shortened) is partitioned: if it was there "
                + "before without that, this fails with `\"\(key.name)\" is not partitioned`",
            at: offset,
            .warning
        )
        if isProving { schema.relations[key]?.isSurelyPartitioned = true }
    }

    /// Looks whether another partition takes some of the rows that a new one would.
    func needRoom(for bound: PartitionBound?, in key: QualifiedName, isGuarded: Bool = false, at offset: Int?) {
        guard let bound, schema.relations[key]?.certainty == .sure else { return }
        for name in schema.relations[key]?.children ?? [] {
            guard let other = schema.relations[name], let taken = other.partitionBound, bound.surelyOverlaps(taken)
            else {
                continue
            }
            let isSure = other.certainty == .sure && !other.isGuarded && !isGuarded
            report(
                .objectMayExist,
                "\(name.shortened) takes rows of \(key.shortened) since \(words(for: other.origin)) that this one would: this fails "
                    + "with `partition … would overlap partition \"\(name.name)\"`",
                at: offset,
                isSure ? severity(since: other.origin) : .warning,
                next: "choose bounds that no other partition has"
            )
            return
        }
    }

    /// Looks whether a table may have children by INHERITS.
    func needHeir(of key: QualifiedName, at offset: Int?) {
        let isPartition = schema.relations[key]?.parents.contains { isPartitioned($0) == true } == true
        guard isPartition || isPartitioned(key) == true else { return }
        report(
            .wrongKind,
            "\(key.shortened) is \(isPartition ? "a partition" : "partitioned"): this fails with `cannot inherit from "
                + "\(isPartition ? "partition" : "partitioned table") \"\(key.name)\"`",
            at: offset,
            next: isPartition ? nil : "make a partition of it: PARTITION OF \(key.shortened) FOR VALUES …"
        )
    }

    /// Looks whether a table has the columns of one whose child it becomes.
    func needColumns(of parent: QualifiedName, in child: QualifiedName, isPartition: Bool, at offset: Int?) {
        guard let above = schema.relations[parent], let below = schema.relations[child], above.isKnown, below.isKnown,
            schema.opening == nil
        else { return }
        func hint(_ columns: [SimulatedColumn], not others: Relation) -> SimulatedColumn? {
            columns.first { $0.certainty == .sure && others.position(of: $0.name) == nil }
        }
        if let column = hint(above.columns, not: below) {
            report(
                .columnMayNotExist,
                "\(child.shortened) needs column \(Identifier.quote(column.name)) of \(parent.shortened), which is not there: this fails with "
                    + "`child table is missing column \"\(column.name)\"`",
                at: offset,
                severity(since: below.origin)
            )
        } else if isPartition, let column = hint(below.columns, not: above) {
            report(
                .wrongKind,
                "\(child.shortened) has column \(Identifier.quote(column.name)), and \(parent.shortened) has not: this fails with `table "
                    + "\"\(child.name)\" contains column \"\(column.name)\" not found in parent`",
                at: offset,
                severity(since: above.origin)
            )
        }
    }

    /// Reports CONCURRENTLY for an index of a partitioned table.
    ///
    /// - Returns: whether it is refused.
    func refusesConcurrently(_ key: QualifiedName, at offset: Int?, drops: Bool = false) -> Bool {
        guard isPartitioned(key) == true else { return false }
        report(
            .wrongKind,
            "\(key.shortened) is partitioned: this fails with "
                + (drops
                    ? "`cannot drop partitioned index … concurrently`"
                    : "`cannot create index on partitioned table … concurrently`"),
            at: offset,
            next: drops
                ? "leave CONCURRENTLY out" : "build one on each partition, make one with ON ONLY, and attach them"
        )
        return true
    }

    /// Reports a key of a partitioned table that leaves out a column of the partition key.
    func needPartitionColumns(in columns: [String?], of key: QualifiedName, at offset: Int?) {
        guard isPartitioned(key) == true, let wanted = schema.relations[key]?.partitionColumns else { return }
        guard let missing = wanted.subtracting(columns.compactMap(\.self)).sorted().first else { return }
        report(
            .wrongKind,
            "\(key.shortened) is partitioned by \(Identifier.quote(missing)), which the key leaves out: this fails with `unique "
                + "constraint on partitioned table must include all partitioning columns`",
            at: offset,
            next: "add \(Identifier.quote(missing)) to the key"
        )
    }

    /// Reports a refresh beside readers of a view without a key to compare rows by.
    func needUniqueIndex(of key: QualifiedName, at offset: Int?) {
        guard let view = schema.relations[key], view.kind == .materializedView, view.certainty == .sure, view.isKnown,
            schema.opening == nil, severity(since: view.origin) == nil
        else { return }
        let hasIndex = view.indexes.contains { name in
            guard let index = schema.relations[name]?.index else { return false }
            return index.isUnique && index.condition == nil && !index.columns.contains(nil)
        }
        guard !hasIndex else { return }
        report(
            .wrongKind,
            "\(key.shortened) has no unique index over all rows: this fails with `cannot refresh materialized view … concurrently`",
            at: offset,
            next: "make a unique index on plain columns of it first"
        )
    }

    /// Reports the departure of what is no partition.
    func needPartition(_ child: QualifiedName, of parent: QualifiedName, at offset: Int?) {
        guard isPartitioned(parent) == true, schema.opening == nil, let relation = schema.relations[child],
            relation.isKnown, relation.certainty == .sure, !relation.parents.contains(parent)
        else { return }
        report(
            .wrongKind,
            "\(child.shortened) is not a part of \(parent.shortened): this fails with `relation \"\(child.name)\" is not a partition "
                + "of relation \"\(parent.name)\"`",
            at: offset
        )
    }
}
