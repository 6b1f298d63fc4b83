/// The generators of a section, each loaded when the first case asks for it.
final class GeneratorShelf {
  private let resources: RagResources
  /// Those that were asked for, failures included: a model that is not there is not looked for again for every case.
  private var known: [GeneratorChoice: Result<any LoadedGenerator, any Error>] = [:]

  init(_ resources: RagResources) { self.resources = resources }

  /// - Throws: what keeps it from being loaded.
  func generator(_ choice: GeneratorChoice) throws -> any LoadedGenerator {
    if let known = known[choice] { return try known.get() }
    let loaded = Result { try resources.generator(choice) }
    known[choice] = loaded
    return try loaded.get()
  }

  func close() {
    for case .success(let generator) in known.values { generator.close() }
    known = [:]
  }
}
