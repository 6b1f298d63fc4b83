import Foundation

extension PlotSet {
  /// Bytes per vector against the recalls that an index reaches.
  var memory: [Plot] {
    guard let conditions = curves.first?.labels.conditions else { return [] }
    return sheets.filter { $0.curves.first?.labels.conditions == conditions }.compactMap { sheet in
      let known = sheet.curves.filter { $0.build.bytesPerVector != nil }
      guard !known.isEmpty else { return nil }
      let sizes = known.map { $0.build.bytesPerVector ?? .nan }
      let places = Self.apart(sizes)
      let series = known.indices.map { place in
        let recalls = known[place].cases.compactMap(\.recall).sorted()
        return Plot.Series(style: style(known[place]), x: recalls, y: recalls.map { _ in places[place] })
      }
      let x = Axis.recall(recallTitle(sheet), values: series.flatMap(\.x))
      let moved = sizes == places ? "" : "; lines of nearly the same size are drawn side by side"
      return Plot(
        name: fileName("recall-memory", sheet.withoutConditions), title: "\(dataset): memory against recall",
        subtitle: subtitle(sheet.curves.first?.labels, family: sheet.family) + moved,
        panels: [
          Plot.Panel(
            x: x, y: Axis(title: "index size per vector (log scale)", scale: .logarithmic, unit: "B"),
            content: .curves(series.reversed()))
        ], legend: legend(known))
    }
  }

  /// Sizes so close that their lines would hide each other, moved apart by what the eye can tell.
  private static func apart(_ sizes: [Double]) -> [Double] {
    guard let least = sizes.min(), let most = sizes.max(), least > 0 else { return sizes }
    // Of the axis's length, which shows at least half a decade.
    let step = pow(10, max(log10(most / least), 0.5) * 0.016)
    var places = sizes
    var bundle: [Int] = []
    func spread() {
      guard bundle.count > 1 else { return }
      for (rank, member) in bundle.enumerated() {
        let middle = Double(bundle.count - 1) / 2
        places[member] = sizes[bundle[bundle.count / 2]] * pow(step, Double(rank) - middle)
      }
    }
    for member in sizes.indices.sorted(by: { sizes[$0] < sizes[$1] }) {
      if let last = bundle.last, sizes[member] > sizes[last] * step {
        spread()
        bundle = []
      }
      bundle.append(member)
    }
    spread()
    return places
  }

  /// Build time in its parts, and the rate of insertion.
  var inserts: [Plot] {
    let builds = (cases.filter { $0.labels.workload == "insert" } + LabeledCase.builds(of: cases))
      .filter { $0.metric("insert_seconds") != nil && !$0.labels.isNullIndex }
    var groups: [[LabeledCase]] = []
    for item in builds {
      if groups.last?.first?.labels.conditions == item.labels.conditions {
        groups[groups.count - 1].append(item)
      } else {
        groups.append([item])
      }
    }
    return groups.map { members in
      let slug = Self.slug(members[0].labels.conditions, among: groups.map { $0[0].labels.conditions })
      return Plot(
        name: fileName("insert", slug), title: "\(dataset): insert time and rate",
        subtitle: subtitle(members[0].labels) + threads(members), panels: [buildTime(members), insertRate(members)],
        legend: segments(members))
    }
  }

  /// How many threads built, where the searches that ran on the builds tell, and it was the same for all.
  private func threads(_ members: [LabeledCase]) -> String {
    let threads = Set(members.map { $0.labels.build.value("build_threads") })
    guard threads.count == 1, let count = threads.first ?? nil else { return "" }
    return ", built on \(count) thread\(count == "1" ? "" : "s")"
  }

  /// The parts of building that can be seen in any row.
  private func segments(_ members: [LabeledCase]) -> [Plot.LegendEntry] {
    let parts = members.map(parts)
    return ["train", "add", "optimize"].enumerated().compactMap { number, name in
      guard parts.contains(where: { $0.count > 1 && $0[number] > 0.005 * $0.reduce(0, +) }) else { return nil }
      return Plot.LegendEntry(title: name, sign: .segment(number))
    }
  }

  private func buildTime(_ members: [LabeledCase]) -> Plot.Panel {
    Plot.Panel(
      x: Axis(title: "time to a searchable index", scale: .linear, unit: "s"),
      y: Axis(title: "", scale: .linear, unit: ""),
      content: .bars(
        members.map { item in
          bar(item, segments: parts(item), label: HumanNumber.text(item.metric("insert_seconds") ?? 0, unit: "s"))
        }))
  }

  private func insertRate(_ members: [LabeledCase]) -> Plot.Panel {
    Plot.Panel(
      x: Axis(title: "vectors inserted per second (log scale)", scale: .logarithmic, unit: "1/s"),
      y: Axis(title: "", scale: .linear, unit: ""),
      content: .dots(
        members.map { item in
          let rate = item.metric("insert_rate") ?? 0
          return bar(item, segments: [rate], label: HumanNumber.text(rate, unit: "1/s"))
        }))
  }

  private func bar(_ item: LabeledCase, segments: [Double], label: String) -> Plot.Bar {
    let name = names.name(item.labels)
    return Plot.Bar(name: name, color: styles[name]?.color ?? "#777777", segments: segments, label: label)
  }

  /// Train, add and optimize where the engine tells them apart, else the whole.
  private func parts(_ item: LabeledCase) -> [Double] {
    let parts = ["train_seconds", "add_seconds", "optimize_seconds"].map { item.metric($0) }
    guard parts[1] != nil else { return [item.metric("insert_seconds") ?? 0] }
    return parts.map { $0 ?? 0 }
  }
}
