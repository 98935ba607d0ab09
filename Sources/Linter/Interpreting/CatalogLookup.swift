import SQLSyntax

/// A condition of a block that looks into the catalogs whether something is there.
struct CatalogLookup {
    /// The catalog, such as `pg_constraint` or `information_schema.columns`.
    let catalog: String
    /// Whether the condition holds where nothing is found.
    let isNegated: Bool
    /// What columns of the catalog are compared with: a constant's text, or nil for anything else.
    let comparisons: [String: String?]

    /// Reads a condition; nil for one that is no such look.
    init?(condition: String) {
        guard let tree = try? SyntaxTree("SELECT " + condition), let syntax = tree.statements.first?.syntax else {
            return nil
        }
        var catalogs: [String] = []
        var comparisons: [String: String?] = [:]
        var isNegated = false
        syntax.forEachNode { node in
            switch node.kind {
            case "RangeVar":
                if let name = node.text("relname"),
                    name.hasPrefix("pg_") || node.text("schemaname") == "information_schema"
                {
                    catalogs.append(name)
                }
            case "BoolExpr":
                if node.option("boolop") == "NOT_EXPR" { isNegated = true }
            case "NullTest":
                if node.option("nulltesttype") == "IS_NULL", let call = node.child("arg")?.functionCall,
                    call.name.name.hasPrefix("to_reg")
                {
                    catalogs.append(call.name.name == "to_regtype" ? "pg_type" : "pg_class")
                    isNegated = true
                    let name = node.child("arg")?.child("args")?.child("sval")?.text("sval")
                    comparisons[call.name.name == "to_regtype" ? "typname" : "relname"] = name.map {
                        $0.split(separator: ".").last.map(String.init) ?? $0
                    }
                    comparisons["relnamespace"] = .some(nil)
                    comparisons["typnamespace"] = .some(nil)
                }
            case "A_Expr":
                guard let left = node.child("lexpr"), let right = node.child("rexpr") else { return }
                if let column = Self.column(left) { comparisons[column] = .some(Self.constant(right)) }
                if let column = Self.column(right) { comparisons[column] = .some(Self.constant(left)) }
            default: return
            }
        }
        guard let first = catalogs.first else { return nil }
        // With joins the narrower catalog is what is looked for.
        catalog = catalogs.first { $0 != "pg_namespace" && ($0 != "pg_class" || catalogs.count == 1) } ?? first
        self.isNegated = isNegated
        self.comparisons = comparisons
        isJoinedWithNamespace = catalogs.contains("pg_namespace")
        isJoinedWithClass = catalogs.contains("pg_class") && catalog != "pg_class"
    }

    private let isJoinedWithNamespace: Bool
    private let isJoinedWithClass: Bool

    private static func column(_ node: SyntaxNode) -> String? {
        switch node.kind {
        case "ColumnRef": node.columnReference?.parts.last
        case "TypeCast": node.child("arg").flatMap { column($0) }
        case "FuncCall": node.children("args").compactMap { column($0) }.first
        default: nil
        }
    }

    private static func constant(_ node: SyntaxNode) -> String? {
        switch node.kind {
        case "A_Const": node.child("sval")?.text("sval")
        case "TypeCast": node.child("arg").flatMap { constant($0) }
        case "FuncCall": node.children("args").compactMap { constant($0) }.first
        default: nil
        }
    }

    /// The name that is looked for.
    var name: String? {
        for column in [
            "conname", "typname", "relname", "indexname", "column_name", "attname", "constraint_name", "tgname",
            "polname", "policyname", "proname", "rolname", "nspname", "extname", "table_name", "tablename", "enumlabel",
            "trigger_name", "pubname", "subname", "stxname", "collname", "evtname", "rulename", "oprname", "cfgname",
            "dictname", "srvname", "fdwname",
        ] {
            if let value = comparisons[column] { return value }
        }
        return nil
    }

    /// What the look leaves open, so that another object of the name makes it true; nil if it leaves nothing open.
    var missingScope: (column: String, why: String)? {
        switch catalog {
        case "pg_type" where comparisons["typname"] != nil:
            let isScoped = comparisons["typnamespace"] != nil || isJoinedWithNamespace
            return isScoped ? nil : ("typnamespace", "a type of that name in any schema")
        case "pg_constraint" where comparisons["conname"] != nil:
            let isScoped = comparisons["conrelid"] != nil || comparisons["contypid"] != nil || isJoinedWithClass
            return isScoped ? nil : ("conrelid", "a constraint of that name on any table")
        case "pg_class" where comparisons["relname"] != nil:
            let isScoped = comparisons["relnamespace"] != nil || isJoinedWithNamespace
            return isScoped ? nil : ("relnamespace", "a table or index of that name in any schema")
        case "pg_trigger" where comparisons["tgname"] != nil:
            return comparisons["tgrelid"] != nil || isJoinedWithClass
                ? nil : ("tgrelid", "a trigger of that name on any table")
        case "pg_policy", "pg_policies":
            let isScoped = comparisons["polrelid"] != nil || comparisons["tablename"] != nil || isJoinedWithClass
            return isScoped ? nil : ("polrelid", "a policy of that name on any table")
        case "pg_attribute" where comparisons["attname"] != nil:
            return comparisons["attrelid"] != nil || isJoinedWithClass
                ? nil : ("attrelid", "a column of that name in any table")
        default:
            return nil
        }
    }
}
