#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Whether the long form of tests was asked for, with `LASTRO_LONG` in the environment.
public let isLongTest = ProcessInfo.processInfo.environment["LASTRO_LONG"] != nil
