/// What the epochs of a training came to.
struct TrainingHistory {
  struct Epoch: Equatable {
    /// The mean loss of the texts; nil if it isn't known any more.
    let loss: Double?
    /// The share of the validation texts that the model got right after it, or the micro F1 of independent labels; nil
    /// without any.
    let accuracy: Double?
    /// How long its steps took, in seconds; nil if they were another process's, in part or all.
    var seconds: Double?
    /// Nil as well then.
    var examplesPerSecond: Double?
  }

  private(set) var epochs: [Epoch] = []
  /// The sum of the losses in the epoch that isn't complete, and of how many texts.
  private var (lossSum, textCount) = (0.0, 0)
  /// A line for each epoch, with its loss and accuracy: what a checkpoint keeps.
  private var text = ""

  init() {}

  /// Counts texts with this mean loss.
  mutating func add(loss: Double, of count: Int) {
    lossSum += loss * Double(count)
    textCount += count
  }

  /// The mean loss of the epoch so far; nil without texts.
  var loss: Double? { textCount == 0 ? nil : lossSum / Double(textCount) }

  /// Notes that the epoch is complete.
  mutating func endEpoch(accuracy: Double?, seconds: Double? = nil, examplesPerSecond: Double? = nil) {
    epochs.append(Epoch(loss: loss, accuracy: accuracy, seconds: seconds, examplesPerSecond: examplesPerSecond))
    text += "\(loss.map { "\($0)" } ?? "–") \(accuracy.map { "\($0)" } ?? "–")\n"
    (lossSum, textCount) = (0, 0)
  }
}

// MARK: In a checkpoint

extension TrainingHistory {
  private static let (epochsKey, lossKey) = ("TextClassifier.epochs", "TextClassifier.loss")

  /// Puts it into the notes of a checkpoint, without the times.
  func note(in notes: inout [String: String]) {
    notes[Self.epochsKey] = text
    notes[Self.lossKey] = "\(lossSum) \(textCount)"
  }

  /// What a checkpoint of so many epochs has noted. An older one, without notes, gives epochs of which nothing is
  /// known.
  init(notes: [String: String], epochCount: Int) {
    let lines = (notes[Self.epochsKey] ?? "").split(separator: "\n").map { $0.split(separator: " ") }
    for line in (0..<epochCount).map({ lines.count == epochCount ? lines[$0] : [] }) {
      let (loss, accuracy) = (line.first.flatMap { Double($0) }, line.dropFirst().first.flatMap { Double($0) })
      epochs.append(Epoch(loss: loss, accuracy: accuracy))
      text += "\(loss.map { "\($0)" } ?? "–") \(accuracy.map { "\($0)" } ?? "–")\n"
    }
    let sums = (notes[Self.lossKey] ?? "").split(separator: " ")
    if sums.count == 2, let sum = Double(sums[0]), let count = Int(sums[1]), count >= 0 {
      (lossSum, textCount) = (sum, count)
    }
  }
}

// MARK: In a log

/// An epoch as `--log` has it. What isn't known is left out.
struct LoggedEpoch: Encodable {
  private let epoch: Int
  private let loss, validationAccuracy, validationMicroF1, seconds, examplesPerSecond: Double?

  init(_ number: Int, _ epoch: TrainingHistory.Epoch, of labels: Loss) {
    self.epoch = number
    loss = epoch.loss
    validationAccuracy = labels == .softmax ? epoch.accuracy : nil
    validationMicroF1 = labels == .independent ? epoch.accuracy : nil
    (seconds, examplesPerSecond) = (epoch.seconds, epoch.examplesPerSecond)
  }
}
