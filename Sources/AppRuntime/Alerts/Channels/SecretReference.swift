import Foundation

/// Where a secret is found; the secret itself is read each time it is needed, and kept nowhere.
public enum SecretReference: Sendable, Hashable {
    /// A variable of the environment, by name.
    case environment(String)
    /// The first line of a file.
    case file(String)

    /// The secret, as it is now.
    ///
    /// - Returns: the secret.
    /// - Throws: ``AppRuntimeError`` if there is none; the words name the place and not the secret.
    public func value() throws -> String {
        switch self {
        case .environment(let name):
            guard let value = ProcessInfo.processInfo.environment[name], !value.isEmpty else {
                throw AppRuntimeError.noSecret("the environment has no \(name)")
            }
            return value
        case .file(let path):
            guard let data = FileManager.default.contents(atPath: path),
                let line = String(decoding: data, as: UTF8.self).split(
                    separator: "\n",
                    omittingEmptySubsequences: false
                )
                .first, !line.isEmpty
            else { throw AppRuntimeError.noSecret("\(path) cannot be read, or is empty") }
            return String(line)
        }
    }
}
