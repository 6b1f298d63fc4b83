package import Datasets
internal import Experiments

/// What workloads take from outside: data, engines, truth and the machine. Tests put their own in.
package struct WorkloadResources {
  package var dataset: (DatasetChoice) throws -> VectorDataset
  package var engine: (EngineChoice) throws -> any SearchEngine
  /// The exact k nearest of every query among the rows in `allowed` (all where nil), from a cache where it is known.
  package var truth: (VectorDataset, _ allowed: [Int64]?, _ k: Int) throws -> GroundTruth
  /// Cores that builds and ground truth may use.
  package var cores: Int

  package init(
    dataset: @escaping (DatasetChoice) throws -> VectorDataset,
    engine: @escaping (EngineChoice) throws -> any SearchEngine,
    truth: @escaping (VectorDataset, _ allowed: [Int64]?, _ k: Int) throws -> GroundTruth, cores: Int
  ) {
    self.dataset = dataset
    self.engine = engine
    self.truth = truth
    self.cores = cores
  }
}
