/// What measurements of the queue need of its insides.
package enum JobProbe {
    /// The statement of a fetch, with the parameters types, limit, worker and timeouts in seconds.
    package static var fetch: String { FetchStatement.unlimited }
}
