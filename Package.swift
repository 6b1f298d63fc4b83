// swift-tools-version: 6.2
import PackageDescription

/// Strictness, once for every Swift target.
let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .treatAllWarnings(as: .error),
]

/// Targets whose loops are the product: no overflow, bounds or exclusivity traps. Their public doors check with `throw`,
/// never with `precondition`, which `-Ounchecked` turns into an assumption.
let hot: [SwiftSetting] = [
  .unsafeFlags(["-Ounchecked", "-enforce-exclusivity=unchecked", "-wmo"], .when(configuration: .release))
]

func stack(_ name: String, _ dependencies: [Target.Dependency] = [], settings: [SwiftSetting] = []) -> Target {
  .target(name: name, dependencies: dependencies, path: "Sources/Stack/\(name)", swiftSettings: strict + settings)
}

func harness(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, path: "Sources/Harness/\(name)", swiftSettings: strict)
}

func system(_ name: String, pkgConfig: String, apt: String) -> Target {
  .systemLibrary(name: name, path: "Sources/CLibraries/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt])])
}

func tests(_ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: [.byName(name: name)] + dependencies,
    exclude: exclude, swiftSettings: strict)
}

let package = Package(
  name: "ragmeter",
  products: [
    .executable(name: "ragmeter", targets: ["ragmeter"]),
    .library(name: "RAGStack", targets: ["VectorIndexes"]),
  ],
  targets: [
    // C libraries and the code that is not Swift
    system("CSQLite", pkgConfig: "sqlite3", apt: "libsqlite3-dev"),
    system("CCurl", pkgConfig: "libcurl", apt: "libcurl4-openssl-dev"),
    system("CHDF5", pkgConfig: "hdf5", apt: "libhdf5-dev"),
    system("CYAML", pkgConfig: "yaml-0.1", apt: "libyaml-dev"),
    system("CCrypto", pkgConfig: "libcrypto", apt: "libssl-dev"),
    system("CZlib", pkgConfig: "zlib", apt: "zlib1g-dev"),
    .systemLibrary(name: "CPerfEvent", path: "Sources/CLibraries/CPerfEvent"),
    .target(name: "CKernels", path: "Sources/CLibraries/CKernels", cSettings: [.unsafeFlags(["-O3", "-Wall"])]),
    .target(name: "CGnuplot", path: "Sources/CLibraries/CGnuplot", linkerSettings: [.linkedLibrary("boost_iostreams")]),

    // The stack: knows nothing of benchmarks
    stack("Kernels", ["CKernels"], settings: hot),
    stack("Tokenizers"),
    stack("Documents", ["Tokenizers"]),
    stack("VectorIndexes", ["Kernels"], settings: hot),

    // The harness
    harness("Statistics"),
    harness("Instrumentation", ["CPerfEvent", "Statistics"]),
    harness("YAML", ["CYAML"]),
    harness("Checksums", ["CCrypto"]),
    harness("Datasets", ["CCurl", "CHDF5", "CZlib", "YAML", "Checksums"]),
    harness("RunStore", ["CSQLite", "Instrumentation"]),
    harness("Experiments", ["RunStore", "Instrumentation", "Checksums", "YAML"]),
    harness(
      "Workloads",
      [
        "Kernels", "VectorIndexes", "Statistics", "Instrumentation", "Checksums", "YAML", "Datasets", "Experiments",
        "RunStore",
      ]),
    harness("Reports", ["CGnuplot", "RunStore", "Statistics"]),

    .executableTarget(
      name: "ragmeter",
      dependencies: [
        "Kernels", "VectorIndexes", "Statistics", "Instrumentation", "YAML", "Datasets", "RunStore", "Experiments",
        "Workloads", "Reports",
      ],
      path: "Sources/ragmeter", swiftSettings: strict),

    tests("Documents"),
    tests("Tokenizers", exclude: ["Goldens"]),
    tests("Kernels", ["CKernels"]),
    tests("VectorIndexes", ["Kernels"]),
    tests("Statistics"),
    tests("Instrumentation"),
    tests("YAML"),
    tests("Checksums"),
    tests("Datasets", exclude: ["Goldens"]),
    tests("RunStore", ["Instrumentation", "Statistics"]),
    tests("Experiments", ["RunStore", "Instrumentation", "YAML"]),
    tests("Workloads", ["Kernels", "VectorIndexes", "Datasets", "Experiments", "RunStore", "Instrumentation", "YAML"]),
    tests("ragmeter", ["Statistics"], exclude: ["Snapshots"]),
    tests("Reports", ["Instrumentation", "RunStore", "Statistics"], exclude: ["Snapshots"]),
  ],
  cxxLanguageStandard: .cxx17
)
