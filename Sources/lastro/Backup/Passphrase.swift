import Backup
import ProjectSettings

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A passphrase from the environment.
enum Passphrase {
    /// Reads the variable and takes it out of the environment, so that no program that is started inherits it.
    static func read(from variable: String) throws -> SecretBytes {
        guard !variable.isEmpty, let value = getenv(variable), value[0] != 0 else {
            throw ConfigurationError(
                "--passphrase-env \(variable): the variable is not set, or empty",
                next: "put the passphrase into it"
            )
        }
        let length = strlen(value)
        let passphrase = value.withMemoryRebound(to: UInt8.self, capacity: length) { bytes in
            SecretBytes(copying: UnsafeBufferPointer(start: bytes, count: length))
        }
        explicit_bzero(value, length)
        unsetenv(variable)
        return passphrase
    }
}
