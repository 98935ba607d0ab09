import Catalog
import Postgres

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
    /// Whether it makes functions, whose bodies may name what is not there yet.
    let hasRoutines: Bool

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
        hasRoutines = plan.steps.contains { [.function, .procedure].contains($0.identity.kind) }
        self.limits = limits
    }

    private let limits: Limits

    /// The settings that the statements need, as statements.
    public var settings: [String] {
        [
            "SET lock_timeout = \(limits.lock.setting)",
            "SET statement_timeout = \(limits.statement.setting)",
        ] + (hasRoutines ? ["SET check_function_bodies = off"] : [])
    }

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
                parts.append("SET statement_timeout = \(timeout.setting);")
            }
            let statements = block.statements.map(\.script)
            parts += block.isTransaction ? ["BEGIN;"] + statements + ["COMMIT;"] : statements
        }
        return parts.joined(separator: "\n\n") + "\n"
    }
}

extension PlanScript {
    /// The script as the body of a migration, whose runner sets the limits and puts a transaction around it.
    public var migration: String {
        let unchecked = hasRoutines ? ["SET LOCAL check_function_bodies = off;"] : []
        if blocks.allSatisfy(\.isTransaction) {
            return (unchecked + blocks.flatMap(\.statements).map(\.script)).joined(separator: "\n\n")
        }
        let parts = blocks.flatMap { block in
            let statements = block.statements.map(\.script)
            return block.isTransaction ? ["BEGIN;"] + unchecked + statements + ["COMMIT;"] : statements
        }
        return "-- lastro: no-transaction\n\n" + parts.joined(separator: "\n\n")
    }
}

extension PlanStatement {
    /// The statement with its semicolon, below its hazards as comments.
    fileprivate var script: String {
        (note.map { "-- \($0.oneLine)\n" } ?? "")
            + hazards.map { "-- hazard \($0.kind.rawValue): \($0.message.oneLine)\n" }.joined() + sql + ";"
    }

    /// Whether it is a transaction of its own: one that reads whole tables must not hold the locks of those before it.
    var standsAlone: Bool {
        !isTransactional
            || hazards.contains { $0.kind == .validatesConstraint }
                && (lock ?? .accessShare) <= .shareUpdateExclusive
    }
}

extension Duration {
    /// The duration as PostgreSQL's settings take it.
    var setting: String { "'\(milliseconds)ms'" }
}

extension String {
    /// The text on one line, so that it ends where its comment does.
    var oneLine: String { split(whereSeparator: \.isNewline).joined(separator: " ") }
}
