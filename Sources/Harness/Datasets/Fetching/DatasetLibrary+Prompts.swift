extension DatasetLibrary {
  /// Where a set of prompts can be read; fetched if need be.
  ///
  /// - Throws: `DataError.unavailable` if no source has it or its checksum is wrong.
  public func path(of entry: PromptEntry, progress: FetchProgress? = nil) throws -> String {
    try path(of: entry.file, in: entry, progress: progress)
  }
}
