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

extension SyntaxNode {
    /// The kinds of statement that the parser's tree knows, in no order.
    static var statementKinds: Set<String> {
        guard let node = lastro_node_descriptor()?.pointee, let fields = node.fields else { return [] }
        let kinds = (0..<Int(node.n_fields)).compactMap { place -> String? in
            guard let descriptor = fields[place].descriptor, fields[place].type == PROTOBUF_C_TYPE_MESSAGE else {
                return nil
            }
            let message = descriptor.assumingMemoryBound(to: ProtobufCMessageDescriptor.self).pointee
            return String(cString: message.name + "pg_query.".utf8.count)
        }
        return Set(kinds.filter { $0.hasSuffix("Stmt") })
    }
}
