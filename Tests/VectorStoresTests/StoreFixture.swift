import Foundation
import Statistics
import TestFixtures
import VectorIndexes
import VectorStores

/// A store in a folder of its own, which goes with the fixture.
final class StoreFixture {
  let folder = TemporaryFolder()
  let path: String
  let notices = Notices()

  /// What a store said, from any thread.
  final class Notices: @unchecked Sendable {  // `lock` guards the list
    private let lock = NSLock()
    private var list: [String] = []

    var all: [String] { lock.withLock { list } }

    func add(_ sentence: String) { lock.withLock { list.append(sentence) } }
  }

  init() {
    path = "\(folder.path)/rows.store"
  }

  func open(_ access: EmbeddedStore.Access = .readWrite) throws -> EmbeddedStore {
    let notices = notices
    return try EmbeddedStore(path: path, access: access) { notices.add($0) }
  }

  var indexFiles: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: "\(path).indexes")) ?? []).sorted()
      .map { "\(path).indexes/\($0)" }
  }
}

extension CollectionSchema {
  static func small(
    _ name: String = "c", dimension: Int = 4, metric: StoreMetric = .l2, keyType: KeyType = .integer,
    autoID: Bool = false, kind: String = "flat", _ parameters: [String: String] = [:]
  ) -> CollectionSchema {
    CollectionSchema(
      name: name, dimension: dimension, metric: metric, keyType: keyType, autoID: autoID,
      index: IndexSpecification(kind: kind, parameters: parameters))
  }
}

extension SplitMix64 {
  mutating func vector(_ dimension: Int) -> [Float] {
    (0..<dimension).map { _ in Float.random(in: -1...1, using: &self) }
  }
}

/// Similarity or squared distance as Milvus states it, in double precision.
func exactDistance(_ a: [Float], _ b: [Float], _ metric: StoreMetric) -> Double {
  func product(_ a: [Float], _ b: [Float]) -> Double { zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) } }
  return switch metric {
  case .l2: zip(a, b).reduce(0) { $0 + (Double($1.0) - Double($1.1)) * (Double($1.0) - Double($1.1)) }
  case .ip: product(a, b)
  case .cosine: product(a, b) / (product(a, a) * product(b, b)).squareRoot()
  }
}
