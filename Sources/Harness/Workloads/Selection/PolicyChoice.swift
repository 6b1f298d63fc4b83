package import Experiments
package import Generation
internal import Spelling

/// One way to give KV memory to sequences: a point of the grids in a section's `policies`.
package struct PolicyChoice: Sendable, Hashable {
  package var policy: KVPolicy
  /// As the spec writes them.
  package var parameters: ParameterPoint

  package init(policy: KVPolicy, parameters: ParameterPoint = ParameterPoint()) {
    self.policy = policy
    self.parameters = parameters
  }

  package var name: String { policy.batching.rawValue }

  /// The parts of a case's id: "paged", "sharing=false,block_size=32".
  package var idParts: [String] { [name] + (parameters.entries.isEmpty ? [] : [parameters.idPart]) }

  /// Policy, and its parameters by name.
  package var labels: [String: String] { parameters.dictionary.merging(["policy": name]) { $1 } }

  /// The entries of a section's `policies`: `static`, `"continuous:reservation=request|model"`, `"paged:sharing=false"`, or a
  /// mapping `policy:` with parameters beside it, all combinations of which are used. Where there is none, `paged` alone.
  package static func read(_ section: SpecReader) -> [PolicyChoice] {
    guard section.has("policies") else { return [PolicyChoice(policy: KVPolicy(batching: .paged))] }
    return StageGrid.read(section, key: "policies", noun: "policy", example: "[static, continuous, paged]")
      .flatMap { grid -> [PolicyChoice] in
        if grid.alias != nil { grid.element.report("a policy goes by its kind and parameters; leave 'as' out") }
        guard let batching = KVPolicy.Batching(rawValue: grid.kind) else {
          let hint = Spelling.hint(for: grid.kind, among: KVPolicy.Batching.allCases.map(\.rawValue))
          grid.element.report("unknown policy '\(grid.kind)'; \(hint)")
          return []
        }
        return grid.parameters.points.compactMap { point in
          do {
            return PolicyChoice(policy: try policy(batching, point), parameters: point)
          } catch {
            grid.element.report("\(error)")
            return nil
          }
        }
      }
  }

  static func policy(_ batching: KVPolicy.Batching, _ point: ParameterPoint) throws(EngineError) -> KVPolicy {
    var policy = KVPolicy(batching: batching)
    let known =
      batching == .paged ? ["block_size", "sharing", "prefix_cache"] : ["block_size", "reservation"]
    for entry in point.entries {
      guard known.contains(entry.name) else {
        throw EngineError(
          "\(batching.rawValue) has no parameter '\(entry.name)'; \(Spelling.hint(for: entry.name, among: known))")
      }
      switch entry.name {
      case "block_size":
        guard let size = Int(entry.value), (1...1024).contains(size) else {
          throw EngineError("block_size is a number of tokens from 1 to 1024, not '\(entry.value)'")
        }
        policy.blockSize = size
      case "reservation":
        guard let reservation = KVPolicy.Reservation(rawValue: entry.value) else {
          let hint = Spelling.hint(for: entry.value, among: KVPolicy.Reservation.allCases.map(\.rawValue))
          throw EngineError("'\(entry.value)' is no reservation; \(hint)")
        }
        policy.reservation = reservation
      case "sharing": policy.sharing = try flag(entry)
      default: policy.prefixCache = try flag(entry)
      }
    }
    return policy
  }

  private static func flag(_ entry: ParameterPoint.Entry) throws(EngineError) -> Bool {
    guard let flag = Bool(entry.value) else {
      throw EngineError("\(entry.name) is true or false, not '\(entry.value)'")
    }
    return flag
  }
}
