import ProjectSettings
import SystemPackage

/// The first line of a file or of a command's output: how secrets are handed over.
struct FirstLine {
    let text: String

    /// What is looked at for the end of the line.
    static let limit = 65_536

    /// Reads a file, or a pipe such as a shell's `<(…)`.
    ///
    /// - Throws: ``ConfigurationError``, which repeats nothing of the content.
    init(ofFile path: String, for setting: Setting, at place: SettingPlace) throws(ConfigurationError) {
        do {
            try self.init(of: try Self.read(path), from: path, for: setting, at: place)
        } catch let error as ConfigurationError {
            throw error
        } catch {
            throw .noPassword("\(path) cannot be read: \(error)", of: setting, at: place)
        }
    }

    /// Reads a file; nil if it is not there.
    init?(ofFileIfThere path: String, for setting: Setting, at place: SettingPlace) throws(ConfigurationError) {
        do {
            try self.init(of: try Self.read(path), from: path, for: setting, at: place)
        } catch Errno.noSuchFileOrDirectory {
            return nil
        } catch let error as ConfigurationError {
            throw error
        } catch {
            throw .noPassword("\(path) cannot be read: \(error)", of: setting, at: place)
        }
    }

    /// Takes the first line of what was read.
    ///
    /// - Throws: ``ConfigurationError`` for an empty line, and for one that is no text.
    init(
        of bytes: [UInt8],
        from source: String,
        for setting: Setting,
        at place: SettingPlace
    ) throws(ConfigurationError) {
        var line = bytes.prefix { $0 != UInt8(ascii: "\n") }
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        guard !line.isEmpty else { throw .noPassword("the first line of \(source) is empty", of: setting, at: place) }
        guard line.count < Self.limit else {
            throw .noPassword("the first line of \(source) does not end", of: setting, at: place)
        }
        guard !line.contains(0), let text = String(validating: line, as: UTF8.self) else {
            throw .noPassword("the first line of \(source) is no UTF-8 text", of: setting, at: place)
        }
        self.text = text
    }

    private static func read(_ path: String) throws -> [UInt8] {
        let file = try FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec)
        return try file.closeAfter {
            var bytes: [UInt8] = []
            while bytes.count < limit, !bytes.contains(UInt8(ascii: "\n")) {
                let chunk = try [UInt8](unsafeUninitializedCapacity: 4096) { buffer, count in
                    count = try file.read(into: UnsafeMutableRawBufferPointer(buffer))
                }
                if chunk.isEmpty { break }
                bytes += chunk
            }
            return bytes
        }
    }
}
