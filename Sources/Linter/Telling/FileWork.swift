/// What a migration does, in words for those who review it.
public struct FileWork: Hashable, Sendable {
    /// The file.
    public let file: String
    /// Whether one transaction does all of it, as far as that is known.
    public let isInOneTransaction: Bool
    /// What its statements do, in their order.
    public let deeds: [String]
    /// The locks that it takes on what was there before: each relation with the strongest, and who waits.
    public let locks: [String]
}

extension FileWork: Packable {
    func pack(into packer: inout Packer) {
        packer.pack(own: file)
        packer.pack(isInOneTransaction)
        packer.pack(deeds) { $0.pack(own: $1) }
        packer.pack(locks) { $0.pack(own: $1) }
    }

    init(from unpacker: inout Unpacker) {
        file = unpacker.ownText()
        isInOneTransaction = unpacker.flag()
        deeds = unpacker.list { $0.ownText() }
        locks = unpacker.list { $0.ownText() }
    }
}
