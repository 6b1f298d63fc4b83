extension Table {
  /// The table as lines of text, fitted to `width` cells: headings are wrapped first, then the least important columns
  /// left out and named below, then texts shortened. Widths count wide characters as two.
  ///
  /// - Parameter color: whether ANSI colours mark the best, the front and the failures; the signs are there either way.
  public func terminal(width: Int, color: Bool) -> String {
    let layout = TerminalLayout(table: self, width: width)
    let paint = Paint(on: color)
    var lines = DisplayWidth.wrapped(Self.plain(title), to: width).map { paint.bold($0) }
    if !caption.isEmpty { lines += DisplayWidth.wrapped(Self.plain(caption), to: width).map { paint.dim($0) } }
    lines += layout.heading().map { paint.bold($0) }
    lines.append(paint.dim(layout.rule("─")))
    for (index, row) in rows.enumerated() {
      if index > 0, rows[index - 1].group != row.group { lines.append(paint.dim(layout.rule("┄"))) }
      lines.append(layout.line(row, paint: paint))
    }
    lines.append(contentsOf: layout.below().flatMap { DisplayWidth.wrapped($0, to: width) }.map { paint.dim($0) })
    return lines.map(Self.withoutTrailingSpace).joined(separator: "\n") + "\n"
  }

  /// Without control characters: an engine's words must not steer the terminal.
  static func plain(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
  }

  private static func withoutTrailingSpace(_ line: String) -> String {
    var line = line[...]
    while line.last == " " { line.removeLast() }
    return String(line)
  }
}

/// ANSI styles, or none.
private struct Paint {
  var on: Bool

  func bold(_ text: String) -> String { styled(text, "1") }
  func dim(_ text: String) -> String { styled(text, "2") }
  func best(_ text: String) -> String { styled(text, "1;32") }
  func front(_ text: String) -> String { styled(text, "36") }
  func failure(_ text: String) -> String { styled(text, "31") }

  private func styled(_ text: String, _ code: String) -> String {
    on && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }
}

/// Which columns are shown, and how wide.
private struct TerminalLayout {
  static let gap = 2
  static let least = 6

  let table: Table
  var shown: [Int]
  var widths: [Int] = []
  var headings: [[String]] = []
  let hasFront: Bool

  init(table: Table, width: Int) {
    self.table = table
    hasFront = table.rows.contains(where: \.isPareto)
    shown = Array(table.columns.indices)
    measure(wrapping: false)
    if total > width { measure(wrapping: true) }
    // Columns of one priority go together: a part of them would say little.
    while total > width, let priority = shown.map({ table.columns[$0].priority }).max(), priority > 0 {
      shown.removeAll { table.columns[$0].priority == priority }
      measure(wrapping: true)
    }
    while total > width, let widest = shortenable.max(by: { widths[$0] < widths[$1] }), widths[widest] > Self.least {
      widths[widest] -= 1
      headings[widest] = DisplayWidth.wrapped(table.columns[shown[widest]].title, to: widths[widest])
    }
  }

  private var shortenable: [Int] {
    shown.indices.filter { table.columns[shown[$0]].alignment == .left }
  }

  private var total: Int {
    (hasFront ? Self.gap : 0) + widths.reduce(0, +) + Self.gap * max(0, widths.count - 1)
  }

  private mutating func measure(wrapping: Bool) {
    headings = shown.map { column in
      let title = table.columns[column].title
      return wrapping ? title.split(separator: " ").map(String.init) : [title]
    }
    widths = shown.indices.map { position in
      let cells = table.rows.map { DisplayWidth.of(text($0.cells[shown[position]], column: shown[position])) }
      let heading = headings[position].map { DisplayWidth.of($0) + (marks(shown[position]) ? 1 : 0) }
      return max(cells.max() ?? 0, heading.max() ?? 0)
    }
  }

  private func marks(_ column: Int) -> Bool { table.rows.contains { $0.cells[column].isBest } }

  /// With room for the mark of the best, so that the numbers stay aligned.
  private func text(_ cell: Table.Cell, column: Int) -> String {
    Table.plain(table.text(cell)) + (marks(column) ? (cell.isBest ? "*" : " ") : "")
  }

  func heading() -> [String] {
    let height = headings.map(\.count).max() ?? 0
    return (0..<height).map { line in
      let cells = shown.indices.map { position in
        let lines = headings[position]
        let first = height - lines.count
        let text = line >= first ? lines[line - first] + (marks(shown[position]) ? " " : "") : ""
        return DisplayWidth.padded(text, to: widths[position], table.columns[shown[position]].alignment)
      }
      return (hasFront ? "  " : "") + cells.joined(separator: String(repeating: " ", count: Self.gap))
    }
  }

  func rule(_ stroke: Character) -> String { String(repeating: stroke, count: total) }

  func line(_ row: Table.Row, paint: Paint) -> String {
    let cells = shown.indices.map { position in
      let cell = row.cells[shown[position]]
      let text = DisplayWidth.truncated(text(cell, column: shown[position]), to: widths[position])
      let padded = DisplayWidth.padded(text, to: widths[position], table.columns[shown[position]].alignment)
      return row.isFailure ? paint.failure(padded) : cell.isBest ? paint.best(padded) : padded
    }
    let front = hasFront ? (row.isPareto ? paint.front("●") + " " : "  ") : ""
    return front + cells.joined(separator: String(repeating: " ", count: Self.gap))
  }

  /// Footnotes, the meaning of the signs, and what was left out.
  func below() -> [String] {
    let cited = Set(table.rows.flatMap { row in shown.compactMap { row.cells[$0].note } })
    var lines = cited.sorted().map { Table.superscript($0) + " " + Table.plain(table.footnotes[$0 - 1]) }
    var signs: [String] = []
    if hasFront { signs.append("● Pareto-optimal") }
    if shown.contains(where: marks) { signs.append("* best of its column") }
    if !signs.isEmpty { lines.append(signs.joined(separator: " · ")) }
    let missing = table.columns.indices.filter { !shown.contains($0) }.map { table.columns[$0].title }
    if !missing.isEmpty { lines.append("too narrow for: " + missing.joined(separator: ", ")) }
    return lines
  }
}
