import Testing

@testable import ExampleParts

/// How fast a training goes on, and what is said of it.
struct PaceTests {
  private func pace(_ places: [(epoch: Int, done: Int, seconds: Double)]) -> Pace {
    var pace = Pace()
    for place in places {
      pace.note(
        Pace.Place(epoch: place.epoch, epochs: 4, done: place.done, total: 1000), at: .seconds(place.seconds))
    }
    return pace
  }

  @Test("1500 examples in 3 seconds: 500 a second, and for those that are left as long as that takes")
  func estimates() throws {
    let pace = pace([(1, 100, 10), (1, 900, 11), (2, 600, 13)])
    #expect(abs(try #require(pace.examplesPerSecond) - 500) < 1e-6)
    #expect(abs(try #require(pace.secondsLeft) - 2400 / 500) < 1e-6)
    #expect(pace.line() == "epoch 2/4  60 %  500 examples/s  0:05 left")
    #expect(pace.line(unit: "words") == "epoch 2/4  60 %  500 words/s  0:05 left")
  }

  @Test("a training that goes on in its third epoch is judged by what it does itself")
  func goesOn() throws {
    let pace = pace([(3, 500, 0), (3, 750, 1)])
    #expect(abs(try #require(pace.secondsLeft) - 5) < 1e-6)
  }

  @Test("nothing is guessed of one place, nor of none")
  func waits() {
    #expect(pace([(1, 100, 10)]).line() == "epoch 1/4  10 %" && pace([]).line() == "")
    #expect(pace([(1, 100, 10), (1, 200, 10)]).secondsLeft == nil)
  }

  @Test(
    "what doesn't fit is left out",
    arguments: [
      (42, "epoch 2/4  60 %  500 examples/s  0:05 left"), (41, "epoch 2/4  60 %  0:05 left"),
      (26, "epoch 2/4  60 %  0:05 left"),
      (25, "epoch 2/4  60 %"), (15, "epoch 2/4  60 %"), (14, "epoch 2/4"), (9, "epoch 2/4"), (8, "60 %"), (3, ""),
      (-1, ""),
    ])
  func fits(columns: Int, expected: String) {
    #expect(pace([(1, 100, 10), (2, 600, 13)]).line(columns: columns) == expected)
  }

  @Test(
    "times",
    arguments: [
      (0.0, "0:00"), (0.2, "0:01"), (59.5, "1:00"), (65, "1:05"), (3599, "59:59"), (3600, "1:00:00"),
      (90061, "25:01:01"),
      (1e300, "277777:46:40"),
    ])
  func clock(seconds: Double, expected: String) { #expect(Pace.clock(seconds) == expected) }
}
