import SQLSyntax
import SourceText

/// What files and the configuration allow.
extension Interpreter {
    func isAllowed(_ rule: Rule) -> Bool {
        var isAllowed = false
        for (index, allowance) in source.directives.allowances.enumerated() where allowance.rule == rule.name {
            guard allowance.statement == nil || allowance.statement == statementIndex else { continue }
            usedAllowances.insert(index)
            isAllowed = isAllowed || !allowance.reason.isEmpty
        }
        for index in coveringAllowances where options.allowances[index].rule == rule.name {
            allowancesUsedHere.insert(index)
            usedConfiguredAllowances.insert(index)
            isAllowed = true
        }
        return isAllowed
    }

    /// Whether a comment that another linter understands keeps a finding quiet; an error stays one.
    func isIgnoredForOthers(_ rule: Rule, _ severity: Severity) -> Bool {
        guard severity < .error, !source.directives.foreignIgnores.isEmpty else { return false }
        let index = source.directives.foreignIgnores.firstIndex { ignore in
            ignore.rules.contains(rule.name) && (ignore.statement.map { $0 == statementIndex } ?? true)
        }
        guard let index else { return false }
        ignoredForOthers[index, default: []].insert(rule.name)
        return true
    }

    private func reportForeignIgnores() {
        for (index, rules) in ignoredForOthers.sorted(by: { $0.key < $1.key }) {
            let ignore = source.directives.foreignIgnores[index]
            let names = rules.sorted()
            select(statement: ignore.statement ?? 0)
            report(
                .foreignIgnore,
                "this comment for \(ignore.linter) keeps quiet \(names.joined(separator: ", "))",
                next: "say why: -- lastro: allow \(names[0]) REASON",
                position: source.position(ofByte: ignore.offset)
            )
        }
    }

    func reportAllowances() {
        reportForeignIgnores()
        for (index, allowance) in source.directives.allowances.enumerated() {
            select(statement: allowance.statement ?? 0)
            let position = source.position(ofByte: allowance.offset)
            if options.rule(named: allowance.rule) == nil {
                let words = allowance.rule.isEmpty ? "names no rule" : "no rule is called \"\(allowance.rule)\""
                report(
                    .unusedAllow,
                    "allow: \(words)",
                    .warning,
                    next: "`lastro lint --list-rules` prints the rules",
                    position: position
                )
            } else if allowance.reason.isEmpty {
                report(
                    .allowWithoutReason,
                    "\(allowance.rule) is allowed without a reason, so it is not allowed",
                    next: "write why behind the rule's name",
                    position: position
                )
            } else if !usedAllowances.contains(index), options.settings[allowance.rule] != .off,
                asked.contains(allowance.rule)
            {
                report(
                    .unusedAllow,
                    "\(allowance.rule) is allowed here, and nothing breaks it",
                    .warning,
                    next: "take the directive out",
                    position: position
                )
            }
        }
    }

    /// Reports what the configuration allows and nothing needs, where all is judged that ever is.
    func reportConfiguredAllowances() {
        guard options.judgesAll, asked.contains(Rule.unusedAllow.name) else { return }
        for (index, allowance) in options.allowances.enumerated() where !usedConfiguredAllowances.contains(index) {
            guard asked.contains(allowance.rule) else { continue }
            var severity = Rule.unusedAllow.severity
            if case .severity(let configured) = options.settings[Rule.unusedAllow.name] { severity = configured }
            findings.append(
                LintFinding(
                    rule: Rule.unusedAllow.name,
                    category: Rule.unusedAllow.category,
                    severity: severity,
                    file: allowance.location.file,
                    position: allowance.location.position ?? SourcePosition(line: 1, column: 1),
                    endLine: allowance.location.position?.line ?? 1,
                    message: "\(allowance.rule) is allowed in \(allowance.scope), and nothing breaks it there",
                    next: "take the entry out",
                    excerpt: allowance.excerpt,
                    fingerprint: "\(allowance.rule):\(allowance.scope)"
                )
            )
        }
    }
}
