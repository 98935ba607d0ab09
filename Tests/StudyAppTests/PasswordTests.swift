import Testing

@testable import study_app

@Suite("A password's hash")
struct PasswordTests {
    @Test("is scrypt's, as RFC 7914 and the PHC string format have it")
    func isScrypt() throws {
        // RFC 7914, section 12, the second vector, cut to 32 bytes.
        let text =
            "$scrypt$ln=10,r=8,p=16$TmFDbA$/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWI"
        let hash = try #require(PasswordHash(text))
        #expect(hash.text == text)
        #expect(try hash.fits("password"))
        #expect(try !hash.fits("Password"))
    }

    @Test("has a salt of its own, and fits its password alone")
    func hasSalt() throws {
        let (one, other) = (
            try PasswordHash(of: "um cavalo certo", cost: cheap), try PasswordHash(of: "um cavalo certo", cost: cheap)
        )
        #expect(one.text != other.text)
        #expect(try one.fits("um cavalo certo") && other.fits("um cavalo certo"))
        #expect(try !one.fits("um cavalo errado"))
        // Composed or not, it is one password.
        #expect(try PasswordHash(of: "ação e reação", cost: cheap).fits("ac\u{327}a\u{303}o e reac\u{327}a\u{303}o"))
    }

    @Test(
        "is refused in another form",
        arguments: [
            "", "$2b$12$abcdefghijklmnopqrstuv", "$scrypt$ln=15,r=8$c2FsdHNhbHQ$aaaa",
            "$scrypt$ln=99,r=8,p=1$c2FsdA$aa",
            "$scrypt$ln=15,r=8,p=1$c2FsdHNhbHQ$c2hvcnQ", "$scrypt$ln=20,r=64,p=1$c2FsdHNhbHQ$c2hvcnQ",
        ]
    )
    func refuses(text: String) { #expect(PasswordHash(text) == nil) }

    @Test("is made anew when what it costs has changed, and tried a few at a time")
    func isOutdated() async throws {
        let old = try await PasswordHasher(cost: cheap).hash("um cavalo certo")
        let hasher = PasswordHasher(cost: try #require(ScryptCost("ln=6,r=8,p=1")), limit: 1, waiting: 1)
        guard case .right(isOutdated: true) = try await hasher.verify("um cavalo certo", against: old) else {
            Issue.record("not seen as outdated")
            return
        }
        guard case .wrong = try await hasher.verify("x", against: nil) else {
            Issue.record("nobody's password fits")
            return
        }
        // One is tried and one waits; of many more at once some are turned away, and none hangs.
        let busy = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    do {
                        _ = try await hasher.verify("x", against: old)
                        return false
                    } catch let error as AccountError where error.code == .busy {
                        return true
                    }
                }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(busy < 50)
    }

    @Test("costs what a text says, and no more than a machine has")
    func readsCost() {
        #expect(ScryptCost("ln=15,r=8,p=3") == .standard)
        #expect(ScryptCost("p=3,r=8,ln=15")?.description == "ln=15,r=8,p=3")
        for text in ["", "ln=15", "ln=15,r=8,p=3,q=1", "ln=3,r=8,p=1", "ln=20,r=16,p=1", "ln=x,r=8,p=1"] {
            #expect(ScryptCost(text) == nil, "\(text)")
        }
    }

    @Test("lock-outs grow with every wrong try")
    func growsLockOut() {
        let lockOut = LockOut()
        #expect((0...4).allSatisfy { lockOut.wait(after: $0) == .zero })
        #expect([5, 6, 7, 8].map { lockOut.wait(after: $0) } == [15, 30, 60, 120].map { .seconds($0) })
        #expect(lockOut.wait(after: 1000) == .seconds(3600))
    }
}
