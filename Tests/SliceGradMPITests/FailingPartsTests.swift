import SliceGrad
import SliceGradMPI
import TestSupport
import Testing

/// What ranks do if what they compute from a part throws an error on one of them.
@Suite struct FailingPartsTests {
  private struct Spoilt: Error, CustomStringConvertible {
    let description = "text 5 is spoilt"
  }

  private static let batch = (0..<8).map { Float($0) }.shards(8)

  private static func loss(_ layer: Dense<Float>, _ part: [Float], isSpoilt: Bool) throws -> Variable<Float> {
    if isSpoilt && part == [5] { throw Spoilt() }
    return layer(Variable(Tensor(shape: [1, 1], elements: part))).square().sum()
  }

  /// Trains for six steps, of which two fail in part 5 and are left out. Returns the losses and the errors.
  private static func train(_ world: Communicator) throws -> (losses: [Float], errors: [String]) {
    var layer = Dense<Float>(weight: Tensor([[0.5]]), bias: Tensor([1]))
    var optimizer = ModelOptimizer(for: layer, dense: SGD(learningRate: 0.01))
    var (losses, errors): ([Float], [String]) = ([], [])
    for step in 0..<6 {
      do {
        let (loss, gradients) = try world.valueWithGradients(at: layer, shards: batch) {
          try Self.loss($0, $1, isSpoilt: step % 3 == 2)
        }
        optimizer.update(&layer, with: gradients)
        losses.append(loss)
      } catch {
        errors.append(error is Spoilt ? "\(error)" : (error as! CommunicatorError).problem)
      }
    }
    return (losses, errors)
  }

  /// All ranks throw in the same steps, and go on with the numbers of one rank.
  @Test(arguments: [2, 3, 8, 9]) func allRanksThrow(ranks: Int) throws {
    let alone = try Self.train(Communicator.world())
    #expect(alone.losses.count == 4 && alone.errors == ["text 5 is spoilt", "text 5 is spoilt"])
    let found = try Communicator.threads(ranks, deadline: .seconds(20)) { try Self.train($0) }
    for (rank, result) in found.enumerated() {
      #expect(result.losses == alone.losses)
      let isOwn = (rank * 8 / ranks..<(rank + 1) * 8 / ranks).contains(5)
      #expect(result.errors.allSatisfy { isOwn ? $0 == "text 5 is spoilt" : $0.hasSuffix(" failed: text 5 is spoilt") })
      #expect(result.errors.count == 2)
    }
  }

  /// So they do for rows that are computed without a gradient.
  @Test(arguments: [1, 2, 3]) func rowsOfFailingParts(ranks: Int) throws {
    let layer = Dense<Float>(weight: Tensor([[0.5]]), bias: Tensor([1]))
    let found = try Communicator.threads(ranks, deadline: .seconds(20)) { world in
      [true, false].map { isSpoilt in
        do {
          let rows = try world.rows(at: layer, shards: Self.batch) { layer, part in
            try Self.loss(layer, part, isSpoilt: isSpoilt).value.reshaped(to: [1, 1])
          }
          return Array(rows.elements)
        } catch {
          return []
        }
      }
    }
    let expected: [Float] = [1, 2.25, 4, 6.25, 9, 12.25, 16, 20.25]  // (x / 2 + 1)²
    #expect(found == [[[Float]]](repeating: [[], expected], count: ranks))
  }
}
