import AppRuntime
import Foundation
import Postgres

/// What `bench` times of the job queue, each in a process of its own: prints the figures, one a line.
@main
struct JobBench {
    static func main() async throws {
        let words = Array(CommandLine.arguments.dropFirst())
        guard words.count >= 2 else { return usage() }
        let settings = try ConnectionSettings(words[1])
        let numbers = words.dropFirst(2).compactMap { Int($0) }
        switch (words[0], numbers.count) {
        case ("drain", 4):
            let tuning = Tuning(concurrency: numbers[1], batch: numbers[2])
            show([try await drain(numbers[0], tuning, holdingSnapshot: numbers[3] == 1, on: settings)])
        case ("raw-drain", 3): show([try await rawDrain(numbers[0], numbers[1], batch: numbers[2], on: settings)])
        case ("insert", 1): show([try await insert(numbers[0], on: settings)])
        case ("raw-insert", 1): show([try await rawInsert(numbers[0], on: settings)])
        case ("latency", 2): show(try await latency(numbers[0], rate: numbers[1], on: settings))
        case ("raw-latency", 2): show(try await rawLatency(numbers[0], rate: numbers[1], on: settings))
        case ("produce", 2): try await produce(numbers[0], rate: numbers[1], on: settings)
        case ("raw-produce", 2): try await rawProduce(numbers[0], rate: numbers[1], on: settings)
        case ("page-query", 1): print(try JobProbe.page(of: numbers[0]))
        case ("fetch", 1): show(try await fetch(numbers[0], on: settings))
        default: usage()
        }
    }

    private static func show(_ figures: [Double]) {
        for figure in figures { print(figure) }
    }

    private static func usage() {
        FileHandle.standardError.write(Data("usage: job-bench WHAT DATABASE NUMBER…\n".utf8))
        exit(2)
    }
}

/// How a worker is set.
struct Tuning {
    var concurrency: Int
    var batch: Int
}

/// Seconds since some moment that is the same in all processes of this machine.
func machineTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
