import Foundation
import SliceGrad
import SliceGradMPI

/// The program that `run` starts as several processes.
///
/// usage: ranks-program collectives          does all collectives many times and prints a hash of what came
///        ranks-program maps                 says which libraries are in the process's memory
///        ranks-program joins SECONDS        joins the others within SECONDS
///        ranks-program FAULT [SECONDS]      does steps, until something happens to the last rank; SECONDS of deadline
@main struct RanksProgram {
  static func main() throws {
    let arguments = CommandLine.arguments.dropFirst()
    let deadline = Duration.seconds(Int(arguments.dropFirst().first ?? "600")!)
    let world = try Communicator.world(deadline: arguments.first == "joins" ? deadline : .seconds(60))
    world.deadline = deadline
    switch arguments.first {
    case "maps":
      try world.run { _ in
        let maps = String(decoding: try FileHandle(forReadingAtPath: "/proc/self/maps")!.readToEnd()!, as: UTF8.self)
        say("libc \(maps.contains("libc")), libmpi \(maps.contains("libmpi"))")
      }
    case "collectives":
      let hash = try world.run { world in
        var hash = Hash()
        for size in [0, 1, 7, 1000, 40_000] { try exchange(size, world, &hash) }
        return hash
      }
      say("rank \(world.rank) of \(world.count): \(String(hash.value, radix: 16)), \(Communicator.library ?? "no MPI")")
    case let fault?:
      try world.run { world in try steps(world, fault: fault) }
      say("rank \(world.rank) ended")
    case nil:
      fatalError("no argument")
    }
  }

  /// Prints a line at once, so that those of several processes don't mix.
  static func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

  /// What is in the messages follows from who sends it to whom, so that each rank knows what has to come. The hash is
  /// of what comes to all alike.
  static func exchange(_ size: Int, _ world: Communicator, _ hash: inout Hash) throws {
    func elements(_ from: Int, _ to: Int) -> [Int32] {
      (0..<(from * 5 + to * 3) % 4 * size).map { Int32(truncatingIfNeeded: $0 &* 7919 &+ from &* 31 &+ to) }
    }
    let (rank, ranks) = (world.rank, 0..<world.count)
    usleep(UInt32((rank * 5 + size) % 7 * 1000))
    expect(try world.allToAll(ranks.map { elements(rank, $0) }) == ranks.map { elements($0, rank) }, "all-to-all")
    expect(try world.allGather(elements(rank, 1)) == ranks.map { elements($0, 1) }, "all-gather")
    let gathered = try world.gather(elements(rank, 2).map { UInt8(truncatingIfNeeded: $0) })
    let expected = rank > 0 ? [] : ranks.map { elements($0, 2).map { UInt8(truncatingIfNeeded: $0) } }
    expect(gathered == expected, "gather")
    try world.barrier()
    var numbers = [Int64](repeating: Int64(rank + 5), count: size)
    try world.broadcast(&numbers)
    expect(numbers == [Int64](repeating: 5, count: size), "broadcast")

    let floats = try world.sum(world.parts(of: 8).map { part($0, size) as [Float] }, of: 8, length: size)
    let doubles = try world.sum(world.parts(of: 8).map { part($0, size) as [Double] }, of: 8, length: size)
    for value in floats { hash.add(UInt64(value.bitPattern)) }
    for value in doubles { hash.add(value.bitPattern) }
  }

  static func part<Scalar: TensorScalar>(_ part: Int, _ size: Int) -> [Scalar] {
    var generator = RandomGenerator(seed: UInt64(part))
    return (0..<size).map { i in Scalar.random(in: -1...1, using: &generator) * (i % 3 == part % 3 ? 1000 : 0.01) }
  }

  static func expect(_ condition: Bool, _ what: String) {
    if !condition { fatalError("\(what): not what was sent") }
  }

  struct Failure: Error, CustomStringConvertible {
    let description = "the data are spoilt"
  }

  static func steps(_ world: Communicator, fault: String) throws {
    let isLast = world.rank == world.count - 1
    try world.agree(on: [("version", "1"), ("instruction set", fault == "disagrees" && isLast ? "abacus" : "avx2")])
    for step in 1...30 {
      world.step = step
      if step == 20 && isLast {
        switch fault {
        case "killed": kill(getpid(), SIGKILL)
        case "traps": fatalError("a trap")
        case "crashes": UnsafeMutablePointer<Int>(bitPattern: 8)!.pointee = 1
        case "throws": throw Failure()
        case "ends": return
        case "exits": exit(0)
        case "stops": kill(getpid(), SIGSTOP)
        case "sleeps": sleep(60)
        case "apart": _ = try world.allGather([Int32(world.rank)])
        default: break
        }
      }
      let blocks = try world.allToAll(
        [[Float]](repeating: [Float](repeating: 1, count: step * 100), count: world.count))
      expect(blocks.joined().reduce(0, +) == Float(step * 100 * world.count), "all-to-all")
      _ = try world.sum(world.parts(of: 8).map { part($0, 6000) as [Float] }, of: 8, length: 6000)
    }
  }
}

/// FNV-1a, of 64-bit words.
struct Hash: Sendable {
  private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325
  mutating func add(_ word: UInt64) { value = (value ^ word) &* 0x100_0000_01b3 }
}
