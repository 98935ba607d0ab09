import SQLSyntax

/// Names for what a plan makes and takes away or renames again.
///
/// They begin with `lastro_`, so that what an interrupted plan leaves behind is known for Lastro's.
enum ReplacementName {
    /// The name for what stands in for an object until it takes its name.
    static func of(_ name: String, _ purpose: String = "new") -> String {
        let plain = "lastro_\(purpose)_\(name)"
        guard plain.utf8.count > Identifier.maximumLength else { return plain }
        // A hash of the whole name keeps long names apart that begin alike.
        var hash: UInt32 = 2_166_136_261
        for byte in name.utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        let digits = String(hash, radix: 16)
        let start = Identifier.truncate(plain).utf8.prefix(Identifier.maximumLength - digits.count - 1)
        return String(decoding: start, as: UTF8.self).filter { $0 != "\u{FFFD}" } + "_" + digits
    }
}
