extension LlamaWeights {
  /// The weights of a GGUF file.
  ///
  /// - Throws: `ModelFileError` with the key or the tensor at fault: an architecture or a quantisation that is not read here,
  ///   a tensor that is missing or of another shape.
  public init(_ file: GGUFFile) throws {
    try self.init(
      LlamaConfiguration(file), path: file.path,
      stored: Dictionary(uniqueKeysWithValues: file.tensors.map { ($0.name, file.stored($0)) }),
      name: \.nameInGGUF,
      // The angles of rotation are in the configuration; old converters wrote them for every layer.
      ignoring: { $0 == LlamaConfiguration.frequencyTensor || $0.hasSuffix(".attn_rot_embd.weight") })
  }
}
