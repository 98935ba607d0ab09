import CLibpq

/// The client library that connections go through.
public enum PostgresLibrary {
    /// Begins to load it, while the caller goes on.
    ///
    /// It is loaded when it is first needed; a program that is short-lived and will need it starts a millisecond earlier
    /// if it says so first.
    ///
    /// - Parameter first: what the thread that loads it does before, such as loading what others need sooner.
    public static func begin(behind first: (@convention(c) () -> Void)? = nil) {
        CLibpq_begin(first)
    }
}
