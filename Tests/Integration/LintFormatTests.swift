import Subprocess
import SystemPackage
import TestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("What lastro lint prints for other tools")
struct LintFormatTests {
    private let files = [
        "m/0001_jobs.sql": "CREATE TABLE jobs (id bigint PRIMARY KEY);\n",
        "m/0002_due.sql": """
        CREATE TABLE IF NOT EXISTS jobs (id bigint PRIMARY KEY, due timestamptz);
        /* ünïcode & <markup> "quotes" \u{1} */ CREATE INDEX "<i> & 'x'" ON jobs (due); CREATE INDEX ON jobs (due);
        DROP TABLE jobs;
        DO $$ BEGIN EXECUTE 'a' || 'b'; END $$;

        """,
    ]

    @Test(
        "is a log by the schema of SARIF",
        arguments: [[], ["--all-rules"], ["--from", "0001", "--fail-on", "note"]]
    )
    func isSarif(options: [String]) async throws {
        try await expectSound(files, ["--format", "sarif"] + options, Self.sarif)
        // Of nothing there is a log, too.
        try await expectSound(["m/0001_a.sql": "SELECT 1;\n"], ["--format", "sarif"], Self.sarif)
    }

    @Test("is a report of GitLab's Code Quality")
    func isCodeQuality() async throws {
        try await expectSound(files, ["--format", "gitlab", "--all-rules"], Self.codeQuality)
        try await expectSound(["m/0001_a.sql": "SELECT 1;\n"], ["--format", "gitlab"], Self.codeQuality)
    }

    @Test("is a report of JUnit")
    func isJUnit() async throws {
        try await expectSound(files, ["--format", "junit", "--all-rules"], Self.junit)
        try await expectSound(["m/0001_a.sql": "SELECT 1;\n"], ["--format", "junit"], Self.junit)
    }

    /// Runs the linter, and a check in Python on what it prints.
    private func expectSound(_ files: [String: String], _ options: [String], _ check: String) async throws {
        try await withTemporaryFolder(files) { folder in
            let lastro = LastroProcess(folder: folder.path, environment: ["LASTRO_MIGRATIONS": "m"])
            try folder.write(try await lastro(["lint"] + options).output, to: "report")
            let fixtures = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent().appending(path: "fixtures/lint/formats")
            let checked = try await Subprocess.run(
                .name("python3"),
                arguments: ["-c", check, "\(folder.path)/report", "\(fixtures.path)/sarif-schema-2.1.0.json"],
                output: .string(limit: 1 << 20),
                error: .string(limit: 1 << 20)
            )
            #expect(checked.terminationStatus.isSuccess, "\(checked.standardError)")
            #expect(checked.standardOutput.hasPrefix("sound"))
        }
    }

    private static let sarif = """
        import json, jsonschema, sys
        log, schema = json.load(open(sys.argv[1])), json.load(open(sys.argv[2]))
        validator = jsonschema.Draft4Validator(schema)
        errors = [e.message[:300] for e in validator.iter_errors(log)]
        assert not errors, errors
        # That the schema is in force shows in what it refuses.
        assert list(validator.iter_errors({**log, "version": "2.0.0"})) and list(validator.iter_errors({**log, "x": 1}))
        run = log["runs"][0]
        rules = run["tool"]["driver"]["rules"]
        for result in run["results"]:
            assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
            region = result["locations"][0]["physicalLocation"]["region"]
            assert 1 <= region["startLine"] <= region["endLine"]
        print("sound", len(run["results"]))
        """

    private static let codeQuality = """
        import json, re, sys
        issues = json.load(open(sys.argv[1]))
        assert isinstance(issues, list)
        for issue in issues:
            assert isinstance(issue["description"], str) and issue["description"]
            assert isinstance(issue["check_name"], str) and isinstance(issue["fingerprint"], str)
            assert issue["severity"] in ("info", "minor", "major", "critical", "blocker")
            path = issue["location"]["path"]
            assert path and not path.startswith(("./", "/")), path
            assert isinstance(issue["location"]["lines"]["begin"], int)
        prints = [issue["fingerprint"] for issue in issues]
        assert len(set(prints)) == len(prints), "two issues with one fingerprint"
        print("sound", len(issues))
        """

    private static let junit = """
        import sys, xml.etree.ElementTree as tree
        root = tree.parse(sys.argv[1]).getroot()
        suites = [root] if root.tag == "testsuite" else list(root)
        for suite in suites:
            assert suite.tag == "testsuite" and suite.get("name")
            cases = suite.findall("testcase")
            assert int(suite.get("tests")) == len(cases) > 0
            assert int(suite.get("failures")) == sum(1 for case in cases if case.find("failure") is not None)
            for case in cases:
                assert case.get("name") and case.get("classname")
                for failure in case.findall("failure"): assert failure.get("message") and failure.get("type")
        print("sound", sum(len(suite) for suite in suites))
        """
}
