import Foundation
import SliceGrad
import Testing

/// Losses and gradients are also compared with PyTorch's, in `ConditionalRandomFieldFixtureTests`.
@Suite struct ConditionalRandomFieldTests {
  @Test func parameters() {
    var generator = RandomGenerator(seed: 1)
    let field = ConditionalRandomField<Float>(tags: 30, using: &generator)
    #expect(field.parameterNames == ["start_transitions", "end_transitions", "transitions"])
    #expect(field.leaves.map(\.value.shape) == [[30], [30], [30, 30]])
    #expect(field.leaves.allSatisfy { $0.value.elements.allSatisfy { abs($0) <= 0.1 } })
    #expect(field.transitions.value.elements.max()! > 0.09 && field.transitions.value.elements.min()! < -0.09)
    #expect("\(field)" == "ConditionalRandomField(30 tags)")
  }

  /// Losses, probabilities of tags and best tags against all sequences of tags, one by one.
  @Test(arguments: [1, 2, 3], 1...4)
  func enumeration(tags k: Int, length: Int) throws {
    var generator = RandomGenerator(seed: UInt64(10 * k + length))
    let model = TaggedEmissions<Double>(lengths: [0, length, 0], tags: k, using: &generator)
    let scored = AllTags(model)

    let loss = model.loss().value.scalar
    #expect(abs(loss - (scored.logSum - scored.score(model.tags.values))) < 1e-13)
    let marginals = model.field.marginals(model.sequences)
    #expect(marginals.distance(to: scored.marginals) < 1e-13)
    let (best, scores) = model.field.bestTags(model.sequences)
    #expect(best == RaggedIndices([[], scored.best, []]))
    #expect(scores.distance(to: Tensor([0, scored.score(scored.best), 0])) < 1e-13)
  }

  /// The probabilities of all sequences of tags sum to 1.
  @Test func probabilities() {
    var generator = RandomGenerator(seed: 3)
    let model = TaggedEmissions<Double>(lengths: [4], tags: 3, using: &generator)
    let losses = AllTags.sequences(length: 4, tags: 3).map {
      model.field.negativeLogLikelihood(model.sequences, $0).value.scalar
    }
    #expect(losses.count == 81 && abs(losses.reduce(0) { $0 + exp(-$1) } - 1) < 1e-13)
  }

  /// Columns of one register, of several, and of a part of one.
  @Test(arguments: [1, 3, 8, 17], LossReduction.allCases)
  func gradients(tags k: Int, reduction: LossReduction) {
    var generator = RandomGenerator(seed: UInt64(k))
    let model = TaggedEmissions<Double>(lengths: [3, 0, 1, 5, 2], tags: k, using: &generator)
    let check = checkGradients(at: model) { $0.loss(reduction) }
    #expect(check.passed, "\(check)")
    #expect(check.directions.count == 3 * 4)
  }

  /// The gradient of the emissions is the probability of each tag, less 1 at those that are there.
  @Test func gradientsAreMarginals() {
    var generator = RandomGenerator(seed: 4)
    let model = TaggedEmissions<Double>(lengths: [6, 2], tags: 5, using: &generator)
    var expected = Array(model.field.marginals(model.sequences).elements)
    for (element, tag) in model.tags.values.enumerated() { expected[element * 5 + Int(tag)] -= 1 }
    let slopes = model.lossesWithGradients().gradients
    #expect(slopes[0].distance(to: Tensor(shape: [8, 5], elements: expected)) < 1e-15)
  }

  @Test func reductions() {
    var generator = RandomGenerator(seed: 5)
    let model = TaggedEmissions<Double>(lengths: [3, 0, 1], tags: 2, using: &generator)
    let losses = model.loss(.none).value
    #expect(losses.shape == [3] && losses[1] == 0)
    #expect(abs(model.loss(.sum).value.scalar - (losses[0] + losses[2])) < 1e-14)
    #expect(abs(model.loss(.mean).value.scalar - (losses[0] + losses[2]) / 3) < 1e-14)
    let one = model.field.negativeLogLikelihood(model.sequences, model.tags.values).value
    #expect(one == model.loss(.mean).value)
  }

  /// Sequences without elements, and no sequences.
  @Test(arguments: [[], [0], [0, 0]])
  func nothing(lengths: [Int]) {
    var generator = RandomGenerator(seed: 6)
    let model = TaggedEmissions<Float>(lengths: lengths, tags: 3, using: &generator)
    let (losses, gradients) = model.lossesWithGradients()
    #expect(losses == Tensor(zeros: [lengths.count]))
    #expect(gradients == ([[0, 3], [3, 3], [3], [3]] as [Shape]).map { Tensor(zeros: $0) })
    #expect(model.loss(.mean).value.scalar.isNaN == lengths.isEmpty)
    let (tags, scores) = model.field.bestTags(model.sequences)
    #expect(tags == model.tags && scores == losses)
    #expect(model.field.marginals(model.sequences).shape == [0, 3])
  }

