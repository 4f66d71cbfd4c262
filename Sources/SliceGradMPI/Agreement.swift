import Foundation
import SliceGradFiles

extension Communicator {
  /// Throws unless all ranks have the same settings: says which differs, and between which ranks. All throw the same,
  /// and rank 0 prints it.
  ///
  ///     try world.agree(on: [("instruction set", "\(InstructionSet.current)"), ("shards", "8")])
  ///
  /// Called before the first step: ranks that differ compute something that no single one would, or wait for one
  /// another in different places.
  ///
  /// - Parameter settings: names, each once, and values, in the same order on all ranks.
  /// - Complexity: O(N n) for n settings.
  public func agree(on settings: [(name: String, value: String)]) throws(CommunicatorError) {
    let before = enter(.agree)
    defer { function = before }
    // JSON cares for whatever is in the texts. It can always be made of them; others' may be of another version.
    let own = try! Array(JSONEncoder().encode(settings.map { [$0.name, $0.value] }))
    let all = try allGather(own).map { (try? JSONDecoder().decode([[String]].self, from: Data($0))) ?? [] }
    guard let other = all.firstIndex(where: { $0 != all[0] }) else { return }
    hasGivenUp = true
    let place =
      zip(all[0], all[other]).enumerated().first { $1.0 != $1.1 }?.offset ?? min(all[0].count, all[other].count)
    func setting(of rank: Int) -> String {
      let setting = all[rank].dropFirst(place).first ?? ["no setting \(place + 1)"]
      return "\(name(of: rank)) has \(setting.map { $0.visible(atMost: 200) }.joined(separator: " "))"
    }
    throw error("\(setting(of: 0)), \(setting(of: other))", isPrintedHere: rank == 0)
  }
}
