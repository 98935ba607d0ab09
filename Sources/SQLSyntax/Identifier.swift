/// Quoting and folding of names, as PostgreSQL does them.
public enum Identifier {}