  /// A sequence's results don't depend on what lies beside it.
  @Test func sequencesAreIndependent() {
    var generator = RandomGenerator(seed: 7)
    let model = TaggedEmissions<Float>(lengths: [3, 4], tags: 5, using: &generator)
    let (losses, _) = model.lossesWithGradients()
    let second = TaggedEmissions(
      emissions: model.emissions.value.slice(3..<7, axis: 0), field: model.field,
      tags: RaggedIndices([Array(model.tags.values[3...])]))
    #expect(second.loss().value.scalar == losses[1])
  }

  /// Of scores so large that one sequence of tags has all the probability, the loss is its lead over the tags given.
  @Test func largeScores() {
    var generator = RandomGenerator(seed: 8)
    let model = TaggedEmissions<Double>(lengths: [4], tags: 3, size: 1e4, using: &generator)
    let scored = AllTags(model)
    let lead = scored.score(scored.best) - scored.score(model.tags.values)
    #expect(abs(model.loss().value.scalar - lead) < 1e-10 * lead)
    let best = TaggedEmissions(
      emissions: model.emissions.value, field: model.field, tags: RaggedIndices([scored.best]))
    let (losses, gradients) = best.lossesWithGradients()
    #expect(abs(losses[0]) < 1e-10 && gradients.allSatisfy { $0.elements.allSatisfy { abs($0) < 1e-10 } })
  }

  /// 10,000 elements of two tags that alternate, by emissions of ±1e4 against transitions of ±1e3. Changing the tag at
  /// all of them is the best by far. The same tag all along lacks 2e4 at each second element, less its transitions.
  @Test func longSequences() {
    let n = 10_000
    let alternating = (0..<n).map { Int32($0 % 2) }
    let emissions = Tensor<Float>(alternating.map { $0 == 0 ? [1e4, -1e4] : [-1e4, 1e4] })
    let field = ConditionalRandomField<Float>(
      transitions: Tensor([[1e3, -1e3], [-1e3, 1e3]]), start: Tensor([0, 0]), end: Tensor([0, 0]))
    func model(_ tags: [Int32]) -> TaggedEmissions<Float> {
      TaggedEmissions(emissions: emissions, field: field, tags: RaggedIndices([tags]))
    }
    let (losses, gradients) = model(alternating).lossesWithGradients()
    #expect(losses[0] == 0 && gradients.allSatisfy { $0.elements.allSatisfy { $0 == 0 } })
    let best = field.bestTags(model(alternating).sequences)
    #expect(best.tags.values == alternating && best.scores[0] == 1e8 - 9999e3)
    #expect(model([Int32](repeating: 0, count: n)).loss().value.scalar == 1e8 - 2 * 9999e3)
  }

  /// Rounding doesn't add up along 10,000 elements: Float is as good as Double, and probabilities sum to 1.
  @Test func longSequencesOfRandomScores() {
    var generator = RandomGenerator(seed: 11)
    let model = TaggedEmissions<Double>(lengths: [10_000], tags: 3, using: &generator)
    func float(_ tensor: Tensor<Double>) -> Tensor<Float> {
      Tensor(shape: tensor.shape, elements: tensor.elements.map { Float($0) })
    }
    let (start, end) = (float(model.field.start.value), float(model.field.end.value))
    let rounded = TaggedEmissions(
      emissions: float(model.emissions.value),
      field: ConditionalRandomField(transitions: float(model.field.transitions.value), start: start, end: end),
      tags: model.tags)
    #expect(abs(Double(rounded.loss().value.scalar) / model.loss().value.scalar - 1) < 1e-6)
    let marginals = rounded.field.marginals(rounded.sequences)
    let expected = model.field.marginals(model.sequences).elements
    #expect(zip(marginals.elements, expected).allSatisfy { abs(Double($0) - $1) < 2e-6 })
    #expect(marginals.sum(over: [1]).elements.allSatisfy { abs($0 - 1) < 3e-7 })
  }

  /// What has the score −∞ has no probability and no gradient, and isn't chosen.
  @Test func forbiddenTransitions() {
    var generator = RandomGenerator(seed: 9)
    var model = TaggedEmissions<Double>(lengths: [5, 2], tags: 3, using: &generator)
    var transitions = Array(model.field.transitions.value.elements)
    transitions[1] = -.infinity  // from 0 to 1
    for i in [2, 5, 8] { transitions[i] = -.infinity }  // to 2
    model.field.transitions.value = Tensor(shape: [3, 3], elements: transitions)
    model = TaggedEmissions(
      emissions: model.emissions.value, field: model.field, tags: RaggedIndices([[2, 1, 1, 0, 0], [0, 0]]))
    let (losses, gradients) = model.lossesWithGradients()
    #expect(losses.elements.allSatisfy { $0 > 0 && $0.isFinite })
    #expect(gradients.allSatisfy { $0.elements.allSatisfy(\.isFinite) })
    for (position, score) in transitions.enumerated() where score == -.infinity {
      #expect(gradients[1].elements[position] == 0)
    }
    let marginals = model.field.marginals(model.sequences)
    #expect((0..<7).allSatisfy { (marginals[$0, 2] == 0) == ![0, 5].contains($0) })
    let best = model.field.bestTags(model.sequences).tags.values
    #expect(!zip(best[..<5], best[1..<5]).contains { $1 == 2 || ($0, $1) == (0, 1) })
  }

