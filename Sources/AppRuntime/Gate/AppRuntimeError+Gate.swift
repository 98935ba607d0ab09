import Migrator

extension AppRuntimeError {
    static func notMigrated(_ pending: [String], lacking: [String], waited: Duration?) -> AppRuntimeError {
        let time = waited.map { ", and still after \($0) of waiting" } ?? ""
        let words = lacking.isEmpty ? "" : "; missing are:\n" + list(lacking)
        return AppRuntimeError(
            .notMigrated,
            "\(count(pending.count, "migration")) pending\(time): \(pending.prefix(5).joined(separator: ", "))"
                + (pending.count > 5 ? ", …" : "") + words,
            state: "nothing was run; the application was not started",
            next: "run `lastro migrate`, or start with the gate's mode migrate"
        )
    }

    static func tooNew(_ names: [String], through newest: MigrationVersion?) -> AppRuntimeError {
        let range = newest.map { ", and this program declares to work up to version \($0)" } ?? ""
        return AppRuntimeError(
            .schemaTooNew,
            "the database has \(count(names.count, "migration")) that this program does not know\(range): "
                + names.joined(separator: ", "),
            state: "nothing was run; the application was not started",
            next: "start the program that belongs to this schema, or declare the versions that this one works with"
        )
    }

    static func checkFailed(_ name: String, _ findings: [String]) -> AppRuntimeError {
        AppRuntimeError(
            name == "drift" || name == "fingerprint" ? .drift : .checkFailed,
            "the check \"\(name)\" found \(count(findings.count, "thing")) that must not be:\n" + list(findings),
            state: "the database is migrated; the application was not started",
            next: name == "queries"
                ? "run `lastro queries check` for the whole report" : "run `lastro drift` for the whole report"
        )
    }

    private static func list(_ lines: [String]) -> String {
        lines.prefix(10).map { "    \($0)" }.joined(separator: "\n")
            + (lines.count > 10 ? "\n    and \(lines.count - 10) more" : "")
    }

    private static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
}
