/// Names, views, types, routines, and what uses all of it.
extension RandomHistories {
    mutating func rename() {
        guard let table = someTable(where: { _ in true }) else { return }
        let kind = table.isView ? "VIEW" : table.isMatview ? "MATERIALIZED VIEW" : "TABLE"
        switch number(0...5) {
        case 0, 1:
            let new = chance(15) ? (pick(Self.names) ?? "alpha") : fresh("renamed")
            add("ALTER \(kind) \(table.name) RENAME TO \(new)", makes: ["relation \(new)"])
            move(table.name, to: table.name.split(separator: ".").dropLast().map { "\($0)." }.joined() + new)
        case 2:
            guard let schema = pick(schemas), !table.name.contains(".") else { return }
            add("ALTER \(kind) \(table.name) SET SCHEMA \(schema)", makes: ["relation \(schema).\(table.name)"])
            move(table.name, to: "\(schema).\(table.name)")
        default:
            guard !table.isView else { return }
            let column = someColumn(of: table)
            // The name goes on saying the type.
            let same = Self.columnNames.filter { Self.type(of: $0) == Self.type(of: column) && $0 != column }
            guard let new = pick(chance(90) ? same.filter { !table.columns.contains($0) } : same) else { return }
            add("ALTER \(kind) \(table.name) RENAME COLUMN \(column) TO \(new)", makes: ["column \(table.name).\(new)"])
            func renamed(_ name: String) -> String { name == column ? new : name }
            update(table.name) { there in
                there.columns = there.columns.map(renamed)
                there.keys = there.keys.map { $0.map(renamed) }
            }
            for place in indexes.indices where indexes[place].table == table.name {
                indexes[place].columns = indexes[place].columns.map(renamed)
            }
        }
    }

    private mutating func move(_ name: String, to new: String) {
        guard !tables.contains(where: { $0.name == new }) else { return }
        update(name) { there in
            there.name = new
            there.guardedColumns = nil
        }
        for place in indexes.indices where indexes[place].table == name { indexes[place].table = new }
    }

    mutating func addView() {
        guard let source = someTable(where: { _ in true }) else { return }
        let columns = someColumns(of: source, number(1...2))
        let query = "SELECT \(columns.joined(separator: ", ")) FROM \(source.name)"
        if chance(20) {
            let name = fresh("matview")
            let isGuarded = isGuarded()
            add(
                "CREATE MATERIALIZED VIEW \(isGuarded ? "IF NOT EXISTS " : "")\(name) AS \(query)",
                makes: ["relation \(name)"],
                isGuarded
                    ? HistoryStatement.Guard(
                        key: "relation \(name)",
                        isThere: "to_regclass('public.\(name)') IS NOT NULL",
                        forms: ["CREATE MATERIALIZED VIEW \(name) AS SELECT 1 AS lastro_other"]
                    ) : nil
            )
            tables.append(
                Table(name: name, columns: columns, isMatview: true, guardedColumns: isGuarded ? columns : nil)
            )
            return
        }
        if chance(25), let there = pick(tables.filter(\.isView)) {
            let more = chance(60) ? there.columns + columns.filter { !there.columns.contains($0) } : columns
            let list = more.map { column in
                source.columns.contains(column) ? column : "NULL::\(Self.type(of: column)) AS \(column)"
            }
            guard source.name != there.name else { return }
            add("CREATE OR REPLACE VIEW \(there.name) AS SELECT \(list.joined(separator: ", ")) FROM \(source.name)")
            update(there.name) { $0.columns = more }
            return
        }
        let name = fresh("view")
        add("CREATE \(maybe(guardRate, "OR REPLACE "))VIEW \(name) AS \(query)", makes: ["relation \(name)"])
        tables.append(Table(name: name, columns: columns, isView: true))
    }

