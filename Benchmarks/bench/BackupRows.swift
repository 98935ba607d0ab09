import Postgres

/// Taking a snapshot beside what can be done with the server's own programs, `zstd` and `age`.
func backupRows(_ bench: Workbench) -> RowGroup {
    let plain = BackupSource("plain", scale: 50, bench)
    let packed = BackupSource("packed", scale: 50, isPacked: true, bench)
    return RowGroup(
        name: "backup-create",
        rows: [
            row(
                "backup-create-plain",
                bound: 1.7,
                note: "pgbench 50, encrypted, beside 2 COPY … TO STDOUT > /dev/null at once"
            ) {
                try await inTurn(
                    runs: 7,
                    ours: { try await plain.create().milliseconds },
                    theirs: { try await plain.copying("> /dev/null").time() }
                )
            },
            Row("backup-create-packed") { try await besidePipeline(packed) },
            row("backup-create-dump", bound: 0.2, note: "rows that shrink to 40 %, beside pg_dump -Fc | age") {
                try await inTurn(
                    runs: 2,
                    ours: { try await packed.create().milliseconds },
                    theirs: { try await packed.dump(.customAndAge).time() }
                )
            },
            Row("backup-create-peers") { try await peers(packed) },
            row("backup-create-memory", unit: "MB", note: "the peak with pgbench 50, beside pgbench 10") {
                let small = BackupSource("small", scale: 10, isPacked: true, bench)
                return Figures([try await packed.create().peak], beside: [try await small.create().peak])
            },
            Row("backup-create-again") { try await again(BackupSource("again", scale: 20, isPacked: true, bench)) },
        ]
    )
}

/// A row that needs the programs that it is set beside; without them, its line says so.
private func row(
    _ name: String,
    unit: String = "ms",
    bound: Double? = nil,
    note: String,
    figures: @escaping () async throws -> Figures
) -> Row {
    Row(name) {
        if let missing = BackupSource.missing {
            return [Measurement(name: name, unit: unit, bound: bound, note: missing)]
        }
        return [Measurement(name, try await figures(), unit: unit, bound: bound, note: note)]
    }
}

/// The time, the bytes and the work of a backup beside a pipeline that gives the same.
private func besidePipeline(_ source: BackupSource) async throws -> [Measurement] {
    let name = "backup-create-packed"
    if let missing = BackupSource.missing { return [Measurement(name: name, unit: "ms", note: missing)] }
    _ = try await (source.create(), source.pipeline())
    var (ours, theirs): ([BackupRun], [BackupRun]) = ([], [])
    for _ in 0..<7 {
        ours.append(try await source.create())
        theirs.append(try await source.pipeline())
    }
    func line(_ suffix: String, _ unit: String, _ bound: Double?, _ figure: (BackupRun) -> Double) -> Measurement {
        Measurement(
            name + suffix,
            Figures(ours.map(figure), beside: theirs.map(figure)),
            unit: unit,
            bound: bound,
            note: "pgbench 50 with rows that shrink to 40 %, beside 2 COPY | zstd -1 | age at once"
        )
    }
    return [
        line("", "ms", 0.95, \.milliseconds), line("-bytes", "MB", 1.1, \.stored), line("-cpu", "s", nil, \.processor),
    ]
}

/// What the usual ways take, each beside a backup of ours in the same round.
private func peers(_ source: BackupSource) async throws -> [Measurement] {
    let name = "backup-create-peers"
    if let missing = BackupSource.missing { return [Measurement(name: name, unit: "ms", note: missing)] }
    var runs: [BackupDump: [BackupRun]] = [:]
    var ours: [BackupRun] = []
    for _ in 0..<2 {
        ours.append(try await source.create())
        for dump in BackupDump.allCases where dump.missing == nil {
            runs[dump, default: []].append(try await source.run(dump))
        }
    }
    return BackupDump.allCases.map { dump in
        if let missing = dump.missing { return Measurement(name: "\(name)/\(dump.name)", unit: "ms", note: missing) }
        let theirs = runs[dump] ?? []
        let (processor, stored) = (median(theirs.map(\.processor)), median(theirs.map(\.stored)))
        return Measurement(
            "\(name)/\(dump.name)",
            Figures(theirs.map(\.milliseconds), beside: ours.map(\.milliseconds)),
            unit: "ms",
            bound: nil,
            note: "\(tenths(processor)) s of processor, \(tenths(stored)) MB; beside backup create: "
                + "\(tenths(median(ours.map(\.processor)))) s, \(tenths(median(ours.map(\.stored)))) MB"
        )
    }
}

private func tenths(_ number: Double) -> String {
    let tenths = Int((number * 10).rounded())
    return "\(tenths / 10).\(tenths % 10)"
}

/// What a second backup adds, when few rows were added, and when as many were changed here and there.
private func again(_ source: BackupSource) async throws -> [Measurement] {
    let first = try await source.create().stored
    try await source.change(
        """
        INSERT INTO pgbench_accounts
        SELECT \(20 * 100_000) + n, 1, n, repeat(md5(n::text), 2) || 'appended later on' FROM generate_series(1, \(20 * 1000)) n
        """
    )
    let appended = try await source.create(again: true)
    try await source.change("UPDATE pgbench_accounts SET abalance = abalance + 1 WHERE random() < 0.01")
    let updated = try await source.create(again: true)
    func line(_ name: String, _ run: BackupRun, bound: Double?, _ what: String) -> Measurement {
        Measurement(
            "backup-create-\(name)",
            Figures([run.added], beside: [first]),
            unit: "MB",
            bound: bound,
            note: "what a second backup adds after 1 % of the rows were \(what), beside what the first one stored"
        )
    }
    return [
        line("appended", appended, bound: 0.05, "appended"), line("updated", updated, bound: nil, "updated at random"),
    ]
}
