import ArgumentParser
import Backup
import Migrator
import Postgres
import SystemPackage

/// When a migration run begins with a backup.
enum MigrationBackupRule: String, ExpressibleByArgument {
    /// When something may be lost.
    case destructive
    /// Whenever something runs.
    case always
}

/// The options of a run that begins with a backup.
struct MigrationBackupOptions: ParsableArguments {
    @Option(
        name: .customLong("backup"),
        help: ArgumentHelp(
            "Take a snapshot before the first migration: if one may lose rows or values, or always.",
            valueName: "destructive|always"
        )
    )
    var rule: MigrationBackupRule?

    @Option(
        help: ArgumentHelp(
            "With --backup: the folder, or s3://BUCKET/PREFIX, that holds snapshots.",
            valueName: "place"
        )
    )
    var repository: String?

    @Option(
        name: .customLong("recipient"),
        help: ArgumentHelp("With --backup: a public key that can decrypt; may be repeated.", valueName: "key")
    )
    var recipients: [String] = []

    @Option(
        help: ArgumentHelp(
            "With --backup: the file of the key that signs (default: .lastro/signing.key).",
            valueName: "file"
        )
    )
    var signWith: String?

    func validate() throws {
        guard rule != nil else {
            guard repository == nil, recipients.isEmpty, signWith == nil else {
                throw ValidationError("--repository, --recipient and --sign-with go with --backup")
            }
            return
        }
        guard repository != nil, !recipients.isEmpty else {
            throw ValidationError("--backup needs --repository and --recipient")
        }
    }

    /// Adds the backup to what runs before the first migration, behind the lock of the run.
    ///
    /// If it fails, so does the run, before anything is changed.
    func add(
        to migrator: inout Migrator,
        target: MigrationTarget,
        database: ConnectionSettings,
        writer: OutputWriter
    ) throws {
        guard let rule, let place = repository else { return }
        let repository = try RepositoryPlace(place).opened()
        let recipients = try recipients.map { AgeRecipient.publicKey(try AgePublicKey($0)) }
        let places = HostKeys.Places(signing: signWith.map { FilePath($0) })
        let action = migrator.hookAction
        let planned = migrator
        migrator.hookAction = { hook, step in
            if hook == .beforeRun {
                let lossy = try await planned.lossyMigrations(to: target)
                if rule == .always || !lossy.isEmpty {
                    let names = lossy.isEmpty ? "" : "\(lossy.joined(separator: ", ")) may lose rows or values: "
                    writer.note("\(names)taking a snapshot into \(place)")
                    let snapshot = try await orBackupFailed {
                        let keys = try await places.keys(of: database, writer: writer)
                        var creation = Creation(of: database, into: repository, for: recipients, keys: keys)
                        creation.note = { writer.note($0) }
                        return try await creation()
                    }
                    writer.note(
                        "snapshot \(snapshot.id) is there; to get back: lastro backup restore --repository \(place) "
                            + "--identity FILE --database URL_OF_A_NEW_DATABASE \(snapshot.id)"
                    )
                }
            }
            try await action?(hook, step)
        }
    }
}

/// Takes a snapshot, and says of a failure what it is to the run of migrations.
private func orBackupFailed(_ body: () async throws -> Snapshot) async throws -> Snapshot {
    do {
        return try await body()
    } catch let error as BackupError {
        throw MigratorError.backupFailed(error.message, next: error.next)
    } catch let error as PostgresError {
        throw MigratorError.backupFailed(error.message, next: error.next ?? "see to that, and run again")
    }
}
