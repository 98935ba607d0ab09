import SourceText
import Testing

@Suite("A pattern of * and ?")
struct GlobTests {
    @Test("matches patterns as shells do")
    func matches() {
        #expect("abc".matches("a*c"))
        #expect("abc".matches("*"))
        #expect(!"abc".matches("a?"))
        #expect("a*b*c".matches("a**c"))
        #expect(!"abd".matches("*c"))
    }
}
