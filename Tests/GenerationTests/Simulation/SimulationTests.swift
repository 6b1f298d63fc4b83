import Generation
import Testing

@Suite struct SimulationTests {
  private func step(_ runs: [(request: Int, start: Int, count: Int, table: [Int32])]) -> ScheduledStep {
    var step = ScheduledStep()
    for run in runs {
      let (tokens, table, samples) = (step.tokens.count, step.tables.count, step.samples.count)
      step.tokens += Array(repeating: 0, count: run.count)
      step.tables += run.table
      step.samples.append(ChoiceID(request: run.request, index: 0))
      step.runs.append(
        ScheduledStep.Run(
          sequence: ChoiceID(request: run.request, index: 0), start: run.start, tokens: tokens..<step.tokens.count,
          table: table..<step.tables.count, samples: samples..<step.samples.count))
    }
    return step
  }

  /// Table 1 of the paper: OPT-13B on an A100 of 40 GB leaves 12 GB, 15 700 slots.
  @Test func theKVBudgetIsThePapers() throws {
    let specification = try SimulatedSpecification(parsing: "opt-13b:device=a100-40gb")
    let bytes = try specification.cacheBytes(maxBatchedTokens: 2560, maxSequences: 256)
    let slots = try specification.blockCount(blockSize: 16, maxBatchedTokens: 2560, maxSequences: 256) * 16
    #expect(abs(bytes / 12e9 - 1) < 0.05 && abs(Double(slots) / 15_700 - 1) < 0.1, "\(bytes) bytes, \(slots) slots")
  }

  @Test func aStepTakesWhatItsBytesAndOperationsTake() throws {
    let specification = try SimulatedSpecification(parsing: "llama-13b:device=a100-40gb")
    let cost = specification.cost(blockSize: 16)
    // Decode of one token: every weight is read once, 2 bytes each; the embedding is looked up.
    let decode = cost.parts(of: step([(1, 511, 1, [])]))
    let weights = 40.0 * (4 * 5120 * 5120 + 3 * 5120 * 13_824)
    #expect(abs(decode.linear / (2 * weights / 1.3995e12) - 1) < 1e-9)
    #expect(abs(decode.output / (2 * 32_000.0 * 5120 / 1.3995e12) - 1) < 1e-9)
    // 512 tokens are read, one is written: keys and values of 40 layers, 5120 each.
    #expect(abs(decode.attention / (513 * 2 * 40 * 5120 * 2 / 1.3995e12) - 1) < 1e-9)
    // A long prompt is bound by operations: two for each weight and token.
    let prompt = cost.parts(of: step([(1, 0, 2048, [])]))
    #expect(abs(prompt.linear / (2 * weights * 2048 / 2.496e14) - 1) < 1e-9)
    #expect(decode.total > 0.018 && decode.total < 0.022)
  }

  @Test func sharedBlocksAreReadOnceWhereTheExecutorDoesSo() throws {
    let word = "llama-13b:device=a100-40gb"
    let shared = step([(1, 40, 1, [3, 4, 5]), (1, 40, 1, [3, 4, 6]), (2, 40, 1, [3, 4, 7])])
    let each = try SimulatedSpecification(parsing: word).cost(blockSize: 16).parts(of: shared)
    let once = try SimulatedSpecification(parsing: word + ",shared_reads=request").cost(blockSize: 16).parts(of: shared)
    // The second run finds 32 of its tokens read; the third is another request's.
    #expect(abs((each.attention - once.attention) / each.attention - 32.0 / (3 * 41 + 3)) < 1e-9)
  }

  @Test(arguments: [
    ("gpt-2:device=h100", "unknown model 'gpt-2'"),
    ("llama-7b", "names no device"),
    ("llama-7b:device=a100", "unknown device 'a100'"),
    ("llama-7b:device=h100,tensor=2", "unknown parameter 'tensor'"),
    ("llama-3.1-70b:device=h100,tensor_parallel=3", "tensor_parallel must divide the 8 heads"),
    ("llama-7b:device=h100,gpu_memory_utilization=1.5", "gpu_memory_utilization must be above 0"),
    ("llama-7b:device=h100,shared_reads=never", "unknown shared_reads 'never'"),
  ])
  func wordsThatAreNoSimulationAreRefused(word: String, sentence: String) {
    do {
      _ = try SimulatedSpecification(parsing: word)
      Issue.record("'\(word)' was taken")
    } catch { #expect("\(error)".contains(sentence), "\(error)") }
  }

  @Test func everyModelFitsWhereItShould() throws {
    for model in SimulatedModel.all {
      for device in SimulatedDevice.all {
        let specification = SimulatedSpecification(model: model, device: device)
        let fits = (try? specification.blockCount(blockSize: 16, maxBatchedTokens: 2048, maxSequences: 256)) != nil
        #expect(fits == (model.bytes < 0.88 * device.memory), "\(specification)")
        #expect(try SimulatedSpecification(parsing: "\(specification)") == specification)
      }
    }
    var large = try SimulatedSpecification(parsing: "llama-3.1-70b:device=a100-80gb")
    do {
      _ = try large.cacheBytes(maxBatchedTokens: 2048, maxSequences: 256)
      Issue.record("141 GB were put into 80")
    } catch {
      #expect(
        "\(error)" == "llama-3.1-70b needs 141.1 GB for its weights, and 1 × a100-80gb lets 76.5 GB be filled; "
          + "raise tensor_parallel or take a larger device")
    }
    large.tensorParallel = 4
    #expect(try large.blockCount(blockSize: 16, maxBatchedTokens: 2048, maxSequences: 256) > 20_000)
  }
}
