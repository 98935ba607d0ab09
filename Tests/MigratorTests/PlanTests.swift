import Testing

@testable import Migrator

@Suite("A plan")
struct PlanTests {
    @Test("runs what has no row, in the order of versions")
    func runsPending() {
        let plan = makePlan(migrations: ["0001_a", "0002_b", "0003_c"], history: [row("0001_a")])
        #expect(plan.pending.map(\.name) == ["0002_b", "0003_c"])
        #expect(plan.statuses.map(\.state) == [.applied, .pending, .pending])
        #expect(plan.problems.isEmpty)
    }

    @Test("stops at its target")
    func stopsAtTarget() {
        let names = ["0001_a", "0002_b", "0003_c"]
        #expect(makePlan(migrations: names, limit: .count(2)).pending.map(\.name) == ["0001_a", "0002_b"])
        #expect(makePlan(migrations: names, limit: .place(1)).pending.map(\.name) == ["0001_a", "0002_b"])
    }

    @Test(
        "finds what stands in the way",
        arguments: [
            ([row("0001_a", content: "another")], MigrationStatus.State.changed, MigratorError.Code.checksumMismatch),
            ([row("0001_a"), row("0009_gone")], .missing, .missingFile),
            ([row("0002_b")], .outOfOrder, .outOfOrder),
            ([row("0001_a", outcome: nil)], .foreign, .foreignRow),
            ([row("0001_a"), row("0001_a.sql", outcome: nil)], .foreign, .foreignRow),
            ([row("0009_gone", outcome: nil)], .foreign, .foreignRow),
        ]
    )
    func findsProblems(history: [HistoryEntry], state: MigrationStatus.State, code: MigratorError.Code) {
        let plan = makePlan(migrations: ["0001_a", "0002_b"], history: history)
        #expect(plan.statuses.contains { $0.state == state })
        #expect(plan.problems.map(\.code) == [code])
        #expect(throws: MigratorError.self) { try plan.check() }
    }

    @Test("lets a late migration run where that is allowed, and above the target it is no matter")
    func allowsAnyOrder() {
        let late = makePlan(migrations: ["0001_a", "0002_b"], history: [row("0002_b")], order: .any)
        #expect(late.problems.isEmpty)
        #expect(late.pending.map(\.name) == ["0001_a"])
    }

    @Test("counts taken-over rows as applied, with and without .sql in their names")
    func knowsAdoptedRows() {
        let history = [
            row("0001_a.sql", content: nil, outcome: .adopted), row("0002_b", content: nil, outcome: .adopted),
        ]
        let plan = makePlan(migrations: ["0001_a", "0002_b", "0003_c"], history: history)
        #expect(plan.statuses.map(\.state) == [.unverified, .unverified, .pending])
        #expect(plan.problems.isEmpty)
    }

    @Test("runs an undone migration again, and shows a failed one as such")
    func runsUndoneAgain() {
        let plan = makePlan(migrations: ["0001_a"], history: [row("0001_a", outcome: .undone)], failed: ["0001_a"])
        #expect(plan.pending.map(\.name) == ["0001_a"])
        #expect(plan.statuses.map(\.state) == [.failed])
    }

    @Test("does not call a file changed whose checksum was made with an algorithm of a later release")
    func ignoresUnknownAlgorithms() {
        var entry = row("0001_a")
        entry = HistoryEntry(
            name: entry.name,
            position: 1,
            checksum: RecordedChecksum(utf8: Array("v2:abc".utf8)[...]).known,
            appliedAt: nil,
            outcome: .applied
        )
        #expect(makePlan(migrations: ["0001_a"], history: [entry]).statuses.map(\.state) == [.unverified])
    }

