/// How a folder of migrations names and orders its files: Lastro's own way, or that of another tool.
public enum MigrationLayout: String, Hashable, Sendable, CaseIterable {
    /// `NNNN_name.sql`, `NNNN_name.down.sql`, `NNNN_name.verify.sql`; Rails' timestamps are such numbers too.
    case lastro
    /// `NNNN_name.up.sql` and `NNNN_name.down.sql`.
    case golangMigrate = "golang-migrate"
    /// `NNNN_name.sql` with `-- migrate:up` and `-- migrate:down`.
    case dbmate
    /// `NNNN_name.sql` with `-- +goose Up` and `-- +goose Down`.
    case goose
    /// `V1.2__name.sql`, `U1.2__name.sql`.
    case flyway
    /// `NNNN_name.sql`, or `NNNN_name.up.sql` with `NNNN_name.down.sql`.
    case sqlx
    /// `NNNN_name/migration.sql`.
    case prisma
    /// `sqitch.plan` with `deploy/name.sql`, `revert/name.sql` and `verify/name.sql`.
    case sqitch

    /// How its files are called, in words.
    var rule: String {
        switch self {
        case .lastro:
            "the name of a migration is NNNN_name.sql, NNNN_name.down.sql, NNNN_name.verify.sql or R__name.sql"
        case .golangMigrate:
            "in golang-migrate's layout the name of a migration is NNNN_name.up.sql or NNNN_name.down.sql"
        case .dbmate, .goose:
            "in \(rawValue)'s layout the name of a migration is NNNN_name.sql"
        case .flyway:
            "in Flyway's layout the name of a migration is V1.2__name.sql, U1.2__name.sql or R__name.sql"
        case .sqlx:
            "in sqlx's layout the name of a migration is NNNN_name.sql, NNNN_name.up.sql or NNNN_name.down.sql"
        case .prisma:
            "in Prisma's layout a migration is a folder with migration.sql, and perhaps down.sql and verify.sql"
        case .sqitch:
            "in Sqitch's layout a migration is a line of sqitch.plan with a file in deploy/, revert/ and verify/"
        }
    }

    /// Where the statements that take a migration back are to be written, in words.
    func wayBack(of name: String) -> String {
        switch self {
        case .dbmate: "`-- migrate:down` with statements behind it into \(name).sql"
        case .goose: "`-- +goose Down` with statements behind it into \(name).sql"
        case .flyway: "U\(name.dropFirst()).sql"
        case .prisma: "\(name)/down.sql"
        case .sqitch: "revert/\(name).sql"
        case .lastro, .golangMigrate, .sqlx: "\(name).down.sql"
        }
    }

    /// The part of a migration's file that runs.
    var upSection: MigrationSource.Section {
        switch self {
        case .dbmate: .dbmateUp
        case .goose: .gooseUp
        case .golangMigrate, .sqitch: .wrapped
        case .lastro, .flyway, .sqlx, .prisma: .whole
        }
    }

    /// The part of a migration's file that takes it back; nil if that is a file of its own.
    var downSection: MigrationSource.Section? {
        switch self {
        case .dbmate: .dbmateDown
        case .goose: .gooseDown
        default: nil
        }
    }
}
