/// Memory that one worker's IVF searches use and keep.
final class IVFScratch {
  let scan = ScanScratch()
  /// `probes` lists of each query, nearest first, and the distances to their centroids.
  private(set) var lists: UnsafeMutablePointer<Int32>
  private(set) var distances: UnsafeMutablePointer<Float>
  private var probeCapacity = 0
  /// Probes in the order of their lists: the query, and the distance to the list's centroid.
  private(set) var members: UnsafeMutablePointer<Int32>
  private(set) var memberDistances: UnsafeMutablePointer<Float>
  /// Where each list's members begin.
  private(set) var starts: UnsafeMutablePointer<Int32>
  private var listCapacity = 0
  /// Codes of one list's members, side by side.
  private(set) var codes: UnsafeMutablePointer<Int8>
  private var codeCapacity = 0

  init() {
    lists = .allocate(capacity: 1)
    distances = .allocate(capacity: 1)
    members = .allocate(capacity: 1)
    memberDistances = .allocate(capacity: 1)
    starts = .allocate(capacity: 1)
    codes = .allocate(capacity: 1)
  }

  deinit {
    lists.deallocate()
    distances.deallocate()
    members.deallocate()
    memberDistances.deallocate()
    starts.deallocate()
    codes.deallocate()
  }

  /// Makes room for `probes` probes of queries together, for `listCount` lists and for `codeBytes` of codes.
  func prepare(probes: Int, listCount: Int, codeBytes: Int) {
    if probes > probeCapacity {
      lists.deallocate()
      distances.deallocate()
      members.deallocate()
      memberDistances.deallocate()
      probeCapacity = probes
      lists = .allocate(capacity: probes)
      distances = .allocate(capacity: probes)
      members = .allocate(capacity: probes)
      memberDistances = .allocate(capacity: probes)
    }
    if listCount + 1 > listCapacity {
      starts.deallocate()
      listCapacity = listCount + 1
      starts = .allocate(capacity: listCapacity)
    }
    if codeBytes > codeCapacity {
      codes.deallocate()
      codeCapacity = codeBytes
      codes = UnsafeMutableRawPointer.allocate(byteCount: codeBytes, alignment: 64)
        .bindMemory(to: Int8.self, capacity: codeBytes)
    }
  }
}
