import Foundation
import TestSupport
import Testing

@testable import SliceGradMPI

@Suite struct CommunicatorTests {
  /// A program that no launcher has started is one rank, and what it sends it gets.
  @Test func aloneThereIsOneRank() throws {
    let world = try Communicator.world()
    #expect(world.rank == 0 && world.count == 1 && world.deadline == .seconds(600))
    let sum = try world.run { world in
      try world.barrier()
      var numbers: [Int64] = [1, 2]
      try world.broadcast(&numbers)
      #expect(numbers == [1, 2])
      #expect(try world.allGather([Int32](), counts: [0]) == [])
      #expect(try world.allGather(numbers) == [[1, 2]])
      #expect(try world.gather(numbers) == [[1, 2]])
      #expect(try world.allToAll([[0.5, 2]] as [[Float]]) == [[0.5, 2]])
      try world.agree(on: [("version", "1")])
      return try world.sum([[1, 2], [3, 4]] as [[Double]], of: 2, length: 2)
    }
    #expect(sum == [4, 6])
    #expect(world.sentByteCount == 0)
  }

  @Test func aloneNoMPIIsLoaded() throws {
    _ = try Communicator.world()
    #expect(Communicator.library == nil)
    // A file without a length: it is read to its end.
    if let maps = try FileHandle(forReadingAtPath: "/proc/self/maps")?.readToEnd() {
      let text = String(decoding: maps, as: UTF8.self)
      #expect(!text.contains("libmpi") && text.contains("libc"))
    }
  }

  struct Spoilt: Error {}

  @Test func aloneAnErrorIsThrownOn() throws {
    let world = try Communicator.world()
    #expect(throws: Spoilt.self) { try world.run { _ in throw Spoilt() } }
  }

  @Test func runsOnce() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let world = try Communicator.world()
      try world.run { _ in }
      try world.run { _ in }
    }
    #expect(
      result?.standardErrorContent.trapMessage
        == "Communicator.run: called again, expected once for each communicator")
  }

  @Test func deadlinesAreAboveZero() async {
    let expected = "Communicator: a deadline of 0.0 seconds is not above 0"
    let joining = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      // It is checked before an MPI is looked for.
      setenv("OMPI_COMM_WORLD_SIZE", "2", 1)
      setenv("SLICEGRAD_MPI", "/none", 1)
      _ = try Communicator.world(deadline: .zero)
    }
    #expect(joining?.standardErrorContent.trapMessage == expected)
    let setting = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      try Communicator.world().deadline = .zero
    }
    #expect(setting?.standardErrorContent.trapMessage == expected)
  }

  /// Messages of MPI have fewer than 2³¹ elements; more are refused, not cut off.
  @Test func longMessages() throws {
    #expect(try MPIProcess.int(Int(Int32.max)) == Int32.max)
    let error = #expect(throws: TransportProblem.self) { try MPIProcess.int(1 << 31) }
    #expect(error?.text == "2147483648 elements are too many for one message: send at most 2147483647 at once")
  }
}
