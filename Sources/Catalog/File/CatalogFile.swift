import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A catalog as a file: JSON, one attribute a line, in an order that never changes.
///
/// Two of them can be compared by any tool that compares texts. Its fingerprint is for readers: it is computed anew from what the file says.
public enum CatalogFile {
    /// The version of the format that is written; older ones are read too.
    public static let format = 1

    /// Writes a catalog down.
    public static func text(of catalog: Catalog) -> String { CatalogFileWriter.text(of: catalog) }

    /// Reads a catalog file from a disk.
    ///
    /// - Parameter path: the file.
    /// - Returns: a catalog equal to the one that was written.
    /// - Throws: ``CatalogError``.
    public static func read(path: String) throws -> Catalog {
        guard let content = FileManager.default.contents(atPath: path) else {
            throw CatalogError.unreadableFile(path)
        }
        return try read(Array(content), name: path)
    }

    /// Reads a catalog file.
    ///
    /// - Parameters:
    ///   - content: the file's bytes.
    ///   - name: the file's name, for the error.
    /// - Returns: a catalog equal to the one that was written.
    /// - Throws: ``CatalogError`` for a file that is none, that is not whole, or of a later format.
    public static func read(_ content: [UInt8], name: String) throws -> Catalog {
        let decoder = JSONDecoder()
        let data = Data(content)
        guard let head = try? decoder.decode(Head.self, from: data) else {  // the words say what a file has to be
            throw CatalogError.notACatalogFile(name)
        }
        guard head.format == format else { throw CatalogError.unknownFormat(name, head.format) }
        do {
            return try decoder.decode(Catalog.self, from: data)
        } catch {
            throw CatalogError.damagedCatalogFile(name, "\(error)")
        }
    }

    private struct Head: Decodable {
        let format: Int
    }
}
