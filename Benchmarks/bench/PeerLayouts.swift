import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Where a tool finds its migrations, and the database that they are for.
struct PeerFolder {
    let path: String
    let url: String
    let psql: FilePath

    func write(_ text: String, to name: String) throws {
        let file = URL(filePath: "\(path)/\(name)")
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Data(text.utf8).write(to: file)
    }
}

// Each layout has a transaction a migration, and hands a file's statements over at once where the tool can: what its
// users would do who want it fast.

func layOutForDbmate(_ migrations: [GeneratedMigration], in folder: PeerFolder) throws {
    for migration in migrations {
        try folder.write(
            "-- migrate:up\n\(migration.text)\n-- migrate:down\n",
            to: "\(migration.digits)_\(migration.name).sql"
        )
    }
}

func layOutForSQLMigrate(_ migrations: [GeneratedMigration], in folder: PeerFolder) throws {
    try folder.write(
        "bench:\n  dialect: postgres\n  datasource: \"\(folder.url)&sslmode=disable\"\n  dir: migrations\n",
        to: "dbconfig.yml"
    )
    for migration in migrations {
        // It cuts at each semicolon, so a body with one has to be marked.
        let statements = migration.statements.map {
            $0.contains("$$") ? "-- +migrate StatementBegin\n\($0);\n-- +migrate StatementEnd\n" : "\($0);\n"
        }
        try folder.write(
            "-- +migrate Up\n-- \(migration.comment)\n\(statements.joined())\n-- +migrate Down\n",
            to: "migrations/\(migration.digits)_\(migration.name).sql"
        )
    }
}

func layOutForAlembic(_ migrations: [GeneratedMigration], in folder: PeerFolder) throws {
    let url = "postgresql+psycopg2" + folder.url.drop { $0 != ":" }
    try folder.write("[alembic]\nscript_location = %(here)s\n", to: "alembic.ini")
    try folder.write("", to: "script.py.mako")
    try folder.write(
        """
        import sqlalchemy
        from alembic import context

        with sqlalchemy.create_engine("\(url)").connect() as connection:
            context.configure(connection=connection, transaction_per_migration=True)
            with context.begin_transaction():
                context.run_migrations()

        """,
        to: "env.py"
    )
    for migration in migrations {
        let parent = migration.number > 1 ? "\"\(migration.number - 1)\"" : "None"
        try folder.write(
            """
            \"\"\"\(migration.comment)\"\"\"
            from alembic import op

            revision = "\(migration.number)"
            down_revision = \(parent)


            def upgrade():
                op.get_bind().exec_driver_sql(r\"\"\"
            \(migration.text)\"\"\")

            """,
            to: "versions/\(migration.digits)_\(migration.name).py"
        )
    }
}

func layOutForYoyo(_ migrations: [GeneratedMigration], in folder: PeerFolder) throws {
    var parent: String?
    for migration in migrations {
        let name = "\(migration.digits)_\(migration.name)"
        try folder.write((parent.map { "-- depends: \($0)\n\n" } ?? "") + migration.text, to: name + ".sql")
        parent = name
    }
}

func layOutForSqitch(_ migrations: [GeneratedMigration], in folder: PeerFolder) throws {
    // It knows a server by a URI of its own kind, and the folder of a socket as a parameter of it.
    let target = "db:pg" + folder.url.drop { $0 != ":" }
    try folder.write(
        """
        [core]
            engine = pg
        [engine "pg"]
            target = \(target)
            client = \(folder.psql)
        [user]
            name = Bench
            email = bench@example.com

        """,
        to: "sqitch.conf"
    )
    var plan = "%syntax-version=1.0.0\n%project=bench\n\n"
    for migration in migrations {
        let name = "\(migration.digits)_\(migration.name)"
        plan += "\(name) 2024-01-01T00:00:00Z Bench <bench@example.com> # \(migration.comment)\n"
        try folder.write(
            "-- Deploy bench:\(name) to pg\n\nBEGIN;\n\n\(migration.text)\nCOMMIT;\n",
            to: "deploy/\(name).sql"
        )
    }
    try folder.write(plan, to: "sqitch.plan")
}
