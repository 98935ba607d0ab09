import SQLSyntax

/// Finds the migrations after which something is gone that no other migration brings back.
struct LossScan {
    let placeholders: [String: String]?

    /// Whether running a migration may lose rows or values.
    ///
    /// What cannot be analysed may do anything, and so may blocks and procedures.
    func mayLose(_ migration: Migration) throws -> Bool {
        let text = try MigrationText(of: migration.up, placeholders: placeholders)
        guard let tree = try? SyntaxTree(text.text) else { return true }  // the run says what is wrong with it
        return tree.statements.contains { statement in statement.node.map(Self.mayLose) ?? true }
    }

    private static func mayLose(_ node: StatementNode) -> Bool {
        switch node {
        case .truncate, .doBlock, .call, .execute, .dropDatabase, .dropTablespace: true
        case .drop(let drop): drop.cascades || lossyKinds.contains(drop.kind)
        case .alterTable(let alter):
            alter.actions.contains { [.dropColumn, .alterColumnType, .dropExpression].contains($0.kind) }
        case .change(let change): change.kind != .insert
        default: false
        }
    }

    private static let lossyKinds: Set<ObjectKind> = [
        .table, .schema, .sequence, .type, .domain, .extension, .attribute, .largeObject,
    ]
}

extension Migrator {
    /// The pending migrations that may lose rows or values, in their order.
    ///
    /// - Parameter target: how far a run is to go.
    /// - Returns: their names.
    /// - Throws: what ``plan(to:onWait:)`` throws.
    public func lossyMigrations(to target: MigrationTarget = .newest) async throws -> [String] {
        let plan = try await plan(to: target, onWait: { _ in })
        let adopted = Set(plan.adoptions.map(\.migration.name))
        let scan = LossScan(placeholders: options.placeholders)
        return try plan.pending.filter { try !adopted.contains($0.name) && scan.mayLose($0) }.map(\.name)
    }
}
