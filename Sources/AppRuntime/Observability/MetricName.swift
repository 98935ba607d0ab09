/// Names as Prometheus wants them: base units, letters, digits and underscores.
enum MetricName {
    /// A metric's name.
    ///
    /// - Parameters:
    ///   - label: the name as the code has it, such as `http.server.request.duration`.
    ///   - suffix: what the name has to end with, such as `_total`.
    /// - Returns: the name, such as `http_server_request_duration_seconds`.
    static func family(_ label: String, suffix: String = "") -> String {
        let name = sanitised(label, allowsColon: true)
        return name.hasSuffix(suffix) ? name : name + suffix
    }

    /// A label's name.
    static func label(_ name: String) -> String {
        let name = sanitised(name, allowsColon: false)
        // Two underscores in front are Prometheus's own, and `le` and `quantile` have a meaning of their own.
        if name.hasPrefix("__") { return "label" + name }
        return name == "le" || name == "quantile" ? name + "_" : name
    }

    private static func sanitised(_ name: String, allowsColon: Bool) -> String {
        var bytes: [UInt8] = []
        for byte in name.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"):
                bytes.append(byte)
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                if bytes.isEmpty { bytes.append(UInt8(ascii: "_")) }
                bytes.append(byte)
            case UInt8(ascii: ":") where allowsColon:
                bytes.append(byte)
            default:
                bytes.append(UInt8(ascii: "_"))
            }
        }
        return bytes.isEmpty ? "_" : String(decoding: bytes, as: UTF8.self)
    }

    /// A label's value between quotation marks (text format 0.0.4: backslash, quotation mark and line feed are escaped).
    static func quoted(_ value: String) -> String {
        var text = "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }

    /// A help text.
    static func escaped(_ help: String) -> String {
        help.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
    }

    /// A number: whole ones without a point, and the three that are none in words.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if value == value.rounded(), abs(value) < 1e15 { return "\(Int64(value))" }
        return "\(value)"
    }
}
