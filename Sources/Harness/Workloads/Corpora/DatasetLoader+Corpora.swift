package import Datasets
package import Documents
internal import Files

extension DatasetLoader {
  /// Reads a corpus of the catalogue, fetching what is not there yet.
  ///
  /// - Throws: `DataError` where no source has it, a checksum is wrong, or a text is not what the format says.
  package func corpus(_ entry: CorpusEntry, progress: FetchProgress? = nil) throws -> Corpus {
    guard let format = CorpusFormat(rawValue: entry.format) else {
      let known = CorpusFormat.allCases.map(\.rawValue).joined(separator: ", ")
      throw DataError.invalid("'\(entry.name)' has the format '\(entry.format)' in the catalogue; known are \(known)")
    }
    var options = LoadingOptions()
    if let glob = entry.glob { options.glob = glob }
    return try CorpusLoader.load(
      path: library.corpusPath(of: entry, progress: progress), format: format, name: entry.name, options: options)
  }
}
