import CPgQuery

extension NodeReader {
    /// Reads the statement in a node.
    func statement(_ pointer: Node) -> StatementNode {
        let node = pointer.pointee
        return definition(node) ?? alteration(node) ?? privilege(node) ?? session(node) ?? data(pointer)
            ?? maintenance(node) ?? .other(kind: SyntaxNode(UnsafeRawPointer(pointer), in: tree).kind)
    }

    private func definition(_ node: PgQuery__Node) -> StatementNode? {
        switch node.node_case {
        case PG_QUERY__NODE__NODE_CREATE_STMT:
            return createTable(node.create_stmt.pointee).map { .createTable($0) }
        case PG_QUERY__NODE__NODE_CREATE_FOREIGN_TABLE_STMT:
            let statement = node.create_foreign_table_stmt.pointee
            return statement.base_stmt
                .flatMap { createTable($0.pointee, server: text(statement.servername)) }.map { .createTable($0) }
        case PG_QUERY__NODE__NODE_CREATE_TABLE_AS_STMT:
            return createTableAs(node.create_table_as_stmt.pointee).map { .createTableAs($0) }
        case PG_QUERY__NODE__NODE_VIEW_STMT:
            return createView(node.view_stmt.pointee).map { .createView($0) }
        case PG_QUERY__NODE__NODE_INDEX_STMT:
            return createIndex(node.index_stmt.pointee).map { .createIndex($0) }
        case PG_QUERY__NODE__NODE_CREATE_ENUM_STMT:
            let statement = node.create_enum_stmt.pointee
            let values = strings(statement.vals, statement.n_vals)
            let name = name(statement.type_name, statement.n_type_name)
            return .createType(CreateType(name: name, definition: .enumeration(values)))
        case PG_QUERY__NODE__NODE_COMPOSITE_TYPE_STMT:
            return createComposite(node.composite_type_stmt.pointee).map { .createType($0) }
        case PG_QUERY__NODE__NODE_CREATE_RANGE_STMT:
            let statement = node.create_range_stmt.pointee
            let options = options(statement.params, statement.n_params)
            let name = name(statement.type_name, statement.n_type_name)
            return .createType(CreateType(name: name, definition: .range(options)))
        case PG_QUERY__NODE__NODE_DEFINE_STMT where node.define_stmt.pointee.kind == PG_QUERY__OBJECT_TYPE__OBJECT_TYPE:
            let statement = node.define_stmt.pointee
            let name = name(statement.defnames, statement.n_defnames)
            return .createType(CreateType(name: name, definition: .base))
        case PG_QUERY__NODE__NODE_CREATE_DOMAIN_STMT:
            return .createDomain(createDomain(node.create_domain_stmt.pointee))
        case PG_QUERY__NODE__NODE_CREATE_FUNCTION_STMT:
            return .createRoutine(createRoutine(node.create_function_stmt.pointee))
        case PG_QUERY__NODE__NODE_CREATE_TRIG_STMT:
            return createTrigger(node.create_trig_stmt.pointee).map { .createTrigger($0) }
        case PG_QUERY__NODE__NODE_RULE_STMT:
            let statement = node.rule_stmt.pointee
            return relation(statement.relation).map { .createRule(name: text(statement.rulename) ?? "", on: $0) }
        case PG_QUERY__NODE__NODE_CREATE_SEQ_STMT:
            let statement = node.create_seq_stmt.pointee
            let options = options(statement.options, statement.n_options)
            return relation(statement.sequence)
                .map { .createSequence($0, ifNotExists: statement.if_not_exists != 0, options: options) }
        case PG_QUERY__NODE__NODE_CREATE_SCHEMA_STMT:
            let statement = node.create_schema_stmt.pointee
            return .createSchema(
                name: text(statement.schemaname),
                ifNotExists: statement.if_not_exists != 0,
                owner: role(statement.authrole)
            )
        case PG_QUERY__NODE__NODE_CREATE_EXTENSION_STMT:
            let statement = node.create_extension_stmt.pointee
            return .createExtension(
                name: text(statement.extname) ?? "",
                ifNotExists: statement.if_not_exists != 0,
                options: options(statement.options, statement.n_options)
            )
        default:
            return nil
        }
    }

