extension Table {
  /// The table in GitHub's Markdown: best values bold, the front marked with ●, footnotes as a list below.
  public func markdown() -> String {
    let hasFront = rows.contains(where: \.isPareto)
    var alignments: [Column.Alignment] = columns.map(\.alignment)
    var body = [columns.map { Self.escaped($0.title) }]
    body += rows.map { row in
      row.cells.map { cell in
        let content = Self.escaped(self.text(cell))
        return cell.isBest ? "**\(content)**" : content
      }
    }
    if hasFront {
      alignments.insert(.left, at: 0)
      body[0].insert("", at: 0)
      for (index, row) in rows.enumerated() { body[index + 1].insert(row.isPareto ? "●" : "", at: 0) }
    }
    let widths = alignments.indices.map { column in max(3, body.map { DisplayWidth.of($0[column]) }.max() ?? 0) }
    var lines = body.map { cells in
      "| "
        + cells.indices.map { DisplayWidth.padded(cells[$0], to: widths[$0], alignments[$0]) }.joined(separator: " | ")
        + " |"
    }
    let rule = alignments.indices.map { column in
      let dashes = String(repeating: "-", count: widths[column] - 1)
      return alignments[column] == .right ? dashes + ":" : dashes + "-"
    }
    lines.insert("| " + rule.joined(separator: " | ") + " |", at: 1)

    var text = "### \(Self.escaped(title))\n\n"
    if !caption.isEmpty { text += Self.escaped(caption) + "\n\n" }
    text += lines.joined(separator: "\n") + "\n"
    var below = footnotes.enumerated().map { Self.superscript($0.offset + 1) + " " + Self.escaped($0.element) }
    if hasFront { below.append("● Pareto-optimal; bold: best of its column.") }
    if !below.isEmpty { text += "\n" + below.joined(separator: "  \n") + "\n" }
    return text
  }

  /// So that labels stay what they are: pipes would end a cell, the others would start a style, a link or a tag.
  static func escaped(_ text: String) -> String {
    plain(text).reduce(into: "") { escaped, character in
      if "\\|`*_<>[]".contains(character) { escaped.append("\\") }
      escaped.append(character)
    }
  }
}
