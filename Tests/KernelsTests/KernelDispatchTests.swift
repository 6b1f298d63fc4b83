import Foundation
import Kernels
import Testing

@Suite struct KernelDispatchTests {
  @Test func knowsItsNames() {
    #expect(Kernels.available.last == "scalar")
    for name in Kernels.available { #expect(Kernels.named(name)?.name == name) }
    for name in ["", "AVX512", "sse", "avx512 "] { #expect(Kernels.named(name) == nil) }
  }

  /// Run the tests with RAGMETER_KERNELS=avx2 or scalar to see the other branch.
  @Test func environmentChoosesWhatTheCPUCanRun() {
    let wanted = ProcessInfo.processInfo.environment["RAGMETER_KERNELS"] ?? ""
    #expect(Kernels.activeName == (Kernels.available.contains(wanted) ? wanted : Kernels.available.first))
  }
}
