import Foundation
import SliceGrad
import SliceGradMPI
import Testing

/// The numbers of ranks that everything has to work on.
let rankCounts = [1, 2, 3, 4, 8]

extension Communicator {
  /// Comes later than others, each rank and each time another one, by up to 3 ms.
  func comeLate(_ time: Int = 0) { usleep(UInt32((rank * 5 + time * 3) % 7 * 500)) }
}

/// What the body throws as some ranks' error.
func communicatorError<Result: Sendable>(
  ranks: Int, deadline: Duration = .seconds(30), _ body: @escaping @Sendable (Communicator) throws -> Result
) -> CommunicatorError? {
  #expect(throws: CommunicatorError.self) { _ = try Communicator.threads(ranks, deadline: deadline, body) }
}

/// The error's line without the name of this machine.
extension CommunicatorError {
  var withoutHost: String { description.replacing(#/ on [^ ,:]+/#, with: "") }
}
