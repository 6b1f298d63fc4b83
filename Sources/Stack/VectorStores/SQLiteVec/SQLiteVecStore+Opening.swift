internal import Foundation

extension SQLiteVecStore {
  /// By a specification: `path`, and `extension` where `vec0.so` is neither at `RAGMETER_SQLITE_VEC` nor where
  /// `scripts/systems up sqlite-vec` puts it.
  static func open(
    _ specification: StoreSpecification, _ environment: [String: String], _ notice: @escaping @Sendable (String) -> Void
  ) throws -> any VectorStore {
    try specification.check(known: ["path", "extension"])
    guard let path = specification.parameters["path"], !path.isEmpty else {
      throw VectorStoreError.invalidArgument("store 'sqlite-vec' needs a path, as in sqlite-vec:path=docs.db")
    }
    let file = specification.parameters["extension"] ?? environment["RAGMETER_SQLITE_VEC"] ?? installed(environment)
    guard FileManager.default.isReadableFile(atPath: file) else {
      throw VectorStoreError.unusable(
        path: file,
        reason: "is not there; 'scripts/systems up sqlite-vec' installs the extension, or name it with "
          + "extension=…/vec0.so")
    }
    return try SQLiteVecStore(path: path, extension: file)
  }

  private static func installed(_ environment: [String: String]) -> String {
    "\(SystemsFolder.path(environment))/sqlite-vec/vec0.so"
  }
}
