// What this module promises:
//
// - `SQLScript` splits a text into statements without parsing it, in linear time, after psql's and the server's
//   lexical rules. What cannot be split (an open quote, a psql command) is an error with line and column.
// - `SQLStatement.transactionBehavior` says whether a statement may run inside a transaction, and parses only where
//   the first words leave a doubt.
// - `SyntaxTree` parses with PostgreSQL 15's own grammar. A statement that this grammar refuses is *not analysed*:
//   an answer with the parser's words and their place, never an error. The server decides.
// - `StatementNode` shows a parsed statement as Swift values; `SyntaxNode` and `forEachNode` reach everything else.
// - `Identifier`, `QualifiedName` and `StringLiteral` quote, fold and read names and texts as the server does.
//
// Everything here is a `Sendable` value or immutable, and needs no server.