    private func alteration(_ node: PgQuery__Node) -> StatementNode? {
        switch node.node_case {
        case PG_QUERY__NODE__NODE_ALTER_TABLE_STMT:
            return alterTable(node.alter_table_stmt.pointee).map { .alterTable($0) }
        case PG_QUERY__NODE__NODE_DROP_STMT:
            return .drop(drop(node.drop_stmt.pointee))
        case PG_QUERY__NODE__NODE_RENAME_STMT:
            return .rename(rename(node.rename_stmt.pointee))
        case PG_QUERY__NODE__NODE_ALTER_OWNER_STMT:
            return .changeOwner(changeOwner(node.alter_owner_stmt.pointee))
        case PG_QUERY__NODE__NODE_ALTER_OBJECT_SCHEMA_STMT:
            return .changeSchema(changeSchema(node.alter_object_schema_stmt.pointee))
        case PG_QUERY__NODE__NODE_ALTER_ENUM_STMT:
            return .alterEnum(alterEnum(node.alter_enum_stmt.pointee))
        case PG_QUERY__NODE__NODE_ALTER_DOMAIN_STMT:
            return .alterDomain(alterDomain(node.alter_domain_stmt.pointee))
        case PG_QUERY__NODE__NODE_ALTER_SEQ_STMT:
            let statement = node.alter_seq_stmt.pointee
            let options = options(statement.options, statement.n_options)
            return relation(statement.sequence).map { .alterSequence($0, options: options) }
        case PG_QUERY__NODE__NODE_ALTER_EXTENSION_STMT:
            return .alterExtension(name: text(node.alter_extension_stmt.pointee.extname) ?? "")
        case PG_QUERY__NODE__NODE_ALTER_EXTENSION_CONTENTS_STMT:
            return .alterExtension(name: text(node.alter_extension_contents_stmt.pointee.extname) ?? "")
        case PG_QUERY__NODE__NODE_COMMENT_STMT:
            let statement = node.comment_stmt.pointee
            guard let object = statement.object else { return nil }
            let target = self.object(ObjectKind(statement.objtype), object)
            return .comment(Annotate(object: target, text: text(statement.comment)))
        case PG_QUERY__NODE__NODE_SEC_LABEL_STMT:
            let statement = node.sec_label_stmt.pointee
            guard let object = statement.object else { return nil }
            let target = self.object(ObjectKind(statement.objtype), object)
            return .securityLabel(Annotate(object: target, text: text(statement.label)))
        default:
            return nil
        }
    }

    private func privilege(_ node: PgQuery__Node) -> StatementNode? {
        switch node.node_case {
        case PG_QUERY__NODE__NODE_GRANT_STMT:
            return .grant(grant(node.grant_stmt.pointee))
        case PG_QUERY__NODE__NODE_GRANT_ROLE_STMT:
            return .grantRole(grantRole(node.grant_role_stmt.pointee))
        case PG_QUERY__NODE__NODE_ALTER_DEFAULT_PRIVILEGES_STMT:
            return node.alter_default_privileges_stmt.pointee.action
                .map { .alterDefaultPrivileges(grant($0.pointee)) }
        case PG_QUERY__NODE__NODE_CREATE_POLICY_STMT:
            return createPolicy(node.create_policy_stmt.pointee).map { .createPolicy($0) }
        case PG_QUERY__NODE__NODE_ALTER_POLICY_STMT:
            return alterPolicy(node.alter_policy_stmt.pointee).map { .alterPolicy($0) }
        default:
            return nil
        }
    }

    private func session(_ node: PgQuery__Node) -> StatementNode? {
        switch node.node_case {
        case PG_QUERY__NODE__NODE_VARIABLE_SET_STMT:
            return .set(setVariable(node.variable_set_stmt.pointee))
        case PG_QUERY__NODE__NODE_TRANSACTION_STMT:
            return .transaction(transaction(node.transaction_stmt.pointee))
        case PG_QUERY__NODE__NODE_DO_STMT:
            return .doBlock(doBlock(node.do_stmt.pointee))
        case PG_QUERY__NODE__NODE_CALL_STMT:
            return node.call_stmt.pointee.funccall.map { .call(functionCall($0.pointee)) }
        case PG_QUERY__NODE__NODE_PREPARE_STMT:
            return .prepare(name: text(node.prepare_stmt.pointee.name) ?? "")
        case PG_QUERY__NODE__NODE_EXECUTE_STMT:
            return .execute(name: text(node.execute_stmt.pointee.name) ?? "")
        case PG_QUERY__NODE__NODE_DEALLOCATE_STMT:
            return .deallocate(name: text(node.deallocate_stmt.pointee.name))
        case PG_QUERY__NODE__NODE_DISCARD_STMT:
            return .discard(discard(node.discard_stmt.pointee))
        case PG_QUERY__NODE__NODE_LISTEN_STMT:
            return .listen(channel: text(node.listen_stmt.pointee.conditionname) ?? "")
        case PG_QUERY__NODE__NODE_UNLISTEN_STMT:
            return .unlisten(channel: text(node.unlisten_stmt.pointee.conditionname))
        case PG_QUERY__NODE__NODE_NOTIFY_STMT:
            let statement = node.notify_stmt.pointee
            return .notify(channel: text(statement.conditionname) ?? "", payload: text(statement.payload))
        default:
            return nil
        }
    }

