/// Where `scripts/systems` keeps what it installs.
enum SystemsFolder {
  /// `RAGMETER_SYSTEMS`, or `~/.cache/ragmeter/systems`.
  static func path(_ environment: [String: String]) -> String {
    environment["RAGMETER_SYSTEMS"] ?? "\(environment["HOME"] ?? ".")/.cache/ragmeter/systems"
  }
}
