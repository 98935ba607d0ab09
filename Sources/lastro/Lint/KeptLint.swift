import Catalog
import Linter
import Migrator
import Postgres
import SystemPackage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// What was found before in the same folder, in Lastro's cache folder.
enum KeptLint {
    /// Fewer files are read again sooner than from the cache.
    static let fewest = 32
    /// How many folders and ways to judge are kept: each is up to some times as large as the files.
    private static let limit = 8

    /// The cache of a folder of migrations, judged in one way.
    static func cache(ofFolder folder: String, _ options: LintOptions) -> LintCache {
        let kept = CachedText("lint", key: key(folder, options), limit: limit)
        return LintCache(bytes: kept.bytes) { kept.keep($0) }
    }

    private static func key(_ folder: String, _ options: LintOptions) -> String {
        var parts = [lastroVersion, options.key]
        if let real = realpath(folder, nil) {
            parts.append(String(cString: real))
            free(real)
        } else {
            parts.append(folder)
        }
        // Another build may judge in another way and be of the same version.
        var status = stat()
        if stat("/proc/self/exe", &status) == 0 {
            parts.append("\(status.st_size) \(status.st_mtim.tv_sec) \(status.st_mtim.tv_nsec)")
        }
        return Fingerprint(ofTexts: parts).description.replacing(":", with: "-")
    }
}
