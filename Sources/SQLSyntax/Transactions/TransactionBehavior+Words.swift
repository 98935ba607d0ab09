extension SQLStatement {
    /// Whether the first words alone prove that the statement is transactional; false where they leave a doubt.
    var isTransactionalByItsWords: Bool {
        let words = leadingWords
        switch words.first {
        case "SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "WITH", "VALUES", "TABLE", "COPY", "TRUNCATE", "LOCK",
            "GRANT", "REVOKE", "COMMENT", "SECURITY", "DO", "CALL", "EXECUTE", "DEALLOCATE", "EXPLAIN", "ANALYZE",
            "ANALYSE",
            "REFRESH", "RESET", "SHOW", "DECLARE", "FETCH", "MOVE", "CLOSE", "LISTEN", "UNLISTEN", "NOTIFY", "REASSIGN",
            "IMPORT", "CHECKPOINT", "LOAD":
            return true
        case "CREATE":
            return isTransactionalCreation(words.dropFirst())
        case "ALTER":
            return isTransactionalAlteration(words.dropFirst())
        case "DROP":
            return isTransactionalRemoval(words.dropFirst())
        case "SET":
            // SET [SESSION | LOCAL] TRANSACTION …; SET SESSION CHARACTERISTICS AS TRANSACTION is left to the parser, too.
            return words.count > 1 && !words.contains("TRANSACTION")
        case "PREPARE":
            return words.count > 1 && words[1] != "TRANSACTION"
        default:
            return false
        }
    }

    private func isTransactionalCreation(_ words: ArraySlice<String>) -> Bool {
        switch words.first {
        case "INDEX", "UNIQUE":
            !words.prefix(3).contains("CONCURRENTLY")
        case "TABLE", "TEMP", "TEMPORARY", "LOCAL", "GLOBAL", "UNLOGGED", "FOREIGN", "OR", "VIEW", "RECURSIVE",
            "MATERIALIZED", "FUNCTION", "PROCEDURE", "TRIGGER", "CONSTRAINT", "EVENT", "TYPE", "DOMAIN", "SEQUENCE",
            "SCHEMA",
            "EXTENSION", "POLICY", "RULE", "ROLE", "USER", "GROUP", "AGGREGATE", "OPERATOR", "CAST", "COLLATION",
            "CONVERSION", "STATISTICS", "PUBLICATION", "SERVER", "LANGUAGE", "TRUSTED", "PROCEDURAL", "TRANSFORM",
            "ACCESS",
            "TEXT", "DEFAULT":
            true
        default:
            false
        }
    }

    private func isTransactionalAlteration(_ words: ArraySlice<String>) -> Bool {
        switch words.first {
        case "TABLE":
            !contains(anyOf: "CONCURRENTLY")
        case "TYPE":
            // ADD VALUE comes behind a name that may be quoted, so not among the first words.
            !contains(anyOf: "VALUE")
        case "INDEX", "VIEW", "MATERIALIZED", "SEQUENCE", "FUNCTION", "PROCEDURE", "ROUTINE", "TRIGGER", "EVENT",
            "DOMAIN",
            "SCHEMA", "EXTENSION", "POLICY", "RULE", "ROLE", "USER", "GROUP", "DEFAULT", "AGGREGATE", "OPERATOR",
            "COLLATION", "CONVERSION", "STATISTICS", "PUBLICATION", "SERVER", "FOREIGN", "LANGUAGE", "PROCEDURAL",
            "TEXT",
            "LARGE", "TABLESPACE":
            true
        default:
            false
        }
    }

    private func isTransactionalRemoval(_ words: ArraySlice<String>) -> Bool {
        switch words.first {
        case "INDEX": !words.prefix(2).contains("CONCURRENTLY")
        case nil, "DATABASE", "TABLESPACE", "SUBSCRIPTION": false
        default: true
        }
    }

    /// The behaviour of a statement that the parser refuses; in doubt it is kept out of a transaction.
    var behaviorByWords: TransactionBehavior {
        let words = leadingWords
        let object = words.dropFirst().first ?? ""
        switch words.first {
        case "BEGIN", "START": return .controlsTransaction(.begin)
        case "COMMIT", "END": return .controlsTransaction(.commit)
        case "ROLLBACK" where words.contains("TO"): return .controlsTransaction(.rollbackToSavepoint)
        case "ROLLBACK", "ABORT": return .controlsTransaction(.rollback)
        case "SAVEPOINT": return .controlsTransaction(.savepoint)
        case "RELEASE": return .controlsTransaction(.release)
        case "PREPARE": return .controlsTransaction(.prepare)
        case "SET": return .controlsTransaction(.setCharacteristics)
        case "ALTER" where object == "TYPE", "VACUUM",
            "ALTER" where object == "SYSTEM", "CLUSTER", "DISCARD":
            return .cannotRunInTransaction(command: words.prefix(2).joined(separator: " "))
        case "CREATE", "ALTER", "DROP", "REINDEX":
            let isClusterWide = ["DATABASE", "TABLESPACE", "SUBSCRIPTION", "SCHEMA", "SYSTEM"].contains(object)
            let isRefused =
                contains(anyOf: "CONCURRENTLY") || isClusterWide && (object != "SCHEMA" || words.first == "REINDEX")
            guard isRefused else { return .transactional }
            return .cannotRunInTransaction(command: words.prefix(2).joined(separator: " "))
        default:
            guard contains(anyOf: "CONCURRENTLY") else { return .transactional }
            return .cannotRunInTransaction(command: "\(words.first ?? "") CONCURRENTLY")
        }
    }
}
