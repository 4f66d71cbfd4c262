import SliceGrad

extension Communicator {
  /// The loss and the gradients of a step from what this rank's parts yield, or nil on all ranks if one has no parts
  /// because they failed.
  ///
  /// Ranks add up an array for each part: 1 if it failed, its share of the loss, and then for each leaf in how many
  /// parts it is used and its gradient, or only the former for tables. Each rank adds up its own parts before it makes
  /// arrays. After that, tables get theirs.
  @specialized(where Scalar == Float)
  func sum<Scalar: TensorScalar & MessageElement>(
    _ parts: [PartOfStep<Scalar>?]?, isPresent: [Bool], _ tables: [SharedTable<Scalar>], _ leaves: [ModelLeaf<Scalar>]
  ) throws(CommunicatorError) -> (value: Scalar, leaves: [LeafGradient<Scalar>?])? {
    let partCount = isPresent.count { $0 }
    var (length, unread) = (2, tables[...])
    for leaf in leaves { length += leaf.kind == .table ? unread.removeFirst().useCount : 1 + leaf.value.count }

    let first = self.parts(of: isPresent.count).lowerBound
    let subtrees = TreePlace.covering(self.parts(of: isPresent.count)).compactMap { place -> [Scalar]? in
      let numbers = place.parts.lowerBound - first..<place.parts.upperBound - first
      guard let parts else {
        return isPresent[place.parts].contains(true) ? [1] + [Scalar](repeating: 0, count: length - 1) : nil
      }
      return PartOfStep.packed(parts[numbers], first: numbers.lowerBound, leaves, tables, length: length)
    }
    var sums = try sum(ofSubtrees: subtrees, length: length, isPresent: isPresent)[...]
    let failures = sums.removeFirst()
    guard let parts, failures == 0 else { return nil }
    let value = sums.removeFirst()
    var gradients: [LeafGradient<Scalar>?] = []
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
    return (value, gradients)
  }
}

extension PartOfStep where Scalar: MessageElement {
  /// What parts that make up a whole subtree yield, added up in one array of this length; nil if none has examples.
  ///
  /// - Parameter first: the number of the first of them among this rank's.
  fileprivate static func packed(
    _ parts: ArraySlice<PartOfStep?>, first: Int, _ leaves: [ModelLeaf<Scalar>], _ tables: [SharedTable<Scalar>],
    length: Int
  ) -> [Scalar]? {
    guard let value = TreeSum(parts.map { $0?.value }, by: +=).nodes[0].sum else { return nil }
    var (array, unread) = ([0, value], tables[...])
    array.reserveCapacity(length)
    for (index, leaf) in leaves.enumerated() {
      switch leaf.kind {
      case .table:
        let table = unread.removeFirst()
        let uses = parts.enumerated().compactMap { number, part in
          part.map { table.uses(in: $0.leaves[index], ofPart: first + number) }
        }
        for use in 0..<table.useCount { array.append(Scalar(uses.reduce(0) { $0 + $1[use] })) }
      case .parameter: array.append(sumOf: parts.map { part in part.map { $0.leaves[index].sum } }, leaf.value.shape)
      case .buffer:
        array.append(
          sumOf: parts.map { part in part.map { part in part.leaves[index].assigned.map { $0 * part.weight } } },
          leaf.value.shape)
      }
    }
    return array
  }
}

extension Array where Element: TensorScalar {
  /// Appends how many tensors there are and the elements of their sum, or as many zeros as that would be. Outer nils
  /// stand for parts without examples.
  fileprivate mutating func append(sumOf parts: [Tensor<Element>??], _ shape: Shape) {
    append(Element(parts.count { $0 != nil && $0! != nil }))
    let tensors = parts.map { part in part.map { $0 ?? Tensor(zeros: shape) } }
    TreeSum(tensors, by: +=).nodes[0].sum!.withUnsafeBufferPointer { self += $0 }
  }
}
