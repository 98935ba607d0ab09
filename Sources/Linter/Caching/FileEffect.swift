import SourceText

/// What a file does: what was found in it, and what it changes.
struct FileEffect {
    /// The file and how it is read.
    let key: String
    /// Whether ``findings`` are those of a judged file.
    let isJudged: Bool
    /// The file that takes it back, which was judged with it; nil for none.
    let downKey: String?
    let statementCount: Int
    let allowedCount: Int
    let baselineCount: Int
    /// How many transactions the history has had behind the file.
    let transactionCount: Int
    /// The allowances of the configuration that it needed, by their places.
    let usedAllowances: [Int]
    /// The statement that could not be read, if there has been one.
    let opening: Origin?
    /// The last statement that may have taken away what was known, if there has been one.
    let shaking: Origin?
    /// The last CASCADE of a type or a function, if there has been one.
    let cascading: Origin?
    /// What it does, in words, where that was asked for.
    let works: [FileWork]
    /// The findings, packed.
    let findings: ArraySlice<UInt8>
    /// The parts of the schema that the file has written to, packed.
    let changes: ArraySlice<UInt8>

    /// Whether what is known of the file is what is asked of it.
    func fits(key: String, isJudged: Bool, downKey: String?) -> Bool {
        self.key == key && (!isJudged || self.isJudged && self.downKey == downKey)
    }
}

extension FileEffect {
    func pack(into packer: inout Packer) {
        packer.pack(own: key)
        packer.pack(isJudged)
        packer.pack(downKey) { $0.pack(own: $1) }
        for count in [statementCount, allowedCount, baselineCount, transactionCount] {
            packer.pack(count)
        }
        packer.pack(usedAllowances) { $0.pack($1) }
        packer.pack(opening)
        packer.pack(shaking)
        packer.pack(cascading)
        packer.pack(all: works)
        packer.pack(slice: findings)
        packer.pack(slice: changes)
    }

    init(from unpacker: inout Unpacker) {
        key = unpacker.ownText()
        isJudged = unpacker.flag()
        downKey = unpacker.optional { $0.ownText() }
        statementCount = unpacker.number()
        allowedCount = unpacker.number()
        baselineCount = unpacker.number()
        transactionCount = unpacker.number()
        usedAllowances = unpacker.list { $0.number() }
        opening = unpacker.optional()
        shaking = unpacker.optional()
        cascading = unpacker.optional()
        works = unpacker.values()
        findings = unpacker.slice()
        changes = unpacker.slice()
    }
}

extension Packer {
    mutating func pack(_ finding: LintFinding) {
        pack(finding.rule)
        pack(finding.category.rawValue)
        pack(finding.severity.rawValue)
        pack(finding.file)
        pack(finding.position.line)
        pack(finding.position.column)
        pack(finding.endLine)
        pack(own: finding.message)
        pack(finding.next) { $0.pack(own: $1) }
        pack(own: finding.excerpt)
        pack(own: finding.fingerprint)
    }
}

extension Unpacker {
    mutating func finding() -> LintFinding {
        let (rule, category, severity, file) = (text(), text(), text(), text())
        let (line, column, endLine) = (number(), number(), number())
        let message = ownText()
        let next = optional { $0.ownText() }
        let excerpt = ownText()
        return LintFinding(
            rule: rule,
            category: Category(rawValue: category) ?? .existence,
            severity: Severity(rawValue: severity) ?? .note,
            file: file,
            position: SourcePosition(line: line, column: column),
            endLine: endLine,
            message: message,
            next: next,
            excerpt: excerpt,
            fingerprint: ownText()
        )
    }
}
