import Generation
import Testing

@Suite struct KVPolicyTests {
  @Test func onlyPagedSharesUnlessTold() {
    for batching in KVPolicy.Batching.allCases {
      #expect(KVPolicy(batching: batching).sharing == (batching == .paged))
      #expect(KVPolicy(batching: batching).prefixCache == (batching == .paged))
    }
  }
}
