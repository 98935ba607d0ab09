extension AdoptionPlan {
    /// Where a history comes from and where it goes, once both are found.
    struct Place {
        let tool: AdoptionTool
        let table: ForeignTable
        let target: HistoryTable
        let source: AdoptionSource
        /// How many rows Lastro's own history has.
        let targetRows: Int

        /// A table of names and times where Lastro's own would be is taken over, as `migrate` does.
        var isInPlace: Bool { target.isNaive && target.schema == table.schema && target.name == table.name }
    }

    /// Plans an adoption.
    ///
    /// - Parameters:
    ///   - place: where the history is, and where it goes.
    ///   - history: what it says.
    ///   - files: the migrations, in the order in which they run.
    ///   - baseline: the last migration whose work the database holds, if somebody named it.
    ///   - options: how to adopt.
    ///   - content: reads a file, for the other tool's checksum.
    /// - Throws: ``MigratorError`` for a file that cannot be read.
    init(
        _ place: Place,
        history: ForeignHistory,
        files: [AdoptionFile],
        baseline: AdoptionFile?,
        options: AdoptionOptions,
        content: (AdoptionFile) throws -> [UInt8]
    ) throws {
        // Whoever says how far the database is need not hear that the rows do not tell; half done stays half done.
        var problems = history.problems.filter { baseline == nil || $0.code == .dirtyHistory }
        if place.targetRows > 0, !place.isInPlace {
            problems.insert(.alreadyAdopted(place.target, rows: place.targetRows), at: 0)
        }
        let rows: [AdoptionRow]
        if let baseline {
            if place.isInPlace { problems.append(.baselineInPlace(place.table.title)) }
            let count = files.firstIndex(of: baseline).map { $0 + 1 } ?? files.count
            rows = files.prefix(count).map { AdoptionRow(baseline: $0, trustsFiles: options.trustsFiles) }
        } else if place.tool == .alembic {
            problems.append(.baselineNeeded(place.tool, revisions: history.rows.map(\.label)))
            rows = []
        } else {
            let matching = try AdoptionMatching(rows: history.rows, files: files) { file, sum in
                sum.matches(try content(file)) == true
            }
            problems += matching.doubles.map { .sameFile($0.file, labels: $0.labels, in: place.table.title) }
            rows = try Self.rows(matching.pairs, of: place.tool, options: options, problems: &problems, content)
        }
        let adopted = Set(rows.map(\.name))
        let pending = files.filter { !adopted.contains($0.name) }
        let last = files.lastIndex { adopted.contains($0.name) && !$0.isRepeatable } ?? files.startIndex
        tool = place.tool
        table = place.table.title
        target = "\(place.target.schema).\(place.target.name)"
        isInPlace = place.isInPlace
        self.options = options
        self.rows = rows
        self.pending = pending.map(\.name)
        gaps = files.prefix(last).filter { !adopted.contains($0.name) && !$0.isRepeatable }.map(\.name)
        self.problems = problems
        source = place.source
    }

    /// The rows of an adoption; files that are not what ran are added to its problems.
    private static func rows(
        _ pairs: [AdoptionMatching.Pair],
        of tool: AdoptionTool,
        options: AdoptionOptions,
        problems: inout [MigratorError],
        _ content: (AdoptionFile) throws -> [UInt8]
    ) throws -> [AdoptionRow] {
        var rows: [AdoptionRow] = []
        for pair in pairs {
            let bytes = try pair.file.flatMap { pair.row.sum == nil ? nil : try content($0) }
            let row = AdoptionRow(pair, content: bytes, trustsFiles: options.trustsFiles)
            if row.state == .changed, !options.trustsFiles, let file = pair.file, let sum = pair.row.sum, let bytes {
                // A repeatable whose file changed since is due with Lastro as it was with the other tool.
                if row.isRepeatable { continue }
                problems.append(.changedSince(tool, file: file, applied: sum.short, found: sum.short(of: bytes)))
            }
            rows.append(row)
        }
        return rows
    }
}

extension AdoptionRow {
    /// A row that says: this was there before.
    fileprivate init(baseline file: AdoptionFile, trustsFiles: Bool) {
        self.init(
            name: file.name,
            version: file.versionText,
            label: "",
            appliedAt: nil,
            state: .unverified,
            checksum: trustsFiles ? file.checksum : nil,
            isRepeatable: file.isRepeatable
        )
    }

    /// A row of another tool with its file.
    ///
    /// - Parameters:
    ///   - pair: the row and the file.
    ///   - content: the file's content, if the row has a checksum to compare it with.
    ///   - trustsFiles: whether the file counts as what ran, also where nothing proves it.
    fileprivate init(_ pair: AdoptionMatching.Pair, content: [UInt8]?, trustsFiles: Bool) {
        let (row, file) = (pair.row, pair.file)
        let state: State
        if row.hasFailed {
            state = .failed
        } else if file == nil {
            state = .missing
        } else if let sum = row.sum, let content {
            switch sum.matches(content, isRepeatable: row.isRepeatable) {
            case true?: state = .verified
            case false?: state = .changed
            case nil: state = .unverified
            }
        } else {
            state = .unverified
        }
        self.init(
            name: file?.name ?? row.names.first ?? row.label,
            version: file?.versionText ?? row.version?.description ?? "",
            label: row.label,
            appliedAt: row.appliedAt,
            state: state,
            checksum: state == .verified || trustsFiles ? file?.checksum : nil,
            isRepeatable: row.isRepeatable
        )
    }
}
