import CPgQuery

/// One node of a syntax tree, with its fields by the names that PostgreSQL's `parsenodes.h` gives them.
///
/// The kinds and fields are those of libpg_query's `pg_query.proto`; lists and the wrappers around members of lists
/// are looked through. Sendable without the compiler's help: it points into a tree that nothing writes to, and keeps
/// that tree alive.
public struct SyntaxNode: @unchecked Sendable {
    let tree: UnpackedTree
    private let message: UnsafeRawPointer

    /// Makes a node of a message; of its member, if it is one of the wrappers called `Node`.
    init(_ message: UnsafeRawPointer, in tree: UnpackedTree) {
        self.tree = tree
        var message = message
        while let member = Self.member(of: message) { message = member }
        self.message = message
    }

    /// The name of the node's type, such as `RangeVar` or `FuncCall`.
    public var kind: String { String(cString: descriptor.name + "pg_query.".utf8.count) }

    /// The byte of the script where the node begins; nil where the parser keeps no place.
    public var location: Int? {
        guard let field = field("location"), field.type == PROTOBUF_C_TYPE_INT32 else { return nil }
        let location = Int(value(of: field, as: Int32.self))
        return location >= 0 ? tree.base + location : nil
    }

    /// The text of a field; nil if there is no such field, or it is not set.
    public func text(_ name: String) -> String? {
        guard let field = field(name), field.type == PROTOBUF_C_TYPE_STRING, !isRepeated(field) else { return nil }
        return NodeReader.text(value(of: field, as: UnsafeMutablePointer<CChar>?.self))
    }

    /// Whether a field of truth values is set.
    public func isSet(_ name: String) -> Bool {
        guard let field = field(name), field.type == PROTOBUF_C_TYPE_BOOL, !isRepeated(field) else { return false }
        return value(of: field, as: protobuf_c_boolean.self) != 0
    }

    /// The number in a field; nil if there is no such field.
    public func number(_ name: String) -> Int? {
        guard let field = field(name), !isRepeated(field) else { return nil }
        return switch field.type {
        case PROTOBUF_C_TYPE_INT32: Int(value(of: field, as: Int32.self))
        case PROTOBUF_C_TYPE_UINT32: Int(value(of: field, as: UInt32.self))
        default: nil
        }
    }

    /// The name of a field's enumerated value, such as `DROP_CASCADE`; nil if there is no such field.
    public func option(_ name: String) -> String? {
        guard let field = field(name), field.type == PROTOBUF_C_TYPE_ENUM, !isRepeated(field) else { return nil }
        let descriptor = field.descriptor.assumingMemoryBound(to: ProtobufCEnumDescriptor.self)
        return NodeReader.name(of: value(of: field, as: Int32.self), in: descriptor)
    }

    /// The node in a field, or the first one of a list; nil if there is none.
    public func child(_ name: String) -> SyntaxNode? { children(name).first }

    /// The nodes in a field.
    public func children(_ name: String) -> [SyntaxNode] {
        guard let field = field(name) else { return [] }
        return messages(in: field).map { SyntaxNode($0, in: tree) }
    }

    /// All nodes directly inside this one, in the order of its fields.
    public var children: [SyntaxNode] {
        var nodes: [SyntaxNode] = []
        for field in fields where field.type == PROTOBUF_C_TYPE_MESSAGE {
            if isRepeated(field) {
                for message in messages(in: field) { nodes.append(SyntaxNode(message, in: tree)) }
            } else if let message = value(of: field, as: UnsafeRawPointer?.self) {
                nodes.append(SyntaxNode(message, in: tree))
            }
        }
        return nodes
    }

    /// Calls a closure with this node and every one inside it, each before what is inside it.
    public func forEachNode(_ body: (SyntaxNode) throws -> Void) rethrows {
        // A stack of our own: a tree may be deeper than the thread's.
        var pending = [self]
        while let node = pending.popLast() {
            try body(node)
            pending.append(contentsOf: node.children.reversed())
        }
    }
}

extension SyntaxNode {
    /// Reads the C structure of a node that is of this kind.
    func read<Message, Result>(
        _ kind: String,
        _ type: Message.Type,
        _ body: (NodeReader, UnsafeMutablePointer<Message>) -> Result?
    ) -> Result? {
        guard self.kind == kind else { return nil }
        return body(NodeReader(tree), UnsafeMutablePointer(mutating: message.assumingMemoryBound(to: type)))
    }

    /// The fields that hold no nodes, with their values, but for places.
    var ownValues: String {
        fields.compactMap { field -> String? in
            let name = String(cString: field.name)
            guard !isRepeated(field), name != "location", !name.hasSuffix("_location") else { return nil }
            let value: String? =
                switch field.type {
                case PROTOBUF_C_TYPE_STRING: text(name).map { "\($0.debugDescription)" }
                case PROTOBUF_C_TYPE_BOOL: isSet(name) ? "true" : nil
                case PROTOBUF_C_TYPE_INT32, PROTOBUF_C_TYPE_UINT32: number(name).map { "\($0)" }
                case PROTOBUF_C_TYPE_ENUM: option(name)
                default: nil
                }
            return value.map { " \(name)=\($0)" }
        }.joined()
    }

    /// The nodes directly inside this one, by field.
    var childrenByField: [(name: String, nodes: [SyntaxNode])] {
        fields.compactMap { field in
            let nodes = messages(in: field).map { SyntaxNode($0, in: tree) }
            return nodes.isEmpty ? nil : (String(cString: field.name), nodes)
        }
    }

    private var descriptor: ProtobufCMessageDescriptor {
        message.assumingMemoryBound(to: ProtobufCMessage.self).pointee.descriptor.pointee
    }

    private var fields: UnsafeBufferPointer<ProtobufCFieldDescriptor> {
        UnsafeBufferPointer(start: descriptor.fields, count: Int(descriptor.n_fields))
    }

    private func field(_ name: String) -> ProtobufCFieldDescriptor? {
        let descriptor = message.assumingMemoryBound(to: ProtobufCMessage.self).pointee.descriptor
        return protobuf_c_message_descriptor_get_field_by_name(descriptor, name)?.pointee
    }

    private func isRepeated(_ field: ProtobufCFieldDescriptor) -> Bool { field.label == PROTOBUF_C_LABEL_REPEATED }

    private func value<Value>(of field: ProtobufCFieldDescriptor, as type: Value.Type) -> Value {
        (message + Int(field.offset)).assumingMemoryBound(to: type).pointee
    }

    private func messages(in field: ProtobufCFieldDescriptor) -> [UnsafeRawPointer] {
        guard field.type == PROTOBUF_C_TYPE_MESSAGE else { return [] }
        guard isRepeated(field) else {
            return value(of: field, as: UnsafeRawPointer?.self).map { [$0] } ?? []
        }
        let count = (message + Int(field.quantifier_offset)).assumingMemoryBound(to: Int.self).pointee
        let items = value(of: field, as: UnsafePointer<UnsafeRawPointer?>?.self)
        return UnsafeBufferPointer(start: items, count: count).compactMap { $0 }
    }

    private static func member(of message: UnsafeRawPointer) -> UnsafeRawPointer? {
        let base = message.assumingMemoryBound(to: ProtobufCMessage.self).pointee
        guard base.descriptor == NodeReader.nodeDescriptor else { return nil }
        // Every member of the union is a pointer to a message, in the same place.
        return UnsafeRawPointer(message.assumingMemoryBound(to: PgQuery__Node.self).pointee.alias)
    }
}
