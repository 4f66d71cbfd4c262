import Foundation
import SliceGrad
import SliceGradTraining
import TestSupport
import Testing

@testable import SliceGradMPI

/// Which ranks check for damage the file that they load.
@Suite struct CheckedContentsTests {
  private static func training(_ world: Communicator) throws -> TrainingState<EmbeddingTable<Float>> {
    let whole = EmbeddingTable(Tensor<Float>(shape: [21, 3], elements: (0..<63).map { Float($0) }))
    let table = try world.sharingRows(of: whole)
    return TrainingState(model: table, optimizer: ModelOptimizer(for: table, sparse: SGD(learningRate: 0.1)))
  }

  /// The first rank of each machine does. Here each rank has a file of its own, and one of them is damaged.
  @Test(arguments: [
    (["a", "a", "b", "b"], [0, 2]), (["a", "b", "b", "a"], [0, 1]), (["a", "b", "c", "d"], [0, 1, 2, 3]),
  ])
  func firstOfEachMachine(hosts: [String], checking: [Int]) throws {
    try withTemporaryDirectory { directory in
      let (whole, damaged) = (directory.appending(path: "whole"), directory.appending(path: "damaged"))
      _ = try Communicator.threads(hosts.count, deadline: .seconds(60)) { world in
        try world.save(Self.training(world), to: whole)
      }
      var bytes = try Data(contentsOf: whole)
      bytes[bytes.count - 5] ^= 1
      try bytes.write(to: damaged)
      for spoilt in hosts.indices {
        let errors = try Communicator.threads(hosts.count, deadline: .seconds(60)) { world in
          world.hosts = hosts
          var training = try Self.training(world)
          do {
            try world.load(&training, from: world.rank == spoilt ? damaged : whole)
            return ""
          } catch let error as CheckpointError { return error.description }
        }
        for (rank, error) in errors.enumerated() {
          #expect(error.contains("the file is damaged") == checking.contains(spoilt), "rank \(rank), spoilt: \(spoilt)")
          let othersName = "rank \(spoilt) on \(hosts[spoilt]) failed"
          #expect(error.contains(othersName) == (checking.contains(spoilt) && rank != spoilt))
        }
      }
    }
  }
}
