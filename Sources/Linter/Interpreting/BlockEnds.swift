import SQLSyntax

extension [ProceduralBody.Statement] {
    /// Whether they end with an error that they raise themselves, which takes back what they did; nil if they raise none.
    var raise: Certainty? {
        var found: Certainty?
        for statement in self {
            switch statement {
            case .other(_, raises: true): return .sure
            case .branches(let branches, _):
                if branches.contains(where: { $0.body.raise != nil }) { found = .maybe }
            case .loop(let body, _):
                if body.raise != nil { found = .maybe }
            case .block(let body, let handlers, _):
                guard let inner = body.raise else { continue }
                if handlers.isEmpty, inner == .sure { return .sure }
                found = .maybe
            default: continue
            }
        }
        return found
    }
}

extension StatementNode {
    /// Whether what it takes away or renames is what each condition around it looks for: then it is gone either way.
    func isSought(by guards: [Interpreter.BlockGuard]) -> Bool {
        let names: [String] =
            switch self {
            case .drop(let drop): drop.objects.map(\.name.name)
            case .rename(let rename): [rename.object.name.name]
            case .alterTable(let alter): [alter.relation.name.name] + alter.actions.compactMap(\.name)
            default: []
            }
        return guards.allSatisfy { each in
            switch each {
            case .handler: true
            case .unknownCondition: false
            case .condition(let lookup): !lookup.isNegated && lookup.name.map { names.contains($0) } != false
            }
        }
    }
}
