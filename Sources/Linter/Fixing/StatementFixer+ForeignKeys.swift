import SQLSyntax

/// Foreign keys of guarded creations.
extension StatementFixer {
    func moveForeignKey(_ location: Int?, _ columns: [String], _ name: String?) -> FixOutcome {
        guard case .createTable(let create) = statement.node, let location,
            let first = tokens.firstIndex(where: { $0.range.lowerBound == location })
        else { return .refused("its place is not known") }
        guard let name else { return .refused("the server chooses its name by what is there: give it one") }
        if create.partitionOf != nil { return .refused("the table is a partition") }
        let isOfTable = create.constraints.contains { $0.location == location }
        guard let last = isOfTable ? lastOfElement(from: first) : lastOfColumnConstraint(from: first) else {
            return .refused("where it ends is not clear")
        }
        // Behind its name, where it has one.
        let body = tokens[first].word == "CONSTRAINT" ? first + 2 : first
        guard body <= last else { return .refused("where it begins is not clear") }
        let words = text(in: tokens[body].range.lowerBound..<tokens[last].range.upperBound)
        let list = columns.map(Identifier.quote).joined(separator: ", ")
        let definition = isOfTable ? words : "FOREIGN KEY (\(list)) \(words)"
        let table = "\(create.table.name)"
        guard !words.contains("$guard$"), !table.contains("$guard$") else {
            return .refused("its text has the mark $guard$")
        }
        let block = """
            DO $guard$
            BEGIN
                IF NOT EXISTS (
                    SELECT FROM pg_catalog.pg_constraint
                    WHERE conname = \(StringLiteral.quote(name)) AND conrelid = \(StringLiteral.quote(table))::regclass
                ) THEN
                    ALTER TABLE \(table)
                        ADD CONSTRAINT \(Identifier.quote(name)) \(definition);
                END IF;
            END
            $guard$
            """
        guard var edits = removal(first, last, isOfTable: isOfTable) else {
            return .refused("the table has nothing else")
        }
        edits.append(appended(block))
        return .edits(edits)
    }

    /// The last token of an element of the table's list.
    private func lastOfElement(from first: Int) -> Int? {
        let depth = tokens[first].depth
        let end = tokens[first...].firstIndex { token in
            token.depth == depth && token.sign == "," || token.depth < depth
        }
        return end.map { $0 - 1 }
    }

    /// The last token of a constraint that is written at its column.
    private func lastOfColumnConstraint(from first: Int) -> Int? {
        guard let elementEnd = lastOfElement(from: first) else { return nil }
        let depth = tokens[first].depth
        let begins = ["CONSTRAINT", "UNIQUE", "PRIMARY", "CHECK", "GENERATED", "COLLATE", "REFERENCES"]
        let reference = tokens[first].word == "CONSTRAINT" ? first + 2 : first
        guard reference < elementEnd else { return nil }
        for place in (reference + 1)...elementEnd where tokens[place].depth == depth {
            let (word, before) = (tokens[place].word ?? "", tokens[place - 1].word)
            let after = tokens.indices.contains(place + 1) ? tokens[place + 1].word : nil
            if begins.contains(word) { return place - 1 }
            if word == "NOT", after == "NULL" { return place - 1 }
            if ["NULL", "DEFAULT"].contains(word), before != "SET" { return place - 1 }
        }
        return elementEnd
    }

    /// What takes the constraint out; nil where nothing would be left.
    private func removal(_ first: Int, _ last: Int, isOfTable: Bool) -> [TextEdit]? {
        let bytes = script.utf8
        var range = tokens[first].range.lowerBound..<tokens[last].range.upperBound
        func isBlank(_ offset: Int) -> Bool {
            bytes[offset] == UInt8(ascii: " ") || bytes[offset] == UInt8(ascii: "\t")
        }
        while range.lowerBound > start, isBlank(range.lowerBound - 1) {
            range = range.lowerBound - 1..<range.upperBound
        }
        guard isOfTable else { return [TextEdit(range: range, text: "")] }
        // A constraint in a line of its own takes the line along.
        let newline = UInt8(ascii: "\n")
        if bytes[range.lowerBound - 1] == newline {
            range = range.lowerBound - 1..<range.upperBound
            if bytes[range.lowerBound - 1] == UInt8(ascii: "\r") { range = range.lowerBound - 1..<range.upperBound }
        }
        if tokens[first - 1].sign == "," {
            return [TextEdit(range: tokens[first - 1].range, text: ""), TextEdit(range: range, text: "")]
        }
        guard tokens.indices.contains(last + 1), tokens[last + 1].sign == "," else { return nil }
        return [TextEdit(range: range.lowerBound..<tokens[last + 1].range.upperBound, text: "")]
    }
}
