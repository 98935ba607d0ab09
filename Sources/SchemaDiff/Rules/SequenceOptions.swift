/// The options of a sequence that are not the server's own choice, as catalogs hold them: `START WITH 5`, `CYCLE`.
struct SequenceOptions {
    private let values: [String: String]

    init(_ options: [String]) {
        values = Dictionary(
            options.map { option in
                for name in ["START WITH", "INCREMENT BY", "MINVALUE", "MAXVALUE", "CACHE"]
                where option.hasPrefix(name + " ") {
                    return (name, String(option.dropFirst(name.count + 1)))
                }
                return (option, "")
            },
            uniquingKeysWith: { $1 }
        )
    }

    /// What takes a sequence from these options to others, each as `ALTER SEQUENCE` and `ALTER COLUMN … SET` take it.
    func actions(to other: SequenceOptions) -> [String] {
        var actions: [String] = []
        func change(_ name: String, none: String) {
            guard values[name] != other.values[name] else { return }
            actions.append(other.values[name].map { $0.isEmpty ? name : "\(name) \($0)" } ?? none)
        }
        change("INCREMENT BY", none: "INCREMENT BY 1")
        change("MINVALUE", none: "NO MINVALUE")
        change("MAXVALUE", none: "NO MAXVALUE")
        let isDescending = other.values["INCREMENT BY"]?.hasPrefix("-") ?? false
        if values["START WITH"] != other.values["START WITH"] || !actions.isEmpty {
            let first = isDescending ? other.values["MAXVALUE"] ?? "-1" : other.values["MINVALUE"] ?? "1"
            actions.append("START WITH \(other.values["START WITH"] ?? first)")
        }
        change("CACHE", none: "CACHE 1")
        change("CYCLE", none: "NO CYCLE")
        return actions
    }
}
