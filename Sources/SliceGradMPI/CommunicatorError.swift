public import Foundation

/// What went wrong between ranks: on which rank and host, in which step, and what.
///
/// ```text
/// rank 0 of 3 on node1, step 100, all-to-all: rank 1 on node2 didn't come within 600 s
/// ```
public struct CommunicatorError: LocalizedError, Sendable, Hashable, CustomStringConvertible {
  /// The rank that reports it, its host, the step and the collective; empty if it knows of no other ranks yet.
  public let place: String
  /// What is wrong.
  public let problem: String
  /// Whether this rank is the one that prints it, if several have found the same.
  let isPrintedHere: Bool

  public var description: String { place.isEmpty ? problem : "\(place): \(problem)" }
  public var errorDescription: String? { description }
}
