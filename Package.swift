// swift-tools-version: 6.2

import PackageDescription

let package = Package(
    name: "lastro",
    products: [
        .library(name: "Postgres", targets: ["Postgres"]),
        .library(name: "SQLSyntax", targets: ["SQLSyntax"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-system", exact: "1.8.1"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", exact: "1.0.2", traits: []),
    ],
    targets: [
        .systemLibrary(name: "CLibpq", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CPgQuery", providers: [.apt(["libpg-query-dev", "libprotobuf-c-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
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
        // Killed, run as another user and measured by PostgresTests.
        .executableTarget(
            name: "local-server-owner",
            dependencies: ["CLibpq", "Postgres", .product(name: "SystemPackage", package: "swift-system")],
            path: "Tests/LocalServerOwner"
        ),
        .target(name: "TestSupport", dependencies: ["Postgres"], path: "Tests/TestSupport"),
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
        .testTarget(name: "SQLSyntaxTests", dependencies: ["SQLSyntax", "TestSupport"]),
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
