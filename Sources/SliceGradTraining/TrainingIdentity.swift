/// What a training is of, so that `TrainingState` refuses the checkpoint of another one before anything else of it is
/// looked at: with other data, many shapes differ as well, and none of them tells why.
///
///     var training = TrainingState(model: model, optimizer: optimizer)
///     training.identity = TrainingIdentity(note: "data", value: "a hash of them", of: "texts or labels")
///     // …: found a training with other texts or labels, expected this one's
public struct TrainingIdentity: Sendable, Hashable {
  /// The name of the note in which a checkpoint has the value.
  public let note: String

  /// What others differ in, such as a hash of the data and the batch size.
  public let value: String

  /// What the value is made of, in words after “other”.
  public let description: String

  public init(note: String, value: String, of description: String) {
    (self.note, self.value, self.description) = (note, value, description)
  }
}
