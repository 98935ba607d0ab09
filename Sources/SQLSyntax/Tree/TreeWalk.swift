import CPgQuery

/// Goes through a tree from the top and shows what it names.
struct TreeWalk {
    let reader: TreeReader
    let visit: (TreeElement) -> Void

    /// The names of the common table expressions that can be seen from here: they look like tables and are none.
    private var commonTables: [String] = []
    private var isInside = false

    init(reader: TreeReader, visit: @escaping (TreeElement) -> Void) {
        self.reader = reader
        self.visit = visit
    }

    private enum Step {
        case look(TreeMessage)
        case learn(String)
        case forget(downTo: Int)
    }

    /// Goes through a tree without recursion: it can be deeper than the stack of a thread bears.
    mutating func walk(_ top: TreeMessage) {
        var steps = [Step.look(top)]
        while let step = steps.popLast() {
            switch step {
            case .learn(let name): commonTables.append(name)
            case .forget(let count): commonTables.removeLast(commonTables.count - count)
            case .look(let message):
                let end = steps.count
                look(at: message, &steps)
                steps[end...].reverse()
            }
        }
    }

    /// Shows one message, and adds what comes next in its order.
    private mutating func look(at message: TreeMessage, _ steps: inout [Step]) {
        if message.isA(pg_query__node__descriptor) {
            showNode(message)
            isInside = true
        } else if message.isA(pg_query__range_var__descriptor) {
            let relation = reader.relation(message.read(as: PgQuery__RangeVar.self))
            guard let relation, relation.name.schema != nil || !commonTables.contains(relation.name.name) else {
                return
            }
            return visit(.relation(relation))
        } else {
            show(message)
        }
        guard let with = message.withClause else { return message.forEachChild { steps.append(.look($0)) } }
        addCommonTables(with.pointee, &steps)
        message.forEachChild { child in
            if !child.isA(pg_query__with_clause__descriptor) { steps.append(.look(child)) }
        }
        steps.append(.forget(downTo: commonTables.count))
    }

    private func showNode(_ message: TreeMessage) {
        let node = message.read(as: PgQuery__Node.self).pointee
        guard isInside, isStatement(node) else { return }
        visit(.statement(reader.statement(node)))
    }

    private func show(_ message: TreeMessage) {
        if message.isA(pg_query__func_call__descriptor) {
            visit(.function(reader.function(message.read(as: PgQuery__FuncCall.self).pointee)))
        } else if message.isA(pg_query__column_ref__descriptor) {
            visit(.column(reader.column(message.read(as: PgQuery__ColumnRef.self).pointee)))
        } else if message.isA(pg_query__type_name__descriptor) {
            reader.type(message.read(as: PgQuery__TypeName.self)).map { visit(.type($0)) }
        } else if message.isA(pg_query__sub_link__descriptor) {
            visit(.subquery(offset: reader.offset(message.read(as: PgQuery__SubLink.self).pointee.location)))
        } else if message.isA(pg_query__sqlvalue_function__descriptor) {
            visit(.function(reader.function(message.read(as: PgQuery__SQLValueFunction.self).pointee)))
        }
    }

    /// A query sees the ones before it; with RECURSIVE all of them, and itself (PostgreSQL manual, SELECT, WITH Clause).
    private func addCommonTables(_ with: PgQuery__WithClause, _ steps: inout [Step]) {
        let queries = reader.nodes(with.n_ctes, with.ctes).filter {
            $0.node_case == PG_QUERY__NODE__NODE_COMMON_TABLE_EXPR
        }
        let names = queries.map { reader.text($0.common_table_expr.pointee.ctename) ?? "" }
        if with.recursive != 0 { steps += names.map { .learn($0) } }
        for (name, query) in zip(names, queries) {
            steps.append(.look(TreeMessage(pointer: UnsafeMutableRawPointer(query.common_table_expr))))
            if with.recursive == 0 { steps.append(.learn(name)) }
        }
    }
}

/// The name of a node's type, such as `CreateStmt`.
func nodeName(_ node: PgQuery__Node) -> String { nodeNames[Int(node.node_case.rawValue)] }

private func isStatement(_ node: PgQuery__Node) -> Bool { statementNumbers[Int(node.node_case.rawValue)] }

/// The names of all types of nodes, by their numbers.
private let nodeNames: [String] = {
    let fields = UnsafeBufferPointer(
        start: pg_query__node__descriptor.fields,
        count: Int(pg_query__node__descriptor.n_fields)
    )
    var names = [String](repeating: "empty", count: 1 + Int(fields.map(\.id).max() ?? 0))
    for field in fields {
        guard let descriptor = field.descriptor else { continue }
        let message = descriptor.assumingMemoryBound(to: ProtobufCMessageDescriptor.self)
        names[Int(field.id)] = String(cString: message.pointee.short_name)
    }
    return names
}()

/// Whether a type of node is a statement that is more than a query, by its number.
private let statementNumbers = nodeNames.map { $0.hasSuffix("Stmt") && $0 != "SelectStmt" && $0 != "RawStmt" }
