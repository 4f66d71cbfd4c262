import SliceGradMPILibrary

extension Communicator {
  /// All processes that `mpirun` or `srun` started, or this one alone if none did: then no MPI is loaded.
  ///
  /// Which MPI library: the file that `SLICEGRAD_MPI` of the environment names, or else one that fits the launcher.
  /// Open MPI 4 and 5, MPICH 4 and 5, libraries that are compatible with it, and those of the MPI 5 standard's binary
  /// interface are known.
  ///
  /// Throws if there is no such library, or if it doesn't know of as many processes as the launcher has started,
  /// because it isn't the launcher's. Under a launcher, the call takes as long as MPI takes to begin: half a second or
  /// so. If not all processes come before the deadline, those that wait for them end, with a line on standard error.
  ///
  /// - Parameter deadline: see ``deadline``; 600 s by default. Traps unless it's above 0.
  public static func world(deadline: Duration = .seconds(600)) throws(CommunicatorError) -> Communicator {
    check(deadline)  // Before the launcher's processes wait for one another.
    guard launchedCount != 1 else { return Communicator(OneProcess(), deadline: deadline) }
    let process: MPIProcess
    do {
      process = try MPIProcess(within: deadline)
    } catch {
      throw CommunicatorError(place: "", problem: error.text, isPrintedHere: true)
    }
    let world = Communicator(process, deadline: deadline)
    world.hosts = try world.allGather(Array(world.hosts[world.rank].utf8)).map { String(decoding: $0, as: UTF8.self) }
    world.sentByteCount = 0
    return world
  }

  /// How many processes a launcher has started: 1 without one, and 0 if it doesn't say. No MPI is loaded for that.
  package static var launchedCount: Int { Int(slicegrad_mpi_launched_count()) }

  /// The MPI library's file, and what it says of itself; `nil` if none is loaded.
  public static var library: String? {
    let library = String(cString: slicegrad_mpi_library())
    return library.isEmpty ? nil : library
  }
}
