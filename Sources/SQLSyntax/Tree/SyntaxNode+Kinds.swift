import CPgQuery

extension SyntaxNode {
    /// The kinds of nodes that stand for statements, such as `CreateStmt`: all that the tree can hold.
    public static var statementKinds: Set<String> {
        guard let node = NodeReader.nodeDescriptor?.pointee else { return [] }
        let fields = UnsafeBufferPointer(start: node.fields, count: Int(node.n_fields))
        return Set(
            fields.compactMap { field -> String? in
                guard field.type == PROTOBUF_C_TYPE_MESSAGE, let descriptor = field.descriptor else { return nil }
                let message = descriptor.assumingMemoryBound(to: ProtobufCMessageDescriptor.self).pointee
                let kind = String(cString: message.name + "pg_query.".utf8.count)
                return kind.hasSuffix("Stmt") ? kind : nil
            }
        )
    }
}
