internal import CPostgreSQL

/// What PostgreSQL refused, in its own words.
package struct PostgreSQLError: Error, Equatable, CustomStringConvertible {
  package let description: String

  init(_ description: String) { self.description = description }
}
