import Datasets
import Foundation
import Reports

/// Prompts of the catalogue, and traces of their lengths.
extension DatasetVerb {
  static func prompts(_ listing: [PromptListing]) -> Table {
    var table = Table(
      title: "prompts",
      columns: [
        .init("name"), .init("requests", alignment: .right), .init("holds"), .init("here", priority: 1),
        .init("licence", priority: 2), .init("about", priority: 3),
      ])
    for entry in listing {
      let words = [
        entry.name, "\(entry.requests)", entry.isTrace ? "lengths" : "words", entry.availability.rawValue,
        entry.licence, entry.about,
      ]
      table.rows.append(.init(words.map { Table.Cell($0) }))
    }
    return table
  }

  /// What is known of prompts: of those that are here, how long they are.
  static func describe(_ entry: PromptEntry, _ loader: DatasetLoader, _ arguments: Arguments) throws {
    let listing = loader.listing(of: entry)
    var lines = [
      ("name", listing.name), ("about", listing.about), ("licence", listing.licence), ("source", listing.source),
    ]
    if let path = listing.path {
      lines += try lengths(entry, path: loader.library.path(of: entry)) + [("here", path)]
    } else {
      lines += [("requests", "\(listing.requests)"), ("here", "no")]
      lines.append(("comes from", listing.from.joined(separator: ", ")))
    }
    try JSONResult.emit(listing, arguments) { JSONResult.lines(lines) }
  }

  private static func lengths(_ entry: PromptEntry, path: String) throws -> [(String, String)] {
    func words(_ lengths: [Int], _ unit: String) -> String {
      let mean = Double(lengths.reduce(0, +)) / Double(lengths.count)
      return "\(lengths.min() ?? 0) to \(lengths.max() ?? 0), mean \(String(format: "%.1f", mean)) \(unit)"
    }
    guard entry.isTrace else {
      let prompts = try PromptFile(path: path).prompts
      return [("requests", "\(prompts.count)"), ("prompts", words(prompts.map(\.text.count), "characters"))]
    }
    let rows = try LengthTrace(path: path).rows
    return [
      ("requests", "\(rows.count)"), ("prompts", words(rows.map(\.promptTokens), "tokens")),
      ("answers", words(rows.map(\.outputTokens), "tokens")),
    ]
  }
}