    private func data(_ pointer: Node) -> StatementNode? {
        let node = pointer.pointee
        switch node.node_case {
        case PG_QUERY__NODE__NODE_INSERT_STMT: return insert(node.insert_stmt.pointee).map { .change($0) }
        case PG_QUERY__NODE__NODE_UPDATE_STMT: return update(node.update_stmt.pointee).map { .change($0) }
        case PG_QUERY__NODE__NODE_DELETE_STMT: return delete(node.delete_stmt.pointee).map { .change($0) }
        case PG_QUERY__NODE__NODE_MERGE_STMT: return merge(node.merge_stmt.pointee).map { .change($0) }
        case PG_QUERY__NODE__NODE_SELECT_STMT: return .select(select(pointer))
        case PG_QUERY__NODE__NODE_COPY_STMT: return .copy(copy(node.copy_stmt.pointee))
        case PG_QUERY__NODE__NODE_TRUNCATE_STMT: return .truncate(truncate(node.truncate_stmt.pointee))
        case PG_QUERY__NODE__NODE_LOCK_STMT: return .lock(lock(node.lock_stmt.pointee))
        case PG_QUERY__NODE__NODE_EXPLAIN_STMT:
            let options = options(node.explain_stmt.pointee.options, node.explain_stmt.pointee.n_options)
            return .explain(isRun: options.contains { $0.name == "analyze" && $0.isOn })
        default:
            return nil
        }
    }

    private func maintenance(_ node: PgQuery__Node) -> StatementNode? {
        switch node.node_case {
        case PG_QUERY__NODE__NODE_VACUUM_STMT:
            return .vacuum(vacuum(node.vacuum_stmt.pointee))
        case PG_QUERY__NODE__NODE_REINDEX_STMT:
            return reindex(node.reindex_stmt.pointee).map { .reindex($0) }
        case PG_QUERY__NODE__NODE_CLUSTER_STMT:
            let statement = node.cluster_stmt.pointee
            return .cluster(Cluster(table: relation(statement.relation), index: text(statement.indexname)))
        case PG_QUERY__NODE__NODE_REFRESH_MAT_VIEW_STMT:
            return refresh(node.refresh_mat_view_stmt.pointee).map { .refreshMaterializedView($0) }
        case PG_QUERY__NODE__NODE_ALTER_SYSTEM_STMT:
            return node.alter_system_stmt.pointee.setstmt.map { .alterSystem(setVariable($0.pointee)) }
        case PG_QUERY__NODE__NODE_CREATEDB_STMT:
            let statement = node.createdb_stmt.pointee
            return .createDatabase(database(statement.dbname, statement.options, statement.n_options))
        case PG_QUERY__NODE__NODE_ALTER_DATABASE_STMT:
            let statement = node.alter_database_stmt.pointee
            return .alterDatabase(database(statement.dbname, statement.options, statement.n_options))
        case PG_QUERY__NODE__NODE_DROPDB_STMT:
            let statement = node.dropdb_stmt.pointee
            let ifExists = statement.missing_ok != 0
            return .dropDatabase(
                database(statement.dbname, statement.options, statement.n_options, ifExists: ifExists)
            )
        case PG_QUERY__NODE__NODE_CREATE_TABLE_SPACE_STMT:
            return .createTablespace(name: text(node.create_table_space_stmt.pointee.tablespacename) ?? "")
        case PG_QUERY__NODE__NODE_DROP_TABLE_SPACE_STMT:
            return .dropTablespace(name: text(node.drop_table_space_stmt.pointee.tablespacename) ?? "")
        case PG_QUERY__NODE__NODE_CREATE_SUBSCRIPTION_STMT:
            return .subscription(createSubscription(node.create_subscription_stmt.pointee))
        case PG_QUERY__NODE__NODE_ALTER_SUBSCRIPTION_STMT:
            return .subscription(alterSubscription(node.alter_subscription_stmt.pointee))
        case PG_QUERY__NODE__NODE_DROP_SUBSCRIPTION_STMT:
            let name = text(node.drop_subscription_stmt.pointee.subname) ?? ""
            return .subscription(SubscriptionStatement(action: .drop, name: name, options: []))
        default:
            return nil
        }
    }

    private func database(
        _ name: UnsafeMutablePointer<CChar>?,
        _ options: NodeList?,
        _ count: Int,
        ifExists: Bool = false
    ) -> DatabaseStatement {
        DatabaseStatement(name: text(name) ?? "", ifExists: ifExists, options: self.options(options, count))
    }
}
