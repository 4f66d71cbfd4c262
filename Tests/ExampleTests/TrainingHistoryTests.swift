import Testing

@testable import TextClassifier

/// What the epochs of a training came to, also over a checkpoint.
struct TrainingHistoryTests {
  private typealias Epoch = TrainingHistory.Epoch

  @Test("the loss is the mean over the texts of an epoch, also where a checkpoint divides it")
  func goesOn() {
    var history = TrainingHistory()
    history.add(loss: 0.1, of: 3)
    history.endEpoch(accuracy: 1 / 3, seconds: 2, examplesPerSecond: 1.5)
    history.add(loss: 1, of: 2)
    var notes = ["other": "1"]
    history.note(in: &notes)
    history = TrainingHistory(notes: notes, epochCount: 1)
    history.add(loss: 4, of: 1)
    #expect(history.loss == 2)
    history.endEpoch(accuracy: nil)
    #expect(history.loss == nil)
    // 0.1 · 3 / 3, as doubles have it
    #expect(history.epochs == [Epoch(loss: 0.1 * 3 / 3, accuracy: 1 / 3), Epoch(loss: 2, accuracy: nil)])
    history.note(in: &notes)
    #expect(TrainingHistory(notes: notes, epochCount: 2).epochs == history.epochs && notes["other"] == "1")
  }

  @Test(
    "of epochs whose checkpoint has no such notes nothing is known",
    arguments: [
      [:], ["TextClassifier.epochs": "1 2\n", "TextClassifier.loss": "x y"],
    ])
  func readsOlderCheckpoints(notes: [String: String]) {
    let history = TrainingHistory(notes: notes, epochCount: 2)
    #expect(
      history.epochs == [Epoch(loss: nil, accuracy: nil), Epoch(loss: nil, accuracy: nil)] && history.loss == nil)
  }
}
