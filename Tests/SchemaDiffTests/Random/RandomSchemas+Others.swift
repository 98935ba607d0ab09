extension RandomSchemas {
    /// An object of one of the kinds that few schemas have.
    func addOther() {
        switch number(0...13) {
        case 0, 1: addForeignData()
        case 2: addTextSearch()
        case 3, 4: addOperator()
        case 5, 6: addReplication()
        case 7: addCast()
        case 8:
            let name = name("watch")
            guard chance(70) else { return }
            let function = qualified("f")
            slot { _ in "CREATE FUNCTION \(function)() RETURNS event_trigger LANGUAGE plpgsql AS $f$ BEGIN END $f$" }
            slot { random in
                "CREATE EVENT TRIGGER \(name) ON ddl_command_end"
                    + random.maybe(50, " WHEN TAG IN ('CREATE TABLE'\(random.maybe(50, ", 'DROP TABLE'")))")
                    + " EXECUTE FUNCTION \(function)()"
            }
            slotRarely { "ALTER EVENT TRIGGER \(name) \($0.pick(["DISABLE", "ENABLE ALWAYS"]))" }
            commentable.append("EVENT TRIGGER \(name)")
        case 9:
            let name = qualified("conv")
            slot {
                "CREATE \($0.maybe(30, "DEFAULT "))CONVERSION \(name) FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8"
            }
            commentable.append("CONVERSION \(name)")
            ownable.append("CONVERSION \(name)")
        case 10:
            let name = self.name("lang")
            slot { "CREATE \($0.maybe(50, "TRUSTED "))LANGUAGE \(name) HANDLER plpgsql_call_handler" }
            commentable.append("LANGUAGE \(name)")
            ownable.append("LANGUAGE \(name)")
            let method = self.name("method")
            slot { _ in "CREATE ACCESS METHOD \(method) TYPE TABLE HANDLER heap_tableam_handler" }
            commentable.append("ACCESS METHOD \(method)")
            let table = qualified("t")
            slot { "CREATE TABLE \(table) (id integer)\($0.maybe(60, " USING \(method)"))" }
        case 11:
            let schema = pick(schemas)
            let name = pick(["citext", "hstore", "pg_trgm"])
            slot { _ in "CREATE EXTENSION \(name) SCHEMA \(schema)" }
            let table = qualified("t")
            if name != "pg_trgm" { slot { _ in "CREATE TABLE \(table) (id integer, word \(schema).\(name))" } }
        case 12:
            let name = qualified("base")
            let functions = (qualified("in"), qualified("out"))
            slot { random in
                """
                CREATE TYPE \(name);
                CREATE FUNCTION \(functions.0)(cstring) RETURNS \(name) LANGUAGE internal IMMUTABLE STRICT AS 'int4in';
                CREATE FUNCTION \(functions.1)(\(name)) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out';
                CREATE TYPE \(name) (input = \(functions.0), output = \(functions.1), like = int4\(random.maybe(40, ", delimiter = ';'")))
                """
            }
            tell(of: "TYPE \(name)", ["USAGE"])
        default:
            guard let parent = any(tables), let part = parent.columns.last else { return }
            let name = qualified("typed")
            slot { _ in "CREATE TYPE \(name)_row AS (id integer, word text)" }
            slot { "CREATE TABLE \(name) OF \(name)_row (id WITH OPTIONS \($0.pick(["NOT NULL", "DEFAULT 3"])))" }
            let function = qualified("f")
            slot { _ in
                "CREATE FUNCTION \(function)() RETURNS SETOF \(parent.name) LANGUAGE sql BEGIN ATOMIC SELECT * FROM \(parent.name) "
                    + "WHERE \(part.name) IS NULL; END"
            }
        }
    }

    private func addForeignData() {
        let (wrapper, server, table) = (name("fdw"), name("server"), qualified("ft"))
        slot { random in
            "CREATE FOREIGN DATA WRAPPER \(wrapper)" + random.maybe(30, " VALIDATOR postgresql_fdw_validator")
                + random.maybe(40, " OPTIONS (host 'it''s %')")
        }
        slot { random in
            "CREATE SERVER \(server)\(random.maybe(20, " TYPE 'kind'"))\(random.maybe(30, " VERSION '\(random.number(1...2))'"))"
                + " FOREIGN DATA WRAPPER \(wrapper)"
                + random.maybe(50, " OPTIONS (host '\(random.pick(["a", "b"]))'\(random.maybe(50, ", port '1'")))")
        }
        let role = pick(Self.roles + ["PUBLIC"])
        if chance(50) { slot { _ in "CREATE USER MAPPING FOR \(role) SERVER \(server)" } }
        let columns = [name("c"), name("c")]
        slot { random in
            let options = random.maybe(40, " OPTIONS (\(random.pick(["host", "dbname"])) 'x')")
            return "CREATE FOREIGN TABLE \(table) (id integer\(options)\(random.maybe(30, " NOT NULL")), "
                + "\(columns[0]) \(random.pick(["text", "text", "bigint"]))\(random.maybe(50, ", \(columns[1]) date")))"
                + " SERVER \(server)" + random.maybe(50, " OPTIONS (host '\(random.pick(["a", "b"]))')")
        }
        commentable += [
            "FOREIGN DATA WRAPPER \(wrapper)", "SERVER \(server)", "FOREIGN TABLE \(table)", "COLUMN \(table).id",
        ]
        ownable += ["FOREIGN DATA WRAPPER \(wrapper)", "SERVER \(server)", "FOREIGN TABLE \(table)"]
        grantable += [
            ("FOREIGN DATA WRAPPER \(wrapper)", ["USAGE"]), ("FOREIGN SERVER \(server)", ["USAGE"]),
            (table, ["SELECT", "INSERT"]),
        ]
        let isUsed = chance(50)
        if isUsed { tables.append(Table(name: table, columns: [Column(name: "id", type: "integer")], isForeign: true)) }
    }

    private func addTextSearch() {
        let (dictionary, configuration) = (qualified("dict"), qualified("conf"))
        slot { random in
            "CREATE TEXT SEARCH DICTIONARY \(dictionary) (TEMPLATE = simple"
                + random.maybe(60, ", accept = '\(random.pick(["true", "false"]))'") + ")"
        }
        slot { random in
            """
            CREATE TEXT SEARCH CONFIGURATION \(configuration) (PARSER = default);
            ALTER TEXT SEARCH CONFIGURATION \(configuration) ADD MAPPING FOR \(random.some(of: ["word", "email", "int"])) \
            WITH \(random.pick(["simple", dictionary, "\(dictionary), english_stem"]))
            """
        }
        for object in ["TEXT SEARCH DICTIONARY \(dictionary)", "TEXT SEARCH CONFIGURATION \(configuration)"] {
            commentable.append(object)
            ownable.append(object)
        }
    }

    private func addOperator() {
        let schema = pick(schemas)
        let function = qualified("f")
        let sign = pick(["===", "<<|", "!~!", "@#@"])
        slot { _ in
            "CREATE FUNCTION \(function)(integer, integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 = $2'"
        }
        slot { random in
            "CREATE OPERATOR \(schema).\(sign) (FUNCTION = \(function), LEFTARG = integer, RIGHTARG = integer"
                + random.maybe(40, ", RESTRICT = eqsel, JOIN = eqjoinsel")
                + random.maybe(30, ", COMMUTATOR = OPERATOR(\(schema).\(sign))") + ")"
        }
        commentable.append("OPERATOR \(schema).\(sign) (integer, integer)")
        ownable.append("OPERATOR \(schema).\(sign) (integer, integer)")
        let (family, set) = (qualified("family"), qualified("class"))
        slot { _ in "CREATE OPERATOR FAMILY \(family) USING btree" }
        slot { random in
            "CREATE OPERATOR CLASS \(set) FOR TYPE integer USING btree\(random.maybe(70, " FAMILY \(family)")) AS "
                + "OPERATOR 3 =(integer, integer), FUNCTION 1 btint4cmp(integer, integer)"
                + random.maybe(40, ", OPERATOR 1 <(integer, integer)")
        }
        commentable += ["OPERATOR FAMILY \(family) USING btree", "OPERATOR CLASS \(set) USING btree"]
        ownable += ["OPERATOR FAMILY \(family) USING btree", "OPERATOR CLASS \(set) USING btree"]
    }

    private func addReplication() {
        let name = name("pub")
        let schema = pick(schemas)
        slot { random in
            let tables = random.tables.shuffled(using: &random.random).prefix(2).map { table in
                table.name + random.maybe(25, " WHERE (id > \(random.number(1...2)))")
            }
            let what = random.pick([
                "", " FOR TABLES IN SCHEMA \(schema)", " FOR ALL TABLES",
                tables.isEmpty ? "" : " FOR TABLE \(tables.joined(separator: ", "))",
            ])
            return "CREATE PUBLICATION \(name)\(what)"
                + random.maybe(40, " WITH (publish = '\(random.some(of: ["insert", "delete"]))')")
        }
        commentable.append("PUBLICATION \(name)")
        ownable.append("PUBLICATION \(name)")
        guard chance(40) else { return }
        let subscription = self.name("sub")
        slot { random in
            "CREATE SUBSCRIPTION \(subscription) CONNECTION '' PUBLICATION \(random.pick(["p", "\"Q\", p"])) "
                + "WITH (connect = false, slot_name = NONE\(random.maybe(40, ", binary = true")))"
        }
        commentable.append("SUBSCRIPTION \(subscription)")
    }

    private func addCast() {
        let (type, function) = (qualified("castable"), qualified("f"))
        slot { _ in "CREATE TYPE \(type) AS (a integer)" }
        slot { _ in "CREATE FUNCTION \(function)(\(type)) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 1'" }
        slot { random in
            "CREATE CAST (\(type) AS integer) WITH FUNCTION \(function)(\(type))" + random.maybe(40, " AS ASSIGNMENT")
        }
        commentable.append("CAST (\(type) AS integer)")
        slotRarely { _ in
            "CREATE TRANSFORM FOR \(type) LANGUAGE plpgsql (FROM SQL WITH FUNCTION prsd_lextype(internal))"
        }
    }
}
