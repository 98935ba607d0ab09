/// The order of many identities, in which schemas and parents, of which there are few, are compared once.
struct IdentityOrder {
    /// The places of the identities in the given list, the first one's first.
    let indices: [Int]

    private struct Container: Hashable, Comparable {
        let schema: String?
        let parent: String?

        static func < (left: Self, right: Self) -> Bool {
            left.schema == right.schema
                ? ObjectIdentity.precedes(left.parent, right.parent)
                : ObjectIdentity.precedes(left.schema, right.schema)
        }
    }

    init(_ identities: [ObjectIdentity]) {
        let containers = identities.map { Container(schema: $0.schema, parent: $0.parent) }
        let ranks = Self.ranks(of: containers)
        indices = identities.indices.sorted { left, right in
            let (first, second) = (identities[left], identities[right])
            if first.kind != second.kind { return first.kind < second.kind }
            if ranks[left] != ranks[right] { return ranks[left] < ranks[right] }
            if first.name != second.name { return ObjectIdentity.precedes(first.name, second.name) }
            return ObjectIdentity.precedes(first.signature, second.signature)
        }
    }

    /// The rank of each container among the different ones.
    private static func ranks(of containers: [Container]) -> [Int] {
        var numbers: [Container: Int] = [:]
        var different: [Container] = []
        var list: [Int] = []
        list.reserveCapacity(containers.count)
        for container in containers {
            // What belongs to one table mostly stands together.
            if let last = list.last, different[last] == container {
                list.append(last)
                continue
            }
            let number = numbers[container, default: different.count]
            if number == different.count {
                numbers[container] = number
                different.append(container)
            }
            list.append(number)
        }
        var ranks = Array(repeating: 0, count: different.count)
        let order = different.indices.sorted { different[$0] < different[$1] }
        for (rank, number) in order.enumerated() { ranks[number] = rank }
        return list.map { ranks[$0] }
    }
}
