internal import Files
internal import Foundation

extension AdapterStore {
  /// By a specification: `path`. The Python that has pymilvus and milvus-lite is `RAGMETER_MILVUS_LITE`, or the one that
  /// `scripts/systems up milvus-lite` installs.
  static func open(
    _ specification: StoreSpecification, _ environment: [String: String], _ notice: @escaping @Sendable (String) -> Void
  ) throws -> any VectorStore {
    try specification.check(known: ["path"])
    guard let path = specification.parameters["path"], !path.isEmpty else {
      throw VectorStoreError.invalidArgument("store 'milvus-lite' needs a path, as in milvus-lite:path=docs.db")
    }
    guard path.hasSuffix(".db") else {
      throw VectorStoreError.invalidArgument("Milvus Lite's files end in .db; '\(path)' does not")
    }
    let python =
      environment["RAGMETER_MILVUS_LITE"] ?? "\(SystemsFolder.path(environment))/milvus-lite/env/bin/python"
    guard FileManager.default.isExecutableFile(atPath: python) else {
      throw VectorStoreError.unusable(
        path: python,
        reason:
          "is not there; 'scripts/systems up milvus-lite' installs it, or name a Python with pymilvus and milvus-lite "
          + "by RAGMETER_MILVUS_LITE")
    }
    return try AdapterStore(
      path: path, command: [python, try ProjectFile.path("Benchmarks/adapters/milvus_lite.py")],
      environment: environment)
  }
}
