import SQLSyntax

/// A value on one line, without what is nil, false or empty: short enough to be read in a golden file.
func outline(_ value: Any) -> String {
    switch value {
    case let name as QualifiedName: return "\(name)"
    case let text as String: return "'\(text.replacing("\n", with: "\\n"))'"
    case let range as Range<Int>: return "\(range)"
    case let relation as RelationReference:
        let words = [relation.isOnly ? "only" : nil, relation.alias.map { "as \($0)" }].compactMap { " " + ($0 ?? "") }
        return "\(relation.name)\(relation.offset.map { "@\($0)" } ?? "")"
            + (relation.isOnly || relation.alias != nil ? words.filter { $0 != " " }.joined() : "")
    case let type as SQLType: return "<\(type.text)>"
    case let expression as SQLExpression: return outline(expression: expression)
    default: break
    }
    let mirror = Mirror(reflecting: value)
    switch mirror.displayStyle {
    case .optional: return mirror.children.first.map { outline($0.value) } ?? "nil"
    case .collection: return "[" + mirror.children.map { outline($0.value) }.joined(separator: ", ") + "]"
    case .enum:
        guard let payload = mirror.children.first else { return ".\(value)" }
        let isTuple = Mirror(reflecting: payload.value).displayStyle == .tuple
        return ".\(payload.label ?? "")" + (isTuple ? outline(payload.value) : "(\(outline(payload.value)))")
    case .tuple: return "(" + mirror.children.map { outline($0.value) }.joined(separator: ", ") + ")"
    case .struct:
        let fields = mirror.children.compactMap { child -> String? in
            let text = outline(child.value)
            switch text {
            case "nil", "false", "[]": return nil
            case "true": return child.label
            default: return "\(child.label ?? "_"): \(text)"
            }
        }
        return "{" + fields.joined(separator: ", ") + "}"
    default: return "\(value)"
    }
}

private func outline(expression: SQLExpression) -> String {
    var words = [expression.text ?? "…"]
    if expression.isConstant { words.append("constant") }
    if expression.isNull { words.append("null") }
    if expression.hasSubquery { words.append("subquery") }
    if !expression.functions.isEmpty {
        words.append("calls \(expression.functions.map { "\($0.name)" }.joined(separator: " "))")
    }
    return "⟨" + words.joined(separator: " | ") + "⟩"
}
