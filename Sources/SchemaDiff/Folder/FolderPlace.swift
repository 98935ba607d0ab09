import Catalog

/// Where a file of a schema lies in its folder.
struct FolderPlace: Hashable {
    /// What of an object stands in the file.
    enum Part: String, Hashable {
        /// The object, with what belongs to it.
        case object = ""
        /// Its foreign keys, which need tables that may need it in turn.
        case foreignKeys = ".foreign-keys"
        /// What can only be made once others are there that need the object.
        ///
        /// Its name comes behind the object's own: `views.sql`, `views.supplement.sql`.
        case late = ".supplement"
    }

    /// The kind's folder, and the names: those of functions of one name have one file.
    private let kind: CatalogKind
    private let schema: String?
    private let name: String
    private let suffix: String?
    let part: Part

    init(of identity: ObjectIdentity, _ part: Part = .object) {
        kind = identity.kind
        schema = identity.schema
        name = identity.name
        switch identity.kind {
        case .cast, .transform, .userMapping, .defaultPrivileges: suffix = identity.signature
        default: suffix = nil
        }
        self.part = part
    }

    /// The path: `schema/public/tables/jobs.sql`.
    var path: String {
        if kind == .schema { return "schema/\(FileName.encoded(name))/schema\(part.rawValue).sql" }
        let folder = schema.map { "schema/\(FileName.encoded($0))/" } ?? ""
        let file = FileName.encoded(name) + (suffix.map { "." + FileName.encoded($0) } ?? "")
        return "\(folder)\(kind.folder)/\(file)\(part.rawValue).sql"
    }

    /// What the file is about.
    var title: String {
        let names = ObjectIdentity(kind, schema: schema, name, signature: suffix).description
        let words =
            switch part {
            case .object: names
            case .foreignKeys: "the foreign keys of " + names
            case .late: "what comes late of " + names
            }
        return words.split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}

extension CatalogKind {
    /// The folder of a kind's files.
    fileprivate var folder: String {
        switch self {
        case .baseType, .enumeration, .compositeType, .domain, .rangeType: "types"
        case .index: "indexes"
        case .policy: "policies"
        case .operatorFamily: "operator-families"
        case .textSearchDictionary: "text-search-dictionaries"
        case .operatorClass: "operator-classes"
        case .statistics, .defaultPrivileges: rawValue.replacing(" ", with: "-")
        default: rawValue.replacing(" ", with: "-") + "s"
        }
    }
}

/// Names of objects as names of files.
enum FileName {
    /// A name that every file system takes, and that no other object has, whatever it makes of upper and lower case.
    ///
    /// Lower-case letters, digits, `_` and `-` stay; every other byte is `%` and two digits.
    static func encoded(_ name: String) -> String {
        let digits = Array("0123456789abcdef")
        var result = ""
        for byte in name.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"),
                UInt8(ascii: "-"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                result.append("%")
                result.append(digits[Int(byte >> 4)])
                result.append(digits[Int(byte & 15)])
            }
        }
        guard isDevice(result), let first = result.utf8.first else { return result }
        return "%" + String(first, radix: 16) + result.dropFirst()
    }

    /// Whether a file of the name is a device to some system.
    private static func isDevice(_ name: String) -> Bool {
        if ["con", "prn", "aux", "nul"].contains(name) { return true }
        return name.utf8.count == 4 && (name.hasPrefix("com") || name.hasPrefix("lpt"))
            && name.last?.isNumber ?? false
    }
}
