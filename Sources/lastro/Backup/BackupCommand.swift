import ArgumentParser

struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Take encrypted snapshots, prove that they restore, and restore them.",
        discussion: """
            Snapshots are encrypted in the format of age (age-encryption.org/v1), to keys that the database's host does not \
            have, and signed. `age`, `zstd`, `pg_restore` and `psql` are enough to restore one.

            EXAMPLES
              lastro backup keygen --output key.txt            make a key; its public half is printed
              lastro backup create --repository /backups --recipient age1…
              lastro backup drill --repository /backups --identity key.txt
              lastro backup restore --repository /backups --identity key.txt --database postgresql:///restored
              lastro backup export --repository /backups --identity key.txt --output restore.sh
              lastro backup prune --repository /backups --keep-daily 7 --keep-weekly 4      says what would go
            """,
        subcommands: [
            BackupKeygenCommand.self, BackupCreateCommand.self, BackupListCommand.self, BackupShowCommand.self,
            BackupVerifyCommand.self, BackupRestoreCommand.self, BackupDrillCommand.self, BackupExportCommand.self,
            BackupPruneCommand.self, BackupRotateCommand.self, BackupEncryptCommand.self, BackupDecryptCommand.self,
        ]
    )
}
