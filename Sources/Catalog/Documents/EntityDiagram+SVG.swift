extension EntityDiagram {
    /// The diagram as a picture: tables stand to the right of those that they refer to.
    public var svg: String {
        let layout = DiagramLayout(of: self)
        var lines = [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(layout.width)\" height=\"\(layout.height)\" "
                + "viewBox=\"0 0 \(layout.width) \(layout.height)\" font-family=\"sans-serif\" font-size=\"12\">",
            "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>",
        ]
        for reference in references {
            let row = entities[reference.from].columns.firstIndex { $0.name == reference.columns.first } ?? 0
            lines.append(layout.line(from: reference.from, row: row, to: reference.to))
        }
        for (position, entity) in entities.enumerated() { lines += draw(entity, in: layout.boxes[position]) }
        return (lines + ["</svg>"]).joined(separator: "\n") + "\n"
    }

    private func draw(_ entity: Entity, in box: DiagramLayout.Box) -> [String] {
        let row = DiagramLayout.rowHeight
        var lines = [
            "<g>",
            "<rect x=\"\(box.x)\" y=\"\(box.y)\" width=\"\(box.width)\" height=\"\(box.height)\" fill=\"white\" "
                + "stroke=\"black\"/>",
            "<rect x=\"\(box.x)\" y=\"\(box.y)\" width=\"\(box.width)\" height=\"\(row)\" fill=\"lightgrey\" "
                + "stroke=\"black\"/>",
            "<text x=\"\(box.x + 8)\" y=\"\(box.y + 15)\" font-weight=\"bold\">\(entity.name.markupEscaped)</text>",
        ]
        for (index, column) in entity.columns.enumerated() {
            let y = box.y + row * (index + 1) + 15
            let style = column.isPrimaryKey ? " text-decoration=\"underline\"" : ""
            let type = column.type.markupEscaped + (column.isNullable ? "?" : "")
            lines.append("<text x=\"\(box.x + 8)\" y=\"\(y)\"\(style)>\(column.name.markupEscaped)</text>")
            lines.append(
                "<text x=\"\(box.x + box.width - 8)\" y=\"\(y)\" text-anchor=\"end\" fill=\"dimgrey\">\(type)</text>"
            )
        }
        return lines + ["</g>"]
    }
}

/// Where each table of a diagram stands: in the layer behind the last of those that it refers to, one under another.
private struct DiagramLayout {
    struct Box {
        let x: Int
        let y: Int
        let width: Int
        let height: Int
    }

    static let rowHeight = 20
    private static let gap = 24
    private static let alley = 80

    private(set) var boxes: [Box] = []
    private(set) var width = 0
    private(set) var height = 0

    init(of diagram: EntityDiagram) {
        let layers = Self.layers(of: diagram)
        let widths = diagram.entities.map { entity in
            let rows = entity.columns.map { $0.name.count + $0.type.count + 3 }
            return max(rows.max() ?? 0, entity.name.count + 2) * 7 + 24
        }
        var place = Array(repeating: Box(x: 0, y: 0, width: 0, height: 0), count: diagram.entities.count)
        var x = Self.gap
        for layer in 0...(layers.max() ?? 0) {
            let members = diagram.entities.indices.filter { layers[$0] == layer }
            let breadth = members.map { widths[$0] }.max() ?? 0
            var y = Self.gap
            for member in members {
                let tall = Self.rowHeight * (diagram.entities[member].columns.count + 1)
                place[member] = Box(x: x, y: y, width: breadth, height: tall)
                y += tall + Self.gap
            }
            height = max(height, y)
            x += breadth + Self.alley
        }
        width = max(x - Self.alley + Self.gap, 2 * Self.gap)
        boxes = place
    }

    /// A line from a column to the head of the table that it refers to.
    func line(from: Int, row: Int, to: Int) -> String {
        let (start, end) = (boxes[from], boxes[to])
        let startY = start.y + Self.rowHeight * (row + 1) + Self.rowHeight / 2
        let endY = end.y + Self.rowHeight / 2
        let isBack = start.x > end.x
        let startX = isBack ? start.x : start.x + start.width
        let endX = end.x + end.width
        let bend = Self.alley / 2
        return "<path d=\"M \(startX) \(startY) C \(startX + (isBack ? -bend : bend)) \(startY) \(endX + bend) \(endY) "
            + "\(endX) \(endY)\" fill=\"none\" stroke=\"grey\"/>"
    }

    /// Tables that refer to each other in a circle end in the layer of the circle's length at most.
    private static func layers(of diagram: EntityDiagram) -> [Int] {
        var layers = Array(repeating: 0, count: diagram.entities.count)
        for _ in diagram.entities.indices {
            var isSettled = true
            for reference in diagram.references where reference.from != reference.to {
                let wanted = min(layers[reference.to] + 1, diagram.entities.count - 1)
                if layers[reference.from] < wanted {
                    layers[reference.from] = wanted
                    isSettled = false
                }
            }
            if isSettled { break }
        }
        // No layer is empty, however far a circle has driven its tables.
        let used = Set(layers).sorted()
        return layers.map { used.firstIndex(of: $0) ?? 0 }
    }
}
