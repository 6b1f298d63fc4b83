/// A text with places that are filled once: what stands in a passage is never read as a place.
struct TemplateText: Sendable, Equatable {
  enum Place: String, CaseIterable {
    case context, question, number, source, title, text
  }

  private enum Segment: Equatable {
    case text(String)
    case place(Place)
  }

  private var segments: [Segment] = []

  /// - Parameters:
  ///   - field: what errors call it.
  ///   - places: that it may have.
  /// - Throws: `RAGError` for a place that is not closed, or not among them.
  init(_ text: String, field: String, places: [Place]) throws(RAGError) {
    var rest = text[...]
    while let open = rest.firstRange(of: "{{") {
      segments.append(.text(String(rest[..<open.lowerBound])))
      guard let close = rest[open.upperBound...].firstRange(of: "}}") else {
        throw RAGError("\(field): '\(rest[open.lowerBound...].prefix(20))' is not closed; write {{NAME}}")
      }
      let name = rest[open.upperBound..<close.lowerBound].filter { !$0.isWhitespace }
      guard let place = Place(rawValue: name), places.contains(place) else {
        let known = places.map { "{{\($0.rawValue)}}" }.joined(separator: ", ")
        throw RAGError(
          "\(field): there is no {{\(name)}}; \(places.isEmpty ? "no place belongs here" : "there are \(known)")")
      }
      segments.append(.place(place))
      rest = rest[close.upperBound...]
    }
    segments.append(.text(String(rest)))
  }

  func has(_ place: Place) -> Bool { segments.contains(.place(place)) }

  func filled(_ value: (Place) -> String) -> String {
    segments.map { segment in
      switch segment {
      case .text(let text): text
      case .place(let place): value(place)
      }
    }.joined()
  }
}
