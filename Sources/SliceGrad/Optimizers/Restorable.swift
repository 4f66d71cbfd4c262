/// What is saved and restored field by field: a rule's state, a moving average, an optimizer.
///
///     struct State: Restorable {
///       var step = 0
///       var momentum: Tensor<Float>
///
///       mutating func visitFields(_ visit: inout FieldVisitor) {
///         visit(&step, "step")
///         visit(&momentum, "momentum")
///       }
///     }
///
/// When a table has grown, `ModelOptimizer.takeWhatFits` begins with the rule's initial state for the new shape, and
/// copies into it each field of the old state. Fields with a row for each row of the table keep their first rows.
public protocol Restorable: Sendable {
  /// Shows each field to the visitor, once and always in the same order. Whether an optional field is nil must follow
  /// from the rule, not from its updates.
  mutating func visitFields(_ visit: inout FieldVisitor)

  /// What can't be in the fields, in words after “found”, so that a damaged file is refused: "12 updates of a row, but
  /// 7 of its table"; nil, as by default, if there is nothing.
  var inconsistency: String? { get }
}

extension Restorable {
  public var inconsistency: String? { nil }

  /// Calls the body with each field and its name, "output.weight.momentum". What it leaves in the field is kept.
  package mutating func forEachField(_ body: (_ name: String, _ field: inout any RestorableField) -> Void) {
    withoutActuallyEscaping(body) { body in
      var visitor = FieldVisitor(body: body)
      visitFields(&visitor)
    }
  }

  /// The number of bytes that the fields take.
  var byteCount: Int {
    var (copy, byteCount) = (self, 0)
    copy.forEachField { byteCount += ($1 as? any InMemory)?.byteCount ?? MemoryLayout<Int>.size }  // or Double's
    return byteCount
  }
}

/// The state of a rule that remembers nothing.
public struct EmptyState: Restorable, Hashable {
  public init() {}
  public mutating func visitFields(_ visit: inout FieldVisitor) {}
}

/// Saves or restores the fields that it is shown.
public struct FieldVisitor {
  fileprivate let body: (_ name: String, _ field: inout any RestorableField) -> Void
  fileprivate var prefix = ""

  /// Visits a field.
  public func callAsFunction<Field: RestorableField>(_ field: inout Field, _ name: String) {
    var content: any RestorableField = field
    body(prefix + name, &content)
    field = content as! Field
  }

  /// Visits a field unless it is nil.
  public func callAsFunction<Field: RestorableField>(_ field: inout Field?, _ name: String) {
    if field != nil { self(&field!, name) }
  }

  /// Visits a list whose count follows from fields visited before: `count` is that of the list to be restored.
  ///
  /// All ranks have to have the same list. One with a number for each row of a `RowState` isn't, where ranks share the
  /// table: visit it with `ofRowsIn:`.
  public func callAsFunction<Number: RestorableNumber>(_ numbers: inout [Number], count: Int, _ name: String) {
    if numbers.count != count { numbers = Array(repeating: 0, count: count) }
    self(&numbers, name)
  }

  /// Visits a list with a number for each row of a state that was visited before, under the name `stateName`, in the
  /// order of its rows. If ranks share the rows of the table, they share these numbers as well.
  ///
  /// A list whose count has nothing to do with the rows is visited with `count:`.
  public func callAsFunction<Scalar>(
    _ numbers: inout [Int32], ofRowsIn state: RowState<Scalar>, _ stateName: String, _ name: String
  ) {
    if numbers.count != state.rows.count { numbers = Array(repeating: 0, count: state.rows.count) }
    var list = RowNumbers(numbers: numbers, rows: state.rows, state: prefix + stateName)
    self(&list, name)
    numbers = list.numbers
  }

  /// Visits the fields of a part: "name.field".
  public mutating func callAsFunction(_ part: inout some Restorable, _ name: String) {
    let before = prefix
    prefix += name + "."
    part.visitFields(&self)
    prefix = before
  }
}

/// A field of something `Restorable`: `Int`, `Double`, a list of numbers, `Tensor` or `RowState`.
///
/// A list whose count changes is visited with its count, or with the `RowState` whose rows its numbers belong to.
public protocol RestorableField: Sendable {}

/// A number in a list that is a field: `Int32` or `Double`.
public protocol RestorableNumber: Numeric, Sendable {}

extension Int32: RestorableNumber {}
extension Double: RestorableNumber, RestorableField {}
extension Int: RestorableField {}
extension Array: RestorableField where Element: RestorableNumber {}
extension Tensor: RestorableField {}
extension RowState: RestorableField {}

/// A number for each row that a state has, in its order.
package struct RowNumbers: RestorableField {
  package var numbers: [Int32]
  /// The rows of the state.
  package let rows: [Int32]
  /// The name of the state: "embedding.weight.moments".
  package let state: String

  package init(numbers: [Int32], rows: [Int32], state: String) {
    (self.numbers, self.rows, self.state) = (numbers, rows, state)
  }
}

/// A field of more than one number.
private protocol InMemory { var byteCount: Int { get } }

extension Array: InMemory { fileprivate var byteCount: Int { capacity * MemoryLayout<Element>.stride } }
extension Tensor: InMemory { fileprivate var byteCount: Int { count * MemoryLayout<Scalar>.stride } }
extension RowState: InMemory {}
extension RowNumbers: InMemory { fileprivate var byteCount: Int { numbers.byteCount } }
