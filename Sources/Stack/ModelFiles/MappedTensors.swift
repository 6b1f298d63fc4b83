import Files

/// Keeps a file of weights mapped while tensors are read from it.
///
/// `@unchecked Sendable`: the bytes are mapped read-only and unmapped when the last holder lets go.
final class MappedTensors: WeightSource, @unchecked Sendable {
  private let file: FileBytes
  var bytes: UnsafeRawBufferPointer { file.bytes }

  /// - Throws: `ModelFileError` if the file cannot be mapped.
  init(path: String) throws {
    do {
      file = try FileBytes(path: path, inflating: false)
    } catch let error as DataError {
      throw ModelFileError(error)
    }
  }

  func releaseMemory(_ range: Range<Int>) { file.releaseMemory(range) }
}
