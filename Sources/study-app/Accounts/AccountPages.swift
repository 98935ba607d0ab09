import AppRuntime
import Hummingbird

/// The pages for logging in, in the language that a browser asks for.
struct AccountPages: Sendable {
    private let isPortuguese: Bool

    /// Takes the language from a request: Portuguese where it comes first, else English.
    init(_ request: Request) {
        let wanted = request.headers[.acceptLanguage]?.split(separator: ",").first?.lowercased() ?? ""
        isPortuguese = wanted.hasPrefix("pt")
    }

    /// A page that is ready to be sent.
    struct Page: Sendable {
        let text: String

        /// The page as the answer, with the status and the fields of what went wrong.
        func response(_ problem: Problem? = nil) -> Response {
            var headers = problem?.headers ?? [:]
            headers[.contentType] = "text/html; charset=utf-8"
            headers[.cacheControl] = "no-store"
            return Response(
                status: problem?.status ?? .ok,
                headers: headers,
                body: ResponseBody(byteBuffer: ByteBuffer(string: text))
            )
        }
    }

    /// The form for logging in, also as somebody else; after a wrong try with the address that was written.
    func logIn(next: String, email: String = "", principal: Principal?, problem: AccountError?) -> Page {
        page(
            say("Entrar", "Log in"),
            """
            \(alert(problem))
            <form method="post" action="/login">\(token(of: principal))
            <input type="hidden" name="next" value="\(next.escapedForHTML)">
            <label for="email">\(say("E-mail", "Email"))</label>
            <input id="email" name="email" type="email" autocomplete="username" required value="\(email.escapedForHTML)"\(email.isEmpty ? " autofocus" : "")>
            <label for="password">\(say("Senha", "Password"))</label>
            <input id="password" name="password" type="password" autocomplete="current-password" required\(email.isEmpty ? "" : " autofocus")>
            <button>\(say("Entrar", "Log in"))</button>
            </form>
            """
        )
    }

    func link(principal: Principal?, problem: AccountError?, isDone: Bool) -> Page {
        if isDone {
            return page(
                say("Senha definida", "Password set"),
                "<p role=\"status\">\(say("Todas as sessões foram encerradas.", "All sessions have ended."))</p>"
                    + "<p><a href=\"/login\">\(say("Agora entre", "Now log in"))</a></p>"
            )
        }
        return page(
            say("Definir a senha", "Set a password"),
            """
            \(alert(problem))
            <form method="post" action="/account/link">\(token(of: principal))
            <label for="code">\(say("Código do link", "Code of the link"))</label>
            <input id="code" name="code" autocomplete="off" required>
            \(newPassword)
            <button>\(say("Definir", "Set"))</button>
            </form>
            <script src="/account/link.js"></script>
            """
        )
    }

    func account(_ principal: Principal, problem: AccountError? = nil) -> Page {
        let roles = Role.allCases.filter { principal.roles.contains($0) }.map(word).joined(separator: ", ")
        let mayOperate = principal.has(.operator)
        return page(
            principal.name,
            """
            <p class="note">\(roles.escapedForHTML)</p>
            \(mayOperate ? "<p><a href=\"/dashboard\">\(say("Painel", "Dashboard"))</a></p>" : "")
            <form method="post" action="/logout">\(token(of: principal))
            <button>\(say("Sair", "Log out"))</button>
            </form>
            <h2>\(say("Mudar a senha", "Change the password"))</h2>
            \(alert(problem, wrong: say("A senha atual não está certa.", "The current password is not right.")))
            <form method="post" action="/account/password">\(token(of: principal))
            <label for="old">\(say("Senha atual", "Current password"))</label>
            <input id="old" name="old" type="password" autocomplete="current-password" required>
            \(newPassword)
            <button>\(say("Mudar", "Change"))</button>
            </form>
            """
        )
    }

    private func words(_ fault: PasswordFault?) -> String {
        switch fault {
        case .short: say("A senha tem menos de 12 caracteres.", "The password has fewer than 12 characters.")
        case .long: say("A senha é longa demais.", "The password is too long.")
        case .repetitive: say("A senha repete poucos caracteres.", "The password repeats a few characters.")
        case .different: say("As duas senhas não são iguais.", "The two passwords are not the same.")
        case nil: say("A senha não serve.", "The password will not do.")
        }
    }

    private func word(_ role: Role) -> String {
        switch role {
        case .learner: say("estudante", "learner")
        case .editor: say("editor", "editor")
        case .operator: say("operador", "operator")
        case .admin: say("administrador", "admin")
        }
    }

