/// The files of a migrations folder, sorted out by what their names say in its layout.
struct MigrationFiles {
    /// The files of one migration.
    struct Entry {
        let name: String
        let version: MigrationVersion?
        let fileName: String
        var down: String?
        var verify: String?
        var tags: [String] = []
    }

    /// The versioned migrations, in order.
    private(set) var versioned: [Entry] = []
    /// The repeatable ones, by name.
    private(set) var repeatables: [Entry] = []
    private(set) var hooks: [MigrationHook: String] = [:]
    /// What is wrong with the names.
    private(set) var failures: [MigratorError] = []

    /// Sorts out a folder.
    ///
    /// - Throws: ``MigratorError`` for what leaves no order at all, such as a plan that cannot be read.
    init(
        _ listing: FolderListing,
        layout: MigrationLayout,
        prismaFolders: [String],
        folder: MigrationFolder
    ) throws(MigratorError) {
        failures = listing.oddities.sorted()
            .map { .unreadableFile("\(folder.path)/\($0)", why: "it is a pipe or a device") }
        var misfits: [String] = []
        var capitals: [String] = []
        var others: [FileName] = []
        var repeatables: [FileName] = []
        for file in listing.files {
            switch file.form {
            case .repeatable: repeatables.append(file)
            case .capitals: capitals.append(file.text)
            case .hook(let hook): add(hook, file.text, in: folder.path)
            case .flywayHook(let hook) where layout == .flyway: add(hook, file.text, in: folder.path)
            case let form where form.isOf(layout): others.append(file)
            default: misfits.append(file.text)
            }
        }
        switch layout {
        case .prisma:
            versioned = folder.prismaMigrations(in: prismaFolders, misfits: &misfits)
        case .sqitch:
            versioned = try folder.sqitchMigrations(misfits: &misfits)
        default:
            versioned = Self.numbered(others)
        }
        self.repeatables = repeatables.map { Entry($0) }.sorted { $0.name < $1.name }
        if !capitals.isEmpty { failures.append(.suffixInCapitals(capitals.sorted(), in: folder.path)) }
        if !misfits.isEmpty { failures.append(.misnamedFiles(misfits.sorted(), layout: layout, in: folder.path)) }
        // Prisma orders by names, so there a number may stand twice.
        if layout == .prisma || layout == .sqitch {
            checkCase(of: versioned + self.repeatables, in: folder.path)
        } else {
            checkVersions(in: folder.path)
            checkCase(of: self.repeatables, in: folder.path)
        }
        pair(others, in: folder.path)
    }

    private mutating func add(_ hook: MigrationHook, _ file: String, in path: String) {
        if let other = hooks.updateValue(file, forKey: hook) {
            failures.append(.duplicateHook(files: [other, file].sorted(), in: path))
        }
    }

    private static func numbered(_ files: [FileName]) -> [Entry] {
        let entries = files.filter { $0.form == .plain || $0.form == .up || $0.form == .flyway }.map { Entry($0) }
        // Numbers are sorted and not the files: those would be copied many times over, with a count of references each.
        var order = entries.indices.map { (number: entries[$0].version?.number, index: $0) }
        order.sort { left, right in
            if let left = left.number, let right = right.number, left != right { return left < right }
            let (left, right) = (entries[left.index], entries[right.index])
            guard let first = left.version, let second = right.version, first != second else {
                return left.name < right.name
            }
            return first < second
        }
        return order.map { entries[$0.index] }
    }

    /// Finds migrations of one version.
    private mutating func checkVersions(in path: String) {
        var start = 0
        for index in versioned.indices.dropFirst() where versioned[index].version != nil {
            if versioned[index].version != versioned[start].version { start = index }
            let isLast = index == versioned.count - 1 || versioned[index + 1].version != versioned[start].version
            if index > start, isLast, let version = versioned[start].version {
                failures.append(.duplicateVersion(version, files: versioned[start...index].map(\.fileName), in: path))
            }
        }
    }

    /// Finds names that are one on a disk that does not tell upper and lower case apart.
    private mutating func checkCase(of entries: [Entry], in path: String) {
        guard entries.count > 1 else { return }
        let groups = Dictionary(grouping: entries) { $0.name.lowercased() }.values.filter { $0.count > 1 }
        for files in groups.map({ $0.map(\.fileName).sorted() }).sorted(by: { $0[0] < $1[0] }) {
            failures.append(.namesDifferInCaseOnly(files, in: path))
        }
    }

    /// Puts the files that take back or check beside their migrations.
    private mutating func pair(_ files: [FileName], in path: String) {
        let companions = files.filter { $0.form == .down || $0.form == .verify || $0.form == .flywayUndo }
        guard !companions.isEmpty else { return }
        let places = Dictionary(versioned.indices.map { (versioned[$0].name, $0) }) { first, _ in first }
        let repeatablePlaces = Dictionary(repeatables.indices.map { (repeatables[$0].name, $0) }) { first, _ in first }
        var orphans: [String] = []
        for file in companions {
            let place =
                file.form == .flywayUndo
                ? versioned.firstIndex { $0.version == file.version } : places[file.name]
            switch (file.form, place, repeatablePlaces[file.name]) {
            case (.verify, let place?, _): versioned[place].verify = file.text
            case (.verify, nil, let place?): repeatables[place].verify = file.text
            case (_, let place?, _) where versioned[place].down == nil: versioned[place].down = file.text
            case (_, let place?, _):
                if let version = file.version, let other = versioned[place].down {
                    failures.append(.duplicateVersion(version, files: [other, file.text].sorted(), in: path))
                }
            case (_, nil, _): orphans.append(file.text)
            }
        }
        if !orphans.isEmpty { failures.append(.withoutMigration(orphans.sorted(), in: path)) }
    }
}

extension MigrationFiles.Entry {
    init(_ file: FileName) {
        self.init(name: file.name, version: file.version, fileName: file.text)
    }
}

extension FileName.Form {
    /// Whether a layout has such names, beside repeatables and hooks, which all have.
    fileprivate func isOf(_ layout: MigrationLayout) -> Bool {
        switch (layout, self) {
        case (.lastro, .plain), (.lastro, .down), (.golangMigrate, .up), (.golangMigrate, .down), (.dbmate, .plain),
            (.goose, .plain), (.sqlx, .plain), (.sqlx, .up), (.sqlx, .down), (.flyway, .flyway),
            (.flyway, .flywayUndo):
            true
        case (.prisma, .verify), (.sqitch, .verify): false
        case (_, .verify): true
        default: false
        }
    }
}
