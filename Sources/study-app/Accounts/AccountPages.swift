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

    func logIn(next: String, problem: AccountError?) -> Page {
        page(
            say("Entrar", "Log in"),
            """
            \(alert(problem))
            <form method="post" action="/login">
            <input type="hidden" name="next" value="\(next.escapedForHTML)">
            <label for="email">\(say("E-mail", "Email"))</label>
            <input id="email" name="email" type="email" autocomplete="username" required autofocus>
            <label for="password">\(say("Senha", "Password"))</label>
            <input id="password" name="password" type="password" autocomplete="current-password" required>
            <button>\(say("Entrar", "Log in"))</button>
            </form>
            """
        )
    }

    func link(problem: AccountError?, isDone: Bool) -> Page {
        if isDone {
            return page(
                say("Senha definida", "Password set"),
                "<p><a href=\"/login\">\(say("Agora entre", "Now log in"))</a></p>"
            )
        }
        return page(
            say("Definir a senha", "Set a password"),
            """
            \(alert(problem))
            <form method="post" action="/account/link">
            <label for="code">\(say("Código do link", "Code of the link"))</label>
            <input id="code" name="code" autocomplete="off" required>
            <label for="password">\(say("Senha nova, com 12 caracteres ou mais", "New password, of 12 characters or more"))</label>
            <input id="password" name="password" type="password" minlength="12" autocomplete="new-password" required>
            <label for="again">\(say("A mesma outra vez", "The same again"))</label>
            <input id="again" name="again" type="password" minlength="12" autocomplete="new-password" required>
            <button>\(say("Definir", "Set"))</button>
            </form>
            <script src="/account/link.js"></script>
            """
        )
    }

    func account(_ principal: Principal) -> Page {
        let roles = principal.roles.map(\.rawValue).sorted().joined(separator: ", ")
        let mayOperate = principal.has(.operator)
        return page(
            principal.name,
            """
            <p>\(roles.escapedForHTML)</p>
            \(mayOperate ? "<p><a href=\"/dashboard\">\(say("Painel", "Dashboard"))</a></p>" : "")
            <form method="post" action="/logout">
            <input type="hidden" name="_csrf" value="\((principal.csrfToken ?? "").escapedForHTML)">
            <button>\(say("Sair", "Log out"))</button>
            </form>
            """
        )
    }

    private func alert(_ problem: AccountError?) -> String {
        guard let problem else { return "" }
        let words =
            switch problem.code {
            case .wrongCredentials:
                say("O e-mail e a senha não combinam.", "Email and password do not belong together.")
            case .locked:
                say(
                    "Muitas tentativas. Tente de novo em \(problem.retryAfter ?? 0) s.",
                    "Too many tries. Try again in \(problem.retryAfter ?? 0) s."
                )
            case .endedToken: say("O link não vale mais.", "The link is good no more.")
            case .weakPassword: say("A senha não serve: ", "The password will not do: ") + problem.message
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
        :root { color-scheme: light dark; font: 100%/1.5 system-ui, sans-serif; }
        main { max-width: 24rem; margin: 4rem auto; padding: 0 1rem; }
        label { display: block; margin-top: 1rem; }
        input, button { font: inherit; width: 100%; padding: .5rem; box-sizing: border-box; }
        button { margin-top: 1.5rem; }
        [role=alert] { border-left: .25rem solid #b00020; padding-left: .75rem; }
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
