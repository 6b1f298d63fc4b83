/// What a corpus is kept as.
public enum CorpusFormat: String, Sendable, CaseIterable {
  /// One document: a text, Markdown, reStructuredText or HTML file, told by its ending.
  case file
  /// Files below a folder that a glob chooses, each a document.
  case folder
  /// The same in a zip archive.
  case zip
  /// One page over HTTP or HTTPS.
  case url
  /// One JSON object a line.
  case jsonl
  /// `corpus.jsonl`, `queries.jsonl` and `qrels/`.
  case beir
  /// Paragraphs, and questions whose answers stand in them.
  case squad
  /// `passages/*.md` and `questions.jsonl`, as `datasets/handbook` has them.
  case handbook
  /// `data.noun`, `data.verb`, `data.adj` and `data.adv`: a gloss each synset.
  case wordnet
}
