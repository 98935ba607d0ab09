package import Postgres

/// What the environment and `.env` say of a database beside its address: the `PG*` variables of libpq.
///
/// The environment comes before the file; an empty variable counts as not set. The password is no part of it: that has an
/// order of its own.
package struct DatabaseVariables: Sendable {
    private let process: [String: String]
    private let dotEnv: [String: String]

    /// Takes the variables of both.
    package init(process: [String: String], dotEnv: [String: String]) {
        self.process = process
        self.dotEnv = dotEnv
    }

    /// The variables that lead to a database; `PGUSER` and `PGPORT` alone only fill in what an address leaves out.
    package static func addresses(in variables: [String: String]) -> [String] {
        ["PGHOST", "PGHOSTADDR", "PGDATABASE", "PGSERVICE"].filter { variables[$0]?.isEmpty == false }
    }

    /// The variables, those of the environment over those of the file.
    package var merged: [String: String] {
        dotEnv.merging(process) { inFile, inProcess in inProcess.isEmpty ? inFile : inProcess }
            .filter { $0.key != "DATABASE_URL" && $0.key != "PGPASSWORD" }
    }

    /// The database that the variables alone name; nil if they name none.
    package func settings() throws(PostgresError) -> ConnectionSettings? {
        try ConnectionSettings(environment: merged)
    }

    /// The database of an address, with what it leaves out taken from the file's variables; libpq sees those of the
    /// environment by itself.
    package func settings(at address: String) throws(PostgresError) -> ConnectionSettings {
        let settings = try ConnectionSettings(address)
        guard process["PGSERVICE", default: ""].isEmpty else { return settings }
        return settings.filled(
            from: dotEnv.filter { $0.key != "PGPASSWORD" && process[$0.key, default: ""].isEmpty }
        )
    }
}
