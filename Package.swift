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

/// What both the stack and the harness stand on: the one Swift owner of each C library, and the one way to read words.
func binding(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, path: "Sources/Bindings/\(name)", swiftSettings: strict)
}

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
    .library(
      name: "RAGStack",
      targets: [
        "Documents", "Tokenizers", "ModelFiles", "Embedders", "VectorIndexes", "VectorStores", "Generation",
        "GenerationClient", "RAGPipeline", "RAGServer",
      ]),
  ],
  targets: [
    // C libraries and the code that is not Swift
    system("CPostgreSQL", pkgConfig: "libpq", apt: "libpq-dev"),
    system("CSQLite", pkgConfig: "sqlite3", apt: "libsqlite3-dev"),
    system("CCurl", pkgConfig: "libcurl", apt: "libcurl4-openssl-dev"),
    system("CHDF5", pkgConfig: "hdf5", apt: "libhdf5-dev"),
    system("CYAML", pkgConfig: "yaml-0.1", apt: "libyaml-dev"),
    system("CCrypto", pkgConfig: "libcrypto", apt: "libssl-dev"),
    system("CXML2", pkgConfig: "libxml-2.0", apt: "libxml2-dev"),
    system("CMicroHTTPD", pkgConfig: "libmicrohttpd", apt: "libmicrohttpd-dev"),
    system("CZlib", pkgConfig: "zlib", apt: "zlib1g-dev"),
    .systemLibrary(name: "CPerfEvent", path: "Sources/CLibraries/CPerfEvent"),
    .systemLibrary(name: "CEpoll", path: "Sources/CLibraries/CEpoll"),
    .target(name: "CKernels", path: "Sources/CLibraries/CKernels", cSettings: [.unsafeFlags(["-O3", "-Wall"])]),
    .target(name: "CGnuplot", path: "Sources/CLibraries/CGnuplot", linkerSettings: [.linkedLibrary("boost_iostreams")]),

    // Swift owners of C libraries
    binding("Checksums", ["CCrypto"]),
    binding("Files", ["CZlib", "Checksums"]),
    binding("HTML", ["CXML2"]),
    binding("HTTP", ["CCurl", "CEpoll", "Files"]),
    binding("JSON"),
    binding("MicroHTTP", ["CEpoll", "CMicroHTTPD"]),
    binding("Spelling"),
    binding("PostgreSQL", ["CPostgreSQL"]),
    binding("Processes", ["Files"]),
    binding("SQLite", ["CSQLite"]),
    binding("YAML", ["CYAML"]),

    // The stack: knows nothing of benchmarks
    stack("Kernels", ["CKernels"], settings: hot),
    stack("Tokenizers"),
    stack("ModelFiles", ["Tokenizers", "Spelling", "Files", "HTTP", "JSON", "YAML", "Checksums"]),
    stack("Documents", ["Tokenizers", "Spelling", "Files", "HTTP", "HTML", "YAML"]),
    stack("Embedders", ["Kernels", "Tokenizers", "ModelFiles", "Spelling", "Files", "HTTP", "JSON"]),
    stack("VectorIndexes", ["Kernels"], settings: hot),
    stack(
      "VectorStores",
      ["VectorIndexes", "SQLite", "PostgreSQL", "Processes", "HTTP", "JSON", "Spelling", "Checksums", "Files"]),
    stack("Generation", ["Kernels", "Tokenizers", "ModelFiles", "Spelling", "Files", "JSON", "YAML"]),

    stack("GenerationClient", ["Kernels", "Generation", "ModelFiles", "Tokenizers", "HTTP", "JSON", "Spelling"]),
    stack(
      "RAGPipeline",
      [
        "Checksums", "Documents", "Embedders", "VectorIndexes", "VectorStores", "Generation", "GenerationClient",
        "ModelFiles", "Tokenizers", "HTTP", "Files", "JSON", "Spelling", "YAML",
      ]),
    stack(
      "RAGServer",
      [
        "RAGPipeline", "VectorStores", "VectorIndexes", "Documents", "Generation", "GenerationClient", "Embedders",
        "ModelFiles", "Tokenizers", "MicroHTTP", "HTTP", "Files", "JSON", "YAML", "Spelling", "Checksums",
      ]),

    // The harness
    harness("Statistics"),
    harness("Instrumentation", ["CPerfEvent", "Statistics"]),
    harness("Datasets", ["CHDF5", "Files", "HTTP", "YAML", "Checksums"]),
    harness("RunStore", ["SQLite", "Instrumentation"]),
    harness("Experiments", ["RunStore", "Instrumentation", "Spelling", "Checksums", "YAML"]),
    harness(
      "Workloads",
      [
        "Kernels", "VectorIndexes", "VectorStores", "Documents", "Tokenizers", "ModelFiles", "Embedders", "Generation",
        "GenerationClient", "RAGPipeline", "Processes", "MicroHTTP", "HTTP", "JSON", "Statistics", "Instrumentation",
        "Spelling", "Checksums", "YAML", "Files", "Datasets", "Experiments", "RunStore",
      ]),
    harness("Reports", ["CGnuplot", "RunStore", "Statistics"]),

    .executableTarget(
      name: "ragmeter",
      dependencies: [
        "Kernels", "VectorIndexes", "VectorStores", "Documents", "Tokenizers", "ModelFiles", "Embedders", "Generation",
        "GenerationClient", "RAGPipeline", "RAGServer", "HTTP", "Files", "Spelling", "Statistics", "Instrumentation",
        "YAML",
        "Datasets", "RunStore", "Experiments", "Workloads", "Reports",
      ],
      path: "Sources/ragmeter", swiftSettings: strict),

    // What tests of several targets stand on
    .target(name: "TestFixtures", path: "Tests/TestFixtures", swiftSettings: strict),

    tests("Files", ["TestFixtures"], exclude: ["Goldens"]),
    tests("JSON"),
    tests("Documents", ["Tokenizers", "Files", "TestFixtures"], exclude: ["Goldens"]),
    tests("ModelFiles", ["Tokenizers", "Files", "JSON", "TestFixtures"], exclude: ["Goldens"]),
    tests("Embedders", ["Kernels", "ModelFiles", "Tokenizers", "JSON", "TestFixtures"], exclude: ["Goldens"]),
    tests(
      "Generation", ["ModelFiles", "Tokenizers", "Kernels", "JSON", "TestFixtures"], exclude: ["Goldens"]),
    tests("GenerationClient", ["Generation", "HTTP", "JSON", "TestFixtures"]),
    tests("MicroHTTP", ["HTTP", "TestFixtures"]),
    tests(
      "RAGServer",
      [
        "RAGPipeline", "VectorStores", "VectorIndexes", "Documents", "Generation", "GenerationClient", "Embedders",
        "ModelFiles", "MicroHTTP", "HTTP", "JSON", "YAML", "Tokenizers", "Files", "TestFixtures",
      ],
      exclude: ["Goldens"]),
    tests(
      "VectorStores",
      ["VectorIndexes", "MicroHTTP", "HTTP", "JSON", "PostgreSQL", "Files", "SQLite", "Statistics", "TestFixtures"]),
    tests(
      "RAGPipeline",
      [
        "Documents", "Embedders", "VectorIndexes", "VectorStores", "Generation", "GenerationClient", "ModelFiles",
        "Tokenizers", "HTTP", "JSON", "Files", "TestFixtures",
      ],
      exclude: ["Snapshots"]),
    tests("PostgreSQL", ["TestFixtures"]),
    tests("Tokenizers", exclude: ["Goldens"]),
    tests("Kernels", ["CKernels"]),
    tests("VectorIndexes", ["Kernels"]),
    tests("Statistics", exclude: ["Goldens"]),
    tests("Instrumentation"),
    tests("YAML"),
    tests("Checksums"),
    tests("Datasets", ["Files", "TestFixtures"], exclude: ["Goldens"]),
    tests("RunStore", ["SQLite", "Instrumentation", "Statistics"]),
    tests("Experiments", ["RunStore", "Instrumentation", "YAML"]),
    tests(
      "Workloads",
      [
        "Kernels", "VectorIndexes", "VectorStores", "Documents", "Tokenizers", "ModelFiles", "Embedders", "Generation",
        "GenerationClient", "RAGPipeline", "Processes", "MicroHTTP", "HTTP", "JSON", "Statistics", "Datasets",
        "Experiments", "RunStore", "Instrumentation", "YAML", "TestFixtures",
      ],
      exclude: ["Rag/Answers/Goldens"]),
    tests("ragmeter", ["VectorIndexes", "VectorStores", "Statistics", "TestFixtures"], exclude: ["Snapshots"]),
    tests("Reports", ["Instrumentation", "RunStore", "Statistics"], exclude: ["Snapshots"]),
  ],
  cxxLanguageStandard: .cxx17
)