    @Test(
        "takes nothing but a null for a checksum that nobody knows",
        arguments: [
            (nil, RecordedChecksum.absent), ("v2:abc", .later), ("v10:", .later), ("v1:00", .unreadable),
            ("abc", .unreadable),
            ("", .unreadable), ("V1:00", .unreadable), ("v:0", .unreadable),
        ] as [(String?, RecordedChecksum)]
    )
    func readsChecksums(text: String?, expected: RecordedChecksum) {
        #expect(RecordedChecksum(utf8: text.map { Array($0.utf8)[...] }) == expected)
    }

    @Test("runs repeatable migrations behind the others, again when they have changed")
    func runsRepeatables() {
        let names = ["0001_a", "0002_b", "R__v", "R__w", "R__x"]
        let history = [row("R__v"), row("0001_a"), row("R__w", content: "earlier")]
        let plan = makePlan(migrations: names, history: history, failed: ["R__w"])
        #expect(plan.problems.isEmpty)
        #expect(plan.statuses.map(\.state) == [.applied, .pending, .applied, .due, .pending])
        #expect(plan.statuses.map(\.kind) == [.versioned, .versioned, .repeatable, .repeatable, .repeatable])
        #expect(plan.pending.map(\.name) == ["0002_b", "R__w", "R__x"])
        #expect(makePlan(migrations: names, history: history, limit: .place(1)).pending.map(\.name) == ["0002_b"])
        let gone = makePlan(migrations: [], history: [row("R__gone")])
        #expect(gone.statuses.map(\.kind) == [.repeatable])
        #expect(gone.problems.map(\.code) == [.missingFile])
    }

    @Test("goes by places where there are no versions")
    func goesByPlaces() {
        let names = ["users@v1", "zebra", "api", "users"]
        let plan = makePlan(migrations: names, history: [row("users@v1"), row("api")])
        #expect(plan.statuses.map(\.state) == [.applied, .outOfOrder, .applied, .pending])
        #expect(plan.statuses.map(\.version) == ["", "", "", ""])
        #expect(plan.problems.map(\.code) == [.outOfOrder])
        let allowed = makePlan(
            migrations: names,
            history: [row("users@v1"), row("api")],
            limit: .place(2),
            order: .any
        )
        #expect(allowed.pending.map(\.name) == ["zebra"])
    }

    @Test("tells every problem, not only the first")
    func tellsAll() {
        let plan = makePlan(
            migrations: ["0001_a", "0002_b"],
            history: [row("0001_a", content: "x"), row("0002_b", content: "y"), row("0003_gone")]
        )
        let error = #expect(throws: MigratorError.self) { try plan.check() }
        #expect(error?.code == .several)
        for word in ["0001_a", "0002_b", "0003_gone"] { #expect(error?.message.contains(word) == true) }
    }
}

private func makePlan(
    migrations names: [String],
    history: [HistoryEntry] = [],
    limit: TargetLimit = .none,
    order: OrderRule = .byVersion,
    failed: Set<String> = []
) -> Plan {
    let migrations = names.map { name in
        Migration(
            name: name,
            version: MigrationVersion(fileName: name),
            kind: name.hasPrefix("R__") ? .repeatable : .versioned,
            checksum: Checksum(of: Array(name.utf8)),
            up: MigrationSource(path: "m/\(name).sql"),
            down: nil,
            verify: nil
        )
    }
    let numbered = history.enumerated().map { index, entry in
        HistoryEntry(
            name: entry.name,
            position: index + 1,
            checksum: entry.checksum,
            appliedAt: nil,
            outcome: entry.outcome
        )
    }
    return Plan(
        migrations: migrations,
        history: History(entries: numbered, table: nil),
        limit: limit,
        order: order,
        failed: failed
    )
}

/// A row whose file had the given content; by default the one that ``makePlan`` gives every migration.
private func row(_ name: String, content: String? = "", outcome: HistoryEntry.Outcome? = .applied) -> HistoryEntry {
    let content = content.map { $0.isEmpty ? MigrationKey(name).name : $0 }
    return HistoryEntry(
        name: name,
        position: 0,
        checksum: content.map { Checksum(of: Array($0.utf8)) },
        appliedAt: nil,
        outcome: outcome
    )
}
