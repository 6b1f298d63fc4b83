package import Datasets
package import Documents

/// What `ragmeter dataset info` says of texts that are here.
package struct CorpusSummary: Sendable, Equatable, Encodable {
  package var listing: CorpusListing
  /// As read, which for a mirror may be fewer than the source has.
  package var documents: Int
  package var questions: Int
  /// Unicode scalars of a document.
  package var shortest: Int
  package var median: Int
  package var longest: Int
  /// Unicode scalars of all documents.
  package var characters: Int
  /// Judged documents a question, on average; nil without questions.
  package var judgedPerQuestion: Double?
  /// What was left out or mended while reading.
  package var warnings: [String]

  enum CodingKeys: String, CodingKey {
    case listing, documents, questions, shortest, median, longest, characters, warnings
    case judgedPerQuestion = "judged_per_question"
  }

  package init(of corpus: Corpus, listing: CorpusListing) {
    self.listing = listing
    let lengths = corpus.documents.map(\.text.unicodeScalars.count).sorted()
    documents = lengths.count
    questions = corpus.questions.count
    shortest = lengths.first ?? 0
    median = lengths.isEmpty ? 0 : lengths[lengths.count / 2]
    longest = lengths.last ?? 0
    characters = lengths.reduce(0, +)
    let judged = corpus.questions.reduce(0) { $0 + $1.judgements.values.count { $0 > 0 } }
    judgedPerQuestion = corpus.questions.isEmpty ? nil : Double(judged) / Double(corpus.questions.count)
    warnings = corpus.warnings
  }
}
