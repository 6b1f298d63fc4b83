import Kernels
import Testing

@Suite struct KernelDispatchTests {
  @Test func knowsItsNames() {
    #expect(Kernels.available.last == "scalar")
    for name in Kernels.available { #expect(Kernels.named(name)?.name == name) }
    for name in ["", "AVX512", "sse", "avx512 "] { #expect(Kernels.named(name) == nil) }
    #expect(Kernels.available.contains(Kernels.activeName))
  }
}
