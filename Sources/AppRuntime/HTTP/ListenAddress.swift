import Glibc
import HummingbirdCore
import NIOCore

/// Where a server listens.
public enum ListenAddress: Hashable, Sendable, CustomStringConvertible {
    /// A name or an address of this machine, and a port; 0 takes a free one.
    case hostname(_ host: String = "127.0.0.1", port: Int)
    /// A socket in the file system.
    case unixDomainSocket(path: String)

    /// The address as people write it.
    public var description: String {
        switch self {
        case .hostname(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unixDomainSocket(let path): path
        }
    }

    var bindAddress: BindAddress {
        switch self {
        case .hostname(let host, let port): .hostname(host, port: port)
        case .unixDomainSocket(let path): .unixDomainSocket(path: path)
        }
    }
}

extension AppRuntimeError {
    static func cannotListen(_ address: ListenAddress, for what: String, _ error: any Error) -> AppRuntimeError {
        let reason = (error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(error)"
        return AppRuntimeError(
            .listenerFailed,
            "\(what) cannot be served on \(address): \(reason)",
            state: "the application ends; its database is as it was",
            next: "give it a port that is free, or end what has this one"
        )
    }
}
