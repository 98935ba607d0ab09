import CPgQuery

/// A message of the tree of whatever type, read through its descriptor.
struct TreeMessage {
    let pointer: UnsafeMutableRawPointer

    private var descriptor: UnsafePointer<ProtobufCMessageDescriptor> {
        pointer.assumingMemoryBound(to: ProtobufCMessage.self).pointee.descriptor
    }

    /// Whether it is of the type that a descriptor describes: each has one descriptor, whose name has one place in memory.
    func isA(_ other: ProtobufCMessageDescriptor) -> Bool { descriptor.pointee.name == other.name }

    func read<Message>(as type: Message.Type) -> UnsafeMutablePointer<Message> { pointer.assumingMemoryBound(to: type) }

    /// The common table expressions in front of a query or a statement that changes rows.
    var withClause: UnsafeMutablePointer<PgQuery__WithClause>? {
        if isA(pg_query__select_stmt__descriptor) { return read(as: PgQuery__SelectStmt.self).pointee.with_clause }
        if isA(pg_query__insert_stmt__descriptor) { return read(as: PgQuery__InsertStmt.self).pointee.with_clause }
        if isA(pg_query__update_stmt__descriptor) { return read(as: PgQuery__UpdateStmt.self).pointee.with_clause }
        if isA(pg_query__delete_stmt__descriptor) { return read(as: PgQuery__DeleteStmt.self).pointee.with_clause }
        if isA(pg_query__merge_stmt__descriptor) { return read(as: PgQuery__MergeStmt.self).pointee.with_clause }
        return nil
    }

    /// The messages that it holds, in the order of its fields.
    func forEachChild(_ body: (TreeMessage) -> Void) {
        if isA(pg_query__node__descriptor) {
            // One field of two hundred is set; its number finds it.
            let id = read(as: PgQuery__Node.self).pointee.node_case.rawValue
            guard let field = protobuf_c_message_descriptor_get_field(descriptor, id) else { return }
            if let child = child(at: field.pointee.offset) { body(child) }
            return
        }
        for field in UnsafeBufferPointer(start: descriptor.pointee.fields, count: Int(descriptor.pointee.n_fields)) {
            guard field.type == PROTOBUF_C_TYPE_MESSAGE else { continue }
            if field.label == PROTOBUF_C_LABEL_REPEATED {
                let count = (pointer + Int(field.quantifier_offset)).load(as: Int.self)
                let list = (pointer + Int(field.offset)).load(as: UnsafeMutablePointer<UnsafeMutableRawPointer?>?.self)
                guard let list else { continue }
                for index in 0..<count {
                    if let element = list[index] { body(TreeMessage(pointer: element)) }
                }
            } else if field.flags & UInt32(PROTOBUF_C_FIELD_FLAG_ONEOF.rawValue) == 0 || isSet(field) {
                if let child = child(at: field.offset) { body(child) }
            }
        }
    }

    private func isSet(_ field: ProtobufCFieldDescriptor) -> Bool {
        (pointer + Int(field.quantifier_offset)).load(as: UInt32.self) == field.id
    }

    private func child(at offset: UInt32) -> TreeMessage? {
        (pointer + Int(offset)).load(as: UnsafeMutableRawPointer?.self).map(TreeMessage.init)
    }
}
