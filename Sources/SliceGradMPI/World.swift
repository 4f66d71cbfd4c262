extension Communicator {
  /// All processes that `mpirun` or `srun` started, or this one alone if none did.
  public static func world(deadline: Duration = .seconds(600)) throws(CommunicatorError) -> Communicator {
    Communicator(OneProcess(), deadline: deadline)
  }
}
