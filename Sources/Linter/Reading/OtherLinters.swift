/// What comments tell other linters: `-- squawk-ignore ban-drop-table`.
enum OtherLinters {
    /// A comment that tells another linter to be quiet.
    struct Ignore: Sendable {
        /// The linter's name.
        let linter: String
        /// Our rules that it is about.
        let rules: Set<String>
        /// Whether it is about all of the file.
        let isForFile: Bool
    }

    /// What the text of a comment says to another linter; nil if it is not about that.
    static func ignore(in comment: String) -> Ignore? {
        for (word, linter, isForFile) in words where comment.hasPrefix(word) {
            let rest = comment.dropFirst(word.count)
            // Another word that begins alike is no directive.
            guard rest.first.map({ $0.isWhitespace || $0 == ":" }) ?? true else { continue }
            let names = rest.drop { $0 == ":" || $0.isWhitespace }
                .split { $0 == "," || $0.isWhitespace || $0 == ":" }
                .map { kebab($0.split(separator: "/").last ?? $0) }
            let rules = names.isEmpty ? known : Set(names.flatMap { ours[$0] ?? [$0] })
            return Ignore(linter: linter, rules: rules, isForFile: isForFile)
        }
        return nil
    }

    /// What the text of a comment says of the transaction that the runner puts around the file; nil if nothing.
    static func wrapping(in comment: String) -> Bool? {
        switch comment {
        case "squawk-disable-assume-in-transaction": false
        case "squawk-enable-assume-in-transaction": true
        default: nil
        }
    }

    /// How the directives begin, the longer of two before the shorter.
    private static let words = [
        ("squawk-ignore-file", "squawk", true), ("squawk-ignore", "squawk", false),
        ("pgfence-ignore", "pgfence", false), ("pgsafe:ignore", "pgsafe", false), ("eugene: ignore", "eugene", false),
        ("pgls-ignore-all", "pgls", true), ("pgls-ignore", "pgls", false), ("pgt-ignore-all", "pgls", true),
        ("pgt-ignore", "pgls", false),
    ]

    /// How a comment begins that may be one.
    static let beginnings = (words.map(\.0) + ["squawk-disable-", "squawk-enable-"]).map { Array($0.utf8) }

    /// `banDropTable` as `ban-drop-table`.
    private static func kebab(_ name: Substring) -> String {
        // The codes of eugene are no words.
        guard name.contains(where: \.isLowercase) else { return String(name) }
        return name.reduce(into: "") { $0 += $1.isUppercase ? "-\($1.lowercased())" : String($1) }
    }

    /// The rules of ours that others have as well: what they look for, they can be told not to.
    static let known = Set(ours.values.flatMap(\.self))

