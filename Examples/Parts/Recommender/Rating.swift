package import SliceGrad
import SliceGradFiles
package import SliceGradText

/// What a user thinks of an item, both by their rows in the tables.
package struct Rating: Sendable {
  package let user: Int32
  package let item: Int32
  package let value: Float
  /// Later ratings have larger times; 0 if the file has none.
  package let time: Int64

  package init(user: Int32, item: Int32, value: Float, time: Int64) {
    (self.user, self.item, self.value, self.time) = (user, item, value, time)
  }
}

/// Ratings to learn from, and others to test with.
package struct RatingData: Sendable {
  package private(set) var training: [Rating] = []
  package private(set) var test: [Rating] = []
  package let userCount: Int
  package let itemCount: Int

  private static let form = "user TAB item TAB rating TAB time (the time may be missing)"

  /// The ratings of a file, and of another one if there is one to test with. Throws `DataError` at the first line that
  /// isn't as expected.
  package init(train: String, test: String?) throws(DataError) {
    var (users, items) = (Numbering(), Numbering())
    training = try Self.ratings(inFile: train, &users, &items)
    if let test { self.test = try Self.ratings(inFile: test, &users, &items) }
    (userCount, itemCount) = (users.names.count, items.names.count)
  }

  package init(training: [Rating], test: [Rating], userCount: Int, itemCount: Int) {
    (self.training, self.test, self.userCount, self.itemCount) = (training, test, userCount, itemCount)
  }

  private static func ratings(
    inFile path: String, _ users: inout Numbering, _ items: inout Numbering
  ) throws(DataError) -> [Rating] {
    var ratings: [Rating] = []
    for line in try TabSeparatedLines(path: path, contents: "ratings", form: form, fieldCount: 3...4).lines {
      guard let value = Float(line.fields[2]), value.isFinite else {
        throw DataError(at: line.location, found: "the rating \(line.fields[2].quoted)", expected: "a number")
      }
      let time = line.fields.count == 4 ? Int64(line.fields[3]) : 0
      guard let time else {
        throw DataError(at: line.location, found: "the time \(line.fields[3].quoted)", expected: "a whole number")
      }
      ratings.append(
        Rating(user: users.number(of: line.fields[0]), item: items.number(of: line.fields[1]), value: value, time: time)
      )
    }
    return ratings
  }

  /// Takes some of the ratings to learn from for the test: of each user who has several the latest one, or at random a
  /// tenth of all.
  package func split(latestOfEachUser: Bool, using generator: inout RandomGenerator) -> RatingData {
    var (kept, taken): ([Rating], [Rating]) = ([], [])
    if latestOfEachUser {
      for ratings in trainingByUser {
        let latest = ratings.count > 1 ? ratings.indices.max { ratings[$0].time < ratings[$1].time } : nil
        for (place, rating) in ratings.enumerated() {
          if place == latest { taken.append(rating) } else { kept.append(rating) }
        }
      }
    } else {
      var shuffled = training
      shuffled.reproduciblyShuffle(using: &generator)
      (taken, kept) = (Array(shuffled[..<(training.count / 10)]), Array(shuffled[(training.count / 10)...]))
    }
    return RatingData(training: kept, test: taken, userCount: userCount, itemCount: itemCount)
  }

  /// From the lowest rating to the highest.
  package var range: ClosedRange<Float> {
    let values = training.map(\.value)
    return values.min()!...values.max()!
  }

  /// The mean of the ratings to learn from.
  package var mean: Double { training.reduce(0) { $0 + Double($1.value) } / Double(training.count) }

  /// The error of predicting the mean of the ratings to learn from, whoever and whatever is asked for.
  package var errorOfMean: Double {
    let mean = mean
    let squares = test.reduce(0) { $0 + (Double($1.value) - mean) * (Double($1.value) - mean) }
    return (squares / Double(test.count)).squareRoot()
  }

  /// The ratings to learn from, by user.
  package var trainingByUser: [[Rating]] { Self.byUser(training, userCount) }

  /// The ratings to test with, by user.
  package var testByUser: [[Rating]] { Self.byUser(test, userCount) }

  private static func byUser(_ ratings: [Rating], _ userCount: Int) -> [[Rating]] {
    var byUser = [[Rating]](repeating: [], count: userCount)
    for rating in ratings { byUser[Int(rating.user)].append(rating) }
    return byUser
  }
}
