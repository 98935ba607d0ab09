import CPgQuery

extension TreeReader {
    /// What a statement says.
    func statement(_ node: PgQuery__Node) -> SQLNode {
        definition(node) ?? work(node) ?? database(node) ?? .other(kind: nodeName(node))
    }

    /// The statements that define and change objects in schemas.
    private func definition(_ node: PgQuery__Node) -> SQLNode? {
        switch node.node_case {
        case PG_QUERY__NODE__NODE_CREATE_STMT: createTable(node.create_stmt.pointee)
        case PG_QUERY__NODE__NODE_CREATE_FOREIGN_TABLE_STMT: createForeignTable(node.create_foreign_table_stmt.pointee)
        case PG_QUERY__NODE__NODE_CREATE_TABLE_AS_STMT: createTableAs(node.create_table_as_stmt.pointee)
        case PG_QUERY__NODE__NODE_INDEX_STMT: createIndex(node.index_stmt.pointee)
        case PG_QUERY__NODE__NODE_ALTER_TABLE_STMT: alterTable(node.alter_table_stmt.pointee)
        case PG_QUERY__NODE__NODE_DROP_STMT: drop(node.drop_stmt.pointee)
        case PG_QUERY__NODE__NODE_RENAME_STMT: rename(node.rename_stmt.pointee)
        case PG_QUERY__NODE__NODE_ALTER_OBJECT_SCHEMA_STMT: setSchema(node.alter_object_schema_stmt.pointee)
        case PG_QUERY__NODE__NODE_ALTER_OWNER_STMT: setOwner(node.alter_owner_stmt.pointee)
        case PG_QUERY__NODE__NODE_COMMENT_STMT: comment(node.comment_stmt.pointee)
        case PG_QUERY__NODE__NODE_CREATE_ENUM_STMT: createEnum(node.create_enum_stmt.pointee)
        case PG_QUERY__NODE__NODE_COMPOSITE_TYPE_STMT: createComposite(node.composite_type_stmt.pointee)
        case PG_QUERY__NODE__NODE_CREATE_RANGE_STMT: createRange(node.create_range_stmt.pointee)
        case PG_QUERY__NODE__NODE_CREATE_DOMAIN_STMT: createDomain(node.create_domain_stmt.pointee)
        case PG_QUERY__NODE__NODE_DEFINE_STMT: define(node.define_stmt.pointee)
        case PG_QUERY__NODE__NODE_ALTER_ENUM_STMT: alterEnum(node.alter_enum_stmt.pointee)
        case PG_QUERY__NODE__NODE_ALTER_DOMAIN_STMT: alterDomain(node.alter_domain_stmt.pointee)
        case PG_QUERY__NODE__NODE_VIEW_STMT: createView(node.view_stmt.pointee)
        case PG_QUERY__NODE__NODE_REFRESH_MAT_VIEW_STMT: refresh(node.refresh_mat_view_stmt.pointee)
        case PG_QUERY__NODE__NODE_CREATE_FUNCTION_STMT: createFunction(node.create_function_stmt.pointee)
        case PG_QUERY__NODE__NODE_CREATE_TRIG_STMT: createTrigger(node.create_trig_stmt.pointee)
        case PG_QUERY__NODE__NODE_RULE_STMT: createRule(node.rule_stmt.pointee)
        case PG_QUERY__NODE__NODE_CREATE_POLICY_STMT: createPolicy(node.create_policy_stmt.pointee)
        case PG_QUERY__NODE__NODE_ALTER_POLICY_STMT: alterPolicy(node.alter_policy_stmt.pointee)
        case PG_QUERY__NODE__NODE_CREATE_SEQ_STMT: createSequence(node.create_seq_stmt.pointee)
        case PG_QUERY__NODE__NODE_ALTER_SEQ_STMT: alterSequence(node.alter_seq_stmt.pointee)
        case PG_QUERY__NODE__NODE_CREATE_SCHEMA_STMT: createSchema(node.create_schema_stmt.pointee)
        case PG_QUERY__NODE__NODE_CREATE_EXTENSION_STMT: createExtension(node.create_extension_stmt.pointee)
        case PG_QUERY__NODE__NODE_ALTER_EXTENSION_STMT: alterExtension(node.alter_extension_stmt.pointee)
        case PG_QUERY__NODE__NODE_GRANT_STMT: grant(node.grant_stmt.pointee)
        case PG_QUERY__NODE__NODE_GRANT_ROLE_STMT: grantRole(node.grant_role_stmt.pointee)
        default: nil
        }
    }