    /// Our rules by the names that others give them.
    private static let ours: [String: [String]] = [
        // squawk, and pgls in camel case
        "add-serial-column": ["add-column-autoincrement", "add-column-generated-stored"],
        "adding-field-with-default": ["add-column-volatile-default", "add-column-generated-stored"],
        "adding-foreign-key-constraint": ["add-foreign-key-validates"],
        "adding-not-nullable-field": ["set-not-null-scan"],
        "adding-primary-key-constraint": ["add-primary-key-builds-index", "add-column-autoincrement"],
        "adding-required-field": ["add-column-not-null-no-default"],
        "adding-serial-primary-key-field": ["add-primary-key-builds-index", "add-column-autoincrement"],
        "avoid-adding-exclusion-constraint": ["add-exclusion-constraint"],
        "avoid-alter-enum-add-value": ["enum-add-value"],
        "avoid-attaching-partition": ["attach-partition-scan"],
        "avoid-enable-disable-trigger": ["toggle-trigger"],
        "avoid-wide-lock-window": ["wide-lock-window"],
        "ban-alter-domain-with-add-constraint": ["domain-add-constraint"],
        "ban-char-field": ["type-char"],
        "ban-create-domain-with-constraint": ["domain-create-constraint"],
        "ban-delete-without-where": ["delete-without-where"],
        "ban-drop-column": ["drop-column"],
        "ban-drop-database": ["drop-database"],
        "ban-drop-not-null": ["drop-not-null"],
        "ban-drop-schema": ["drop-schema"],
        "ban-drop-table": ["drop-table"],
        "ban-truncate": ["truncate"],
        "ban-truncate-cascade": ["truncate-cascade"],
        "ban-update-without-where": ["update-without-where"],
        "ban-vacuum-full": ["vacuum-full-or-cluster"],
        "changing-column-type": ["change-column-type"],
        "constraint-missing-not-valid": [
            "add-check-validates", "add-foreign-key-validates", "validate-in-same-transaction",
        ],
        "creating-enum": ["enum-create"],
        "disallowed-unique-constraint": ["add-unique-builds-index"],
        "lock-timeout-warning": ["missing-lock-timeout"],
        "multiple-alter-table": ["combine-alter-table"],
        "prefer-big-int": ["type-int", "type-smallint"],
        "prefer-bigint-over-int": ["type-int"],
        "prefer-bigint-over-smallint": ["type-smallint"],
        "prefer-identity": ["type-serial"],
        "prefer-jsonb": ["type-json"],
        "prefer-repack": ["vacuum-full-or-cluster"],
        "prefer-robust-stmts": ["missing-existence-guard", "index-unnamed", "constraint-unnamed"],
        "prefer-text-field": ["type-varchar-limit"],
        "prefer-timestamp-tz": ["type-timestamp"],
        "prefer-timestamptz": ["type-timestamp"],
        "renaming-column": ["rename-column"],
        "renaming-table": ["rename-table"],
        "require-concurrent-detach-partition": ["detach-partition-not-concurrent"],
        "require-concurrent-index-creation": ["index-not-concurrent"],
        "require-concurrent-index-deletion": ["drop-index-not-concurrent"],
        "require-concurrent-partition-detach": ["detach-partition-not-concurrent"],
        "require-concurrent-refresh-matview": ["refresh-matview-not-concurrent"],
        "require-concurrent-reindex": ["reindex-not-concurrent"],
        "require-enum-value-ordering": ["enum-value-order"],
        "require-idle-in-transaction-timeout": ["missing-idle-timeout"],
        "require-lock-timeout": ["missing-lock-timeout"],
        "require-separate-constraint-validation": ["validate-in-same-transaction"],
        "require-statement-timeout": ["missing-statement-timeout"],
        "require-table-schema": ["unqualified-name"],
        "require-timeout-settings": ["missing-lock-timeout", "missing-statement-timeout"],
        "running-statement-while-holding-access-exclusive": ["statement-after-access-exclusive"],
        // eugene
        "E1": ["add-check-validates", "add-foreign-key-validates", "add-column-check-scans"],
        "E2": ["set-not-null-scan"],
        "E3": ["type-json"],
        "E4": ["statement-after-access-exclusive"],
        "E5": ["change-column-type"],
        "E6": ["index-not-concurrent"],
        "E7": ["add-unique-builds-index"],
        "E8": ["add-exclusion-constraint"],
        "E9": ["missing-lock-timeout"],
        "E11": ["add-column-autoincrement", "add-column-generated-stored"],
        "E15": ["fk-without-index"],
        "W12": ["combine-alter-table"],
        "W13": ["enum-create"],
        "W14": ["pk-index-nullable"],
        // pgsafe and pgfence, where they call it other than we do
        "add-check-without-not-valid": ["add-check-validates"],
        "add-column-identity": ["add-column-autoincrement"],
        "add-column-serial": ["add-column-autoincrement"],
        "add-domain-constraint-without-not-valid": ["domain-add-constraint"],
        "add-domain-not-null": ["domain-not-null"],
        "add-fk-without-not-valid": ["add-foreign-key-validates"],
        "add-index-non-concurrent": ["index-not-concurrent"],
        "add-primary-key-without-index": ["add-primary-key-builds-index"],
        "add-unique-constraint": ["add-unique-builds-index"],
        "alter-column-type": ["change-column-type"],
        "create-index-not-concurrent": ["index-not-concurrent"],
        "drop-index-non-concurrent": ["drop-index-not-concurrent"],
        "prefer-bigint-primary-key": ["pk-not-bigint"],
        "refresh-matview-non-concurrent": ["refresh-matview-not-concurrent"],
        "reindex-non-concurrent": ["reindex-not-concurrent"],
        "rename": ["rename-table", "rename-column"],
        "require-timeout": ["missing-lock-timeout"],
        "set-not-null": ["set-not-null-scan"],
        "vacuum-full-cluster": ["vacuum-full-or-cluster"],
    ]
}