  @Test func numbersThatAreNone() {
    var generator = RandomGenerator(seed: 10)
    let model = TaggedEmissions<Float>(lengths: [3, 3], tags: 2, using: &generator)
    var emissions = Array(model.emissions.value.elements)
    emissions[2] = .nan
    let broken = TaggedEmissions(
      emissions: Tensor(shape: [6, 2], elements: emissions), field: model.field, tags: model.tags)
    let losses = broken.loss(.none).value
    #expect(losses[0].isNaN && losses[1] == model.loss(.none).value[1])
  }

  /// Of several best sequences, that with the lowest last tag.
  @Test func ties() {
    let field = ConditionalRandomField<Float>(
      transitions: Tensor([[0, 1], [1, 0]]), start: Tensor([0, 0]), end: Tensor([0, 0]))
    let sequences = Sequences(values: Variable(Tensor<Float>(zeros: [5, 2])), rowSplits: [0, 3, 5])
    #expect(field.bestTags(sequences).tags == RaggedIndices([[0, 1, 0], [1, 0]]))
  }

  /// See `TrapTests`.
  static let errors = [
    ProgrammingError("ConditionalRandomField: 0 tags, expected 1 or more") {
      var generator = RandomGenerator(seed: 0)
      _ = ConditionalRandomField<Float>(tags: 0, using: &generator)
    },
    ProgrammingError(
      "ConditionalRandomField: transitions [2, 3], start [2] and end [2], expected [k, k], [k] and [k]"
    ) {
      _ = ConditionalRandomField<Float>(
        transitions: Tensor(zeros: [2, 3]), start: Tensor(zeros: [2]), end: Tensor(zeros: [2]))
    },
    ProgrammingError("ConditionalRandomField: emissions of shape [4, 3], expected [n, 2]") {
      _ = field.marginals(Sequences(values: Variable(Tensor(zeros: [4, 3])), rowSplits: [0, 4]))
    },
    ProgrammingError("ConditionalRandomField: 3 tags for 4 elements") {
      _ = field.negativeLogLikelihood(sequences, [0, 1, 0])
    },
    ProgrammingError("ConditionalRandomField: tag 2 of element 1 is not in 0..<2") {
      _ = field.negativeLogLikelihood(sequences, [0, 2, 0, 0])
    },
    ProgrammingError("ConditionalRandomField: tag -1 of element 3 is not in 0..<2") {
      _ = field.negativeLogLikelihood(sequences, [0, 1, 0, -1])
    },
    ProgrammingError("ConditionalRandomField: the tags' row splits differ from those of the emissions") {
      _ = field.negativeLogLikelihood(sequences, RaggedIndices([[0, 1, 0], [1]]))
    },
  ]

  private static var field: ConditionalRandomField<Float> {
    ConditionalRandomField(transitions: Tensor(zeros: [2, 2]), start: Tensor(zeros: [2]), end: Tensor(zeros: [2]))
  }

  private static var sequences: Sequences<Float> {
    Sequences(values: Variable(Tensor(zeros: [4, 2])), rowSplits: [0, 4])
  }
}

/// All sequences of tags of one sequence of elements, with their scores.
private struct AllTags {
  private let model: TaggedEmissions<Double>
  private let all: [[Int32]]

  static func sequences(length: Int, tags k: Int) -> [[Int32]] {
    (0..<length).reduce([[]]) { all, _ in all.flatMap { first in (0..<Int32(k)).map { first + [$0] } } }
  }

  init(_ model: TaggedEmissions<Double>) {
    self.model = model
    all = Self.sequences(length: model.tags.values.count, tags: model.field.start.shape[0])
  }

  func score(_ tags: [Int32]) -> Double {
    let transitions = model.field.transitions.value
    let emissions = tags.enumerated().reduce(0) { $0 + model.emissions.value[$1.offset, Int($1.element)] }
    let pairs = zip(tags, tags.dropFirst()).reduce(0) { $0 + transitions[Int($1.0), Int($1.1)] }
    return model.field.start.value[Int(tags.first!)] + emissions + pairs + model.field.end.value[Int(tags.last!)]
  }

  var logSum: Double { log(all.reduce(0) { $0 + exp(score($1)) }) }

  var best: [Int32] { all.max { score($0) < score($1) }! }

  var marginals: Tensor<Double> {
    let (n, k) = (all[0].count, model.field.start.shape[0])
    var sums = [Double](repeating: 0, count: n * k)
    for tags in all {
      for (element, tag) in tags.enumerated() { sums[element * k + Int(tag)] += exp(score(tags) - logSum) }
    }
    return Tensor(shape: [n, k], elements: sums)
  }
}
