internal import Checksums
internal import Documents

extension Corpus {
  /// SHA-256 over ids and texts of documents and questions, and all judgements, evidence and answers of reference.
  var contentHash: String {
    var hash = SHA256()
    func add(_ fields: String...) {
      // Lengths in front, so that no text can pass for two.
      for field in fields { hash.update("\(field.utf8.count) \(field)\n") }
    }
    for document in documents { add(document.id, document.title ?? "", document.text) }
    for question in questions {
      add(question.id, question.text)
      for (document, grade) in question.judgements.sorted(by: { $0.key < $1.key }) { add(document, "\(grade)") }
      for answer in question.answers { add(answer) }
      for place in question.evidence { add(place.document, "\(place.range)") }
    }
    return hash.hex()
  }
}
