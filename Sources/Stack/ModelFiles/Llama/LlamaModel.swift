/// The files of a Llama-family decoder, opened and checked: its shape, its tensors, its tokenizer and its template.
public protocol LlamaModel: Sendable {
  var configuration: LlamaConfiguration { get }

  /// - Throws: `ModelFileError` if the tensor is missing or its shape is not the one that the configuration demands.
  func matrix(_ tensor: LlamaTensor) throws -> WeightMatrix

  /// A norm or a bias, in float32.
  ///
  /// - Throws: as `matrix`.
  func vector(_ tensor: LlamaTensor) throws -> [Float]
}
