import SourceText

/// The changes of a `sqitch.plan`, in order.
struct SqitchPlan {
    /// A change.
    struct Change: Hashable {
        let name: String
        /// The tags that stand right behind it.
        var tags: [String] = []
        /// The tags behind it and before the change is made anew; none for one that is never reworked.
        var reworkTags: [String] = []
    }

    private(set) var changes: [Change] = []

    /// Reads a plan.
    ///
    /// - Throws: ``MigratorError`` at the line that cannot be read.
    init(_ text: String, path: String) throws(MigratorError) {
        var lastPlaces: [String: Int] = [:]
        var tags: [(tag: String, place: Int)] = []
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let location = SourceLocation(file: path, position: SourcePosition(line: index + 1, column: 1))
            let line = line.drop { $0 == " " || $0 == "\t" }
            guard let first = line.first, first != "#", first != "%" else { continue }
            let word = line.prefix { !$0.isWhitespace }
            if first == "@" {
                tags.append((String(word), changes.count))
                if !changes.isEmpty { changes[changes.count - 1].tags.append(String(word)) }
                continue
            }
            if first == "-" { throw .invalidPlan("a change that is reverted in the plan is not read", at: location) }
            let name = String(first == "+" ? word.dropFirst() : word)
            guard !name.isEmpty, !name.hasPrefix("/"), !name.split(separator: "/").contains("..") else {
                throw .invalidPlan("\"\(word)\" is no name of a change", at: location)
            }
            if let earlier = lastPlaces[name] {
                changes[earlier].reworkTags = tags.filter { $0.place > earlier }.map(\.tag)
                guard !changes[earlier].reworkTags.isEmpty else {
                    throw .invalidPlan("\(name) is there twice without a tag between", at: location)
                }
            }
            lastPlaces[name] = changes.count
            changes.append(Change(name: name))
        }
    }
}

extension MigrationFolder {
    /// The migrations of Sqitch's layout, in the order of its plan.
    ///
    /// - Parameter misfits: gets the files of SQL that no change of the plan means.
    /// - Returns: the migrations, those of a reworked change under the names of their files.
    /// - Throws: ``MigratorError`` for a plan that cannot be read, or that names files which are not there.
    func sqitchMigrations(misfits: inout [String]) throws(MigratorError) -> [MigrationFiles.Entry] {
        let planPath = "\(path)/sqitch.plan"
        let text = try withContent(of: "sqitch.plan") { String(decoding: $0, as: UTF8.self) }
        let plan = try SqitchPlan(text.first == "\u{FEFF}" ? String(text.dropFirst()) : text, path: planPath)
        var others = Set(["deploy", "revert", "verify"].flatMap { filesBelow($0) })
        let files = others
        var missing: [String] = []
        let entries = plan.changes.map { change in
            let names = change.reworkTags.isEmpty ? [change.name] : change.reworkTags.map { change.name + $0 }
            // The scripts of an earlier life are named for the first tag for which there are some.
            let name = names.first { files.contains("deploy/\($0).sql") } ?? names.first ?? change.name
            let paths = ["deploy", "revert", "verify"].map { "\($0)/\(name).sql" }
            others.subtract(paths)
            if !files.contains(paths[0]) { missing.append(paths[0]) }
            return MigrationFiles.Entry(
                name: name,
                version: nil,
                fileName: paths[0],
                down: files.contains(paths[1]) ? paths[1] : nil,
                verify: files.contains(paths[2]) ? paths[2] : nil,
                tags: change.tags
            )
        }
        misfits += others
        if !missing.isEmpty { throw .planNamesMissingFiles(missing, at: SourceLocation(file: planPath)) }
        return entries
    }
}
