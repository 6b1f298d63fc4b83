import Foundation
import ModelFiles
import TestFixtures
import Testing

@Suite struct DequantizationTests {
  private struct Case: Decodable {
    var bytes: Data
    var floats: Data
  }

  private static let codes: [String: UInt32] = [
    "F32": 0, "F16": 1, "Q4_0": 2, "Q4_1": 3, "Q5_0": 6, "Q5_1": 7, "Q8_0": 8, "Q4_K": 12, "Q5_K": 13, "Q6_K": 14,
    "BF16": 30,
  ]

  /// Bit for bit against the dequantisers of Python's gguf; `Goldens/make_blocks.py`.
  @Test func floatsAreThoseOfGGUFsOwnLibrary() throws {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Goldens/quantised-blocks.json")
    let cases = try JSONDecoder().decode([String: Case].self, from: Data(contentsOf: path))
    #expect(cases.keys.sorted() == Self.codes.keys.sorted())
    for (name, item) in cases {
      let code = try #require(Self.codes[name])
      let type = try #require(GGUFType(code: code))
      #expect(type.name == name && type.holdsWeights)
      var floats = [Float](repeating: .nan, count: item.floats.count / 4)
      // One byte further: blocks lie in files as they come.
      let bytes = [0] + item.bytes
      try bytes.withUnsafeBytes { bytes in
        try floats.withUnsafeMutableBufferPointer {
          try type.dequantize(UnsafeRawBufferPointer(rebasing: bytes.dropFirst()), into: $0)
        }
      }
      #expect(floats.withUnsafeBytes { Data($0) } == item.floats, "\(name)")
    }
  }

  @Test func whatIsNoWholeBlockOrNoWeightIsRefused() throws {
    func refusal(_ code: UInt32, bytes: Int, values: Int) throws -> String? {
      let type = try #require(GGUFType(code: code), "\(code)")
      var floats = [Float](repeating: 0, count: values)
      return [UInt8](repeating: 0, count: bytes).withUnsafeBytes { bytes in
        failure { try floats.withUnsafeMutableBufferPointer { try type.dequantize(bytes, into: $0) } }
      }
    }
    #expect(try refusal(2, bytes: 18, values: 32) == nil)
    #expect(try refusal(2, bytes: 18, values: 33) == "18 bytes of type Q4_0 do not make 33 values")
    #expect(try refusal(2, bytes: 19, values: 32) == "19 bytes of type Q4_0 do not make 32 values")
    #expect(try refusal(10, bytes: 84, values: 256)?.contains("weights of type Q2_K are not read here") == true)
  }
}
