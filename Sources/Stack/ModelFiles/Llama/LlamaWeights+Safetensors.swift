internal import JSON

extension LlamaWeights {
  /// The weights of a folder as Hugging Face's `transformers` writes it: `model.safetensors`, or several files that
  /// `model.safetensors.index.json` lists.
  ///
  /// - Throws: `ModelFileError` with the field, the file or the tensor at fault.
  public init(_ folder: ModelFolder) throws {
    let configuration = try LlamaConfiguration(folder)
    let files = try Self.files(folder)
    var stored: [String: StoredTensor] = [:]
    for file in files {
      for tensor in file.tensors {
        // Counted positions and masks are no weights, whatever they are called.
        guard let place = file.stored(tensor) else { continue }
        guard stored.updateValue(place, forKey: tensor.name) == nil else {
          throw ModelFileError(
            path: file.path, place: "tensor '\(tensor.name)'", reason: "is in another file of the folder, too")
        }
      }
    }
    try self.init(
      configuration, path: folder.path, stored: stored, name: \.nameInTransformers,
      ignoring: { $0 == LlamaTensor.output.nameInTransformers || $0.hasSuffix(".rotary_emb.inv_freq") })
  }

  /// The one file of weights, or those of the index, each of which has what the index says.
  static func files(_ folder: ModelFolder) throws -> [SafetensorsFile] {
    let single = folder.file("model.safetensors")
    if folder.has("model.safetensors") { return [try SafetensorsFile(path: single)] }
    guard folder.has("model.safetensors.index.json") else {
      throw ModelFileError(
        path: folder.path, reason: "holds no weights: neither model.safetensors nor model.safetensors.index.json")
    }
    let index = try ConfigurationFile(path: folder.file("model.safetensors.index.json"))
    let map = try index.object("weight_map")
    let names = try Set(map.members.map { try map.text($0.name) }).sorted()
    var files: [String: SafetensorsFile] = [:]
    for name in names {
      guard ModelCatalog.isName(name) else {
        throw index.failure("weight_map", "names '\(name)', which is no file of the folder")
      }
      files[name] = try SafetensorsFile(path: folder.file(name))
    }
    for member in map.members {
      let name = try map.text(member.name)
      guard files[name]?.has(member.name) == true else {
        throw map.failure(member.name, "is said to be in \(name), and is not there")
      }
    }
    return names.compactMap { files[$0] }
  }
}
