import CPgQuery

/// `CREATE SUBSCRIPTION` and `ALTER SUBSCRIPTION`; the connection string is left out, for it may hold a password.
public struct SubscriptionStatement: Hashable, Sendable {
    /// What is done, by the parser's numbers, which count from 1.
    public enum Action: UInt32, Hashable, Sendable {
        /// It is created.
        case create = 0
        /// Its options are set.
        case setOptions = 1
        /// It is told to connect elsewhere.
        case setConnection = 2
        /// It has other publications from now on.
        case setPublications = 3
        /// It gets more publications.
        case addPublications = 4
        /// It loses publications.
        case dropPublications = 5
        /// It looks for new tables.
        case refresh = 6
        /// It is switched on or off.
        case enable = 7
        /// It leaves out a transaction.
        case skip = 8
    }

    /// What is done.
    public let action: Action
    /// The subscription's name.
    public let name: String
    /// The publications that it names.
    public let publications: [String]
    /// The options, such as `create_slot`.
    public let options: [SQLOption]
}

/// `CREATE PUBLICATION` and `ALTER PUBLICATION`.
public struct PublicationStatement: Hashable, Sendable {
    /// What is done.
    public enum Action: Hashable, Sendable {
        /// It is created.
        case create
        /// It gets more tables or schemas.
        case add
        /// It loses tables or schemas.
        case drop
        /// It has other tables or schemas from now on.
        case set
        /// Its options are set.
        case setOptions
    }

    /// What is done.
    public let action: Action
    /// The publication's name.
    public let name: String
    /// The tables that it names.
    public let tables: [RelationReference]
    /// The schemas whose tables it names; nil stands for the current one.
    public let schemas: [String?]
    /// Whether it has all tables.
    public let isForAllTables: Bool
    /// The options, such as `publish`.
    public let options: [SQLOption]
}

extension TreeReader {
    func createSubscription(_ create: PgQuery__CreateSubscriptionStmt) -> SQLNode {
        .createSubscription(
            SubscriptionStatement(
                action: .create,
                name: text(create.subname) ?? "",
                publications: texts(create.n_publication, create.publication),
                options: options(create.n_options, create.options)
            )
        )
    }

    func alterSubscription(_ alter: PgQuery__AlterSubscriptionStmt) -> SQLNode {
        .alterSubscription(
            SubscriptionStatement(
                action: SubscriptionStatement.Action(rawValue: alter.kind.rawValue) ?? .setOptions,
                name: text(alter.subname) ?? "",
                publications: texts(alter.n_publication, alter.publication),
                options: options(alter.n_options, alter.options)
            )
        )
    }

    func createPublication(_ create: PgQuery__CreatePublicationStmt) -> SQLNode {
        let objects = publicationObjects(create.n_pubobjects, create.pubobjects)
        return .createPublication(
            PublicationStatement(
                action: .create,
                name: text(create.pubname) ?? "",
                tables: objects.compactMap { relation($0.pubtable?.pointee.relation) },
                schemas: objects.filter { $0.pubtable == nil }.map { text($0.name) },
                isForAllTables: create.for_all_tables != 0,
                options: options(create.n_options, create.options)
            )
        )
    }

    func alterPublication(_ alter: PgQuery__AlterPublicationStmt) -> SQLNode {
        let objects = publicationObjects(alter.n_pubobjects, alter.pubobjects)
        let action: PublicationStatement.Action =
            switch alter.action {
            case _ where objects.isEmpty && alter.for_all_tables == 0: .setOptions
            case PG_QUERY__ALTER_PUBLICATION_ACTION__AP_DropObjects: .drop
            case PG_QUERY__ALTER_PUBLICATION_ACTION__AP_SetObjects: .set
            default: .add
            }
        return .alterPublication(
            PublicationStatement(
                action: action,
                name: text(alter.pubname) ?? "",
                tables: objects.compactMap { relation($0.pubtable?.pointee.relation) },
                schemas: objects.filter { $0.pubtable == nil }.map { text($0.name) },
                isForAllTables: alter.for_all_tables != 0,
                options: options(alter.n_options, alter.options)
            )
        )
    }

    private func publicationObjects(_ count: Int, _ list: List?) -> [PgQuery__PublicationObjSpec] {
        nodes(count, list).filter { $0.node_case == PG_QUERY__NODE__NODE_PUBLICATION_OBJ_SPEC }
            .map { $0.publication_obj_spec.pointee }
    }
}
