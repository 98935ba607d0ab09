import Configuration
import Synchronization

/// Notes for each value that is looked up which source it came from.
final class OriginRecorder: AccessReporter {
    private let recorded = Mutex<[Settings.Origin]>([])

    var origins: [Settings.Origin] { recorded.withLock { $0 } }

    func report(_ event: AccessEvent) {
        let found = event.providerResults.last { (try? $0.result.get().value) != nil }  // an error is no source
        guard let value = try? event.result.get() else { return }  // the reader throws the error itself
        let origin = Settings.Origin(
            key: event.metadata.key.description,
            source: found.map { Self.source(of: $0.providerName) } ?? "default",
            value: value.isSecret ? "***" : Self.text(of: value)
        )
        recorded.withLock { $0.append(origin) }
    }

    /// The name that was given to a provider, of `InMemoryProvider[name]`; the environment has none.
    private static func source(of provider: String) -> String {
        guard let bracket = provider.firstIndex(of: "["), provider.hasPrefix("InMemoryProvider") else {
            return "environment"
        }
        return String(provider[provider.index(after: bracket)...].dropLast())
    }

    private static func text(of value: ConfigValue) -> String {
        if case .string(let text) = value.content { text } else { "\(value.content)" }
    }
}
