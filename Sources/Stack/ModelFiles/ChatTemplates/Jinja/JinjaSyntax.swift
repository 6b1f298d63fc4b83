/// A parsed template.
struct JinjaTemplate: Sendable {
  var body: [JinjaNode]
}

/// What stands between the texts of a template, and they.
indirect enum JinjaNode: Sendable {
  case text(String)
  case output(JinjaExpression, line: Int)
  case branch([(condition: JinjaExpression, body: [JinjaNode])], otherwise: [JinjaNode], line: Int)
  case loop(name: String, over: JinjaExpression, filter: JinjaExpression?, body: [JinjaNode], line: Int)
  /// `attribute` where a namespace's member is set.
  case set(name: String, attribute: String?, JinjaExpression, line: Int)
}

indirect enum JinjaExpression: Sendable {
  case text(String)
  case integer(Int)
  case bool(Bool)
  case none
  case name(String)
  case list([JinjaExpression])
  case attribute(JinjaExpression, String)
  case item(JinjaExpression, JinjaExpression)
  case slice(JinjaExpression, from: JinjaExpression?, to: JinjaExpression?, step: JinjaExpression?)
  case call(JinjaExpression, [JinjaExpression], named: [(name: String, value: JinjaExpression)])
  case filter(JinjaExpression, String, [JinjaExpression])
  case test(JinjaExpression, String)
  case not(JinjaExpression)
  case negative(JinjaExpression)
  case binary(String, JinjaExpression, JinjaExpression)
  case conditional(JinjaExpression, condition: JinjaExpression, otherwise: JinjaExpression?)
}
