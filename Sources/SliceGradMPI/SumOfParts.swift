import SliceGrad

extension Communicator {
  /// The loss and the gradients of a step from what this rank's parts yield.
  ///
  /// Ranks add up an array for each part: its share of the loss, and then for each leaf in how many parts it is used
  /// and its gradient, or only the former for tables. After that, tables get theirs.
  func sum<Model: Module>(
    _ parts: [PartOfStep<Model.Scalar>?], isPresent: [Bool], _ tables: [SharedTable<Model.Scalar>], at model: Model
  ) throws(CommunicatorError) -> (value: Model.Scalar, gradients: Gradients<Model>)
  where Model.Scalar: MessageElement {
    let (leaves, partCount) = (model.leaves, isPresent.count { $0 })
    var (length, unread) = (1, tables[...])
    for leaf in leaves { length += leaf.kind == .table ? unread.removeFirst().useCount : 1 + leaf.value.count }

    let arrays = parts.enumerated().map { number, part in part?.packed(leaves, tables, number, length) }
    var sums = try sum(arrays, length: length, isPresent: isPresent)[...]
    let value = sums.removeFirst()
    var gradients: [LeafGradient<Model.Scalar>?] = []
    unread = tables[...]
    for (index, leaf) in leaves.enumerated() {
      if leaf.kind == .table {
        let table = unread.removeFirst()
        let uses = sums.prefix(table.useCount).map { Int($0) }
        sums.removeFirst(uses.count)
        let arrived = parts.map { $0?.leaves[index] }
        gradients.append(
          try table.gradient(arrived, uses: uses, partCount: partCount, leaf.name, self).map { .sparse($0) })
      } else {
        let uses = Int(sums.removeFirst())
        let sum = sums.withUnsafeBufferPointer { Tensor(shape: leaf.value.shape, copying: $0.baseAddress) }
        sums.removeFirst(leaf.value.count)
        require(
          leaf.kind == .parameter || uses == 0 || uses == partCount,
          "\(uses) of \(partCount) parts assign to the buffer \(leaf.name), expected all or none")
        gradients.append(uses == 0 ? nil : leaf.kind == .buffer ? .assigned(sum) : .dense(sum))
      }
    }
    return (value, Gradients(leaves: gradients))
  }
}

extension PartOfStep where Scalar: MessageElement {
  /// What the part yields in one array of this length. Its number is that among this rank's.
  fileprivate func packed(
    _ leaves: [ModelLeaf<Scalar>], _ tables: [SharedTable<Scalar>], _ number: Int, _ length: Int
  ) -> [Scalar] {
    var (array, unread) = ([value], tables[...])
    array.reserveCapacity(length)
    for (leaf, arrived) in zip(leaves, self.leaves) {
      switch leaf.kind {
      case .table: array += unread.removeFirst().uses(in: arrived, ofPart: number).map { Scalar($0) }
      case .parameter: array.append(arrived.sum, leaf.value.count)
      case .buffer: array.append(arrived.assigned.map { $0 * weight }, leaf.value.count)
      }
    }
    return array
  }
}

extension Array where Element: TensorScalar {
  /// Appends 1 and the tensor's elements, or as many zeros as that would be.
  fileprivate mutating func append(_ tensor: Tensor<Element>?, _ count: Int) {
    append(tensor == nil ? 0 : 1)
    (tensor ?? Tensor(zeros: [count])).withUnsafeBufferPointer { self += $0 }
  }
}
