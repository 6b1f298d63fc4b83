/// Why an engine cannot do what a case asks, as one sentence that becomes the case's stored failure.
package struct EngineError: Error, Equatable, CustomStringConvertible {
  package var description: String

  package init(_ description: String) {
    self.description = description
  }
}
