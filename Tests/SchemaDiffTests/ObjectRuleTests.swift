import Catalog
import Postgres
import TestSupport
import Testing

@testable import SchemaDiff

@Suite("The rules of the kinds")
struct ObjectRuleTests {
    @Test("create, drop and alter what a server reads back the same", arguments: KindCase.all)
    func areRight(_ kind: KindCase) async throws {
        let shared = KindCase.roles + kind.shared
        try await RoundTrip(sql: "\(shared)\n\(kind.sql)", other: "\(shared)\n\(kind.other)").check()
    }

    private static let newer: [NewerServer] = (isLongTest ? [16, 18] : [18]).map(NewerServer.init)

    @Test("create, drop and alter the same on newer servers", arguments: KindCase.all, newer)
    func areRightOnNewerServers(_ kind: KindCase, on newer: NewerServer) async throws {
        if let missing = kind.lacksElsewhere {
            return print("\(kind.name): not looked at on PostgreSQL \(newer.major), which lacks \(missing) here")
        }
        guard try await newer.isInstalled else {
            return print("PostgreSQL \(newer.major) is not installed: \(kind.name) is not looked at on it")
        }
        let shared = KindCase.roles + kind.shared
        var trip = RoundTrip(sql: "\(shared)\n\(kind.sql)", other: "\(shared)\n\(kind.other)")
        trip.server = newer.server
        trip.major = newer.major
        try await trip.check()
    }
}
