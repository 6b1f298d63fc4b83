internal import Experiments

/// One row of a generate workload.
package struct GenerateCase: Sendable {
  var planned: PlannedCase
  /// Outputs of a request.
  var n: Int
  var setting: GenerationSetting

  /// "generate/sharegpt/llama-13b/device=a100-40gb/paged/sharing=false/n=3". Threads and the number of sequences at once stand in
  /// it where they are not the usual ones.
  package static func id(
    section: String, source: String, engine: GenerationEngineChoice, policy: PolicyChoice?, n: Int, threads: Int?,
    maxSequences: Int?
  ) -> String {
    var conditions = ["n=\(n)"]
    if let threads, threads != 1 { conditions.append("threads=\(threads)") }
    if let maxSequences, maxSequences != GenerateSection.defaultMaxSequences {
      conditions.append("max_num_seqs=\(maxSequences)")
    }
    let parts =
      [section, source] + engine.idParts + (policy?.idParts ?? []) + [conditions.joined(separator: ",")]
    return parts.joined(separator: "/")
  }
}
