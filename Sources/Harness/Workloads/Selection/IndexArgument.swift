package import Experiments

/// An index in one word, as the command line takes it: `flat`, `ivf:nlist=64,nprobe=1|4|16`,
/// `adapter:faiss,factory="HNSW16,Flat",efSearch=16|64`. The parameters are those of a `GridWord`.
package struct IndexArgument: Sendable, Equatable {
  package typealias Mistake = GridWord.Mistake

  package var kind: String
  package var isAdapter: Bool
  /// In the order in which they stand.
  package var parameters: [GridAxis]

  /// - Throws: `Mistake` for a word that is none.
  package init(_ word: String) throws(Mistake) {
    let (kind, pieces) = GridWord.parts(word)
    guard kind == "adapter" else {
      let grid = try GridWord(word, noun: "index")
      (self.kind, isAdapter, parameters) = (grid.kind, false, grid.parameters)
      return
    }
    guard let name = pieces.first, !name.isEmpty, !name.contains("=") else {
      throw Mistake(reason: "'\(word)' names no adapter; write adapter:NAME,parameter=value")
    }
    (self.kind, isAdapter, parameters) = (name, true, try GridWord.axes(pieces.dropFirst(), in: word))
  }
}
