/// The rules of axe-core for what keeps people from using a page (WCAG 2.2 A and AA, and what its makers advise).
public struct Axe: Sendable {
    private let source: String

    /// Reads what script/axe has fetched.
    public init() throws {
        source = try PythonEnvironment.text(of: "axe", "axe_playwright_python/axe.min.js")
    }

    /// What is against the rules on the open page, as text; empty for nothing.
    public func violations(on browser: HeadlessBrowser) async throws -> String {
        _ = try await browser.value(source + "; undefined")
        return try await browser.text(
            """
            axe.run(document, {resultTypes: ["violations"]}).then((found) => found.violations.map((rule) =>
                `${rule.id} (${rule.impact}): ${rule.help}\\n` + rule.nodes.slice(0, 4).map((node) =>
                    `    ${node.html.slice(0, 160)}: ${node.failureSummary.replace(/\\s+/g, " ")}`).join("\\n")).join("\\n")
                + (found.passes.length < 15 ? `only ${found.passes.length} rules had something to look at` : ""))
            """
        )
    }
}
