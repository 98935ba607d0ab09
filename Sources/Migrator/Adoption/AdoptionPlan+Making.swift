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
    ///   - options: how to adopt.
    ///   - content: reads a file, for the other tool's checksum.
    /// - Throws: ``MigratorError`` for a file that cannot be read, and for an unknown baseline.
    init(
        _ place: Place,
        history: ForeignHistory,
        files: [AdoptionFile],
        baseline: AdoptionFile?,
        options: AdoptionOptions,
        content: (AdoptionFile) throws -> [UInt8]
    ) throws {
        var problems = history.problems
        if place.targetRows > 0, !place.isInPlace {
            problems.insert(.alreadyAdopted(place.target, rows: place.targetRows), at: 0)
        }
        var rows: [AdoptionRow] = []
        if let baseline {
            if place.isInPlace { problems.append(.baselineInPlace(place.table.title)) }
            let end = files.firstIndex(of: baseline) ?? files.endIndex
            rows = files.prefix(through: end).map { AdoptionRow(baseline: $0, trustsFiles: options.trustsFiles) }
        } else if place.tool == .alembic {
            problems.append(.baselineNeeded(place.tool, revisions: history.rows.map(\.label)))
        } else {
            let matching = try AdoptionMatching(rows: history.rows, files: files) { file, sum in
                sum.matches(try content(file)) == true
            }
            for (file, labels) in matching.doubles {
                problems.append(.sameFile(file, labels: labels, in: place.table.title))
            }
            for pair in matching.pairs {
                let bytes = try pair.file.flatMap { pair.row.sum == nil ? nil : try content($0) }
                let row = AdoptionRow(pair, content: bytes, trustsFiles: options.trustsFiles)
                // A repeatable whose file changed since is due with Lastro as it was with the other tool.
                if row.state == .changed, row.isRepeatable { continue }
                rows.append(row)
                guard row.state == .changed, !options.trustsFiles, let file = pair.file, let sum = pair.row.sum,
                    let bytes
                else { continue }
                problems.append(
                    .changedSince(place.tool, file: file, applied: sum.short, found: sum.short(of: bytes))
                )
            }
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
        if file == nil {
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
