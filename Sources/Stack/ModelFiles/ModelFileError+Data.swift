package import Files

extension ModelFileError {
  /// A file that could not be read at all, told in this module's words.
  package init(_ error: DataError) {
    switch error {
    case .invalid(let sentence): self.init(path: "", reason: sentence)
    case .corrupt(let path, let place, let reason): self.init(path: path, place: place, reason: reason)
    case .unavailable(let name, let reason): self.init(path: name, reason: reason)
    }
  }
}
