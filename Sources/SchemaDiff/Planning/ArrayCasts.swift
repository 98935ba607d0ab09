import Catalog

extension Catalog {
    /// The catalog with expressions that the server reads back as the same ones.
    var withSettledArrayCasts: Catalog {
        let parts = objects.mapParts { objects in
            objects.indices.compactMap { index in
                objects[index].withSettledArrayCasts.map { (index: index, object: $0) }
            }
        }
        guard parts.contains(where: { !$0.isEmpty }) else { return self }
        var settled = objects
        for (index, object) in parts.joined() { settled[index] = object }
        return Catalog(serverVersion: serverVersion, sorted: settled, notModelled: notModelled)
    }
}

extension CatalogObject {
    /// The object with expressions that the server reads back as the same ones; nil where it has none that differ.
    fileprivate var withSettledArrayCasts: CatalogObject? {
        var settled: [AttributeName: AttributeValue]?
        for (name, value) in attributes {
            guard case .text(let text) = value, text.holdsArray, name.isWorded else { continue }
            let words = text.withSettledArrayCasts
            if words != text { settled = (settled ?? attributes).merging([name: .text(words)]) { $1 } }
        }
        return settled.map { CatalogObject(identity, attributes: $0, dependencies: dependencies) }
    }
}
