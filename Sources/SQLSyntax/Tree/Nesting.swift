#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// How deeply the syntax tree of a text can be nested at most.
///
/// libpg_query writes, reads and frees its trees by recursion and without a limit: `1+1+…` of some ten thousand terms
/// overruns an ordinary stack. So the depth is bounded beforehand, and a deep tree gets a stack that holds it.
struct Nesting {
    let depth: Int

    /// More than the server's own `max_stack_depth` would let pass.
    static let limit = 100_000
    private static let ordinary = 64
    // Measured on the worst case, sub-selects in sub-selects, at about 5 kB a level.
    private static let stackPerLevel = 8 << 10

    /// Bounds the depth: no tree is deeper than an element of a list is long, plus the lists around it.
    ///
    /// A comma begins a new element; only UNION and its like nest what is on both sides of their commas.
    init(of bytes: UnsafeBufferPointer<UInt8>) {
        var lexer = Lexer(bytes, in: 0..<bytes.count)
        var levels = [Level()]
        var outer = 0
        var deepest = 0
        while let token = lexer.nextOrNil() {
            switch (token.kind, bytes[token.start]) {
            case (.openParenthesis, _), (.other, UInt8(ascii: "[")):
                levels[levels.count - 1].element += 1
                outer += levels[levels.count - 1].depth
                levels.append(Level())
            case (.closeParenthesis, _), (.other, UInt8(ascii: "]")):
                guard levels.count > 1 else { continue }
                levels.removeLast()
                outer -= levels[levels.count - 1].depth
            case (.semicolon, _):
                levels[levels.count - 1] = Level()
            case (.other, UInt8(ascii: ",")):
                levels[levels.count - 1].element = 0
            default:
                levels[levels.count - 1].element += 1
                if token.is("UNION", in: bytes) || token.is("EXCEPT", in: bytes) || token.is("INTERSECT", in: bytes) {
                    levels[levels.count - 1].setOperations += 1
                }
            }
            deepest = max(deepest, outer + levels[levels.count - 1].depth)
        }
        depth = deepest
    }

    /// The nesting of a part of a tree that has so many nodes: not deeper than they are many.
    init(nodeCount: Int) {
        depth = nodeCount
    }

    private struct Level {
        var element = 0
        var setOperations = 0
        var depth: Int { element + setOperations }
    }

    /// Runs a closure on a stack that is large enough: the caller's, or one of a thread made for it.
    ///
    /// - Returns: what the closure returned; nil when no thread could be made.
    func onSufficientStack<Result>(_ body: () -> Result) -> Result? {
        guard depth > Self.ordinary else { return body() }
        return withoutActuallyEscaping(body) { body in
            let job = Job(body)
            let attributes = UnsafeMutablePointer<pthread_attr_t>.allocate(capacity: 1)
            defer { attributes.deallocate() }
            pthread_attr_init(attributes)
            defer { pthread_attr_destroy(attributes) }
            pthread_attr_setstacksize(attributes, (1 << 20) + depth * Self.stackPerLevel)
            var thread = pthread_t()
            let box = Unmanaged.passUnretained(job)
            let status = pthread_create(&thread, attributes, runJob, box.toOpaque())
            guard status == 0 else { return nil }
            pthread_join(thread, nil)
            return job.result
        }
    }
}

/// Work for another thread; `pthread_join` orders its result before the reader.
private class AnyJob {
    func run() {}
}

private final class Job<Result>: AnyJob {
    private let body: () -> Result
    private(set) var result: Result?

    init(_ body: @escaping () -> Result) {
        self.body = body
    }

    override func run() {
        result = body()
    }
}

private func runJob(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let argument { Unmanaged<AnyJob>.fromOpaque(argument).takeUnretainedValue().run() }
    return nil
}
