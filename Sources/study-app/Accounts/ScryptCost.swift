/// What one try of a password costs: the parameters of scrypt (RFC 7914).
///
/// It takes `128 × r × 2^ln` bytes of memory, and time in proportion to that times `p`.
struct ScryptCost: Hashable, Sendable, CustomStringConvertible {
    /// The binary logarithm of N.
    let logarithm: Int
    /// The block size, r.
    let blockSize: Int
    /// The parallelism, p.
    let parallelism: Int

    /// 32 MiB, three times: what OWASP's cheat sheet on password storage asks for, at the least memory for a server of many.
    static let standard = ScryptCost(logarithm: 15, blockSize: 8, parallelism: 3)

    private init(logarithm: Int, blockSize: Int, parallelism: Int) {
        self.logarithm = logarithm
        self.blockSize = blockSize
        self.parallelism = parallelism
    }

    /// Reads what ``description`` writes; nil for anything else, and for what would take more than 1 GiB.
    init?(_ text: String) {
        var values: [String: Int] = [:]
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let pieces = part.split(separator: "=", omittingEmptySubsequences: false)
            guard pieces.count == 2, let number = Int(pieces[1]) else { return nil }
            values[String(pieces[0])] = number
        }
        guard values.count == 3, let logarithm = values["ln"], let blockSize = values["r"],
            let parallelism = values["p"],
            (4...20).contains(logarithm), (1...64).contains(blockSize), (1...16).contains(parallelism),
            128 * blockSize << logarithm <= 1 << 30
        else { return nil }
        self.init(logarithm: logarithm, blockSize: blockSize, parallelism: parallelism)
    }

    /// `ln=15,r=8,p=3`.
    var description: String { "ln=\(logarithm),r=\(blockSize),p=\(parallelism)" }
}
