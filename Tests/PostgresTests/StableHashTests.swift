import Postgres
import Testing

@Suite("A stable hash")
struct StableHashTests {
    // From the algorithm's published test vectors.
    @Test(
        "is FNV-1a's",
        arguments: [("", "cbf29ce484222325"), ("a", "af63dc4c8601ec8c"), ("foobar", "85944171f73967e8")]
    )
    func isTheAlgorithms(text: String, digits: String) {
        #expect(StableHash(text).description == digits)
        #expect(String(StableHash(text).value, radix: 16) == digits)
    }

    @Test("has sixteen digits, also of a small number")
    func hasSixteenDigits() {
        for number in 0..<500 { #expect(StableHash("\(number)").description.count == 16) }
    }
}
