import SQLSyntax
import SourceText

/// What is found, and where.
extension Interpreter {
    /// Whether a rule that reports once a file has done so.
    func hasReported(_ rule: String) -> Bool { reportedOnce.contains(rule) }

    func note(reported rule: String) { reportedOnce.insert(rule) }

    /// Chooses the statement that reports are about.
    func select(statement index: Int) { statementIndex = index }

    func reportCurrent(
        _ message: String,
        at offset: Int?,
        _ severity: Severity?,
        next: String?,
        position: SourcePosition? = nil,
        fix: LintFix? = nil
    ) {
        guard let currentRule else { return }
        report(currentRule, message, at: offset, severity, next: next, position: position, fix: fix)
    }

    /// Reports against a rule, unless it is not asked or the statement may break it.
    func report(
        _ rule: Rule,
        _ message: String,
        at offset: Int? = nil,
        _ severity: Severity? = nil,
        next: String? = nil,
        position: SourcePosition? = nil,
        fix: LintFix? = nil
    ) {
        guard isJudging, let rule = lateBound(rule, severity ?? rule.severity), asked.contains(rule.name) else {
            return
        }
        if isRunningAgain {
            return reportAgain(
                rule,
                message,
                at: offset,
                isLateBound ? rule.severity : severity ?? rule.severity,
                next: next
            )
        }
        noteFirstRun(rule, severity ?? rule.severity)
        let source = source
        var range = 0..<0
        if source.statements.indices.contains(statementIndex) { range = source.statements[statementIndex].range }
        var start = range.lowerBound
        if isPlaceless {
            start = range.lowerBound
        } else if let offset {
            start = (offsetShift ?? 0) + offset
        } else if let offsetShift {
            start = offsetShift
        }
        if isAllowed(rule) {
            counts.allowed += 1
            return
        }
        var level = isLateBound ? rule.severity : severity ?? rule.severity
        if isConditional, level == .error { level = .warning }
        var message = message
        if let rows = rowsOfLockedTable(for: rule) {
            level = rows < 1000 ? .note : rows >= 1_000_000 && level == .warning ? .error : level
            message += " (about \(rows) rows)"
        }
        if case .severity(let configured) = options.settings[rule.name] { level = configured }
        if isIgnoredForOthers(rule, level) {
            counts.allowed += 1
            return
        }
        let fingerprint = fingerprint(of: rule, source, range)
        if options.baseline.contains(fingerprint) {
            counts.baseline += 1
            return
        }
        let place = position ?? source.position(ofByte: start)
        let finding = LintFinding(
            rule: rule.name,
            category: rule.category,
            severity: level,
            file: source.text.path,
            position: place,
            endLine: max(place.line, source.position(ofByte: max(range.lowerBound, range.upperBound - 1)).line),
            message: message,
            next: next,
            excerpt: source.excerpt(line: place.line),
            fingerprint: fingerprint
        )
        guard seen.insert(finding).inserted else { return }
        findings.append(finding)
        // What stands inside a body is not mended.
        guard let fix, offsetShift == nil, !isLateBound else { return }
        plannedFixes.append(PlannedFix(source: sourceIndex, statement: statementIndex, fix: fix, finding: finding))
    }

    /// How many rows the table has that the statement at hand locks hardest; nil if no database is known.
    private func rowsOfLockedTable(for rule: Rule) -> Int? {
        guard rule.category == .lock, !options.rowCounts.isEmpty, source.statements.indices.contains(statementIndex),
            let locks = source.statements[statementIndex].node?.locks
        else { return nil }
        let keys = locks.compactMap { schema.relationKey($0.relation) }.map { schema.lockedTable(of: $0) }
        return keys.compactMap { options.rowCounts[$0] }.max()
    }

    /// The rule that a finding goes to inside a body that is looked at only when it runs; nil for none.
    private func lateBound(_ rule: Rule, _ severity: Severity) -> Rule? {
        guard isLateBound, rule.name != Rule.functionBodySyntax.name else { return rule }
        let isSure =
            rule.name == Rule.columnMayNotExist.name || rule.name == Rule.tableMayNotExist.name && severity == .error
        return isSure ? .functionBodyMissingColumn : nil
    }

    /// The findings so far, in order.
    func report() -> LintReport {
        reportConfiguredAllowances()
        let order = Dictionary(sources.enumerated().map { ($0.element.text.path, $0.offset) }) { first, _ in first }
        let sorted = findings.sorted { left, right in
            let (first, second) = (order[left.file] ?? Int.max, order[right.file] ?? Int.max)
            if first != second { return first < second }
            if left.position != right.position { return left.position < right.position }
            return (right.severity, left.rule) < (left.severity, right.rule)
        }
        return LintReport(
            findings: sorted,
            fileCount: counts.files,
            statementCount: counts.statements,
            allowedCount: counts.allowed,
            baselineCount: counts.baseline,
            works: works,
            rules: options.rules
        )
    }

    private func fingerprint(of rule: Rule, _ source: LintSource, _ range: Range<Int>) -> String {
        // FNV-1a over the words of the statement: what is moved or indented anew stays the same finding.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func add(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        rule.name.utf8.forEach(add)
        let name =
            source.text.path.utf8.lastIndex(of: UInt8(ascii: "/"))
            .map { source.text.path[source.text.path.utf8.index(after: $0)...] } ?? source.text.path[...]
        name.utf8.forEach(add)
        if let bytes = source.script?.utf8 { for byte in bytes[range] where byte > UInt8(ascii: " ") { add(byte) } }
        return String(hash, radix: 16)
    }
}

extension LintSource {
    /// A line of the file, without blanks at its end; cut where it is very long.
    func excerpt(line: Int) -> String {
        guard let script else { return "" }
        let start = script.lines.byteOffset(of: SourcePosition(line: line, column: 1))
        let bytes = script.utf8[start...].prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }.prefix(400)
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension Interpreter {
    /// A place in the history in words: `0001_users.sql:12`.
    func words(for origin: Origin) -> String {
        let source = sources[origin.file]
        let line = source.position(ofByte: origin.offset).line
        if origin.file == sourceIndex { return "line \(line)" }
        let path = source.text.path
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return "\(name):\(line)"
    }
}
