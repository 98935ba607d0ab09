/// The memory of a run that applies many migrations, and how it grows with them.
func memoryRows(_ bench: Workbench) -> RowGroup {
    RowGroup(
        name: "memory",
        rows: [
            Row("memory-100", unit: "MB", note: "the peak of a run that applies 100 migrations") {
                Figures([try await peak(100, bench)])
            },
            Row("memory-1000", unit: "MB", note: "1,000 migrations beside 100") {
                try await beside100(1000, bench)
            },
            Row("memory-10000", unit: "MB", note: "10,000 migrations beside 100") {
                try await beside100(10_000, bench)
            },
        ]
    )
}

private func beside100(_ count: Int, _ bench: Workbench) async throws -> Figures {
    Figures([try await peak(count, bench)], beside: [try await peak(100, bench)])
}

private func peak(_ count: Int, _ bench: Workbench) async throws -> Double {
    let folder = try bench.generatedMigrations(count)
    let url = try await bench.emptyDatabase("memory")
    return try await PeakMemory.of(bench.migration(of: url, with: folder))
}
