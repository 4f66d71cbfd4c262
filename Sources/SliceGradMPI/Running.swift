import Foundation
import SliceGrad
import SliceGradFiles

extension Communicator {
  /// Does what the body says and ends in good order, when all ranks do. An error that the body throws ends all ranks.
  ///
  /// Of many processes, the one whose body throws prints a line with its rank, host and step on standard error, and all
  /// are aborted: this function doesn't return. If there is only one process, the error is thrown on. It is called once
  /// for each communicator.
  public func run<Result>(_ body: (Communicator) throws -> Result) throws -> Result {
    require(!hasRun, "Communicator.run: called again, expected once for each communicator")
    hasRun = true
    do {
      let result = try body(self)
      try end()
      return result
    } catch let error as CommunicatorError {
      transport.abort(saying: error.isPrintedHere ? error.description : nil)
      throw error
    } catch {
      say(.failed)
      let line = "\(name(of: rank, withCount: true)), step \(step): \("\(error)".visible())"
      transport.abort(saying: isToldOfFailure ? nil : line)
      throw error
    }
  }

  /// What is wrong if something that each rank did alone has failed on one of them; nil if it succeeded on all. All
  /// ranks learn it, are still together, and can go on. The rank that has failed throws its own error.
  func failure(after own: (any Error)?) throws(CommunicatorError) -> CommunicatorError? {
    let texts = try allGather(own.map { [1] + Array("\($0)".visible().utf8) } ?? [])
    guard let failed = texts.firstIndex(where: { !$0.isEmpty }) else { return nil }
    isToldOfFailure = own == nil
    let text = String(decoding: texts[failed].dropFirst(), as: UTF8.self)
    return error("\(name(of: failed)) failed: \(text)", isPrintedHere: false)
  }

  /// Throws after something that each rank did alone has failed on one of them, which all ranks know: this rank's own
  /// error, or what is wrong on the other.
  func fail<Value>(after outcome: Result<Value, any Error>) throws -> Never {
    var own: (any Error)?
    do { _ = try outcome.get() } catch { own = error }
    let failure = try failure(after: own)
    throw own ?? failure!
  }
}
