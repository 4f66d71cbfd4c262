/// Moves labels that stand one below the other apart, no further than needed.
enum LabelPlacement {
  /// Positions at least `distance` apart, in the same order, as near to the wished ones as that allows, and within a
  /// range if there is room.
  static func spread(_ wishes: [Double], distance: Double, within range: ClosedRange<Double>) -> [Double] {
    let order = wishes.indices.sorted { (wishes[$0], $0) < (wishes[$1], $1) }
    // Neighbours that collide become a group around the middle of their wishes, which may collide with the next group.
    var groups: [(members: [Int], first: Double)] = []
    for index in order {
      groups.append(([index], clamped(wishes[index], 1)))
      while groups.count > 1, end(groups[groups.count - 2]) > groups.last!.first {
        let members = groups[groups.count - 2].members + groups.last!.members
        let middle = members.map { wishes[$0] }.reduce(0, +) / Double(members.count)
        groups.removeLast(2)
        groups.append((members, clamped(middle - Double(members.count - 1) / 2 * distance, members.count)))
      }
    }
    var positions = wishes
    for group in groups {
      for (place, member) in group.members.enumerated() { positions[member] = group.first + Double(place) * distance }
    }
    return positions

    func end(_ group: (members: [Int], first: Double)) -> Double {
      group.first + Double(group.members.count) * distance
    }
    func clamped(_ first: Double, _ count: Int) -> Double {
      max(min(first, range.upperBound - Double(count - 1) * distance), range.lowerBound)
    }
  }
}