    mutating func dropTable() {
        let names = tables.map(\.name) + (chance(20) ? Self.names : [])
        guard let name = pick(names) else { return }
        let table = tables.first { $0.name == name }
        let kind = table?.isView == true ? "VIEW" : table?.isMatview == true ? "MATERIALIZED VIEW" : "TABLE"
        let isGuarded = isGuarded()
        add(
            "DROP \(kind) \(isGuarded ? "IF EXISTS " : "")\(name)\(maybe(70, " CASCADE"))",
            isGuarded
                ? HistoryStatement.Guard(
                    key: "relation \(name)",
                    isThere: "false",
                    forms: kind == "TABLE" ? ["CREATE TABLE \(name) (lastro_other integer)"] : []
                ) : nil
        )
        tables.removeAll { $0.name == name }
        indexes.removeAll { $0.table == name }
    }

    private mutating func add(_ sql: String, _ guarded: HistoryStatement.Guard?) { add(sql, makes: [], guarded) }

    mutating func addType() {
        let labels = ["x", "y", "z"].filter { _ in chance(70) }
        switch number(0...5) {
        case 0, 1, 2:
            let name = chance(15) ? (pick(types)?.name ?? fresh("mood")) : fresh("mood")
            let list = labels.map { "'\($0)'" }.joined(separator: ", ")
            let create = "CREATE TYPE \(name) AS ENUM (\(list))"
            if isGuarded() {
                add(
                    "DO $$ BEGIN \(create); EXCEPTION WHEN duplicate_object THEN NULL; END $$",
                    makes: ["type \(name)"],
                    HistoryStatement.Guard(
                        key: "type \(name)",
                        isThere: "to_regtype('public.\(name)') IS NOT NULL",
                        forms: ["CREATE TYPE \(name) AS ENUM ('lastro_other')"]
                            + (labels.count > 1 ? ["CREATE TYPE \(name) AS ENUM ('\(labels[0])')"] : []),
                        difference: "pg_temp.label_difference('public.\(name)', ARRAY[\(list)]::text[])"
                    )
                )
            } else {
                add(create, makes: ["type \(name)"])
            }
            if !types.contains(where: { $0.name == name }) { types.append((name, labels)) }
        case 3:
            guard let type = pick(types) else { return }
            let label = word("v", "w")
            let place = chance(40) ? pick(type.labels).map { " \(word("BEFORE", "AFTER")) '\($0)'" } ?? "" : ""
            add("ALTER TYPE \(type.name) ADD VALUE \(isGuarded() ? "IF NOT EXISTS " : "")'\(label)'\(place)")
            if let index = types.firstIndex(where: { $0.name == type.name }) { types[index].labels.append(label) }
        case 4:
            guard let type = pick(types) else { return }
            if let label = pick(type.labels), chance(40) {
                let new = fresh("label")
                add("ALTER TYPE \(type.name) RENAME VALUE '\(label)' TO '\(new)'")
                if let index = types.firstIndex(where: { $0.name == type.name }) {
                    types[index].labels = type.labels.map { $0 == label ? new : $0 }
                }
            } else {
                add("DROP TYPE \(isGuarded() ? "IF EXISTS " : "")\(type.name)\(maybe(30, " CASCADE"))")
                types.removeAll { $0.name == type.name }
            }
        default:
            guard let type = pick(types), let table = someTable() else { return }
            let column = fresh("state")
            add(
                "ALTER TABLE \(table.name) ADD COLUMN \(column) \(type.name)",
                makes: ["column \(table.name).\(column)"]
            )
        }
    }

    mutating func addRoutine() {
        guard let table = someTable() else { return }
        switch number(0...6) {
        case 0, 1:
            let name = fresh("touch")
            let replace = maybe(guardRate, "OR REPLACE ")
            add(
                "CREATE \(replace)FUNCTION \(name)() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN RETURN NEW; END $f$",
                makes: ["function \(name)"]
            )
            functions.append(name)
        case 2:
            let name = fresh("count")
            add(
                "CREATE FUNCTION \(name)() RETURNS bigint LANGUAGE sql AS $f$ SELECT count(\(someColumn(of: table))) FROM \(table.name) $f$",
                makes: ["function \(name)"]
            )
        case 3, 4:
            guard let function = pick(functions) else { return }
            let name = chance(15) ? (pick(table.triggers) ?? fresh("stamp")) : fresh("stamp")
            let replace = maybe(guardRate, "OR REPLACE ")
            let columns = chance(30) ? " OF \(someColumn(of: table))" : ""
            add(
                "CREATE \(replace)TRIGGER \(name) BEFORE UPDATE\(columns) ON \(table.name) FOR EACH ROW EXECUTE FUNCTION \(function)()"
            )
            update(table.name) { $0.triggers.append(name) }
        case 5:
            guard let name = pick(table.triggers) else { return }
            add("DROP TRIGGER \(isGuarded() ? "IF EXISTS " : "")\(name) ON \(table.name)")
            update(table.name) { $0.triggers.removeAll { $0 == name } }
        default:
            guard let name = pick(functions) else { return }
            add("DROP FUNCTION \(isGuarded() ? "IF EXISTS " : "")\(name)()\(maybe(40, " CASCADE"))")
            functions.removeAll { $0 == name }
        }
    }

