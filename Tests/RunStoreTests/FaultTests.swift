import Foundation
import RunStore
import SQLite
import Statistics
import Testing

/// What SQLite promises, checked where ragmeter relies on it: kills, damage, locks, full disks, other versions.
struct FaultTests {
  let folder: TemporaryFolder
  let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.file("runs.sqlite")
  }

  /// A run of some cases and passes, closed.
  @discardableResult
  private func filled(cases: Int = 8) throws -> String {
    let store = try RunStore(path: path)
    let id = try store.createRun(header(), spec: "name: x\n")
    for number in 0..<cases {
      try store.storePass(0, of: "case \(number)", in: id, samples: ["latency": .uint64((0..<500).map { 10_000 + $0 })])
      try store.store(case: sampleCase("case \(number)"), in: id)
    }
    return id
  }

  private func copy(_ name: String) throws -> String {
    let target = folder.file(name)
    for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: path + suffix) {
      try FileManager.default.copyItem(atPath: path + suffix, toPath: target + suffix)
    }
    return target
  }

  // MARK: Kills

  /// What is on disk at any moment is what a kill leaves: the files are copied between and within the writes.
  @Test func aKillLosesOnlyWhatWasNotStored() throws {
    let store = try RunStore(path: path)
    let id = try store.createRun(header())
    var expected: [String] = []
    for number in 0..<10 {
      try store.store(case: sampleCase("case \(number)"), in: id)
      expected.append("case \(number)")
      let killed = try RunStore(path: try copy("between \(number)"))
      #expect(try killed.storedCases(id).map(\.id) == expected)
      #expect(try killed.openRun(matching: "w1")?.id == id)
    }
    // Half of a large case: its pages have spilled from the cache into the log, and no commit follows them.
    try store.database.execute("PRAGMA cache_size = 1")
    struct Interruption: Error {}
    var halfway: String?
    #expect(throws: Interruption.self) {
      try store.database.transaction {
        for number in 0..<2_000 {
          try store.database.run(
            "INSERT INTO cases (run, id, status, position, workload, labels) VALUES (?, ?, 'done', 0, '', '{}')",
            [.text(id), .text("half \(number)")])
        }
        halfway = try copy("within")
        throw Interruption()
      }
    }
    let killed = try RunStore(path: try #require(halfway))
    #expect(try killed.storedCases(id).map(\.id) == expected)
    try killed.store(case: sampleCase("after"), in: id)
    #expect(try killed.storedCases(id).map(\.id) == expected + ["after"])
  }

  /// The log cut at any length, as by a lost machine, holds the cases whose commits it holds whole.
  @Test(arguments: [1, 2, 3] as [UInt64])
  func aCutLogHoldsAPrefixOfTheCases(seed: UInt64) throws {
    let store = try RunStore(path: path)
    let id = try store.createRun(header())
    var ends: [Int] = []
    func logSize() throws -> Int { try Data(contentsOf: URL(fileURLWithPath: path + "-wal")).count }
    let start = try logSize()
    for number in 0..<12 {
      try store.store(case: sampleCase("case \(number)"), in: id)
      ends.append(try logSize())
    }
    var generator = SplitMix64(seed: seed)
    for round in 0..<20 {
      let length = Int.random(in: start...ends[11], using: &generator)
      let target = try copy("cut \(round)")
      let log = try Data(contentsOf: URL(fileURLWithPath: target + "-wal"))
      try log.prefix(length).write(to: URL(fileURLWithPath: target + "-wal"))
      let kept = ends.count { $0 <= length }
      let cut = try RunStore(path: target)
      #expect(try cut.storedCases(id).map(\.id) == (0..<kept).map { "case \($0)" }, "seed \(seed), length \(length)")
    }
  }

  // MARK: Damage

  /// Any of these may be answered or refused, by a sentence with the path; none may trap.
  @Test(arguments: 1...8 as ClosedRange<UInt64>)
  func flippedBytesAreAnsweredOrRefused(seed: UInt64) throws {
    let id = try filled()
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    var generator = SplitMix64(seed: seed)
    for round in 0..<25 {
      var damaged = bytes
      // Half the flips go to the first page, which holds the header and the schema.
      let span = round.isMultiple(of: 2) ? 4_096 : damaged.count
      for _ in 0..<Int.random(in: 1...8, using: &generator) {
        damaged[Int.random(in: 0..<span, using: &generator)] ^= UInt8.random(in: 1...255, using: &generator)
      }
      let target = folder.file("flipped \(round)")
      try damaged.write(to: URL(fileURLWithPath: target))
      do {
        let store = try RunStore(path: target)
        for header in try store.runs() {
          for record in try store.run(header.id).cases { _ = try store.passes(of: record.id, in: header.id) }
        }
        _ = try store.storedPasses(id)
        let new = try store.createRun(header())
        try store.store(case: sampleCase(), in: new)
      } catch {
        #expect(error is SQLiteError || error is RunStoreError, "seed \(seed): \(error)")
        #expect("\(error)".contains(target), "seed \(seed): \(error)")
      }
    }
  }

  @Test func aCutFileIsRefused() throws {
    let id = try filled(cases: 100)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    try bytes.prefix(bytes.count / 3).write(to: URL(fileURLWithPath: path))
    let error = #expect(throws: SQLiteError.self) {
      let store = try RunStore(path: path)
      _ = try store.run(id)
      for number in 0..<100 { _ = try store.passes(of: "case \(number)", in: id) }
    }
    guard case .corrupt(path, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func aFileThatIsNoDatabaseIsRefused() throws {
    try Data("name: index-peers\nindexes: [flat]\n".utf8).write(to: URL(fileURLWithPath: path))
    #expect(throws: SQLiteError.corrupt(path: path, reason: "file is not a database")) { try RunStore(path: path) }
  }

  @Test func aDatabaseOfAnotherProgramIsLeftAlone() throws {
    try SQLiteDatabase(path: path, readOnly: false, busyTimeout: 0).execute("CREATE TABLE bookmarks (url TEXT)")
    let before = try Data(contentsOf: URL(fileURLWithPath: path))
    #expect(throws: RunStoreError.foreign(path: path)) { try RunStore(path: path) }
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
  }

  @Test func aSampleThatChangedIsNotHandedOut() throws {
    let id = try filled(cases: 1)
    let store = try RunStore(path: path)
    var data = try #require(store.database.query("SELECT data FROM samples") { try $0.blob(0) }.first)
    data[20] ^= 1
    try store.database.run("UPDATE samples SET data = ?", [.blob(data)])
    #expect(
      throws: SQLiteError.corrupt(path: path, reason: "samples of case 'case 0' do not match their checksum")
    ) { try store.passes(of: "case 0", in: id) }
  }

  // MARK: Locks, rights, space

  @Test func aLockedDatabaseIsNamed() throws {
    try filled()
    let holder = try RunStore(path: path)
    let other = try RunStore(path: path, busyTimeout: 0)
    try holder.database.execute("BEGIN IMMEDIATE")
    #expect(throws: SQLiteError.locked(path: path)) { try other.createRun(header()) }
    #expect(try other.runs().count == 1, "readers do not wait for a writer")
    try holder.database.execute("ROLLBACK")
    _ = try other.createRun(header())
  }

  @Test func readersSeeWholeCasesWhileOneWrites() throws {
    let id = try filled(cases: 0)
    let writer = try RunStore(path: path)
    let readers = try [RunStore(path: path, access: .readOnly), RunStore(path: path)]
    for number in 0..<20 {
      try writer.storePass(0, of: "case \(number)", in: id, samples: ["latency": .uint64([1])])
      for reader in readers { #expect(try reader.storedCases(id).count == number) }
      try writer.store(case: sampleCase("case \(number)"), in: id)
      for reader in readers {
        #expect(try reader.storedCases(id).last == sampleCase("case \(number)"))
      }
    }
  }

  @Test func aReadOnlyStoreRefusesToWrite() throws {
    try filled()
    let store = try RunStore(path: path, access: .readOnly)
    #expect(try store.runs().count == 1)
    #expect(throws: SQLiteError.readOnly(path: path)) { try store.createRun(header()) }
  }

  @Test(.disabled(if: geteuid() == 0, "the superuser may write anything"))
  func aStoreWithoutTheRightToWriteIsRefusedAtOnce() throws {
    try filled()
    try FileManager.default.setAttributes([.posixPermissions: 0o444], ofItemAtPath: path)
    #expect(throws: SQLiteError.readOnly(path: path)) { try RunStore(path: path) }
    #expect(try RunStore(path: path, access: .readOnly).runs().count == 1)
    try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: folder.path)
    defer { try? FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path) }
    let new = folder.file("new.sqlite")
    let reason = "unable to open database file"
    #expect(throws: SQLiteError.unopenable(path: new, reason: reason)) { try RunStore(path: new) }
    #expect(try RunStore(path: path, access: .readOnly).runs().count == 1)
  }

  @Test func pathsThatCannotBeOpenedAreNamed() throws {
    #expect(throws: SQLiteError.unopenable(path: path, reason: "there is no such file")) {
      try RunStore(path: path, access: .readOnly)
    }
    #expect(throws: SQLiteError.unopenable(path: "/proc/nowhere/runs.sqlite", reason: "its folder cannot be made")) {
      try RunStore(path: "/proc/nowhere/runs.sqlite")
    }
    #expect(throws: SQLiteError.self) { try RunStore(path: folder.path) }
  }

  @Test func aFullDiskLosesNothingThatWasStored() throws {
    let id = try filled()
    let store = try RunStore(path: path)
    let pages = try store.database.integer("PRAGMA page_count")
    _ = try store.database.integer("PRAGMA max_page_count = \(pages + 1)")
    let noise = Samples.uint64((0..<50_000).map { $0 &* 0x9E37_79B9_7F4A_7C15 })
    #expect(throws: SQLiteError.diskFull(path: path)) {
      try store.storePass(9, of: "case 0", in: id, samples: ["noise": noise])
    }
    #expect(try store.storedPasses(id)["case 0"] == [0])
    #expect(try store.storedCases(id).count == 8)
    _ = try store.database.integer("PRAGMA max_page_count = 1000000")
    try store.storePass(9, of: "case 0", in: id, samples: ["noise": noise])
  }

  // MARK: Versions

  @Test func anOlderSchemaIsBroughtForwardWithItsRuns() throws {
    let id = try filled()
    let database = try SQLiteDatabase(path: path, readOnly: false, busyTimeout: 0)
    let next = Schema.steps + ["ALTER TABLE runs ADD COLUMN host TEXT NOT NULL DEFAULT 'here'"]
    try Schema.migrate(database, steps: next)
    try Schema.migrate(database, steps: next)
    #expect(try database.query("SELECT id, host FROM runs") { [try $0.text(0), try $0.text(1)] } == [[id, "here"]])
    #expect(try database.integer("PRAGMA user_version") == Schema.steps.count + 1)
    #expect(
      throws: RunStoreError.newerSchema(path: path, found: Schema.steps.count + 1, known: Schema.steps.count)
    ) { try RunStore(path: path) }
  }

  @Test func aStepThatFailsLeavesTheOldSchema() throws {
    let id = try filled()
    let database = try SQLiteDatabase(path: path, readOnly: false, busyTimeout: 0)
    #expect(throws: SQLiteError.self) {
      try Schema.migrate(
        database, steps: Schema.steps + ["ALTER TABLE runs ADD COLUMN host TEXT; INSERT INTO nowhere VALUES (1)"])
    }
    #expect(try RunStore(path: path).run(id).cases.count == 8)
  }
}
