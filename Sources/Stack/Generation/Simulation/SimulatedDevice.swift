/// A processor as its data sheet, or a measurement, describes it.
public struct SimulatedDevice: Sendable, Equatable {
  public var name: String
  /// Bytes of memory.
  public var memory: Double
  /// Bytes a second that kernels reach.
  public var bandwidth: Double
  /// Floating-point operations a second that large matrix products reach, in the precision of the weights.
  public var operations: Double
  /// Seconds from the launch of one kernel to the next: no step is shorter than its launches.
  public var launch: Double
  /// Seconds of a step in which the processor waits for its host: sampled tokens come back, the next tables go out.
  public var host: Double
  /// Between two devices of a tensor-parallel group: bytes a second in one direction, and seconds until the first comes.
  public var linkBandwidth: Double
  public var linkLatency: Double

  public init(
    name: String, memory: Double, bandwidth: Double, operations: Double, launch: Double, host: Double,
    linkBandwidth: Double, linkLatency: Double
  ) {
    self.name = name
    self.memory = memory
    self.bandwidth = bandwidth
    self.operations = operations
    self.launch = launch
    self.host = host
    self.linkBandwidth = linkBandwidth
    self.linkLatency = linkLatency
  }

  /// A GPU by NVIDIA's data sheet: memory as PyTorch reports it in GiB, bandwidth in GB/s, dense half-precision TFLOP/s with
  /// float32 accumulation, the link in GB/s of one direction.
  ///
  /// Of the data sheet's rates 90 % of the bandwidth and 80 % of the operations count: what long copies and large matrix
  /// products reach (on an H200 4.3 of 4.8 TB/s and 790 of 989 TFLOP/s). A launch takes some 4 µs (the usual
  /// figure for back-to-back CUDA launches), the host some 1 ms a step: assumptions, the same under every policy. None of
  /// these is fitted to a result.
  private static func gpu(_ name: String, memory: Double, bandwidth: Double, teraflops: Double, link: Double) -> Self {
    Self(
      name: name, memory: memory * 1_073_741_824, bandwidth: 0.9 * bandwidth * 1e9, operations: 0.8 * teraflops * 1e12,
      launch: 4e-6, host: 1e-3, linkBandwidth: 0.9 * link * 1e9, linkLatency: 10e-6)
  }

  public static let all: [SimulatedDevice] = [
    gpu("a100-40gb", memory: 39.59, bandwidth: 1_555, teraflops: 312, link: 300),
    gpu("a100-80gb", memory: 79.15, bandwidth: 2_039, teraflops: 312, link: 300),
    gpu("h100", memory: 79.11, bandwidth: 3_350, teraflops: 989, link: 450),
    gpu("h200", memory: 139.81, bandwidth: 4_800, teraflops: 989, link: 450),
    gpu("a10g", memory: 22.20, bandwidth: 600, teraflops: 70, link: 25),
    gpu("l4", memory: 22.05, bandwidth: 300, teraflops: 121, link: 25),
    // Two cores of an AMD EPYC (Zen 5), measured: reads at 54 GB/s; integer dot products at 2.29 Top/s, of which products
    // of quantised weights reach 1.5. Kernels are functions in one parallel region with barriers of some 30 ns between them.
    SimulatedDevice(
      name: "zen5-2core", memory: 24 * 1_073_741_824, bandwidth: 54e9, operations: 1.5e12, launch: 3e-8, host: 1e-4,
      linkBandwidth: 1e9, linkLatency: 1e-3),
  ]
}
