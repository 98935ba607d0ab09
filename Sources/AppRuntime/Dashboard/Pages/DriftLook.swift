import Catalog
import Foundation
import Migrator
import SchemaDiff

/// The last look for drift, which somebody asked for: it takes seconds and a server of its own, so nobody waits for it.
actor DriftLook {
    private enum State {
        case never
        case underWay
        case done(at: Date, Result<[(object: String, words: String)], any Error>)
    }

    private let check: DriftCheck?
    private var state = State.never

    init(_ check: DriftCheck?) { self.check = check }

    /// Begins a look, unless one is under way.
    ///
    /// - Returns: whether there is a check at all.
    func begin() -> Bool {
        guard let check else { return false }
        if case .underWay = state { return true }
        state = .underWay
        // It outlives the request that asked for it; there is never more than one.
        Task {
            do {
                end(.success(try await check().changes.map { (object: "\($0.identity)", words: Self.words($0)) }))
            } catch {
                end(.failure(error))
            }
        }
        return true
    }

    private func end(_ result: Result<[(object: String, words: String)], any Error>) {
        state = .done(at: Date(), result)
    }

    private static func words(_ change: ObjectChange) -> String {
        change.before == nil ? "driftMissing" : change.after == nil ? "driftExtra" : "driftOther"
    }

    /// What the page shows of it.
    func model(in language: DashboardLanguage) -> PageModel {
        guard check != nil else {
            return PageModel(
                ("driftKind", "quiet"),
                ("driftState", language("driftUnknown")),
                ("driftDetail", language("driftAbsent"))
            )
        }
        switch state {
        case .never:
            return PageModel(
                ("driftKind", "quiet"),
                ("driftState", language("driftUnknown")),
                ("driftDetail", language("driftHint"))
            )
        case .underWay:
            return PageModel(
                ("driftKind", "info"),
                ("driftState", language("driftRunning")),
                ("driftDetail", language("driftHint"))
            )
        case .done(let at, .failure(let error)):
            return PageModel(
                ("driftKind", "bad"),
                ("driftState", language("driftFailed")),
                ("driftDetail", "\(language.relative(at, to: Date())): \(Redaction()("\(error)"))")
            )
        case .done(let at, .success(let changes)):
            var model = PageModel(
                ("driftKind", changes.isEmpty ? "ok" : "bad"),
                (
                    "driftState",
                    changes.isEmpty ? language("driftNone") : language("driftFound", language.number(changes.count))
                ),
                ("driftDetail", language.relative(at, to: Date()))
            )
            model[flag: "hasDrift"] = !changes.isEmpty
            model[list: "drift"] = changes.prefix(200).map { change in
                PageModel(("object", change.object), ("words", language(change.words)))
            }
            return model
        }
    }
}

extension PageModel {
    /// A migration and its state.
    init(_ migration: MigrationStatus, in language: DashboardLanguage) {
        let state = migration.state.rawValue
        let kind = ["applied": "ok", "pending": "info", "due": "info", "unverified": "warn"][state] ?? "bad"
        self.init(
            ("name", migration.name),
            ("kind", kind),
            ("stateText", DashboardWords.phrases["migration-\(state)"]?[language] ?? language.state(state))
        )
        self[model: "time"] = PageModel(migration.appliedAt, to: Date(), in: language)
    }
}
