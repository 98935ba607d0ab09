import Migrator
import SchemaDiff

/// What became of a squash.
struct SquashReport: Report {
    /// The squashed file.
    let file: String
    let replaces: [Row]
    /// The files that are gone.
    let removed: [String]
    /// Whether this call finished an earlier one.
    let finished: Bool
    /// Whether the file is in the folder.
    let written: Bool
    let objects: Int?
    let tables: Int?
    let rows: Int?
    let remarks: [String]
    /// The file's text, where it was not written.
    let text: String?

    /// A migration that the file stands for.
    struct Row: Encodable {
        let name: String
        let checksum: String
        let within: String?
    }

    init(_ draft: SquashDraft, _ proved: Squash.Proved, _ outcome: SquashedFolder.Outcome?, remarks: [String]) {
        file = "\(draft.directory.path)/\(draft.fileName)"
        replaces = draft.replaced.map { Row(name: $0.name, checksum: $0.checksum.description, within: $0.within) }
        removed = (outcome?.removed ?? []).map { "\(draft.directory.path)/\($0)" }
        finished = false
        written = outcome != nil
        (objects, tables, rows) = (proved.objectCount, proved.tableCount, proved.rowCount)
        self.remarks = remarks
        text = outcome == nil ? proved.text : nil
    }

    init(finished outcome: SquashedFolder.Outcome, in folder: String) {
        file = "\(folder)/\(outcome.file)"
        replaces = []
        removed = outcome.removed.map { "\(folder)/\($0)" }
        finished = true
        written = true
        (objects, tables, rows) = (nil, nil, nil)
        remarks = []
        text = nil
    }

    func text(style: TextStyle) -> String {
        if let text { return text }
        let gone = "\(Words.count(removed.count, "file")) \(removed.count == 1 ? "is" : "are") gone"
        guard !finished else { return "finished \(file.printableLine): \(gone)" }
        let direct = replaces.count { $0.within == nil }
        return """
            \(style.good("squashed"))  \(Words.count(direct, "migration")) into \(file.printableLine); \(gone)
            proved: alone it leads to the same \(Words.count(objects ?? 0, "object")) and the same \
            \(Words.count(rows ?? 0, "row")) in \(Words.count(tables ?? 0, "table"))
            next: commit it with the deletions; `lastro migrate` records it where they ran
            """
    }
}
