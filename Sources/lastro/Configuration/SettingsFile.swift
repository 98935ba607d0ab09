#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A file of settings that was looked for.
struct SettingsFile: Sendable {
    /// A file's content.
    struct Content: Sendable {
        let bytes: [UInt8]
        var text: String { String(decoding: bytes, as: UTF8.self) }
    }

    /// The path as it was looked for.
    let path: String
    /// The content; nil if the file is not there.
    let content: Content?

    init(path: String, isRequired: Bool = false) throws(ConfigurationError) {
        self.path = path
        do {
            content = Content(bytes: Array(try Data(contentsOf: URL(filePath: path))))
        } catch {
            if isRequired || FileManager.default.fileExists(atPath: path) {
                throw .unreadableFile(path, why: isRequired ? "it is not there" : "\(error)")
            }
            content = nil
        }
    }

    /// The path from the root.
    var absolutePath: String {
        path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    }

    /// A path that is written in a file, which means: from the file's folder.
    static func resolve(_ relative: String, writtenIn file: String) -> String {
        guard !relative.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return relative }
        return file[...slash] + relative
    }
}
