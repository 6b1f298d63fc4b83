internal import Foundation
package import Kernels
internal import Synchronization

/// Chooses the next tokens of all outputs of a step, rows side by side on several threads.
package final class Sampler {
  private let vocabularySize: Int
  private let kernels: SamplingKernels
  private let workspaces: [SamplerWorkspace]
  /// Rows below which waking a thread costs more than it saves.
  private static let rowsWorthAThread = 4

  package init(vocabularySize: Int, threads: Int = 1, kernels: SamplingKernels = .active) {
    self.vocabularySize = vocabularySize
    self.kernels = kernels
    workspaces = (0..<max(1, threads)).map { _ in SamplerWorkspace(vocabularySize: vocabularySize) }
  }

  /// Tokens for `samplers`, which accept none of them yet.
  ///
  /// - Parameters:
  ///   - logits: rows, changed meanwhile, and then as they were.
  ///   - rows: for each row the samplers that choose from it; together all of them, in their order.
  ///   - tokens: filled with one token for each sampler.
  /// - Throws: `GenerationError` if the rows are not what the model says, or a row holds no number.
  package func sample(
    _ logits: LogitRows, rows: [Range<Int>], samplers: [ChoiceSampler], into tokens: inout [SampledToken]
  ) throws(GenerationError) {
    guard logits.rows == rows.count, logits.vocabularySize == vocabularySize else {
      throw GenerationError(
        "the executor answered \(logits.rows) rows of \(logits.vocabularySize) logits, not \(rows.count) of "
          + "\(vocabularySize)")
    }
    tokens.removeAll(keepingCapacity: true)
    tokens.append(contentsOf: repeatElement(SampledToken(token: 0), count: samplers.count))
    let threads = min(workspaces.count, max(1, rows.count / Self.rowsWorthAThread))
    let failure = Mutex<GenerationError?>(nil)
    tokens.withUnsafeMutableBufferPointer { tokens in
      let table = TokenTable(logits: logits, tokens: tokens)
      Parallel.forEach(count: rows.count, threads: threads) { [kernels, workspaces] worker, range in
        for row in range {
          for index in rows[row] {
            do throws(GenerationError) {
              table.tokens[index] = try samplers[index].choose(from: table.logits[row], kernels, workspaces[worker])
            } catch {
              failure.withLock { $0 = error }
            }
          }
        }
      }
    }
    if let failure = failure.withLock({ $0 }) { throw failure }
  }
}

/// What the workers of a step read and write.
///
/// `@unchecked Sendable`: each row and its tokens belong to one worker, and the caller waits for all of them.
private struct TokenTable: @unchecked Sendable {
  let logits: LogitRows
  let tokens: UnsafeMutableBufferPointer<SampledToken>
}