    mutating func addPolicy() {
        guard let table = someTable() else { return }
        if let name = pick(table.policies), chance(50) {
            add("DROP POLICY \(isGuarded() ? "IF EXISTS " : "")\(name) ON \(table.name)")
            update(table.name) { $0.policies.removeAll { $0 == name } }
            return
        }
        let name = chance(15) ? (pick(table.policies) ?? fresh("own")) : fresh("own")
        add("CREATE POLICY \(name) ON \(table.name) USING (\(someColumn(of: table)) IS NOT NULL)")
        update(table.name) { $0.policies.append(name) }
    }

    mutating func addSequenceOrSchema() {
        let isGuarded = isGuarded()
        let guardWords = isGuarded ? "IF NOT EXISTS " : ""
        switch number(0...5) {
        case 0, 1:
            let name = chance(20) ? (pick(sequences) ?? fresh("seq")) : fresh("seq")
            add(
                "CREATE SEQUENCE \(guardWords)\(name)",
                makes: ["relation \(name)"],
                isGuarded
                    ? HistoryStatement.Guard(
                        key: "relation \(name)",
                        isThere: "false",
                        forms: ["CREATE SEQUENCE \(name) INCREMENT BY 7"]
                    ) : nil
            )
            if !sequences.contains(name) { sequences.append(name) }
        case 2:
            guard let name = pick(sequences) else { return }
            add("DROP SEQUENCE \(isGuarded ? "IF EXISTS " : "")\(name)\(maybe(30, " CASCADE"))")
            sequences.removeAll { $0 == name }
        case 3, 4:
            let name = chance(25) ? (pick(schemas) ?? fresh("area")) : fresh("area")
            add(
                "CREATE SCHEMA \(guardWords)\(name)",
                makes: ["schema \(name)"],
                isGuarded
                    ? HistoryStatement.Guard(key: "schema \(name)", isThere: "false", forms: ["CREATE SCHEMA \(name)"])
                    : nil
            )
            if !schemas.contains(name) { schemas.append(name) }
        default:
            guard let name = pick(schemas) else { return }
            add("DROP SCHEMA \(isGuarded ? "IF EXISTS " : "")\(name)\(maybe(60, " CASCADE"))")
            schemas.removeAll { $0 == name }
            tables.removeAll { $0.name.hasPrefix("\(name).") }
        }
    }

    /// A statement that only relies on what is there.
    mutating func addUse() {
        guard let table = someTable(where: { _ in true }) else { return }
        let column = someColumn(of: table)
        let isTable = !table.isView && !table.isMatview
        switch number(0...6) {
        case 0: add("GRANT SELECT (\(column)) ON \(table.name) TO CURRENT_USER")
        case 1: add("GRANT SELECT ON \(table.name) TO CURRENT_USER")
        case 2 where isTable: add("UPDATE \(table.name) SET \(column) = \(column) WHERE false")
        case 3 where isTable:
            add("INSERT INTO \(table.name) (\(column)) SELECT \(column) FROM \(table.name) WHERE false")
        case 4: add("SELECT \(column) FROM \(table.name) t WHERE t.\(column) IS NOT NULL")
        case 5 where isTable: add("ALTER TABLE \(table.name) ENABLE ROW LEVEL SECURITY")
        default:
            add(
                isTable
                    ? "DELETE FROM \(table.name) WHERE \(column) IS NULL AND false"
                    : "SELECT count(*) FROM \(table.name) GROUP BY \(column)"
            )
        }
    }
}
