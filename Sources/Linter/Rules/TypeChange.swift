import SQLSyntax

/// What a change of type costs.
enum TypeChangeCost {
    /// The rows stay as they are.
    case free
    /// The table and its indexes are written anew.
    case rewrites
    /// The old type is not known.
    case unknown

    init(from old: TypeReference?, to new: TypeReference, isConverted: Bool, _ context: StatementContext) {
        if isConverted {
            self = .rewrites
            return
        }
        guard let old else {
            self = .unknown
            return
        }
        let (before, after) = (TypeChangeCost.plain(old, context), TypeChangeCost.plain(new, context))
        if case .domain(isConstrained: true, _) = context.schema.typeKey(new.name).flatMap({
            context.schema.types[$0]?.definition
        }) {
            self = .rewrites
            return
        }
        self = TypeChangeCost.isFree(before, after) ? .free : .rewrites
    }

    /// A type without the domain around it.
    private static func plain(_ type: TypeReference, _ context: StatementContext) -> TypeReference {
        guard let key = context.schema.typeKey(type.name),
            case .domain(_, let base?) = context.schema.types[key]?.definition
        else { return type }
        return base
    }

    /// Whether values of the one are values of the other as they stand; measured on PostgreSQL 15.
    private static func isFree(_ old: TypeReference, _ new: TypeReference) -> Bool {
        if old.canonical == new.canonical { return true }
        guard old.arrayDimensions == 0, new.arrayDimensions == 0 else { return false }
        let (one, other) = (old.name.name, new.name.name)
        let (length, newLength) = (old.modifiers.first.flatMap { Int($0) }, new.modifiers.first.flatMap { Int($0) })
        switch (one, other) {
        case ("varchar", "text"): return true
        case ("text", "varchar") where newLength == nil: return true
        case ("varchar", "varchar"), ("varbit", "varbit"):
            guard let newLength else { return true }
            return length.map { $0 <= newLength } ?? false
        case ("numeric", "numeric"), ("decimal", "numeric"), ("numeric", "decimal"):
            guard let newLength else { return true }
            guard let length else { return false }
            let (scale, newScale) = (old.modifiers.dropFirst().first ?? "0", new.modifiers.dropFirst().first ?? "0")
            return length <= newLength && scale == newScale
        case ("timestamp", "timestamp"), ("timestamptz", "timestamptz"), ("time", "time"), ("timetz", "timetz"):
            guard let newLength else { return true }
            return newLength >= 6 || length.map { $0 <= newLength } ?? false
        case ("cidr", "inet"): return true
        default: return false
        }
    }
}

extension StatementContext {
    /// What a change of a column's type costs, and the type before; nil if the part of the statement changes none.
    func typeChange(by action: AlterTableAction, in alter: AlterTable) -> (cost: TypeChangeCost, old: TypeReference?)? {
        guard action.kind == .alterColumnType, alter.kind != .type, let type = action.column?.type else { return nil }
        let name = action.name ?? ""
        let column = relation(alter.relation.name)?.column(name)
        let old = column?.definitionCertainty == .sure ? column?.type : nil
        let isConverted = action.expression?.isPlainCast(of: name) == false
        return (TypeChangeCost(from: old, to: type, isConverted: isConverted, self), old)
    }

    /// Whether the statement writes the whole table anew.
    func rewrites(_ alter: AlterTable) -> Bool {
        alter.actions.contains { action in
            switch action.kind {
            case .setLogged, .setUnlogged, .setAccessMethod, .setTablespace: return true
            case .alterColumnType: return typeChange(by: action, in: alter).map { $0.cost != .free } ?? false
            case .addColumn:
                guard let column = action.column else { return false }
                let isThere = relation(alter.relation.name)?.column(column.name)?.certainty == .sure
                if action.isTolerant, isThere { return false }
                return BuiltInTypes.isSerial(column.type) || column.constraint(.identity) != nil
                    || column.constraint(.generated) != nil
                    || column.defaultExpression.flatMap(volatileCall) != nil
            default: return false
            }
        }
    }
}

extension Expression {
    /// Whether it is NULL.
    var isNullConstant: Bool { isConstant && sql.uppercased().hasPrefix("NULL") }

    /// Whether it is the column itself, with or without a cast.
    func isPlainCast(of column: String) -> Bool {
        functionCalls.isEmpty && columns.count == 1 && columns[0].parts.last == column
            && ["ColumnRef", "TypeCast"].contains(kind)
    }
}

extension AlterTableAction {
    /// Whether it takes the limit away that a text or number has, as far as it can be read.
    var isWidest: Bool {
        guard kind == .alterColumnType, expression == nil, let type = column?.type else { return false }
        return ["text", "varchar", "numeric"].contains(type.name.name) && type.modifiers.isEmpty
            && type.arrayDimensions == 0
    }
}
