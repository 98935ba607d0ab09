// swift-tools-version: 6.2

import PackageDescription

let package = Package(
    name: "lastro",
    products: [
        .library(name: "Postgres", targets: ["Postgres"]),
        .library(name: "SQLSyntax", targets: ["SQLSyntax"]),
        .library(name: "Catalog", targets: ["Catalog"]),
        .library(name: "Migrator", targets: ["Migrator"]),
        .library(name: "SchemaDiff", targets: ["SchemaDiff"]),
        .library(name: "QueryContract", targets: ["QueryContract"]),
        .library(name: "Backup", targets: ["Backup"]),
        .library(name: "Linter", targets: ["Linter"]),
        .library(name: "AppRuntime", targets: ["AppRuntime"]),
        .library(name: "AppRuntimeTesting", targets: ["AppRuntimeTesting"]),
        .executable(name: "lastro", targets: ["lastro"]),
        .executable(name: "study-app", targets: ["study-app"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-configuration", exact: "1.4.0", traits: []),
        .package(url: "https://github.com/apple/swift-system", exact: "1.8.1"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", exact: "1.0.2", traits: []),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", exact: "2.1.1"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", exact: "2.13.0"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", exact: "1.7.3"),
    ],
    targets: [
        // These are loaded and not linked: libpq drags twenty libraries in, which load beside other work, and libcurl is
        // needed by few.
        .target(name: "CLazyLibrary"),
        .target(name: "CCurl", dependencies: ["CLazyLibrary"]),
        .target(name: "CLibpq", dependencies: ["CLazyLibrary"]),
        .target(name: "COpenSSL", dependencies: ["CLazyLibrary"]),
        .systemLibrary(name: "CPgQuery", providers: [.apt(["libpg-query-dev", "libprotobuf-c-dev"])]),
        .systemLibrary(name: "CZstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(name: "CXXHash", providers: [.apt(["libxxhash-dev"])]),
        .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"])]),
        .systemLibrary(name: "CYaml", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CMalloc"),
        .target(name: "SourceText"),
        .target(
            name: "Postgres",
            dependencies: [
                "CLibpq", "SourceText",
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        .target(
            name: "SQLSyntax",
            dependencies: ["CPgQuery", "SourceText"],
            // The archive, not the shared object: an installed binary then needs libpq and nothing else.
            linkerSettings: [.linkedLibrary(":libpg_query.a")]
        ),
        // Where settings come from: the environment and .env, for every program alike.
        .target(
            name: "ProjectSettings",
            dependencies: [
                "Backup", "CYaml", "Postgres", "SourceText",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            linkerSettings: [.linkedLibrary(":libyaml.a")]
        ),
        .target(name: "Catalog", dependencies: ["COpenSSL", "Postgres", "SQLSyntax"]),
        .target(
            name: "Migrator",
            dependencies: ["COpenSSL", "Postgres", "SQLSyntax", "SourceText"]
        ),
        .target(
            name: "SchemaDiff",
            dependencies: [
                "Catalog", "Migrator", "Postgres", "SQLSyntax", "SourceText",
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        .target(name: "Linter", dependencies: ["Migrator", "SQLSyntax", "SourceText"]),
        .target(name: "QueryContract", dependencies: ["Migrator", "Postgres", "SQLSyntax", "SourceText"]),
        .target(
            name: "Backup",
            dependencies: [
                "CCurl", "COpenSSL", "CXXHash", "CZstd", "Catalog", "Postgres", "SQLSyntax", "SourceText",
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            // The archives: an installed binary then needs libpq and nothing else, and starts no later.
            linkerSettings: [.linkedLibrary(":libzstd.a"), .linkedLibrary(":libxxhash.a")]
        ),
        .target(
            name: "AppRuntime",
            dependencies: [
                "CCurl", "CHiredis", "COpenSSL", "Catalog", "Migrator", "Postgres", "QueryContract", "SchemaDiff",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "Mustache", package: "swift-mustache"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ],
            linkerSettings: [.linkedLibrary(":libhiredis.a")]
        ),
        // For the tests of applications.
        .target(
            name: "AppRuntimeTesting",
            dependencies: ["AppRuntime", "Postgres", .product(name: "Logging", package: "swift-log")]
        ),
        .executableTarget(
            name: "lastro",
            dependencies: [
                "Backup", "CMalloc", "Catalog", "Linter", "Migrator", "Postgres", "ProjectSettings", "QueryContract",
                "SchemaDiff", "SourceText",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            // The tool starts earlier at fixed addresses, without symbols for others, without unused code and with the C++
            // library inside. Flags of an executable do not keep other packages from using the libraries.
            linkerSettings: [
                .unsafeFlags([
                    "-use-ld=lld", "-Xclang-linker", "-no-pie", "-Xlinker", "--no-export-dynamic", "-Xlinker",
                    "--gc-sections", "-Xlinker", "--icf=safe", "-Xclang-linker", "-static-libgcc",
                    "-Lscript/link",
                ])
            ]
        ),
        // The back end of the study platform: what an application on the runtime looks like.
        .executableTarget(
            name: "study-app",
            dependencies: [
                "AppRuntime", "Backup", "COpenSSL", "Migrator", "Postgres", "ProjectSettings", "QueryContract",
                "SchemaDiff",
                "SourceText",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        .executableTarget(
            name: "incident-demo",
            dependencies: ["Migrator", "Postgres", "StudyPlatform"],
            path: "Examples/incident-demo"
        ),
        .executableTarget(
            name: "shop",
            dependencies: [
                "AppRuntime", "Migrator", "Postgres",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
            ],
            path: "Examples/shop",
            exclude: ["README.md", "migrations"]
        ),
        .target(name: "CLoop", dependencies: ["CLibpq"], path: "Benchmarks/CLoop"),
        .executableTarget(
            name: "bench",
            dependencies: [
                "CLoop", "Postgres",
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Benchmarks/bench"
        ),
        // A process of the job queue, timed by bench.
        .executableTarget(
            name: "job-bench",
            dependencies: ["AppRuntime", "Postgres", .product(name: "Logging", package: "swift-log")],
            path: "Benchmarks/job-bench"
        ),
        // Killed, run as another user and measured by PostgresTests.
        .executableTarget(
            name: "local-server-owner",
            dependencies: ["CLibpq", "Postgres", .product(name: "SystemPackage", package: "swift-system")],
            path: "Tests/LocalServerOwner"
        ),
        // Started and ended with signals by AppRuntimeTests.
        .executableTarget(
            name: "runtime-process",
            dependencies: [
                "AppRuntime", "Migrator", "Postgres",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            path: "Tests/RuntimeProcess"
        ),
        .target(
            name: "TestSupport",
            dependencies: [
                "Postgres",
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Tests/TestSupport",
            exclude: ["Moto", "Faults", "Labels"]
        ),
        .target(name: "StudyPlatform", dependencies: ["Postgres"], path: "Tests/StudyPlatform"),
        .executableTarget(
            name: "seed",
            dependencies: [
                "Postgres", "StudyPlatform", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Tests/seed"
        ),
        .testTarget(
            name: "CatalogTests",
            dependencies: ["Catalog", "Postgres", "TestSupport"],
            exclude: ["Golden"]
        ),
        .testTarget(
            name: "SchemaDiffTests",
            dependencies: [
                "Catalog", "Postgres", "SchemaDiff", "SQLSyntax", "TestSupport",
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        .testTarget(
            name: "QueryContractTests",
            dependencies: [
                "Migrator", "Postgres", "QueryContract", "SQLSyntax", "SourceText", "StudyPlatform", "TestSupport",
            ]
        ),
        .testTarget(
            name: "BackupTests",
            dependencies: [
                "Backup", "TestSupport",
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        .testTarget(
            name: "LinterTests",
            dependencies: [
                "Catalog", "Linter", "Migrator", "Postgres", "SQLSyntax", "SchemaDiff", "SourceText", "TestSupport",
            ]
        ),
        .testTarget(name: "SourceTextTests", dependencies: ["SourceText"]),
        .testTarget(
            name: "PostgresTests",
            dependencies: [
                "Postgres", "TestSupport", "local-server-owner",
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            exclude: ["Golden"]
        ),
        .testTarget(
            name: "SQLSyntaxTests",
            dependencies: ["CPgQuery", "SQLSyntax", "SourceText", "TestSupport"],
            exclude: ["Fixtures", "Golden"]
        ),
        .testTarget(
            name: "Integration",
            dependencies: [
                "Backup", "incident-demo", "lastro", "Migrator", "Postgres", "ProjectSettings", "StudyPlatform",
                "TestSupport", "study-app",
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            exclude: ["Golden"]
        ),
        // Killed, stopped and timed by AppRuntimeTests and the measurements.
        .executableTarget(
            name: "job-worker",
            dependencies: [
                "AppRuntime", "Postgres",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            path: "Tests/JobWorkerProcess"
        ),
        // Loaded by AppRuntimeTests and the measurements.
        .executableTarget(
            name: "http-process",
            dependencies: [
                "AppRuntime", "Migrator", "Postgres",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            path: "Tests/HTTPProcess"
        ),
        .testTarget(
            name: "AppRuntimeTests",
            dependencies: [
                "AppRuntime", "AppRuntimeTesting", "Migrator", "Postgres", "SchemaDiff", "StudyPlatform", "TestSupport",
                "http-process", "job-worker", "runtime-process",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ],
            exclude: ["Golden"]
        ),
        .testTarget(
            name: "StudyAppTests",
            dependencies: [
                "AppRuntime", "Backup", "Migrator", "Postgres", "ProjectSettings", "StudyPlatform", "TestSupport",
                "lastro", "shop", "study-app",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        .testTarget(
            name: "MigratorTests",
            dependencies: ["Migrator", "Postgres", "SourceText", "StudyPlatform", "TestSupport"]
        ),
    ],
    swiftLanguageModes: [.v6]
)

for target in package.targets where target.type != .system {
    target.swiftSettings = [
        .treatAllWarnings(as: .error),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    ]
}
