import Foundation
import SliceGrad
import SliceGradTraining

/// A model's file, edited by the fuzzer. The model is that of the file afterwards, or as it was to the last bit.
@Sendable func fuzzModel(_ bytes: [UInt8]) {
  var fuzzer = FuzzerBytes(bytes)
  let options = fuzzer.byte()
  let takesWhatFits = options & 2 != 0
  if options & 1 == 0 { check(Float.self, takesWhatFits, &fuzzer) } else { check(Double.self, takesWhatFits, &fuzzer) }
}

private func check<Scalar: TensorScalar>(_: Scalar.Type, _ takesWhatFits: Bool, _ fuzzer: inout FuzzerBytes) {
  let url = URL(filePath: file("model", EditedFile.bytes(of: sample, editedBy: &fuzzer)))
  let before = NestedModel<Scalar>(seed: 2)
  var model = before
  let isLoaded = isAccepted { () throws(CheckpointError) in
    if takesWhatFits { _ = try model.loadWhatFits(from: url, growingTables: true) } else { try model.load(from: url) }
  }
  guard isLoaded else { return require(model.bits == before.bits, "a refused file has changed the model") }
  var other = before
  let isLoadedAgain = isAccepted { () throws(CheckpointError) in
    try model.save(to: url)
    try other.load(from: url)
  }
  require(isLoadedAgain && other.bits == model.bits, "a model that was saved and loaded is another one")
}

/// A file of `Float`, which a model of `Double` takes as well.
private let sample: [UInt8] = {
  let url = URL(filePath: path("sample"))
  guard (try? NestedModel<Float>().save(to: url)) != nil else { trap("no model at \(url.path)") }
  return contents(url.path)
}()
