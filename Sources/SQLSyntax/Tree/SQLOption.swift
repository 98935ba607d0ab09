import CPgQuery

/// A named option, such as `fillfactor = 70` or `VERBOSE`.
public struct SQLOption: Hashable, Sendable {
    /// Its name, in small letters unless it was in quotes; with the namespace and a point before it if it has one.
    public let name: String
    /// What it is set to; nil for an option that stands alone or whose value is no single word.
    public let value: String?
}

extension TreeReader {
    func options(_ count: Int, _ list: List?) -> [SQLOption] { definitions(count, list).map(option) }

    /// The elements of a list of options.
    func definitions(_ count: Int, _ list: List?) -> [PgQuery__DefElem] {
        nodes(count, list).filter { $0.node_case == PG_QUERY__NODE__NODE_DEF_ELEM }.map { $0.def_elem.pointee }
    }

    private func option(_ option: PgQuery__DefElem) -> SQLOption {
        SQLOption(
            name: (text(option.defnamespace).map { $0 + "." } ?? "") + (text(option.defname) ?? ""),
            value: option.arg.flatMap { value($0.pointee) }
        )
    }

    private func value(_ node: PgQuery__Node) -> String? {
        guard node.node_case == PG_QUERY__NODE__NODE_LIST else { return word(node) }
        let words = texts(node.list.pointee.n_items, node.list.pointee.items)
        return words.isEmpty ? nil : words.joined(separator: ".")
    }
}