    /// What a form has to send along of whoever is logged in.
    private func token(of principal: Principal?) -> String {
        guard let token = principal?.csrfToken else { return "" }
        return "<input type=\"hidden\" name=\"_csrf\" value=\"\(token.escapedForHTML)\">"
    }

    private var newPassword: String {
        """
        <label for="password">\(say("Senha nova, com 12 caracteres ou mais", "New password, of 12 characters or more"))</label>
        <input id="password" name="password" type="password" minlength="12" autocomplete="new-password" required>
        <label for="again">\(say("A mesma outra vez", "The same again"))</label>
        <input id="again" name="again" type="password" minlength="12" autocomplete="new-password" required>
        """
    }

    private func alert(_ problem: AccountError?, wrong: String? = nil) -> String {
        guard let problem else { return "" }
        let words =
            switch problem.code {
            case .wrongCredentials:
                wrong ?? say("O e-mail e a senha não combinam.", "Email and password do not belong together.")
            case .locked:
                say(
                    "Muitas tentativas. Tente de novo em \(problem.retryAfter ?? 0) s.",
                    "Too many tries. Try again in \(problem.retryAfter ?? 0) s."
                )
            case .endedToken: say("O link não vale mais.", "The link is good no more.")
            case .weakPassword: words(problem.fault)
            default: say("Agora não. Tente mais tarde.", "Not now. Try again later.")
            }
        return "<p role=\"alert\">\(words.escapedForHTML)</p>"
    }

    private func say(_ portuguese: String, _ english: String) -> String { isPortuguese ? portuguese : english }

    private func page(_ title: String, _ body: String) -> Page {
        Page(
            text: """
                <!doctype html>
                <html lang="\(isPortuguese ? "pt-BR" : "en")">
                <head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
                <title>\(title.escapedForHTML)</title><link rel="stylesheet" href="/account/account.css"></head>
                <body><main><h1>\(title.escapedForHTML)</h1>
                \(body)
                </main></body>
                </html>

                """
        )
    }

    static func asset(_ text: String, type: String) -> Response {
        Response(
            status: .ok,
            headers: [.contentType: "\(type); charset=utf-8", .cacheControl: "max-age=3600"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text))
        )
    }

    static let style = """
        :root { color-scheme: light dark; --ground: #f6f6f4; --surface: #fff; --ink: #1d2126; --muted: #586069; --line: #dcddd9;
          --edge: #8b9096; --accent: #0b5a6a; --on-accent: #fff; --bad: #a8221b; --bad-ground: #fbe6e4; }
        @media (prefers-color-scheme: dark) { :root { --ground: #14171a; --surface: #1b1f23; --ink: #e5e8eb; --muted: #a3acb5;
          --line: #30363d; --edge: #727b85; --accent: #7accdb; --on-accent: #0c1b1f; --bad: #ff9d94; --bad-ground: #3b1c1a; } }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--ground); color: var(--ink);
          font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif; }
        main { max-width: 25rem; margin: clamp(1rem, 10vh, 6rem) auto 2rem; padding: 1.5rem; background: var(--surface);
          border: 1px solid var(--line); border-radius: 8px; overflow-wrap: anywhere; }
        @media (max-width: 27rem) { main { border-width: 1px 0; border-radius: 0; padding: 1.25rem 1rem; } }
        h1 { margin: 0 0 1rem; font-size: 1.375rem; line-height: 1.25; font-weight: 650; }
        h2 { margin: 1.75rem 0 .75rem; font-size: 1rem; font-weight: 650; }
        p { margin: 0 0 1rem; } .note { color: var(--muted); }
        a { color: var(--accent); text-underline-offset: .18em; }
        label { display: block; margin: 0 0 .1875rem; color: var(--muted); font-size: .875rem; }
        input, button { font: inherit; width: 100%; min-height: 2.5rem; padding: .375rem .625rem; border: 1px solid var(--edge);
          border-radius: 5px; background: var(--surface); color: var(--ink); }
        input { margin-bottom: 1rem; }
        button { margin-top: .25rem; background: var(--accent); border-color: var(--accent); color: var(--on-accent);
          cursor: pointer; }
        :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
        form + form, form + h2 { border-top: 1px solid var(--line); padding-top: 1.25rem; }
        [role=alert] { border: 1px solid var(--line); border-left: .25rem solid var(--bad); border-radius: 6px; padding: .5rem .75rem;
          background: var(--bad-ground); }
        """

    /// The code stands behind the # of the link, which a browser sends to nobody: no log and no proxy ever sees it.
    static let script = """
        const code = document.getElementById("code");
        if (code && location.hash.length > 1) {
            code.value = decodeURIComponent(location.hash.slice(1));
            history.replaceState(null, "", location.pathname);
            document.getElementById("password").focus();
        }
        """
}
