/// What a rule remembers of one leaf between its updates: counts, tensors, numbers of touched rows.
///
///     struct State: OptimizerState {
///       var step = 0
///       var momentum: Tensor<Float>
///
///       mutating func visitFields(_ visitor: inout some OptimizerStateVisitor) {
///         visitor.visit(&step, "step")
///         visitor.visit(&momentum, "momentum")
///       }
///     }
public protocol OptimizerState: Sendable {
  /// Shows each field to the visitor, once and always in the same order: what a checkpoint saves and restores. Whether
  /// an optional field is there must follow from the rule, not from its updates.
  mutating func visitFields(_ visitor: inout some OptimizerStateVisitor)
}

/// The state of a rule that remembers nothing.
public struct EmptyState: OptimizerState, Hashable {
  public init() {}
  public mutating func visitFields(_ visitor: inout some OptimizerStateVisitor) {}
}

/// What looks at or restores the state of rules, field by field.
public protocol OptimizerStateVisitor {
  mutating func visit(_ number: inout Int, _ name: String)
  mutating func visit(_ number: inout Double, _ name: String)
  mutating func visit<Scalar>(_ tensor: inout Tensor<Scalar>, _ name: String)
  mutating func visit<Scalar>(_ rows: inout RowState<Scalar>, _ name: String)

  /// Visits a list of so many numbers: as many as fields that were visited before say, such as one for each row.
  mutating func visit(_ numbers: inout [Int32], count: Int, _ name: String)
  mutating func visit(_ numbers: inout [Double], count: Int, _ name: String)

  /// The fields that follow, up to `leave`, are of the leaf of this name, "output.weight".
  mutating func enter(_ name: String)
  mutating func leave()
}

extension OptimizerStateVisitor {
  public mutating func enter(_ name: String) {}
  public mutating func leave() {}

  /// Visits a field whose type is only known to be one that can be visited.
  public mutating func visit(_ field: inout some OptimizerStateField, _ name: String) { field.accept(&self, name) }

  /// Visits a field if it is there.
  public mutating func visit<Field: OptimizerStateField>(_ field: inout Field?, _ name: String) {
    guard var present = field.take() else { return }
    present.accept(&self, name)
    field = present
  }
}

/// A type that a field of an `OptimizerState` can have, where the visitor's overloads don't say which.
public protocol OptimizerStateField: Sendable {
  mutating func accept(_ visitor: inout some OptimizerStateVisitor, _ name: String)
}

extension Tensor: OptimizerStateField {
  public mutating func accept(_ visitor: inout some OptimizerStateVisitor, _ name: String) {
    visitor.visit(&self, name)
  }
}

extension RowState: OptimizerStateField {
  public mutating func accept(_ visitor: inout some OptimizerStateVisitor, _ name: String) {
    visitor.visit(&self, name)
  }
}

/// Adds up the memory of a state's tensors, rows and lists.
struct StateMemory: OptimizerStateVisitor {
  private(set) var byteCount = 0

  mutating func visit(_ number: inout Int, _ name: String) { byteCount += MemoryLayout<Int>.size }
  mutating func visit(_ number: inout Double, _ name: String) { byteCount += MemoryLayout<Double>.size }
  mutating func visit(_ numbers: inout [Int32], count: Int, _ name: String) { byteCount += numbers.capacity * 4 }
  mutating func visit(_ numbers: inout [Double], count: Int, _ name: String) { byteCount += numbers.capacity * 8 }
  mutating func visit<Scalar>(_ tensor: inout Tensor<Scalar>, _ name: String) {
    byteCount += tensor.count * MemoryLayout<Scalar>.stride
  }
  mutating func visit<Scalar>(_ rows: inout RowState<Scalar>, _ name: String) { byteCount += rows.byteCount }
}