    /// The statements that work with rows and sessions.
    private func work(_ node: PgQuery__Node) -> SQLNode? {
        switch node.node_case {
        case PG_QUERY__NODE__NODE_INSERT_STMT: insert(node.insert_stmt.pointee)
        case PG_QUERY__NODE__NODE_UPDATE_STMT: update(node.update_stmt.pointee)
        case PG_QUERY__NODE__NODE_DELETE_STMT: delete(node.delete_stmt.pointee)
        case PG_QUERY__NODE__NODE_MERGE_STMT: merge(node.merge_stmt.pointee)
        case PG_QUERY__NODE__NODE_SELECT_STMT: select(node.select_stmt.pointee)
        case PG_QUERY__NODE__NODE_COPY_STMT: copy(node.copy_stmt.pointee)
        case PG_QUERY__NODE__NODE_DO_STMT: doBlock(node.do_stmt.pointee)
        case PG_QUERY__NODE__NODE_CALL_STMT:
            node.call_stmt.pointee.funccall.map { .call(function($0.pointee)) } ?? .other(kind: "CallStmt")
        case PG_QUERY__NODE__NODE_VACUUM_STMT: vacuum(node.vacuum_stmt.pointee)
        case PG_QUERY__NODE__NODE_REINDEX_STMT: reindex(node.reindex_stmt.pointee)
        case PG_QUERY__NODE__NODE_CLUSTER_STMT: .cluster(cluster(node.cluster_stmt.pointee))
        case PG_QUERY__NODE__NODE_LOCK_STMT: lock(node.lock_stmt.pointee)
        case PG_QUERY__NODE__NODE_TRUNCATE_STMT: truncate(node.truncate_stmt.pointee)
        case PG_QUERY__NODE__NODE_TRANSACTION_STMT: transaction(node.transaction_stmt.pointee)
        case PG_QUERY__NODE__NODE_VARIABLE_SET_STMT: .set(setting(node.variable_set_stmt.pointee))
        case PG_QUERY__NODE__NODE_VARIABLE_SHOW_STMT: .show(text(node.variable_show_stmt.pointee.name) ?? "")
        case PG_QUERY__NODE__NODE_PREPARE_STMT: prepare(node.prepare_stmt.pointee)
        case PG_QUERY__NODE__NODE_EXECUTE_STMT: .execute(text(node.execute_stmt.pointee.name) ?? "")
        case PG_QUERY__NODE__NODE_DEALLOCATE_STMT: .deallocate(text(node.deallocate_stmt.pointee.name))
        case PG_QUERY__NODE__NODE_DISCARD_STMT: discard(node.discard_stmt.pointee)
        case PG_QUERY__NODE__NODE_LISTEN_STMT: .listen(channel: text(node.listen_stmt.pointee.conditionname) ?? "")
        case PG_QUERY__NODE__NODE_NOTIFY_STMT: notify(node.notify_stmt.pointee)
        case PG_QUERY__NODE__NODE_UNLISTEN_STMT: .unlisten(channel: text(node.unlisten_stmt.pointee.conditionname))
        default: nil
        }
    }

    /// The statements that work on databases and the server as a whole.
    private func database(_ node: PgQuery__Node) -> SQLNode? {
        switch node.node_case {
        case PG_QUERY__NODE__NODE_CREATEDB_STMT: createDatabase(node.createdb_stmt.pointee)
        case PG_QUERY__NODE__NODE_ALTER_DATABASE_STMT: alterDatabase(node.alter_database_stmt.pointee)
        case PG_QUERY__NODE__NODE_ALTER_DATABASE_SET_STMT: alterDatabase(node.alter_database_set_stmt.pointee)
        case PG_QUERY__NODE__NODE_DROPDB_STMT: dropDatabase(node.dropdb_stmt.pointee)
        case PG_QUERY__NODE__NODE_ALTER_SYSTEM_STMT: alterSystem(node.alter_system_stmt.pointee)
        case PG_QUERY__NODE__NODE_CREATE_TABLE_SPACE_STMT:
            .createTablespace(text(node.create_table_space_stmt.pointee.tablespacename) ?? "")
        case PG_QUERY__NODE__NODE_DROP_TABLE_SPACE_STMT: dropTablespace(node.drop_table_space_stmt.pointee)
        case PG_QUERY__NODE__NODE_CREATE_SUBSCRIPTION_STMT: createSubscription(node.create_subscription_stmt.pointee)
        case PG_QUERY__NODE__NODE_ALTER_SUBSCRIPTION_STMT: alterSubscription(node.alter_subscription_stmt.pointee)
        case PG_QUERY__NODE__NODE_DROP_SUBSCRIPTION_STMT: dropSubscription(node.drop_subscription_stmt.pointee)
        case PG_QUERY__NODE__NODE_CREATE_PUBLICATION_STMT: createPublication(node.create_publication_stmt.pointee)
        case PG_QUERY__NODE__NODE_ALTER_PUBLICATION_STMT: alterPublication(node.alter_publication_stmt.pointee)
        default: nil
        }
    }
}
