public import Foundation
public import Instrumentation

/// A run with its cases: the JSON `ragmeter.run/1`.
public struct RunRecord: Sendable, Equatable {
  public static let schema = "ragmeter.run/1"

  public var run: RunHeader
  public var cases: [CaseRecord]

  public init(run: RunHeader, cases: [CaseRecord]) {
    self.run = run
    self.cases = cases
  }
}

/// What is known of a run besides its cases.
public struct RunHeader: Sendable, Equatable, Codable {
  /// Unique; sorts as the runs started. Empty until the store gives one.
  public var id: String
  public var name: String
  /// RFC 3339 in UTC: "2026-01-31T12:34:56.789Z".
  public var started: String
  /// Seconds; `nil` while the run is not finished.
  public var duration: Double?
  public var seed: UInt64
  /// Hash of all that decides what is measured: spec, data, seed.
  public var workloadHash: String
  public var git: GitState?
  public var machine: MachineFingerprint
  /// Whether the numbers can be trusted; `warnings` says why not.
  public var valid: Bool
  public var warnings: [String]

  public init(
    id: String = "", name: String, started: String, duration: Double? = nil, seed: UInt64, workloadHash: String,
    git: GitState? = nil, machine: MachineFingerprint, valid: Bool = true, warnings: [String] = []
  ) {
    self.id = id
    self.name = name
    self.started = started
    self.duration = duration
    self.seed = seed
    self.workloadHash = workloadHash
    self.git = git
    self.machine = machine
    self.valid = valid
    self.warnings = warnings
  }

  private enum CodingKeys: String, CodingKey {
    case id, name, started, duration, seed
    case workloadHash = "workload_hash"
    case git, machine, valid, warnings
  }

  /// A moment as `started` wants it.
  public static func timestamp(_ moment: Date) -> String {
    moment.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
  }
}
