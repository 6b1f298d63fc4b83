package import Experiments
package import VectorIndexes

extension IndexChoice {
  /// The index that an outside store chooses itself.
  package static let storesChoice = "auto"

  /// The entries of a section's `indexes` as indexes of collections, `flat` where the section names none: of the stack's names,
  /// which every store translates into its own, or `auto`, which leaves the choice to the store. Mistakes are reported.
  package static func readForStores(_ section: SpecReader) -> [EngineChoice] {
    guard section.has("indexes") else {
      return [EngineChoice(source: .inTree(kind: "flat"), build: ParameterPoint(), searches: [ParameterPoint()])]
    }
    return read(section, others: [storesChoice]).flatMap(\.engines).filter { engine in
      guard case .adapter(let name, _, _) = engine.source else { return true }
      section.report("indexes", "\(name) is another engine and cannot live in a store; leave it out")
      return false
    }
  }
}

extension EngineChoice {
  /// An index of the stack as its factory and the stores take it; nil for an adapter.
  package var specification: IndexSpecification? {
    guard case .inTree(let kind) = source else { return nil }
    return IndexSpecification(kind: kind, parameters: build.dictionary)
  }
}
