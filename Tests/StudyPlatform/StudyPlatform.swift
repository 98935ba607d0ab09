#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The study platform's files: what the demo, the tests and the measurements work on.
public enum StudyPlatform {
    /// The project's folder.
    public static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    /// The folder of the migrations.
    public static let migrations = root + "/migrations"

    /// A file of the incident.
    public static func incident(_ name: String) throws -> String {
        try String(contentsOf: URL(filePath: "\(root)/fixtures/incident/\(name)"), encoding: .utf8)
    }
}
