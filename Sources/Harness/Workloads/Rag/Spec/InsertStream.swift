internal import Experiments
internal import YAML

/// Documents that come in while questions are asked.
package struct InsertStream: Sendable, Hashable {
  /// Documents a second.
  package var rate: Double
  package var documents: CorpusExtract

  package init(rate: Double, documents: CorpusExtract) {
    self.rate = rate
    self.documents = documents
  }

  /// "inserts=20".
  var label: String { "inserts=\(LoadChoice.number(rate))" }

  /// A section's `inserts: {rate: [0, 20], documents: wordnet}`; nil stands for a pass without, which a rate of 0 asks for too.
  /// Mistakes are reported.
  static func read(_ section: SpecReader) -> [InsertStream?] {
    guard let reader = section.mapping("inserts") else { return [nil] }
    defer { reader.finish() }
    let rates = reader.numbers("rate", in: 0...1e5, default: [])
    if !reader.has("rate") { reader.report("says no 'rate' of documents a second") }
    guard let element = reader.elements("documents").first, reader.elements("documents").count == 1 else {
      reader.report("'documents' is the one corpus that is inserted, such as wordnet")
      return [nil]
    }
    guard let documents = CorpusExtract.read(element) else { return [nil] }
    return rates.map { $0 > 0 ? InsertStream(rate: $0, documents: documents) : nil }
  }
}
