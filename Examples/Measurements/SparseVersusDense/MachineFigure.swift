import Foundation
import MeasurementParts
import SliceGrad

/// Where the figures come from.
struct MachineFigure: Encodable {
  let figure = "machine"
  let processor = Machine.processor
  let processors = ProcessInfo.processInfo.activeProcessorCount
  let threads = Threads.count
  let instructionSet = InstructionSet.current.rawValue
  let availableBytes = Machine.availableByteCount
  let date = Date.now.formatted(.iso8601.year().month().day())
}

extension MachineFigure: CustomStringConvertible {
  var description: String {
    "\(processor) with \(instructionSet), \(processors) processors, \(threads) thread\(threads == 1 ? "" : "s"), \(date)"
  }
}
