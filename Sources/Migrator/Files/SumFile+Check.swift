extension SumFile {
    /// The comparison of a folder with its `lastro.sum`.
    struct Check {
        /// The file; nil if it cannot be read.
        private(set) var sum: SumFile?
        private(set) var problems: [MigratorError]

        /// Reads a folder's `lastro.sum`, and what it covers beside the versioned migrations.
        init(
            of migrations: [Migration],
            _ repeatables: [Migration],
            hooks: [MigrationHook: MigrationSource],
            in folder: MigrationFolder
        ) {
            do {
                let text = try folder.withContent(of: SumFile.fileName) { String(decoding: $0, as: UTF8.self) }
                let sum = try SumFile(text, path: "\(folder.path)/\(SumFile.fileName)")
                let found = try SumFile(of: migrations, repeatables, hooks: hooks, in: folder)
                self.sum = sum
                problems = sum.problems(comparedWith: found, in: folder.path) { line in
                    // A newline at the end is no difference; asked only about files that do differ.
                    (try? folder.withContent(of: line.file) { line.checksum.isOf(Array($0)) }) ?? false
                }
            } catch {
                problems = [error]
            }
        }
    }

    /// Computes the sums of a folder's files.
    init(
        of migrations: [Migration],
        _ repeatables: [Migration],
        hooks: [MigrationHook: MigrationSource],
        in folder: MigrationFolder
    ) throws(MigratorError) {
        var others = repeatables.map { (file: $0.up.fileName, checksum: $0.checksum) }
        let companions =
            migrations.flatMap { migration in
                [migration.down, migration.verify].compactMap { $0?.fileName }
                    .filter { $0 != migration.up.fileName }
            } + repeatables.compactMap { $0.verify?.fileName } + hooks.values.map(\.fileName)
        for file in companions {
            others.append((file: file, checksum: try folder.withContent(of: file) { Checksum(of: $0) }))
        }
        self.init(chained: migrations.map { (file: $0.up.fileName, checksum: $0.checksum) }, unchained: others)
    }

    /// What differs between these sums and those of the files.
    ///
    /// - Parameters:
    ///   - found: the sums of the files.
    ///   - path: the folder, for messages.
    ///   - isSame: whether a file is what a line says though its checksum is not.
    /// - Returns: an error for each changed file, and one each for what is missing, for what is new, and for the chain.
    func problems(comparedWith found: SumFile, in path: String, isSame: (Line) -> Bool) -> [MigratorError] {
        let (lines, files) = (chained + unchained, found.chained + found.unchained)
        let checksums = Dictionary(files.map { ($0.file, $0.checksum) }) { first, _ in first }
        let listed = Set(lines.map(\.file))
        var problems: [MigratorError] = []
        for line in lines {
            guard let checksum = checksums[line.file], checksum != line.checksum, !isSame(line) else { continue }
            problems.append(.differsFromSum("\(path)/\(line.file)", sum: line.checksum, found: checksum))
        }
        let missing = lines.map(\.file).filter { checksums[$0] == nil }
        let new = files.map(\.file).filter { !listed.contains($0) }
        let sumPath = "\(path)/\(Self.fileName)"
        if !missing.isEmpty { problems.append(.missingFromFolder(missing, sum: sumPath)) }
        if !new.isEmpty { problems.append(.missingFromSum(new, sum: sumPath)) }
        if let broken = brokenLine ?? misplacedLine(comparedWith: found, checksums) {
            problems.append(.brokenChain(at: broken.file, sum: sumPath, line: broken.number))
        }
        return problems
    }

    /// The first line that stands in another place than its migration.
    private func misplacedLine(comparedWith found: SumFile, _ checksums: [String: Checksum]) -> Line? {
        let listed = Set(chained.map(\.file))
        let lines = chained.filter { checksums[$0.file] != nil }
        let files = found.chained.map(\.file).filter(listed.contains)
        let pair = zip(lines, files).first { $0.file != $1 }
        return pair?.0 ?? (lines.count > files.count ? lines[files.count] : nil)
    }
}

extension MigrationDirectory {
    /// The sums of the files as they are.
    public func computeSum() throws -> SumFile {
        try SumFile(of: migrations, repeatables, hooks: hooks, in: MigrationFolder(path: path))
    }

    /// Writes `lastro.sum` for the files as they are; whoever reads it meanwhile sees the old or the new one.
    ///
    /// - Returns: the path of the file; nil if it says all that already.
    @discardableResult
    public func writeSum() throws -> String? {
        let found = try computeSum()
        return sum?.text == found.text && sumProblems.isEmpty ? nil : try write(found)
    }

    func write(_ sum: SumFile) throws(MigratorError) -> String {
        let file = "\(path)/\(SumFile.fileName)"
        try NewFile.replace(file, sum.text)
        return file
    }
}
