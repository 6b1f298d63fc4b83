import Instrumentation
import Testing

struct ProcessMemoryTests {
  @Test func privateBytesAreThePagesOfThisProcessAlone() throws {
    let system = try FixtureSystem([
      "proc/self/smaps_rollup": """
      558abb0bc000-7ffcb902d000 ---p 00000000 00:00 0                          [rollup]
      Rss:                1620 kB
      Private_Clean:        44 kB
      Private_Dirty:       116 kB
      Private_Hugetlb:    2048 kB
      Swap:                  8 kB

      """,
      "proc/42/smaps_rollup": "Rss: 4 kB\nPrivate_Clean: 1 kB\nPrivate_Dirty: 2 kB\n",
    ])
    let own = try #require(ProcessMemory.read(from: system.files))
    #expect(own.privateBytes == 2_208 * 1_024)
    #expect(own.residentBytes == 1_620 * 1_024)
    #expect(own.swappedBytes == 8 * 1_024)
    #expect(ProcessMemory.read(process: 42, from: system.files)?.privateBytes == 3 * 1_024)
    #expect(ProcessMemory.read(process: 43, from: system.files) == nil)
  }

  @Test func touchedPagesOfThisProcessAreCounted() throws {
    // What other tests free meanwhile hides some of the growth; not each time.
    let growths = try (0..<8).map { _ in
      let before = try #require(ProcessMemory.read())
      let bytes = [UInt8](repeating: 1, count: 64 << 20)
      let after = try #require(ProcessMemory.read())
      #expect(bytes[bytes.count / 2] == 1)
      return after.privateBytes - before.privateBytes
    }
    #expect(growths.contains { $0 >= 48 << 20 }, "\(growths)")
  }
}
