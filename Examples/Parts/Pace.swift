/// How fast a training goes on, and how long it will take.
package struct Pace {
  /// A place in a training: `done` of the `total` examples of an epoch, which is counted from 1.
  package struct Place {
    let epoch: Int
    let epochs: Int
    let done: Int
    let total: Int

    package init(epoch: Int, epochs: Int, done: Int, total: Int) {
      (self.epoch, self.epochs, self.done, self.total) = (epoch, epochs, done, total)
    }

    /// How many epochs are done, with a part of this one.
    var epochsDone: Double { Double(epoch - 1) + Double(done) / Double(max(total, 1)) }
  }

  private var first: (place: Place, time: Duration)?
  private var last: (place: Place, time: Duration)?

  package init() {}

  /// Notes that the training is at this place at this time. It may have begun anywhere, as it does if it goes on from a
  /// checkpoint.
  package mutating func note(_ place: Place, at time: Duration) {
    if first == nil { first = (place, time) }
    last = (place, time)
  }

  /// Epochs a second between the first place and the last, also with what was done between epochs; nil without two.
  private var epochsPerSecond: Double? {
    guard let first, let last, last.time > first.time, last.place.epochsDone > first.place.epochsDone else {
      return nil
    }
    return (last.place.epochsDone - first.place.epochsDone) / (last.time - first.time).seconds
  }

  /// Nil before the second place.
  package var examplesPerSecond: Double? { epochsPerSecond.map { $0 * Double(last!.place.total) } }

  /// The time that all the rest of the training will take at this pace; nil before the second place.
  package var secondsLeft: Double? {
    epochsPerSecond.map { (Double(last!.place.epochs) - last!.place.epochsDone) / $0 }
  }

  /// The last place and the pace in so many columns at most: of `epoch 2/5  40 %  51234 examples/s  1:23 left` as much
  /// as fits.
  package func line(unit: String = "examples", columns: Int = 79) -> String {
    guard let place = last?.place else { return "" }
    let epoch = "epoch \(place.epoch)/\(place.epochs)"
    let percent = "\(100 * place.done / max(place.total, 1)) %"
    let speed = examplesPerSecond.map { ["\(Int($0)) \(unit)/s"] } ?? []
    let left = secondsLeft.map { ["\(Self.clock($0)) left"] } ?? []
    let lines = [[epoch, percent] + speed + left, [epoch, percent] + left, [epoch, percent], [epoch], [percent], []]
    return lines.lazy.map { $0.joined(separator: "  ") }.first { $0.count <= max(columns, 0) }!
  }

  /// Minutes and seconds, `1:05`, with hours before them where there are any. Begun seconds count.
  static func clock(_ seconds: Double) -> String {
    let seconds = Int(min(seconds, 1e9).rounded(.up))
    func two(_ number: Int) -> String { (number < 10 ? "0" : "") + String(number) }
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
    return (hours > 0 ? "\(hours):\(two(minutes))" : "\(minutes)") + ":" + two(seconds % 60)
  }
}
