/// One thing that is measured: insert, search, ….
package protocol Workload {
  /// Loads what the section names and lays out its cases; measures nothing.
  ///
  /// - Throws: whatever keeps the section from being measured at all, such as a dataset that cannot be had.
  func plan(seed: UInt64) throws -> any WorkloadPlan
}

/// A workload as specs name it, with the way to read its sections.
package struct WorkloadKind {
  package var name: String
  /// Reads a section; mistakes go to the reader, which is finished by the caller.
  package var read: (_ section: ExperimentSection, _ reader: SpecReader) -> any Workload

  package init(
    name: String, read: @escaping (_ section: ExperimentSection, _ reader: SpecReader) -> any Workload
  ) {
    self.name = name
    self.read = read
  }
}

/// What a section comes to once its data are known.
package protocol WorkloadPlan {
  /// In the order of the spec.
  var cases: [PlannedCase] { get }
  /// Content hashes of the data by name; part of the workload's hash.
  var dataHashes: [String: String] { get }
  /// Bytes that data and engines are estimated to take at once.
  var memory: Int { get }

  /// Measures what `recorder` does not hold yet. A failing case is recorded as such and the others go on.
  ///
  /// - Throws: only what ends the whole run, such as a store that cannot be written.
  func run(_ recorder: CaseRecorder) throws
}

/// A case that will be measured.
package struct PlannedCase: Sendable, Equatable {
  package var id: String
  package var workload: String
  package var labels: [String: String]

  package init(id: String, workload: String, labels: [String: String]) {
    self.id = id
    self.workload = workload
    self.labels = labels
  }
}
