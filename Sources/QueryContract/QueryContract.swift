// What this module promises:
//
// - `QueryFolder` reads the application's queries as they stand in `queries/*.sql`, with what their comments say of them.
// - `QueryCheck` has the server prepare each on a database, in a transaction that is rolled back. Nothing is run and nothing
//   stays; what `-- setup:` makes is temporary.
// - What the server does not find is told with its place in the file, and `MigrationTrail` says which migration has yet to
//   bring it, or took it away.
// - What PREPARE cannot judge is *not checkable*: said, and never called broken.
// - Beside it, the privileges of the role that asks are looked at, and the columns that an INSERT leaves empty.
