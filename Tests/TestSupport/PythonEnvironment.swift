import Foundation

/// What `script/pypi` has put into Lastro's cache folder.
public enum PythonEnvironment {
    /// A file that a package brings along.
    ///
    /// - Parameters:
    ///   - name: the environment's name, and that of the script which makes it.
    ///   - file: where it lies among the packages.
    /// - Returns: the file's text.
    /// - Throws: ``MissingEnvironment`` if it is not installed: a test that needs it fails then.
    public static func text(of name: String, _ file: String) throws -> String {
        let lib = URL(filePath: try python(of: name)).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "lib")
        for version in try FileManager.default.contentsOfDirectory(atPath: lib.path) {
            let path = lib.appending(path: "\(version)/site-packages/\(file)").path
            if let text = try? String(contentsOfFile: path, encoding: .utf8) { return text }  // of another version
        }
        throw MissingEnvironment(name: name, place: lib.path)
    }

    /// The Python in whose environment a package is.
    ///
    /// - Parameter name: the environment's name, and that of the script which makes it.
    /// - Returns: the path of the program.
    /// - Throws: ``MissingEnvironment`` if it is not installed: a test that needs it fails then.
    public static func python(of name: String) throws -> String {
        let variables = ProcessInfo.processInfo.environment
        let cache =
            variables["LASTRO_CACHE"]
            ?? (geteuid() == 0
                ? "/var/cache/lastro"
                : (variables["XDG_CACHE_HOME"] ?? (variables["HOME"] ?? "") + "/.cache") + "/lastro")
        let place = "\(cache)/\(name)/bin/python"
        guard FileManager.default.isExecutableFile(atPath: place) else {
            throw MissingEnvironment(name: name, place: place)
        }
        return place
    }
}

/// A package is not installed.
public struct MissingEnvironment: Error, CustomStringConvertible {
    let name: String
    let place: String

    /// What to do.
    public var description: String { "there is no \(name) in \(place): run script/\(name)" }
}
