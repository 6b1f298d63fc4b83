/// One answer of a search.
public struct Neighbor: Sendable, Equatable {
  /// The id given to `add`; −1 marks an empty place where fewer than k vectors were found.
  public var id: Int64
  /// Distance under the index's metric, smaller is nearer.
  public var distance: Float

  public init(id: Int64, distance: Float) {
    self.id = id
    self.distance = distance
  }

  /// An empty place in a result of k.
  public static let none = Neighbor(id: -1, distance: .infinity)
}
