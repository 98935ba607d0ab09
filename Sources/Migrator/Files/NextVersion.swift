#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension MigrationDirectory {
    /// The newest version in the folder and among further names of this layout.
    func newestVersion(and names: [String]) -> MigrationVersion? {
        let others = names.compactMap { name in
            layout == .prisma
                ? MigrationVersion(dotted: name.prefix { $0.isASCII && $0.isNumber })
                : name.withUTF8Bytes { FileName($0)?.version }
        }
        return (migrations.compactMap(\.version) + others).max()
    }

    /// The version behind the newest one.
    func nextVersion(after newest: MigrationVersion?, now: Date) -> String {
        guard let newest else {
            switch layout {
            case .lastro, .sqitch: return "0001"
            case .golangMigrate: return "000001"
            case .flyway: return "1"
            case .dbmate, .goose, .sqlx, .prisma: return now.stamp(digits: 14)
            }
        }
        let digits = newest.description.count
        if newest.isStamp || layout == .prisma {
            let stamp = now.stamp(digits: newest.isStamp ? digits : 14)
            if let version = MigrationVersion(stamp), version > newest { return stamp }
        }
        return newest.description.nextNumber
    }

    /// What is odd about a newest version that lies in the future.
    func warning(about newest: MigrationVersion?, now: Date) -> String? {
        guard let newest, newest.isStamp, let latest = MigrationVersion(now.stamp(digits: newest.description.count)),
            newest > latest
        else { return nil }
        return "the newest version, \(newest), lies in the future; the new one is counted on from it"
    }
}

extension MigrationVersion {
    /// Whether it looks like a time: year, month, day, hour, minute, and perhaps more.
    fileprivate var isStamp: Bool { description.count >= 12 && !description.contains(".") }
}

extension Date {
    /// The time in UTC as digits, wherever the machine stands: year, month, day, hour, minute, second, then zeros.
    fileprivate func stamp(digits count: Int) -> String {
        let digits = formatted(.iso8601.timeZoneSeparator(.omitted)).filter(\.isNumber).prefix(count)
        return digits + String(repeating: "0", count: count - digits.count)
    }
}

extension String {
    /// The decimal number behind this one, of any length, with as many digits at least; of a dotted one the last part
    /// is counted on.
    fileprivate var nextNumber: String {
        if let dot = lastIndex(of: ".") { return self[...dot] + String(self[index(after: dot)...]).nextNumber }
        let nines = reversed().prefix { $0 == "9" }.count
        let zeros = String(repeating: "0", count: nines)
        let head = dropLast(nines)
        guard let digit = head.last?.wholeNumberValue else { return "1" + zeros }
        return "\(head.dropLast())\(digit + 1)\(zeros)"
    }
}
