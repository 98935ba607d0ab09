/// What the name of a file of SQL says, whatever the layout.
struct FileName {
    /// What a name says that a file is.
    enum Form: Hashable {
        /// `NNNN_name.sql`
        case plain
        /// `NNNN_name.up.sql`
        case up
        /// `NNNN_name.down.sql`
        case down
        /// `V1.2__name.sql`
        case flyway
        /// `U1.2__name.sql`
        case flywayUndo
        /// `R__name.sql`
        case repeatable
        /// A migration's name and `.verify.sql`.
        case verify
        /// `before-run.sql`
        case hook(MigrationHook)
        /// `beforeMigrate.sql`
        case flywayHook(MigrationHook)
        /// A name that ends in `.SQL`.
        case capitals
        /// A name that fits nothing.
        case misfit
    }

    let text: String
    let form: Form
    let version: MigrationVersion?
    /// How many bytes at the name's head are the migration's name.
    private let stemCount: Int

    /// Reads a name; nil for a file that is no SQL.
    init?(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard bytes.count > 4, bytes[0] != UInt8(ascii: "."), bytes.hasSQLSuffix else { return nil }
        text = String(decoding: bytes, as: UTF8.self)
        guard bytes.hasSuffix(".sql") else {
            (form, version, stemCount) = (.capitals, nil, 0)
            return
        }
        // A line of lastro.sum or of a message holds a name, and no name a line.
        guard !bytes.contains(where: { $0 < .space }) else {
            (form, version, stemCount) = (.misfit, nil, 0)
            return
        }
        let name = UnsafeBufferPointer(rebasing: bytes.dropLast(4))
        for (suffix, form) in [(".up" as StaticString, Form.up), (".down", .down), (".verify", .verify)]
        where name.hasSuffix(suffix) {
            let stem = UnsafeBufferPointer(rebasing: name.dropLast(suffix.utf8CodeUnitCount))
            let (kind, version) = Self.read(stem)
            let fits = kind == .plain || form == .verify && kind != .misfit && kind != .flywayUndo
            self.form = fits ? form : .misfit
            self.version = version
            stemCount = stem.count
            return
        }
        let (form, version) = Self.read(name)
        self.form = form == .misfit ? Self.hook(String(decoding: name, as: UTF8.self)) : form
        self.version = version
        stemCount = name.count
    }

    /// The migration's name.
    var name: String { String(decoding: text.utf8.prefix(stemCount), as: UTF8.self) }

    private static func read(_ name: UnsafeBufferPointer<UInt8>) -> (Form, MigrationVersion?) {
        guard let first = name.first else { return (.misfit, nil) }
        switch first {
        case let byte where byte.isDigit:
            guard let underscore = name.firstIndex(of: .underscore), underscore < name.count - 1,
                let version = MigrationVersion(digits: UnsafeBufferPointer(rebasing: name[..<underscore]))
            else { return (.misfit, nil) }
            return (.plain, version)
        case UInt8(ascii: "V"), UInt8(ascii: "U"):
            let text = String(decoding: name.dropFirst(), as: UTF8.self)
            guard let end = text.firstRange(of: "__"), end.upperBound < text.endIndex,
                let version = MigrationVersion(dotted: text[..<end.lowerBound])
            else { return (.misfit, nil) }
            return (first == UInt8(ascii: "V") ? .flyway : .flywayUndo, version)
        case UInt8(ascii: "R") where name.count > 3 && name[1] == .underscore && name[2] == .underscore:
            return (.repeatable, nil)
        default:
            return (.misfit, nil)
        }
    }

    private static func hook(_ name: String) -> Form {
        if let hook = MigrationHook(rawValue: name) { return .hook(hook) }
        return MigrationHook.allCases.first { $0.flywayName == name }.map(Form.flywayHook) ?? .misfit
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// Whether it ends in `.sql` in whatever letters.
    fileprivate var hasSQLSuffix: Bool {
        let end = count - 4
        return self[end] == UInt8(ascii: ".") && self[end + 1] | 0x20 == UInt8(ascii: "s")
            && self[end + 2] | 0x20 == UInt8(ascii: "q") && self[end + 3] | 0x20 == UInt8(ascii: "l")
    }

    fileprivate func hasSuffix(_ suffix: StaticString) -> Bool {
        let length = suffix.utf8CodeUnitCount
        guard count > length else { return false }
        for index in 0..<length where self[count - length + index] != suffix.utf8Start[index] { return false }
        return true
    }
}

extension MigrationVersion {
    /// The version in a migration's name, whatever the layout; nil if there is none.
    init?(migrationName name: String) {
        guard let version = (name + ".sql").withUTF8Bytes({ FileName($0)?.version }) else { return nil }
        self = version
    }
}

extension String {
    func withUTF8Bytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        var copy = self
        return copy.withUTF8(body)
    }
}
