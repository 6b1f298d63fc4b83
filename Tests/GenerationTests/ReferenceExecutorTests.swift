import Foundation
import Generation
import JSON
import ModelFiles
import Testing

@Suite struct ReferenceExecutorTests {
  /// Against transformers: grouped heads of their own width and Llama 3.1's rotation; biases and a tied output.
  @Test(arguments: ["tiny-llama", "tiny-qwen2"])
  func tinyModelsEqualPyTorch(name: String) throws {
    let golden = try LlamaGoldens.tiny(name)
    let executor = try ReferenceExecutor(model: golden.model, blockCount: 8, blockSize: 16)
    let whole = try executor.logits(golden.ids, table: [0, 1, 2])
    #expect(largestDifference(whole, golden.logits) < 1e-3)
    var onebyone: [[Float]] = []
    for (position, id) in golden.ids.enumerated() {
      var step = ScheduledStep()
      step.append([id], start: position, table: [5, 3, 4])
      onebyone += try executor.rows(step)
    }
    #expect(largestDifference(onebyone, golden.logits) < 1e-3)
  }

  /// Chunks, scattered blocks, several sequences and shared blocks that are copied before they are written change nothing.
  @Test func blocksAndBatchesChangeNothing() throws {
    let golden = try LlamaGoldens.tiny("tiny-llama")
    let ids = golden.ids
    let executor = try ReferenceExecutor(model: golden.model, blockCount: 16, blockSize: 4)
    var step = ScheduledStep()
    step.append(ids[..<7], start: 0, table: [9, 2], samples: false)
    #expect(try executor.execute(step).logits == nil)
    step.clear()
    step.append(ids[7..<13], start: 7, table: [9, 2, 7, 0])
    step.append(ids[..<3], request: 1, start: 0, table: [15])
    var rows = try executor.rows(step)
    #expect(largestDifference(rows, [golden.logits[12], golden.logits[2]]) < 1e-3)
    // Three sequences go on from the first 13 tokens; two of them in copies of the last block, with other tokens.
    step.clear()
    step.copies = [.init(from: 0, to: 4), .init(from: 0, to: 11)]
    step.append([ids[13]], start: 13, table: [9, 2, 7, 0])
    step.append([60], request: 2, start: 13, table: [9, 2, 7, 4])
    step.append([59, 58], request: 3, start: 13, table: [9, 2, 7, 11])
    rows = try executor.rows(step)
    let lone = try ReferenceExecutor(model: golden.model, blockCount: 4, blockSize: 16)
    let expected = [
      golden.logits[13], try #require(lone.logits(ids[..<13] + [60], table: [0]).last),
      try #require(lone.logits(ids[..<13] + [59, 58], table: [0]).last),
    ]
    #expect(largestDifference(rows, expected) < 1e-4)
  }

  @Test func wrongStepsAreRefused() throws {
    let model = try LlamaGoldens.tiny("tiny-qwen2").model
    let executor = try ReferenceExecutor(model: model, blockCount: 20, blockSize: 16)
    func refusal(_ ids: [Int32], start: Int = 0, table: [Int32], copies: [ScheduledStep.Copy] = []) -> String {
      var step = ScheduledStep()
      step.append(ids, start: start, table: table)
      step.copies = copies
      do { _ = try executor.execute(step) } catch { return "\(error)" }
      return "done"
    }
    #expect(refusal([61], table: [0]) == "token 61 is beyond the model's vocabulary of 61")
    #expect(refusal([-1], table: [0]).contains("token -1 is beyond"))
    #expect(refusal([1], table: [20]) == "a step names a block beyond the 20 of the cache")
    #expect(refusal([1], table: [0], copies: [.init(from: 0, to: -1)]).contains("beyond the 20"))
    #expect(refusal([1], start: 16, table: [0]) == "a run of request 0 has tokens without blocks in its step")
    #expect(refusal([], table: [0]).contains("without blocks"))
    #expect(
      refusal([1], start: 256, table: Array(0..<17)) == "position 257 lies beyond the model's context of 256 tokens")
    #expect(throws: GenerationError.self) { _ = try ReferenceExecutor(model: model, blockCount: 0, blockSize: 16) }
    #expect(throws: GenerationError.self) {
      _ = try ReferenceExecutor(model: model, blockCount: Int(Int32.max), blockSize: 1 << 20)
    }
  }
}
