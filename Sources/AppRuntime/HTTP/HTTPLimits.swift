/// What one request may cost.
public struct HTTPLimits: Hashable, Sendable {
    /// How large a body is at most, in bytes.
    public var body = 1 << 20
    /// How large all header fields are together, in bytes.
    public var headers = 16 << 10
    /// How long it may take until the response begins; a response that goes on, such as server-sent events, may take longer.
    public var time = Duration.seconds(30)
    /// After how long a connection is closed on which nothing is said.
    public var idle = Duration.seconds(60)
    /// How many connections are open at most; further ones wait.
    public var connections = 10_000

    /// Makes limits: bodies of 1 MiB, headers of 16 KiB, 30 s until the response begins, 60 s of silence, 10,000 connections.
    public init() {}
}
