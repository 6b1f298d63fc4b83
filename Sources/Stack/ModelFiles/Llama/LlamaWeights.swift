/// The weights of a Llama-family decoder, checked when they are opened and read from their files when they are asked for.
public struct LlamaWeights: LlamaModel {
  public let configuration: LlamaConfiguration
  private let tensors: [LlamaTensor: StoredTensor]

  /// - Parameters:
  ///   - path: what errors name where a tensor is missing.
  ///   - stored: all tensors of the files by their names there.
  ///   - name: what those files call a tensor.
  ///   - ignoring: names of tensors that hold nothing that is to be learnt.
  /// - Throws: `ModelFileError` with the tensor that is missing, is of another shape than the configuration demands, is of a
  ///   type that cannot be read, or stands for something that such a model does not have.
  init(
    _ configuration: LlamaConfiguration, path: String, stored: [String: StoredTensor], name: (LlamaTensor) -> String,
    ignoring: (String) -> Bool
  ) throws {
    self.configuration = configuration
    var tensors: [LlamaTensor: StoredTensor] = [:]
    var names: Set<String> = []
    for tensor in LlamaTensor.all(of: configuration) {
      let name = name(tensor)
      guard let found = stored[name] else {
        throw ModelFileError(path: path, place: "tensor '\(name)'", reason: "is missing; the model is not whole")
      }
      try found.check(shape: tensor.shape(in: configuration))
      tensors[tensor] = found
      names.insert(name)
    }
    if let strange = stored.keys.sorted().first(where: { !names.contains($0) && !ignoring($0) }) {
      throw ModelFileError(
        path: stored[strange]?.path ?? path, place: "tensor '\(strange)'",
        reason: "is of no use in a model that is shaped as its configuration says; this is another architecture")
    }
    self.tensors = tensors
  }

  public func matrix(_ tensor: LlamaTensor) throws -> WeightMatrix {
    let stored = try stored(tensor == .output && configuration.tiesEmbeddings ? .embedding : tensor)
    guard stored.shape.count == 2 else {
      throw ModelFileError(path: stored.path, reason: "\(tensor) is a vector and was asked for as a matrix")
    }
    return WeightMatrix(
      rows: stored.shape[0], columns: stored.shape[1], type: stored.type, source: stored.source, range: stored.range)
  }

  public func vector(_ tensor: LlamaTensor) throws -> [Float] {
    let stored = try stored(tensor)
    return try stored.floats()
  }

  private func stored(_ tensor: LlamaTensor) throws -> StoredTensor {
    guard let stored = tensors[tensor] else {
      throw ModelFileError(
        path: tensors.first?.value.path ?? "", reason: "a model of \(configuration.layers) layers has no \(tensor)")
    }
    return stored
  }
}
