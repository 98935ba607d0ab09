import CPgQuery

extension SyntaxNode {
    /// What the node and all inside it say, without their places: equal for two ways to lay out the same words.
    public var outline: String {
        var text = ""
        // A stack of our own: a tree may be deeper than the thread's.
        var pending: [Piece] = [.node(self)]
        while let piece = pending.popLast() {
            switch piece {
            case .end: text += ")"
            case .field(let name): text += " \(name):"
            case .node(let node):
                text += "(\(node.kind)\(node.ownValues)"
                pending.append(.end)
                for (name, children) in node.childrenByField.reversed() {
                    pending += children.reversed().map { .node($0) }
                    pending.append(.field(name))
                }
            }
        }
        return text
    }

    private enum Piece {
        case node(SyntaxNode)
        case field(String)
        case end
    }
}
