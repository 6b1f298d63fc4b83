/// What PostgreSQL refused, in its own words, on one line.
package struct PostgreSQLError: Error, Equatable, CustomStringConvertible {
  /// Five letters and digits of the SQL standard and of PostgreSQL's appendix A; empty where the server said nothing.
  package let state: String
  package let description: String

  init(state: String = "", _ description: String) {
    self.state = state
    self.description = description
  }

  package static let uniqueViolation = "23505"
  package static let undefinedTable = "42P01"
  package static let insufficientPrivilege = "42501"
}
