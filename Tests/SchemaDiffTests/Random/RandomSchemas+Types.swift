extension RandomSchemas {
    func addType() {
        let name = qualified("type")
        switch number(0...6) {
        case 0, 1:
            slot { random in
                let labels = ["'a'", "'b'", "'it''s'", "'C d'", "'ü'"].shuffled(using: &random.random)
                return "CREATE TYPE \(name) AS ENUM (\(labels.prefix(random.number(1...5)).joined(separator: ", ")))"
            }
            enumerations.append(name)
            types.append(name)
            tell(of: "TYPE \(name)", ["USAGE"])
        case 2, 3:
            let base = pick(["integer", "text", "varchar(10)", "numeric(10,2)"])
            let check = self.name("sane")
            slot { random in
                let word = base.hasPrefix("v") || base == "text" ? "length(VALUE)" : "VALUE"
                return "CREATE DOMAIN \(name) AS \(base)" + random.maybe(30, " DEFAULT '7'")
                    + random.maybe(15, " NOT NULL")
                    + random.maybe(60, " CONSTRAINT \(check) CHECK (\(word) > \(random.number(0...3)))")
                    + random.maybe(20, " CHECK (VALUE IS DISTINCT FROM '9')")
            }
            types.append(name)
            tell(of: "DOMAIN \(name)", ["USAGE"])
            commentable.append("CONSTRAINT \(check) ON DOMAIN \(name)")
        case 4:
            let attributes = [self.name("part"), self.name("part"), self.name("part")]
            slot { random in
                let parts = attributes.prefix(random.number(1...3)).map {
                    "\($0) \(random.pick(["integer", "text", "date"]))"
                }
                return "CREATE TYPE \(name) AS (\(parts.joined(separator: ", ")))"
            }
            if chance(30) { types.append(name) }
            tell(of: "TYPE \(name)", ["USAGE"])
            commentable.append("COLUMN \(name).\(attributes[0])")
        case 5:
            let subtype = pick(["integer", "float8", "text"])
            slot { random in
                "CREATE TYPE \(name) AS RANGE (subtype = \(subtype)"
                    + random.maybe(subtype == "text" ? 30 : 0, ", collation = \"C\"") + ")"
            }
            if chance(30) { types.append(name) }
            tell(of: "TYPE \(name)", ["USAGE"])
        default:
            slot { random in
                let options = random.pick([
                    "provider = libc, locale = 'C'", "provider = icu, locale = 'de'",
                    "provider = icu, locale = 'und-u-ks-level2', deterministic = false",
                ])
                return "CREATE COLLATION \(name) (\(options))"
            }
            collations.append(name)
            commentable.append("COLLATION \(name)")
            ownable.append("COLLATION \(name)")
        }
    }

    /// Notes an object that has an owner, a comment and privileges.
    func tell(of object: String, _ privileges: [String], grantedAs words: String? = nil) {
        commentable.append(object)
        ownable.append(object)
        grantable.append((words ?? object, privileges))
    }

    func addSequence() {
        let name = qualified("seq")
        slot { random in
            "CREATE \(random.maybe(15, "UNLOGGED "))SEQUENCE \(name) AS \(random.pick(["bigint", "integer"]))"
                + random.maybe(40, " INCREMENT BY \(random.pick([2, -3]))") + random.maybe(20, " CYCLE")
                + random.maybe(20, " CACHE 7") + random.maybe(20, " MAXVALUE 9000")
        }
        sequences.append(name)
        tell(of: "SEQUENCE \(name)", ["USAGE", "SELECT", "UPDATE"])
    }

    func addFunction() {
        let name = qualified("f")
        switch number(0...7) {
        case 0, 1, 2:
            slot { random in
                "CREATE FUNCTION \(name)(a integer\(random.maybe(20, ", b integer DEFAULT \(random.number(1...2))"))) "
                    + "RETURNS \(random.chance(85) ? "integer" : "bigint") LANGUAGE sql IMMUTABLE"
                    + random.maybe(20, " STRICT") + random.maybe(20, " PARALLEL SAFE")
                    + " AS $f$ SELECT a + \(random.number(1...3)) $f$"
            }
            functions.append(name)
            tell(of: "FUNCTION \(name)(integer)", ["EXECUTE"])
        case 3:
            slot { random in
                "CREATE FUNCTION \(name)() RETURNS trigger LANGUAGE plpgsql"
                    + random.maybe(30, " SECURITY DEFINER SET search_path = pg_catalog, public")
                    + " AS $f$ BEGIN RETURN \(random.pick(["NEW", "OLD", "NULL"])); END $f$"
            }
            triggerFunctions.append(name)
            tell(of: "FUNCTION \(name)()", ["EXECUTE"])
        case 4:
            slot { random in
                "CREATE PROCEDURE \(name)(INOUT a integer) LANGUAGE plpgsql AS $f$ BEGIN a := a + \(random.number(1...2)); END $f$"
            }
            tell(of: "PROCEDURE \(name)(integer)", ["EXECUTE"])
        case 5:
            slot { random in
                "CREATE AGGREGATE \(name)(integer) (sfunc = \(random.pick(["int4pl", "int4mi"])), stype = integer"
                    + random.maybe(50, ", initcond = '\(random.number(0...2))'") + ")"
            }
            commentable.append("AGGREGATE \(name)(integer)")
            ownable.append("AGGREGATE \(name)(integer)")
            grantable.append(("FUNCTION \(name)(integer)", ["EXECUTE"]))
        case 6:
            guard let type = any(types) else { return }
            slot { random in
                "CREATE FUNCTION \(name)(a \(type)) RETURNS \(random.pick(["text", type, "boolean"])) LANGUAGE plpgsql AS "
                    + "$f$ BEGIN RETURN NULL; END $f$"
            }
            commentable.append("FUNCTION \(name)(\(type))")
        default:
            guard let function = any(functions) else { return }
            slot {
                "CREATE FUNCTION \(name)() RETURNS integer BEGIN ATOMIC SELECT \(function)(\($0.number(1...2))); END"
            }
            tell(of: "FUNCTION \(name)()", ["EXECUTE"])
        }
    }
}
