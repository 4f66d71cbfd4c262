import Foundation

/// What the operating system says about the machine and this process.
package enum Machine {
  /// The memory that can be taken without harm: on Linux what is free or can be freed, also in a container.
  package static var availableByteCount: Int {
    let physical = Int(clamping: ProcessInfo.processInfo.physicalMemory)
    let free = field("MemAvailable", in: "/proc/meminfo").map { kibibytes($0) } ?? physical
    guard let limit = number(in: "/sys/fs/cgroup/memory.max"), let used = number(in: "/sys/fs/cgroup/memory.current")
    else { return free }
    return max(min(free, limit - used), 0)
  }

  /// The memory that the process holds; where the system doesn't say, the most that it has held.
  package static var residentByteCount: Int { processMemory("VmRSS") }

  /// The most memory that the process has held so far.
  package static var peakByteCount: Int { processMemory("VmHWM") }

  private static func processMemory(_ name: String) -> Int {
    #if os(Linux)
      // Not `getrusage`: its figure outlives exec, and would be that of `swift run`.
      return field(name, in: "/proc/self/status").map { kibibytes($0) } ?? 0
    #else
      var usage = rusage()
      getrusage(RUSAGE_SELF, &usage)
      return usage.ru_maxrss
    #endif
  }

  package static var processor: String { field("model name", in: "/proc/cpuinfo") ?? architecture }

  private static var architecture: String {
    #if arch(arm64)
      "arm64"
    #elseif arch(x86_64)
      "x86-64"
    #else
      "a processor"
    #endif
  }

  /// What stands after `name:` in a file of such lines.
  private static func field(_ name: String, in path: String) -> String? {
    text(of: path)?.split(separator: "\n").lazy
      .map { $0.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) } }
      .first { $0.count == 2 && $0[0] == name }?[1]
  }

  private static func kibibytes(_ field: String) -> Int {
    1024 * (field.split(separator: " ").first.flatMap { Int($0) } ?? 0)
  }

  private static func number(in path: String) -> Int? {
    text(of: path).flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
  }

  private static func text(of path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }
}
