/// What files did in the last run, as it was kept.
struct KeptEffects {
    /// The format's number, which goes up with each change of what is packed, and of how files are judged.
    static let format = 12
    private static let mark = Array("lastro lint\n".utf8)

    private var bytes: ArraySlice<UInt8> = []
    private(set) var strings: [String] = []
    private(set) var effects: [FileEffect] = []

    /// Reads what was kept; nothing where it is damaged.
    init(_ bytes: [UInt8]?) {
        guard let bytes, bytes.starts(with: Self.mark), bytes.count > Self.mark.count + 8 else { return }
        let body = bytes[(Self.mark.count + 8)...]
        guard bytes[Self.mark.count..<Self.mark.count + 8].elementsEqual(Self.sum(of: body)) else { return }
        var unpacker = Unpacker(body)
        guard unpacker.number() == Self.format else { return }
        strings = unpacker.list { $0.ownText() }
        self.bytes = bytes[...]
        var list = Unpacker(unpacker.slice(), strings: strings)
        while !list.isAtEnd, !list.isDamaged { effects.append(FileEffect(from: &list)) }
        if unpacker.isDamaged || list.isDamaged { effects = [] }
    }

    /// The bytes to keep.
    static func bytes(of effects: [UInt8], _ strings: [String]) -> [UInt8] {
        var packer = Packer()
        packer.pack(format)
        packer.pack(strings) { $0.pack(own: $1) }
        packer.pack(slice: effects)
        let body = packer.bytes
        return mark + sum(of: body[...]) + body
    }

    /// A sum that tells damaged bytes from whole ones.
    private static func sum(of bytes: ArraySlice<UInt8>) -> [UInt8] {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        bytes.withUnsafeBytes { bytes in
            var place = 0
            while place + 8 <= bytes.count {
                hash = (hash ^ bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)) &* 0x9E37_79B9_7F4A_7C15
                hash ^= hash >> 29
                place += 8
            }
            for byte in bytes[place...] { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        }
        return withUnsafeBytes(of: hash.littleEndian) { Array($0) }
    }

    /// How many files from the first one are as they were.
    func count(fitting files: [LintInput], _ keys: [String]) -> Int {
        var count = 0
        for (file, effect) in zip(files, effects) {
            guard effect.fits(key: keys[count], isJudged: file.isJudged, downKey: file.down?.key) else { break }
            count += 1
        }
        return count
    }

    /// Gives an interpreter what files did that are as they were.
    ///
    /// - Parameters:
    ///   - interpreter: one that has run nothing.
    ///   - files: the files, from the first one.
    ///   - needsSchema: whether other files come behind them.
    /// - Returns: whether it could be read.
    func resume(_ interpreter: Interpreter, behind files: ArraySlice<LintInput>, needsSchema: Bool) -> Bool {
        guard let last = effects.prefix(files.count).last else { return true }
        for (file, effect) in zip(files, effects) where file.isJudged {
            var unpacker = Unpacker(effect.findings, strings: strings)
            let findings = unpacker.list { $0.finding() }
            if unpacker.isDamaged { return false }
            interpreter.add(findings, effect)
        }
        guard needsSchema else { return true }
        let changes = effects.prefix(files.count).map(\.changes)
        guard let schema = SimulatedSchema(replaying: changes, in: bytes, strings: strings) else { return false }
        interpreter.resume(schema, behind: last)
        return true
    }
}

/// Writes down what files do while they are run.
struct EffectRecorder {
    /// How few files are rather run again than kept: writing takes longer.
    private static let fewest = 4

    private var effects: Packer

    /// Goes on behind the files that are as they were; nil where it is not worth it.
    ///
    /// - Parameters:
    ///   - kept: what the last run kept.
    ///   - reused: how many files are as they were.
    ///   - fresh: how many are run again.
    init?(_ kept: KeptEffects, reused: Int, fresh: Int) {
        guard fresh >= Self.fewest || kept.effects.isEmpty && fresh > 0 else { return nil }
        effects = Packer(strings: Packer.Strings(reused == 0 ? [] : kept.strings))
        for effect in kept.effects.prefix(reused) { effect.pack(into: &effects) }
    }

    /// Writes down what the file did that the interpreter has just run.
    mutating func record(
        _ interpreter: Interpreter,
        since mark: (findings: Int, works: Int, counts: Interpreter.Counts),
        _ file: LintInput,
        key: String
    ) {
        let counts = interpreter.counts
        var found = Packer(strings: effects.takeStrings())
        found.pack(interpreter.findings[mark.findings...]) { $0.pack($1) }
        let findings = found.take()
        interpreter.schema.packChanges(into: &found)
        let changes = found.take()
        effects.putBack(found.takeStrings())
        FileEffect(
            key: key,
            isJudged: file.isJudged,
            downKey: file.isJudged ? file.down?.key : nil,
            statementCount: counts.statements - mark.counts.statements,
            allowedCount: counts.allowed - mark.counts.allowed,
            baselineCount: counts.baseline - mark.counts.baseline,
            transactionCount: interpreter.transactionCount,
            usedAllowances: interpreter.allowancesUsedHere.sorted(),
            opening: interpreter.schema.opening,
            shaking: interpreter.schema.shaking,
            cascading: interpreter.schema.cascading,
            works: Array(interpreter.works[mark.works...]),
            findings: findings[...],
            changes: changes[...]
        ).pack(into: &effects)
    }

    /// The bytes to keep.
    func bytes() -> [UInt8] { KeptEffects.bytes(of: effects.bytes, effects.strings.list) }
}
