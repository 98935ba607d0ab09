import SQLSyntax
import Synchronization

/// What kept relations refer to, the other way round; read when it is first asked for.
final class KeptUsers: Sendable {
    private let bytes: ArraySlice<UInt8>
    private let strings: [String]
    private let places: [QualifiedName: Range<Int>]
    private let users = Mutex<[SimulatedSchema.ObjectKey: [QualifiedName]]?>(nil)

    /// Names where relations lie packed, each behind what it refers to.
    init(_ places: [QualifiedName: Range<Int>], in bytes: ArraySlice<UInt8>, strings: [String]) {
        self.places = places
        self.bytes = bytes
        self.strings = strings
    }

    /// The relations that refer to something.
    func users(of key: SimulatedSchema.ObjectKey) -> [QualifiedName] {
        users.withLock { users in
            if let users { return users[key] ?? [] }
            var all: [SimulatedSchema.ObjectKey: [QualifiedName]] = [:]
            for (name, place) in places {
                var unpacker = Unpacker(bytes[place], strings: strings)
                let mentions: [SimulatedSchema.ObjectKey] = unpacker.values()
                for mentioned in mentions { all[mentioned, default: []].append(name) }
            }
            users = all
            return all[key] ?? []
        }
    }
}
