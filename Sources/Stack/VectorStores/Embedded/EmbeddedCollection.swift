import Foundation
import Synchronization
import VectorIndexes

/// One open collection: its saved index in memory, and the rows since beside it.
///
/// The rows in the file are the truth. `index` is what the last `optimize` made, less the rows removed since; `tail` holds
/// every row after, exact and cheap to insert into, until the next `optimize` takes them over. A search looks into both.
final class EmbeddedCollection: Sendable {
  let id: Int
  let schema: CollectionSchema
  let metric: DistanceMetric
  let connection: StoreConnection
  let files: IndexFiles

  /// What searches read.
  struct State {
    /// nil while nothing was optimised, or everything that was is gone.
    var index: (any VectorIndex)?
    var tail: FlatIndex
    var keys = RowKeys()
    /// Rows up to this number are the index's, later ones the tail's.
    var indexedThrough: Int64 = 0
    /// Changes with every write.
    var version: UInt64 = 0
  }

  /// What only writers know.
  struct Writing {
    var nextRow: Int64
    var saved: SavedIndex
  }

  private let lock = ReadersWriterLock()
  // Guarded by `lock`.
  private nonisolated(unsafe) var state: State
  /// Held for the whole of a write, so that there is one at a time; taken before the connection and before `lock`.
  let writing: Mutex<Writing>
  let filters = Mutex<[CachedFilter]>([])

  /// - Parameter notice: hears of an index that had to be built again.
  /// - Throws: `VectorStoreError`.
  init(
    _ stored: StoredCollection, connection: StoreConnection, files: IndexFiles,
    notice: (String) -> Void
  ) throws {
    id = stored.id
    schema = stored.schema
    metric = DistanceMetric(stored.schema.metric)
    self.connection = connection
    self.files = files
    writing = Mutex(Writing(nextRow: stored.nextRow, saved: stored.saved))
    state = State(tail: try FlatIndex(dimension: stored.schema.dimension, metric: metric))
    try load(stored.saved, notice: notice)
  }

  func read<T>(_ body: (borrowing State) throws -> T) rethrows -> T { try lock.read { try body(state) } }

  func change<T>(_ body: (inout State) throws -> T) rethrows -> T { try lock.write { try body(&state) } }

  func description() -> CollectionDescription {
    read { CollectionDescription(schema: schema, rows: $0.keys.count, indexedRows: $0.index?.count ?? 0) }
  }
}
