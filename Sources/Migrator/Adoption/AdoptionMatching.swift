/// A migration's file, as far as a row of another tool can stand for it.
struct AdoptionFile: Hashable, Sendable {
    let name: String
    /// The version as Lastro's history has it.
    let versionText: String
    let path: String
    let checksum: Checksum

    /// The version for comparisons; nil where files have none, or an order of their own.
    var version: ForeignVersion? { isRepeatable ? nil : ForeignVersion(versionText) }

    /// Whether it runs whenever its file changes (Flyway's `R__`).
    var isRepeatable: Bool { name.hasPrefix("R__") }

    init(name: String, versionText: String, path: String, checksum: Checksum) {
        self.name = name
        self.versionText = versionText
        self.path = path
        self.checksum = checksum
    }

    init(_ migration: Migration) {
        self.init(
            name: migration.name,
            versionText: migration.version.description,
            path: migration.path,
            checksum: migration.checksum
        )
    }
}

/// Which file each row of another tool's history stands for: a pure function of both.
struct AdoptionMatching {
    /// A row with its file; nil if that is gone.
    struct Pair: Hashable {
        let row: ForeignRow
        let file: AdoptionFile?
    }

    /// The rows in their order; one that stands for several files comes once for each.
    private(set) var pairs: [Pair] = []
    /// Files for which several rows stand, with what those are called.
    private(set) var doubles: [(file: AdoptionFile, labels: [String])] = []

    /// Matches rows with files.
    ///
    /// - Parameters:
    ///   - rows: the rows, in the order in which the migrations ran.
    ///   - files: the files, in the order in which they run.
    ///   - isSum: whether a file has a checksum, where names alone do not tell.
    init(
        rows: [ForeignRow],
        files: [AdoptionFile],
        isSum: (AdoptionFile, ForeignSum) throws -> Bool
    ) rethrows {
        let byName = Dictionary(files.map { ($0.name, $0) }) { first, _ in first }
        let byVersion = Dictionary(files.compactMap { file in file.version.map { ($0, file) } }) { first, _ in first }
        var labels: [String: [String]] = [:]
        let exact = try rows.map { row -> AdoptionFile? in
            guard row.reach != .below else { return nil }
            var file = row.names.lazy.compactMap { byName[$0] }.first ?? row.version.flatMap { byVersion[$0] }
            if row.isReworkable, let sum = row.sum {
                // Reworked in the files already, and not on this database yet: the checksum tells which instance it has.
                let instances = files.filter { $0.name.hasPrefix(row.label + "@") }
                if let current = file, try !isSum(current, sum),
                    let old = try instances.first(where: { try isSum($0, sum) })
                {
                    file = old
                }
            }
            if let file { labels[file.name, default: []].append(row.label) }
            return file
        }
        for (row, file) in zip(rows, exact) {
            if let version = row.version, row.reach != .one {
                var lower = row
                lower.hasFailed = false
                for other in files {
                    guard let found = other.version, found <= version, labels[other.name] == nil else { continue }
                    labels[other.name] = [row.label]
                    pairs.append(Pair(row: lower, file: other))
                }
                if row.reach == .below { continue }
            }
            pairs.append(Pair(row: row, file: file))
        }
        for file in files {
            if let labels = labels[file.name], labels.count > 1 { doubles.append((file, labels)) }
        }
    }
}
