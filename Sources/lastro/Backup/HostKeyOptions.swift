import ArgumentParser
import Backup
import Postgres
import SystemPackage

/// The options of commands that sign.
struct SigningOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("The file of the key that signs (default: .lastro/signing.key).", valueName: "file")
    )
    var signWith: String?

    /// The key that signs, which has to be there.
    func required() throws -> SigningKey {
        let (key, made) = try HostKeys.signingKey(
            at: HostKeys.Places(signing: signWith.map { FilePath($0) }),
            making: false
        )
        precondition(made.isEmpty, "nothing is made where nothing may be")
        return key
    }
}

/// The options of commands that make snapshots.
struct HostKeyOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The file of the key that signs (default: .lastro/signing.key, made at first use).",
            valueName: "file"
        )
    )
    var signWith: String?

    @Option(
        help: ArgumentHelp(
            "The file of the key that names chunks (default: one a database in .lastro, made at first use).",
            valueName: "file"
        )
    )
    var dedupKey: String?

    /// The keys for a database; what had to be made is said.
    func keys(of database: ConnectionSettings, writer: OutputWriter) async throws -> HostKeys {
        try await HostKeys.Places(signing: signWith.map { FilePath($0) }, deduplication: dedupKey.map { FilePath($0) })
            .keys(of: database, writer: writer)
    }
}

extension HostKeys.Places {
    /// The keys for a database; what had to be made is said.
    func keys(of database: ConnectionSettings, writer: OutputWriter) async throws -> HostKeys {
        let name = try await withPostgresConnection(to: database) { connection in
            try await connection.query("SELECT current_database()").single.decode(String.self)
        }
        let keys = try HostKeys.find(for: name, at: self)
        for file in keys.madeFiles { writer.note("made \(file)") }
        if !keys.madeFiles.isEmpty { writer.note("snapshots are signed by \(keys.signing.verificationKey)") }
        return keys
    }
}
