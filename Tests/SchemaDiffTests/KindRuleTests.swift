import Catalog
import Testing

@testable import SchemaDiff

@Suite("A table lock")
struct TableLockTests {
    @Test("is compared by strength")
    func isOrdered() {
        #expect(TableLock.share < .accessExclusive)
    }
}
