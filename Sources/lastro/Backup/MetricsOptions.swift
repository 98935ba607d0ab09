import ArgumentParser
import Backup
import ProjectSettings

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The option of commands that write figures for a monitor.
struct MetricsOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("A file for figures in the text format of Prometheus, which is replaced.", valueName: "file")
    )
    var metrics: String?

    /// Writes the figures of a repository, if that was asked for; who reads the file sees the old ones or the new.
    func write(of repository: Repository) throws {
        guard let metrics else { return }
        let text = BackupMetrics(of: try repository.list().snapshots).text
        do {
            try Data(text.utf8).write(to: URL(filePath: metrics), options: .atomic)
        } catch {
            throw ConfigurationError(
                "--metrics \(metrics) cannot be written; the repository has what was done",
                next: "name a file in a folder that can be written to"
            )
        }
    }
}
