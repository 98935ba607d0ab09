import Catalog

/// A plan as a script: what can be undone together stands in one transaction, what cannot stands by itself.
public struct PlanScript: Hashable, Sendable {
    /// Statements that are run together.
    public struct Block: Hashable, Sendable {
        /// The statements, in order.
        public let statements: [PlanStatement]
        /// Whether they are one transaction.
        public let isTransaction: Bool

        /// Whether it may take as long as its tables are large.
        public var isLong: Bool {
            statements.contains { statement in
                statement.hazards.contains { [.rewritesTable, .indexBuild, .validatesConstraint].contains($0.kind) }
            }
        }
    }

    /// How long statements may wait and work.
    public struct Limits: Hashable, Sendable {
        /// How long a statement may wait for a lock.
        public var lock = Duration.seconds(5)
        /// How long a statement may take that only changes the system catalogs.
        public var statement = Duration.seconds(60)
        /// How long a statement may take that reads or writes whole tables.
        public var longStatement = Duration.seconds(3600)

        /// Makes the usual limits.
        public init() {}
    }

    /// The blocks, in order.
    public let blocks: [Block]
    /// The settings that the statements need, as statements.
    public let settings: [String]

    /// Divides a plan into blocks.
    public init(_ plan: SchemaPlan, limits: Limits = Limits()) {
        var blocks: [Block] = []
        var open: [PlanStatement] = []
        func close() {
            if !open.isEmpty { blocks.append(Block(statements: open, isTransaction: true)) }
            open = []
        }
        for statement in plan.steps.flatMap(\.statements) {
            guard statement.standsAlone else {
                open.append(statement)
                continue
            }
            close()
            blocks.append(Block(statements: [statement], isTransaction: false))
        }
        close()
        self.blocks = blocks
        let hasRoutines = plan.steps.contains { [.function, .procedure].contains($0.identity.kind) }
        settings =
            [
                "SET lock_timeout = \(limits.lock.milliseconds)",
                "SET statement_timeout = \(limits.statement.milliseconds)",
            ] + (hasRoutines ? ["SET check_function_bodies = off"] : [])
        self.limits = limits
    }

    private let limits: Limits

    /// The setting that a block needs, where it is not that of the block before.
    public func statementTimeout(of block: Block) -> Duration { block.isLong ? limits.longStatement : limits.statement }

    /// The script for `psql -v ON_ERROR_STOP=1`, with the hazards as comments.
    public var sql: String {
        guard !blocks.isEmpty else { return "-- nothing differs\n" }
        var parts = [settings.map { $0 + ";" }.joined(separator: "\n")]
        var timeout = limits.statement
        for block in blocks {
            if statementTimeout(of: block) != timeout {
                timeout = statementTimeout(of: block)
                parts.append("SET statement_timeout = \(timeout.milliseconds);")
            }
            let statements = block.statements.map { statement in
                statement.hazards.map { "-- hazard \($0.kind.rawValue): \($0.message.oneLine)\n" }.joined()
                    + statement.sql + ";"
            }
            parts += block.isTransaction ? ["BEGIN;"] + statements + ["COMMIT;"] : statements
        }
        return parts.joined(separator: "\n\n") + "\n"
    }
}

extension PlanStatement {
    /// Whether it is a transaction of its own: one that reads whole tables must not hold the locks of those before it.
    var standsAlone: Bool {
        !isTransactional
            || hazards.contains { $0.kind == .validatesConstraint }
                && (lock ?? .accessShare) <= .shareUpdateExclusive
    }
}

extension Duration {
    /// The duration as PostgreSQL's settings take it.
    var milliseconds: String { "'\(components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000)ms'" }
}

extension String {
    /// The text on one line, so that it ends where its comment does.
    var oneLine: String { split(whereSeparator: \.isNewline).joined(separator: " ") }
}
