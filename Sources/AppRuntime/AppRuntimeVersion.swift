/// The version of this library, as workers write it into `job_workers`.
enum AppRuntimeVersion {
    static let current = "0.1.0"
}
