import RunStore

/// The plots of one corpus: quality against cost, and quality over chunk sizes.
struct RetrievePlots {
  let dataset: String
  private let rows: [RetrieveRow]
  /// "ndcg@10"
  private let quality: String

  /// - Parameter cases: the retrieve cases of one corpus. `nil` where none has a score.
  init?(_ cases: [LabeledCase], dataset: String) {
    guard let quality = RetrieveRow.qualityName(cases) else { return nil }
    self.dataset = dataset
    self.quality = quality
    rows = RetrieveRow.sorted(cases, by: quality).filter { $0.value(quality) != nil }
  }

  var plots: [Plot] { [cost, sizes].compactMap { $0 } }

  private var embedders: Int { Set(rows.map(\.labels.embedder)).count }

  private var title: String { quality.replacing("ndcg", with: "nDCG") }

  private func axis(_ name: String) -> Axis { Axis(title: name, scale: .near, unit: "score") }

  /// What it takes to embed and insert the corpus, and to answer a question, against nDCG: a point a case, in the colour
  /// of its chunking and embedder.
  private var cost: Plot? {
    let (names, members) = grouped()
    let embedding = panel("to embed and insert the corpus (log scale)", members) { row in
      row.value("embed_seconds").flatMap { embed in row.value("insert_seconds").map { embed + $0 } }
    }
    let answering = panel("median search (log scale)", members) { $0.value("latency_p50") }
    let panels = [embedding, answering].compactMap { $0 }
    guard !panels.isEmpty else { return nil }
    return Plot(
      name: PlotSet.join(PlotSet.safe(dataset), "quality-cost"), title: "\(dataset): retrieval quality against cost",
      subtitle: subtitle + ", 95 % intervals over questions", panels: panels,
      legend: names.indices.map { Plot.LegendEntry(title: names[$0], sign: .point(Self.style($0))) })
  }

  /// nDCG over the chunk size, each with the index that serves it best. `nil` where sizes do not vary.
  private var sizes: Plot? {
    func name(_ row: RetrieveRow) -> String {
      let overlap = row.overlapShare.map { " overlap \($0)" } ?? ""
      let chunking = row.labels.chunking.isEmpty ? "" : " \(row.labels.chunking)"
      return (embedders > 1 ? "\(row.labels.embedder) · " : "") + "\(row.labels.chunker)\(overlap)\(chunking)"
    }
    var lines: [(name: String, points: [RetrieveRow])] = []
    for row in rows where row.labels.size != nil {
      let place = lines.firstIndex { $0.name == name(row) }
      // Rows come best first: the first of a size is the best of its indexes.
      if let place {
        if !lines[place].points.contains(where: { $0.labels.size == row.labels.size }) {
          lines[place].points.append(row)
        }
      } else {
        lines.append((name(row), [row]))
      }
    }
    lines = Array(lines.filter { $0.points.count > 1 }.prefix(PlotSet.most))
    guard !lines.isEmpty else { return nil }
    let series = lines.enumerated().map { place, line in
      let points = line.points.sorted { ($0.labels.size ?? 0) < ($1.labels.size ?? 0) }
      return self.series(points, style: Self.style(place), marks: .linesAndPoints) { $0.labels.size.map(Double.init) }
    }
    let x = Axis(
      title: "chunk size in characters, or tokens of a token window (log scale)", scale: .logarithmic, unit: "1")
    return Plot(
      name: PlotSet.join(PlotSet.safe(dataset), "chunk-size"),
      title: "\(dataset): retrieval quality over the chunk size",
      subtitle: subtitle + ", the best index of each, 95 % intervals over questions",
      panels: [Plot.Panel(x: x, y: axis(title), content: .curves(series))],
      legend: lines.indices.map { Plot.LegendEntry(title: lines[$0].name, sign: .curve(Self.style($0))) })
  }

  private var subtitle: String {
    let labels = rows.first?.record.labels ?? [:]
    let facts = [("documents", "documents"), ("queries", "questions")].compactMap { name, title in
      labels[name].flatMap(Double.init).map { "\(HumanNumber.grouped($0)) \(title)" }
    }
    return facts.joined(separator: ", ")
  }

  // MARK: Series

  /// Rows by what they have in common, as finely as ten colours allow: chunking and embedder, chunker and embedder, or
  /// embedder alone.
  private func grouped() -> (names: [String], members: [[RetrieveRow]]) {
    let levels: [(RetrieveRow) -> String] = [
      { embedders > 1 ? "\($0.labels.embedder) · \($0.labels.chunkerName)" : $0.labels.chunkerName },
      { embedders > 1 ? "\($0.labels.embedder) · \($0.labels.chunker)" : $0.labels.chunker },
      { $0.labels.embedder },
    ]
    var names: [String] = []
    var name = levels[0]
    for level in levels {
      name = level
      names = []
      for row in rows where !names.contains(level(row)) { names.append(level(row)) }
      if names.count <= PlotSet.most { break }
    }
    return (names, names.map { wanted in rows.filter { name($0) == wanted } })
  }

  private func panel(_ x: String, _ members: [[RetrieveRow]], _ value: (RetrieveRow) -> Double?) -> Plot.Panel? {
    let series = members.enumerated().map { self.series($1, style: Self.style($0), marks: .points, value) }
    guard series.contains(where: { !$0.x.isEmpty }) else { return nil }
    return Plot.Panel(
      x: Axis(title: x, scale: .logarithmic, unit: "s"), y: axis(title),
      content: .curves(series.filter { !$0.x.isEmpty }.reversed()))
  }

  private func series(
    _ rows: [RetrieveRow], style: SeriesStyle, marks: Plot.Series.Marks, _ value: (RetrieveRow) -> Double?
  ) -> Plot.Series {
    let measured = rows.filter { value($0) != nil }
    let scores = measured.map { $0.value(quality) ?? .nan }
    return Plot.Series(
      style: style, x: measured.compactMap(value), y: scores, marks: marks,
      bounds: zip(measured, scores).map { row, score in
        let bounds = row.metric(quality)?.ci95 ?? []
        return bounds.count == 2 ? bounds[0]...max(bounds[0], bounds[1]) : score...score
      })
  }

  private static func style(_ place: Int) -> SeriesStyle {
    let shapes = [7, 5, 9, 13, 11, 15, 6, 4, 8, 12]
    return SeriesStyle(
      color: SeriesStyle.palette[place % SeriesStyle.palette.count], point: shapes[place % shapes.count], dash: 1,
      width: 2)
  }
}

extension RetrieveRow {
  /// "10 %": the share of the size that the overlap is when it is rounded down, so that sizes of one share are one line; nil
  /// where the chunker states no overlap.
  fileprivate var overlapShare: String? {
    guard let size = labels.size, let overlap = Int(labels.overlap), size > 0 else { return nil }
    return "\((0...100).first { size * $0 / 100 >= overlap } ?? 100) %"
  }
}
