import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A file of settings that was looked for.
package struct SettingsFile: Sendable {
    /// A file's content.
    package struct Content: Sendable {
        package let bytes: [UInt8]
        package var text: String { String(decoding: bytes, as: UTF8.self) }
    }

    /// The path as it was looked for.
    package let path: String
    /// The content; nil if the file is not there.
    package let content: Content?

    package init(path: String, isRequired: Bool = false) throws(ConfigurationError) {
        self.path = path
        do {
            content = Content(bytes: try Self.read(path))
        } catch Errno.noSuchFileOrDirectory where !isRequired {
            content = nil
        } catch {
            throw .unreadableFile(path, why: "\(error)")
        }
        guard content.map({ String(validating: $0.bytes, as: UTF8.self) != nil }) ?? true else { throw .notUTF8(path) }
    }

    /// Reads a file, or a pipe such as a shell's `<(…)`.
    package static func read(_ path: String) throws -> [UInt8] {
        let file = try FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec)
        return try file.closeAfter {
            var bytes: [UInt8] = []
            while true {
                let chunk = try [UInt8](unsafeUninitializedCapacity: 16384) { buffer, count in
                    count = try file.read(into: UnsafeMutableRawBufferPointer(buffer))
                }
                if chunk.isEmpty { return bytes }
                bytes += chunk
            }
        }
    }

    /// The path from the root.
    package var absolutePath: String {
        path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    }

    /// A path that is written in a file, which means: from the file's folder.
    package static func resolve(_ relative: String, writtenIn file: String) -> String {
        guard !relative.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return relative }
        return file[...slash] + relative
    }
}
