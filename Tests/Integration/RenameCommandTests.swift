import TestSupport
import Testing

@Suite("A rename on the command line")
struct RenameCommandTests {
    private let files = [
        "want.sql": "create table accounts (id int primary key, name text);\n",
        "said.sql": "-- lastro: renamed-from users\ncreate table accounts (id int primary key, name text);\n",
    ]
    private let schema = "create table users (id int primary key, name text); insert into users values (1, 'a')"

    @Test("is proposed beside the drop, in every format")
    func isProposed() async throws {
        try await withProject(files) { lastro, _, url in
            try await run(schema, on: url)
            let text = try await lastro("diff", url, "want.sql")
            #expect(text.status == 1)
            let words = "table public.users may be public.accounts under its old name"
            let option = "--accept-rename 'public.users=accounts'"
            #expect(text.output.contains("  - public.users\n      ? \(words): \(option)\n"))
            #expect(text.output.contains("; 1 rename proposed; hazards: deletes-data\n"))
            let json = try await lastro("diff", url, "want.sql", "--format", "json")
            #expect(
                json.output.contains(
                    #""proposed_renames":[{"accept":"public.users=accounts","kind":"table","object":"public.users","to":"public.accounts"}]"#
                )
            )
            let markdown = try await lastro("diff", url, "want.sql", "--format", "markdown")
            #expect(markdown.output.contains("| drop | table | `public.users` | may be a rename |"))
            #expect(markdown.output.contains("`public.users` may be `public.accounts`: `\(option)`"))
            let page = try await lastro("diff", url, "want.sql", "--format", "html")
            #expect(page.output.contains("<p class=\"alter\">table public.users may be public.accounts"))
            let sql = try await lastro("diff", url, "want.sql", "--format", "sql", "--allow-hazards", "all")
            #expect(
                sql.output.contains("-- table public.users may be what is wanted as accounts: \(option) renames it\n")
            )
        }
    }

    @Test("is made once it is accepted, and told so in every format")
    func isAccepted() async throws {
        let ways = [
            ["want.sql", "--accept-rename", "users=accounts"], ["want.sql", "--renames", "auto"], ["said.sql"],
        ]
        for way in ways {
            try await withProject(files) { lastro, folder, url in
                try await run(schema, on: url)
                let text = try await lastro(["diff", url] + way)
                #expect(text.status == 1)
                #expect(
                    text.output.contains(
                        "> public.users\n      name: users → accounts\n      ALTER TABLE public.users RENAME TO accounts\n"
                    )
                )
                let json = try await lastro(["diff", url] + way + ["--format", "json"])
                #expect(
                    json.output.contains(
                        #""attributes":[{"from":"users","name":"name","to":"accounts"}],"change":"rename","kind":"table","object":"public.users""#
                    )
                )
                let markdown = try await lastro(["diff", url] + way + ["--format", "markdown"])
                #expect(markdown.output.contains("| rename | table | `public.users` | to `accounts` |"))
                let proof = try await lastro(["diff", url] + way + ["--prove"])
                #expect(proof.errors.contains("proved on a copy"))
                let planned = try await lastro(["diff", url] + way + ["--plan", "plan.json"])
                #expect(planned.status == 1)
                let refused = try await lastro("diff", "--apply", "plan.json")
                #expect(refused.status == 1)
                #expect(refused.errors.contains("hazards that are not allowed: correctness"))
                #expect(try await lastro("diff", "--apply", "plan.json", "--allow-hazards", "correctness").status == 0)
                #expect(try await ask("select name from accounts", on: url, as: String.self) == "a")
                #expect(try await lastro(["diff", url] + way).status == 0)
            }
        }
    }

    @Test("is a mistake of the command line where it cannot be made")
    func isRefused() async throws {
        try await withProject(files) { lastro, _, url in
            try await run(schema, on: url)
            let unknown = try await lastro("diff", url, "want.sql", "--accept-rename", "public.user=accounts")
            #expect(unknown.status == 2)
            #expect(
                unknown.errors.hasPrefix(
                    "public.user=accounts: the schema that is has nothing of that name; public.users is near\n"
                )
            )
            #expect(try await lastro("diff", url, "want.sql", "--accept-rename", "users").status == 2)
            #expect(try await lastro("diff", url, "want.sql", "--renames", "all").status == 2)
        }
    }

    @Test("goes into a migration that renames, with a down side that renames back")
    func isWritten() async throws {
        let migration = ["m/0001_a.sql": "create table users (id int primary key, name text);\n"]
        try await withProject(files.merging(migration) { $1 }) { lastro, folder, url in
            #expect(try await lastro("migrate").status == 0)
            try await run("insert into users values (1, 'a')", on: url)
            let made = try await lastro("diff", "m", "want.sql", "--renames", "auto", "--write", "rename users")
            #expect(made.status == 0)
            #expect(try folder.read("m/0002_rename_users.sql").contains("ALTER TABLE public.users RENAME TO accounts;"))
            #expect(
                try folder.read("m/0002_rename_users.down.sql").contains("ALTER TABLE public.accounts RENAME TO users;")
            )
            #expect(try await lastro("migrate").status == 0)
            #expect(try await lastro("diff", url, "want.sql").status == 0)
            #expect(try await lastro("undo").status == 0)
            #expect(try await ask("select name from users", on: url, as: String.self) == "a")
        }
    }
}
