import SQLSyntax

/// The scripts of a run's migrations, read some at a time while the server works on those before.
struct ScriptQueue {
    /// A migration with its scripts, or the error of reading them.
    struct Item: Sendable {
        let migration: Migration
        let step: MigrationStep
        let reading: Result<ScriptReader.Reading, MigratorError>

        /// Whether its script was read and does nothing but define objects.
        var onlyDefines: Bool { (try? reading.get().script.onlyDefines) == true }  // false where there is none
    }

    private let migrations: [Migration]
    private let reader: ScriptReader
    /// How many are read, or being read.
    private var count = 0
    /// Those that are read, the next one last.
    private var ready: [Item] = []
    private var upcoming: Task<[Item], Never>?

    init(_ migrations: [Migration], reader: ScriptReader) {
        self.migrations = migrations
        self.reader = reader
        // The first one alone: the server waits for it.
        upcoming = Self.reading(migrations, from: 0, atMost: 1, with: reader)
    }

    /// The next migration; nil behind the last one.
    mutating func next() async -> Item? {
        await peek() == nil ? nil : ready.popLast()
    }

    /// The next migration, which stays in the queue.
    mutating func peek() async -> Item? {
        if ready.isEmpty, let reading = upcoming {
            ready = await reading.value.reversed()
            let size = ready.count
            count += size
            upcoming =
                count < migrations.count
                ? Self.reading(migrations, from: count, atMost: min(size * 4, 64), with: reader) : nil
        }
        return ready.last
    }

    /// The next migration if it is read already and as wanted.
    mutating func nextIfRead(_ isWanted: (Item) -> Bool) -> Item? {
        guard let item = ready.last, isWanted(item) else { return nil }
        return ready.popLast()
    }

    /// Takes migrations back that came from it, the next one first.
    mutating func putBack(_ items: some BidirectionalCollection<Item>) {
        ready += items.reversed()
    }

    /// Reads migrations in another task, until there are so many or so much text.
    private static func reading(
        _ migrations: [Migration],
        from first: Int,
        atMost limit: Int,
        with reader: ScriptReader
    ) -> Task<[Item], Never> {
        Task {
            var items: [Item] = []
            var bytes = 0
            for index in first..<min(first + limit, migrations.count) where bytes < 1 << 20 {
                let migration = migrations[index]
                let reading = Result { () throws(MigratorError) in
                    (script: try reader.script(of: migration.up), verification: try reader.verification(of: migration))
                }
                bytes += (try? reading.get())?.script.source.utf8.count ?? 0  // what cannot be read takes no room
                items.append(
                    Item(
                        migration: migration,
                        step: MigrationStep(name: migration.name, number: index + 1, count: migrations.count),
                        reading: reading
                    )
                )
            }
            return items
        }
    }
}
