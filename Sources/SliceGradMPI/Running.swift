import Foundation
import SliceGradFiles

extension Communicator {
  /// Does what the body says and ends in good order, when all ranks do. An error that the body throws ends all ranks.
  ///
  /// Of many processes, the one whose body throws prints a line with its rank, host and step on standard error, and all
  /// are aborted: this function doesn't return. If there is only one process, the error is thrown on. It is called once
  /// for each communicator.
  public func run<Result>(_ body: (Communicator) throws -> Result) throws -> Result {
    do {
      let result = try body(self)
      try end()
      return result
    } catch let error as CommunicatorError {
      transport.abort(saying: error.isPrintedHere ? error.description : nil)
      throw error
    } catch {
      say(.failed)
      transport.abort(saying: "\(name(of: rank, withCount: true)), step \(step): \("\(error)".visible())")
      throw error
    }
  }
}
