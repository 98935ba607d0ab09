import Catalog
import Postgres
import TestSupport
import Testing

@testable import SchemaDiff

/// What the rules make of one schema and of the way to another, on a real server.
struct RoundTrip {
    /// Statements that a superuser runs.
    let sql: String
    /// What the second schema is made of.
    let other: String
    var server = TestServer.standard
    var major: Int?

    /// Creates by hand, reads, creates by the rules in an empty database, reads, and compares; then alters both ways.
    func check(sourceLocation: Testing.SourceLocation = #_sourceLocation) async throws {
        try await created(from: sql, sourceLocation)
        try await created(from: other, sourceLocation)
        try await altered(from: sql, to: other, sourceLocation)
        try await altered(from: other, to: sql, sourceLocation)
    }

    private func created(from sql: String, _ sourceLocation: Testing.SourceLocation) async throws {
        try await altered(from: "", to: sql, sourceLocation)
        try await altered(from: sql, to: "", sourceLocation)
    }

    private func altered(from: String, to: String, _ sourceLocation: Testing.SourceLocation) async throws {
        try await withSuperuserDatabase(on: server) { wanted in
            try await run(to, on: wanted)
            try await withSuperuserDatabase(on: server) { database in
                try await run(from, on: database)
                let goal = try await catalog(of: wanted)
                let plan = try RulePlan.statements(from: try await catalog(of: database), to: goal)
                do {
                    try await run(plan.map { $0.sql + ";" }.joined(separator: "\n"), on: database)
                } catch {
                    Issue.record(
                        "\(error)\nin:\n\(plan.map(\.sql).joined(separator: ";\n"))",
                        sourceLocation: sourceLocation
                    )
                    return
                }
                let result = try await catalog(of: database)
                let rest = CatalogChanges(from: result, to: goal).changes.map { change in
                    "\(change.identity): "
                        + change.attributes.map { "\($0.name): \($0.from as Any) → \($0.to as Any)" }
                        .joined(separator: ", ")
                }
                #expect(
                    rest.isEmpty,
                    "after:\n\(plan.map(\.sql).joined(separator: ";\n"))",
                    sourceLocation: sourceLocation
                )
                let dump = try await schemaDump(of: database, major: major)
                let expected = try await schemaDump(of: wanted, major: major)
                #expect(
                    dump.split(separator: "\n").sorted() == expected.split(separator: "\n").sorted(),
                    sourceLocation: sourceLocation
                )
            }
        }
    }

    private func run(_ sql: String, on settings: ConnectionSettings) async throws {
        try await withPostgresConnection(to: settings) { connection in _ = try await connection.script(sql) }
    }
}

func catalog(of settings: ConnectionSettings) async throws -> Catalog {
    try await withPostgresConnection(to: settings) { connection in try await Catalog.read(on: connection) }
}

/// Lends an empty database and a superuser's way into it.
func withSuperuserDatabase(
    on server: TestServer = .standard,
    _ body: (ConnectionSettings) async throws -> Void
) async throws {
    let superuser = try await server.superuser()["user"]
    try await withTestDatabase(on: server) { settings in
        try await body(settings.with("user", superuser))
    }
}

/// The rules' statements in a plain order: drops backwards, then creations and changes forwards, each behind what it needs.
enum RulePlan {
    static func statements(from: Catalog, to: Catalog) throws -> [PlanStatement] {
        var context = PlanContext(from: from, to: to, options: PlanOptions())
        let changes = CatalogChanges(from: from, to: to).changes
        var alterations: [ObjectIdentity: [PlanStatement]] = [:]
        for change in changes where change.before != nil && change.after != nil {
            switch try rule(change.identity.kind).alter(change, in: context) {
            case .inPlace(let statements), .withoutDependants(let statements): alterations[change.identity] = statements
            case .rebuild: rebuild(change.identity, in: &context)
            }
        }
        var statements: [PlanStatement] = []
        for object in sorted(from).reversed()
        where to[object.identity] == nil || context.rebuilt.contains(object.identity) {
            statements += try rule(object.identity.kind).drop(object, in: context)
        }
        for object in sorted(to) {
            if context.isNew(object.identity) {
                statements += try rule(object.identity.kind).create(object, in: context)
            } else {
                statements += alterations[object.identity] ?? []
            }
            if from[object.identity] != object || context.isNew(object.identity) {
                statements += CommonAttributes.statements(from: from[object.identity], to: object, in: context)
            }
        }
        return statements
    }

    private static func rebuild(_ identity: ObjectIdentity, in context: inout PlanContext) {
        guard context.rebuilt.insert(identity).inserted else { return }
        for object in context.from.objects
        where object.dependencies.contains(identity)
            || (object.identity.kind == .domainConstraint && object.identity.parent == identity.name)
        {
            rebuild(object.identity, in: &context)
        }
    }

    private static func rule(_ kind: CatalogKind) throws -> any KindRule {
        try #require(ObjectRules.all.first { $0.kinds.contains(kind) })
    }

    private static func sorted(_ catalog: Catalog) -> [CatalogObject] {
        var done: Set<ObjectIdentity> = []
        var result: [CatalogObject] = []
        func visit(_ object: CatalogObject) {
            guard done.insert(object.identity).inserted else { return }
            for needed in object.dependencies { catalog[needed].map(visit) }
            if object.identity.kind == .domainConstraint {
                catalog[ObjectIdentity(.domain, schema: object.identity.schema, object.identity.parent ?? "")].map(
                    visit
                )
            }
            result.append(object)
        }
        catalog.objects.forEach(visit)
        return result
    }
}
