public import Hummingbird

/// Routes that belong together.
public protocol RouteGroup: Sendable {
    /// Adds the routes.
    ///
    /// - Parameter router: where they are added; middleware that is added to it stands before the group's own routes only.
    func add(to router: RouterGroup<AppRequestContext>)
}
