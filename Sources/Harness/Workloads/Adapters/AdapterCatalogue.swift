internal import Foundation

/// Which command an adapter's name stands for.
package enum AdapterCatalogue {
  /// Those that come with the harness and run from the environment that scripts/peers makes.
  package static let builtIn = indexes + embedders + generators
  package static let indexes = ["faiss", "hnswlib", "svs", "usearch", "vsag"]
  package static let embedders = ["onnxruntime", "openvino", "pytorch"]
  package static let generators = ["huggingface", "llamacpp", "vllm"]

  /// The program and arguments that start adapter `name`.
  ///
  /// A command given in the spec wins. A built-in adapter is `NAME.py` in `RAGMETER_ADAPTERS`, or else in the nearest
  /// `Benchmarks/adapters` at or above one of `folders` (the spec's, the current), run by the Python of `RAGMETER_PEERS`,
  /// or else of `~/.cache/ragmeter/peers`.
  /// - Throws: `AdapterError.unavailable` naming what is missing.
  package static func command(
    for name: String, given: [String]? = nil, environment: [String: String], folders: [String]
  ) throws(AdapterError) -> [String] {
    if let given { return given }
    guard builtIn.contains(name) else {
      throw .unavailable(
        adapter: name,
        reason: "no adapter has this name (there are \(builtIn.joined(separator: ", "))); give its command in the spec")
    }
    let peers = environment["RAGMETER_PEERS"] ?? "\(environment["HOME"] ?? "")/.cache/ragmeter/peers"
    let python = "\(peers)/bin/python"
    guard FileManager.default.isExecutableFile(atPath: python) else {
      throw .unavailable(adapter: name, reason: "\(python) is missing; run scripts/peers first")
    }
    let candidates = environment["RAGMETER_ADAPTERS"].map { [$0] } ?? folders.flatMap(adapterFolders)
    guard
      let script = candidates.map({ "\($0)/\(name).py" }).first(where: FileManager.default.fileExists)
    else {
      throw .unavailable(
        adapter: name,
        reason:
          "\(name).py is in none of \(candidates.joined(separator: ", ")); start from the project's folder or set "
          + "RAGMETER_ADAPTERS to its Benchmarks/adapters")
    }
    return [python, script]
  }

  /// `Benchmarks/adapters` in `folder` and in each folder above it.
  private static func adapterFolders(of folder: String) -> [String] {
    var url = URL(fileURLWithPath: folder).standardizedFileURL
    var found = ["\(url.path)/Benchmarks/adapters"]
    while url.path != "/" {
      url.deleteLastPathComponent()
      found.append("\(url.path == "/" ? "" : url.path)/Benchmarks/adapters")
    }
    return found
  }
}
