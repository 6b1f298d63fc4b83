/// How long the harness waits for each kind of answer before it kills the adapter, in seconds.
package struct AdapterTimeouts: Sendable, Equatable {
  /// From the start of the process to its first answer: interpreters and libraries load here.
  package var hello: Double
  /// Building an index; bringing a model into the engine's form and loading it.
  package var build: Double
  /// One pass over the queries, the texts or the requests.
  package var search: Double
  /// Counting the index's bytes may mean to serialise it.
  package var stats: Double
  package var quit: Double

  package init(
    hello: Double = 120, build: Double = 6 * 3600, search: Double = 3600, stats: Double = 600, quit: Double = 10
  ) {
    self.hello = hello
    self.build = build
    self.search = search
    self.stats = stats
    self.quit = quit
  }

  func limit(for request: AdapterRequest) -> Double {
    switch request {
    case .hello: hello
    case .stats: stats
    case .build: build
    case .search: search
    case .open: build
    case .embed, .generate: search
    case .quit: quit
    }
  }
}
