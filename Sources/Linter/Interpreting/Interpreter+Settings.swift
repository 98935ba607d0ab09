import SQLSyntax

/// What SET and `set_config` change.
extension Interpreter {
    func apply(_ set: SetVariable) {
        switch set.name {
        case "search_path":
            if set.kind == .value {
                setSearchPath(set.values)
            } else {
                schema.searchPath = ["public"]
            }
        case "check_function_bodies":
            // Outside of a transaction SET LOCAL does nothing.
            if set.isLocal, !transaction.isOpen { return }
            bodyCheck = BodyCheck(
                isOn: set.kind != .value || set.values.first.map(Self.isOff) != true,
                isLocal: set.isLocal
            )
        case "" where set.kind == .resetAll:
            schema.searchPath = ["public"]
            bodyCheck = BodyCheck()
        case "lock_timeout": transaction.lockTimeout = timeout(set)
        case "statement_timeout": transaction.statementTimeout = timeout(set)
        case "idle_in_transaction_session_timeout": transaction.idleTimeout = timeout(set)
        default: return
        }
    }

    private func setSearchPath(_ values: [String]) {
        schema.searchPath = values.flatMap { $0.split(separator: ",") }
            .map { $0.trimmingSpaces }.filter { !$0.isEmpty && $0 != "$user" && $0 != "pg_catalog" }
    }

    /// Whether a setting is switched off by a text, as the server reads truth values.
    private static func isOff(_ text: String) -> Bool {
        let text = text.lowercased()
        return text == "0" || ["off", "of"].contains(text)
            || !text.isEmpty && ("false".hasPrefix(text) || "no".hasPrefix(text))
    }

    /// What a query sets with `set_config`.
    func applySettings(of syntax: SyntaxNode) {
        syntax.forEachNode { node in
            guard let call = node.functionCall, call.name.name == "set_config" else { return }
            let texts = node.children("args").prefix(2).map { $0.child("sval")?.text("sval") }
            guard texts.count == 2, let name = texts[0], let value = texts[1] else { return }
            switch name.lowercased() {
            case "search_path": setSearchPath([value])
            case "check_function_bodies": bodyCheck = BodyCheck(isOn: !Self.isOff(value), isLocal: false)
            default: return
            }
        }
    }

    private func timeout(_ set: SetVariable) -> TransactionState.TimeoutSetting? {
        guard set.kind == .value else { return nil }
        // Outside of a transaction SET LOCAL does nothing.
        if set.isLocal, !transaction.isOpen { return nil }
        return TransactionState.TimeoutSetting(
            milliseconds: set.values.first.flatMap(Self.milliseconds),
            isLocal: set.isLocal,
            statement: statementIndex
        )
    }

    /// A timeout's value as the server reads it.
    static func milliseconds(_ text: String) -> Int? {
        let digits = text.prefix { $0.isNumber }
        guard let number = Int(digits) else { return nil }
        return switch text.dropFirst(digits.count).trimmingSpaces {
        case "", "ms": number
        case "s": number * 1000
        case "min": number * 60_000
        case "h": number * 3_600_000
        case "d": number * 86_400_000
        default: nil
        }
    }
}
