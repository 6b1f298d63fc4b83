internal import Experiments

/// One row of an embed workload.
package struct EmbedCase: Sendable {
  var planned: PlannedCase
  /// Texts a call.
  var batch: Int

  /// "embed/wordnet/openvino/minilm/precision=bf16/threads=2". The chunker stands in it where it cuts; threads and batch where
  /// they are not the usual one thread and 32 texts a call.
  package static func id(
    section: String, corpus: String, chunker: ChunkerChoice, engine: EmbeddingEngineChoice, threads: Int, batch: Int
  ) -> String {
    var conditions: [String] = []
    if threads != 1 { conditions.append("threads=\(threads)") }
    if batch != EmbedSection.defaultBatch { conditions.append("batch=\(batch)") }
    let parts =
      [section, corpus] + (chunker.kind == "whole" ? [] : chunker.idParts) + engine.idParts
      + (conditions.isEmpty ? [] : [conditions.joined(separator: ",")])
    return parts.joined(separator: "/")
  }
}
