package import Experiments

extension WorkloadKind {
  /// Every workload there is.
  package static func all(_ resources: WorkloadResources) -> [WorkloadKind] {
    [
      ChunkSection.workload(resources),
      EmbedSection.workload(resources),
      GenerateSection.workload(resources),
      InsertSection.workload(resources),
      RagSection.workload(resources),
      RetrieveSection.workload(resources),
      SearchSection.workload(resources),
      ServeSection.workload(resources),
      StoreSection.workload(resources),
    ]
  }
}
