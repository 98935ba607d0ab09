import Dispatch
import Synchronization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension RandomAccessCollection where Index == Int, Self: Sendable, SubSequence: Sendable {
    /// Works on parts of a list at the same time, one for each processor; a short list is one part.
    ///
    /// - Parameters:
    ///   - smallest: how many elements are worth a thread.
    ///   - body: works on a part.
    /// - Returns: what the closure made of each part, in the order of the parts.
    package func mapParts<Result: Sendable>(ofAtLeast smallest: Int = 500, _ body: @Sendable (SubSequence) -> Result)
        -> [Result]
    {
        let partCount = Swift.max(1, Swift.min(ProcessInfo.processInfo.activeProcessorCount, count / smallest))
        guard partCount > 1 else { return [body(self[startIndex..<endIndex])] }
        let results = Mutex<[Int: Result]>([:])
        DispatchQueue.concurrentPerform(iterations: partCount) { part in
            let start = startIndex + count * part / partCount
            let end = startIndex + count * (part + 1) / partCount
            let result = body(self[start..<end])
            results.withLock { $0[part] = result }
        }
        return results.withLock { results in (0..<partCount).compactMap { results[$0] } }
    }
}
