import Configuration
import Synchronization

/// Notes for each value that is looked up which source it came from.
final class OriginRecorder: AccessReporter {
    private let recorded = Mutex<[Settings.Origin]>([])

    var origins: [Settings.Origin] { recorded.withLock { $0 } }

    func report(_ event: AccessEvent) {
        let found = event.providerResults.last { (try? $0.result.get().value) != nil }  // an error is no source
        guard let value = try? event.result.get() else { return }  // the reader throws the error itself
        let text = value.isSecret ? "***" : "\(value)"
        let origin = Settings.Origin(
            key: event.metadata.key.description,
            source: found?.providerName ?? "default",
            value: text
        )
        recorded.withLock { $0.append(origin) }
    }
}
