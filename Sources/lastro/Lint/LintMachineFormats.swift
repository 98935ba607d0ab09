import Linter
import Migrator

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The formats that other tools define.
enum LintMachineFormats {
    /// A report of GitLab's Code Quality.
    static func gitlab(_ findings: [LintReporter.Row], _ paths: CheckoutPaths) -> String {
        struct Issue: Encodable {
            struct Location: Encodable {
                struct Lines: Encodable { let begin: Int }
                let path: String
                let lines: Lines
            }
            let description: String
            let check_name: String
            let fingerprint: String
            let severity: String
            let location: Location
        }
        var seen: [String: Int] = [:]
        return encode(
            findings.map { row in
                // Two findings of a rule in one statement need two fingerprints.
                let number = seen[row.fingerprint, default: 0]
                seen[row.fingerprint] = number + 1
                return Issue(
                    description: row.message,
                    check_name: row.rule,
                    fingerprint: number == 0 ? row.fingerprint : "\(row.fingerprint)-\(number)",
                    severity: row.severity == "error" ? "critical" : row.severity == "warning" ? "minor" : "info",
                    location: Issue.Location(path: paths.path(row.file), lines: Issue.Location.Lines(begin: row.line))
                )
            }
        )
    }

    /// A log of SARIF 2.1.0 (OASIS standard, sections 3.13 to 3.49).
    static func sarif(_ findings: [LintReporter.Row], _ paths: CheckoutPaths, rules all: [Rule]) -> String {
        let used = Set(findings.map(\.rule))
        let asked = all.filter { used.contains($0.name) }
        let indexes = Dictionary(uniqueKeysWithValues: asked.enumerated().map { ($1.name, $0) })
        let rules = asked.map { rule in
            Sarif.Rule(
                id: rule.name,
                shortDescription: Sarif.Text(text: rule.summary),
                fullDescription: Sarif.Text(text: rule.page),
                defaultConfiguration: Sarif.Configuration(level: rule.severity.rawValue),
                properties: Sarif.Properties(tags: [rule.category.rawValue])
            )
        }
        let results = findings.map { row in
            Sarif.Result(
                ruleId: row.rule,
                ruleIndex: indexes[row.rule] ?? 0,
                level: row.severity,
                message: Sarif.Text(text: row.words),
                locations: [
                    Sarif.Location(
                        physicalLocation: Sarif.PhysicalLocation(
                            artifactLocation: Sarif.Artifact(uri: paths.path(row.file).asURI),
                            region: Sarif.Region(startLine: row.line, startColumn: row.column, endLine: row.endLine)
                        )
                    )
                ],
                partialFingerprints: ["statement/v1": row.fingerprint]
            )
        }
        return encode(
            Sarif(
                schema: "https://json.schemastore.org/sarif-2.1.0.json",
                version: "2.1.0",
                runs: [
                    Sarif.Run(
                        tool: Sarif.Tool(driver: Sarif.Driver(name: "lastro", version: lastroVersion, rules: rules)),
                        columnKind: "unicodeCodePoints",
                        results: results
                    )
                ]
            )
        )
    }

    private static func encode(_ value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        // These values hold texts and numbers alone, which always can be encoded.
        return (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }
}

/// The parts of a SARIF log that are used.
private struct Sarif: Encodable {
    struct Text: Encodable { let text: String }
    struct Configuration: Encodable { let level: String }
    struct Properties: Encodable { let tags: [String] }
    struct Rule: Encodable {
        let id: String
        let shortDescription: Text
        let fullDescription: Text
        let defaultConfiguration: Configuration
        let properties: Properties
    }
    struct Driver: Encodable {
        let name: String
        let version: String
        let rules: [Rule]
    }
    struct Tool: Encodable { let driver: Driver }
    struct Artifact: Encodable { let uri: String }
    struct Region: Encodable {
        let startLine: Int
        let startColumn: Int
        let endLine: Int
    }
    struct PhysicalLocation: Encodable {
        let artifactLocation: Artifact
        let region: Region
    }
    struct Location: Encodable { let physicalLocation: PhysicalLocation }
    struct Result: Encodable {
        let ruleId: String
        let ruleIndex: Int
        let level: String
        let message: Text
        let locations: [Location]
        let partialFingerprints: [String: String]
    }
    struct Run: Encodable {
        let tool: Tool
        let columnKind: String
        let results: [Result]
    }

    let schema: String
    let version: String
    let runs: [Run]

    enum CodingKeys: String, CodingKey {
        case schema = "$schema"
        case version
        case runs
    }
}

extension String {
    /// A path as a relative reference of a URI.
    fileprivate var asURI: String {
        utf8.reduce(into: "") { text, byte in
            let isPlain =
                byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z")
                || byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z")
                || byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") || [UInt8]("-._~/".utf8).contains(byte)
            if isPlain {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                text += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
    }
}
