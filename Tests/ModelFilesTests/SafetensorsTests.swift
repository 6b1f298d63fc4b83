import Foundation
import ModelFiles
import TestFixtures
import Testing

@Suite struct SafetensorsTests {
  private let folder = TemporaryFolder()

  private func file(_ header: String, _ data: [UInt8], length: UInt64? = nil) throws -> String {
    let size = withUnsafeBytes(of: (length ?? UInt64(header.utf8.count)).littleEndian) { Array($0) }
    return try folder.file("model.safetensors", size + Array(header.utf8) + data)
  }

  private func bytes<Number: BitwiseCopyable>(_ numbers: [Number]) -> [UInt8] { numbers.withUnsafeBytes { Array($0) } }

  @Test func valuesOfTheThreeFloatTypesAreExact() throws {
    let values: [Float] = [1, -2.5, 0.15625, 65504, -0.0, 6.103515625e-05]
    let halves: [UInt16] = [0x3C00, 0xC100, 0x3100, 0x7BFF, 0x8000, 0x0400]
    let brains: [UInt16] = [0x3F80, 0xC020, 0x3E20, 0x4780, 0x8000, 0x3880]
    let path = try file(
      """
      {"__metadata__": {"format": "pt"}, "b": {"dtype": "BF16", "shape": [6], "data_offsets": [36, 48]},
       "a": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]},
       "h": {"dtype": "F16", "shape": [3, 2], "data_offsets": [24, 36]},
       "ids": {"dtype": "I64", "shape": [1, 1], "data_offsets": [48, 56]}, "one": {"dtype": "F32", "shape": [], "data_offsets": [56, 60]},
       "none": {"dtype": "F32", "shape": [0, 4], "data_offsets": [60, 60]}}
      """, bytes(values) + bytes(halves) + bytes(brains) + bytes([Int64(7)]) + bytes([Float(9)]))
    let model = try SafetensorsFile(path: path)
    #expect(try model.floats("a", shape: [2, 3]) == values)
    #expect(try model.floats("h", shape: [3, 2]) == values)
    #expect(try model.floats("b", shape: [6]) == [1, -2.5, 0.15625, 65536, -0.0, 6.103515625e-05])
    #expect(try model.floats("one", shape: []) == [9])
    #expect(try model.floats("none", shape: [0, 4]).isEmpty)
    #expect(try model.tensor("ids").type == .i64)
    #expect(model.metadata == ["format": "pt"])
    #expect(
      failure { _ = try model.floats("ids", shape: [1, 1]) }
        == "\(path): tensor 'ids': is of type I64, and weights are read from F32, F16 and BF16")
    #expect(
      failure { _ = try model.floats("a", shape: [3, 2]) }
        == "\(path): tensor 'a': has the shape [2, 3], and the configuration asks for [3, 2]")
    #expect(failure { _ = try model.tensor("c") } == "\(path): tensor 'c': is not among the 6 tensors of the file")
  }

  @Test(arguments: [
    (
      #"{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}, "b": {"dtype": "F32", "shape": [2], "data_offsets": [4, 12]}}"#,
      12, "tensor 'b': begins at byte"
    ),
    (
      #"{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}"#, 7,
      "tensor 'a': ends at byte 8 of the data, and the file holds 7"
    ),
    (#"{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}"#, 9, "1 bytes at the end belong to no tensor"),
    (
      #"{"a": {"dtype": "F32", "shape": [2], "data_offsets": [4, 12]}}"#, 12, "4 bytes before tensor 'a' belong to none"
    ),
    (
      #"{"a": {"dtype": "F32", "shape": [3], "data_offsets": [0, 8]}}"#, 8,
      "tensor 'a': has 8 bytes, and 3 values of type F32 take 12"
    ),
    (#"{"a": {"dtype": "F8", "shape": [8], "data_offsets": [0, 8]}}"#, 8, "tensor 'a': is of the unknown type F8"),
    (#"{"a": {"shape": [8], "data_offsets": [0, 8]}}"#, 8, "tensor 'a': has no dtype"),
    (#"{"a": {"dtype": "U8", "data_offsets": [0, 8]}}"#, 8, "tensor 'a': has no shape"),
    (#"{"a": {"dtype": "U8", "shape": [-8], "data_offsets": [0, 8]}}"#, 8, "tensor 'a': has -8 in its shape"),
    (#"{"a": {"dtype": "U8", "shape": [8], "data_offsets": [8, 0]}}"#, 8, "tensor 'a': needs data_offsets"),
    (#"{"a": {"dtype": "U8", "shape": [8], "data_offsets": [0, 8.5]}}"#, 8, "tensor 'a': needs data_offsets"),
    (
      #"{"a": {"dtype": "F64", "shape": [4294967296, 4294967296], "data_offsets": [0, 0]}}"#, 0,
      "tensor 'a': has a shape beyond all bounds"
    ),
    (
      #"{"a": {"dtype": "U8", "shape": [8], "data_offsets": [0, 8]}, "a": {"dtype": "U8", "shape": [8], "data_offsets": [0, 8]}}"#,
      8, "two members called \"a\""
    ),
    (#"{"a": {"dtype": "U8""#, 8, "the header is damaged"), ("[1]", 8, "the header must be a JSON object, not a list"),
  ])
  func wrongHeadersAreRefusedByName(header: String, data: Int, sentence: String) throws {
    let path = try file(header, [UInt8](repeating: 0, count: data))
    let found = failure { _ = try SafetensorsFile(path: path) }
    #expect(found?.hasPrefix("\(path): ") == true && found?.contains(sentence) == true, "\(found ?? "")")
  }

  @Test(arguments: [
    (UInt64.max, "states a header of 18446744073709551615 bytes; this is no safetensors file"),
    (0, "states a header of 0 bytes"), (1000, "states a header of 1000 bytes, and the file ends after 2 of them"),
  ])
  func absurdHeaderLengthsAreRefused(length: UInt64, sentence: String) throws {
    let found = failure { _ = try SafetensorsFile(path: file("{}", [], length: length)) }
    #expect(found?.contains(sentence) == true, "\(found ?? "")")
  }

  @Test func missingAndEmptyFilesAreNamed() throws {
    #expect(failure { _ = try SafetensorsFile(path: "/nowhere/model.safetensors") }?.contains("No such file") == true)
    #expect(failure { _ = try SafetensorsFile(path: folder.file("a", "short")) }?.contains("too few") == true)
    #expect(
      failure { _ = try SafetensorsFile(path: folder.file("b", [])) }?.contains("/b: byte 0: the file is empty") == true
    )
  }
}
