// swift-tools-version: 6.3
import PackageDescription

// Continuous integration sets CI; elsewhere a newer compiler's new warning shall not stop a build.
let isContinuousIntegration = Context.environment["CI"] != nil
let swiftSettings: [SwiftSetting] =
  [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
  ] + (isContinuousIntegration ? [.treatAllWarnings(as: .error)] : [])
let cSettings: [CSetting] =
  [.enableWarning("all"), .enableWarning("extra")] + (isContinuousIntegration ? [.treatAllWarnings(as: .error)] : [])

let package = Package(
  name: "SliceGrad",
  platforms: [.macOS(.v14)],

  // MARK: Products
  products: [
    .library(name: "SliceGrad", targets: ["SliceGrad"]),
    .library(name: "SliceGradText", targets: ["SliceGradText"]),
    .library(name: "SliceGradTraining", targets: ["SliceGradTraining"]),
  ],

  targets: [
    // MARK: Library
    .target(
      name: "SliceGradKernels", cSettings: cSettings,
      linkerSettings: [.linkedLibrary("m", .when(platforms: [.linux]))]),
    .target(name: "SliceGrad", dependencies: ["SliceGradKernels"], swiftSettings: swiftSettings),
    .target(name: "SliceGradFiles", swiftSettings: swiftSettings),
    .target(name: "SliceGradText", dependencies: ["SliceGrad", "SliceGradFiles"], swiftSettings: swiftSettings),
    .target(name: "SliceGradTraining", dependencies: ["SliceGrad", "SliceGradFiles"], swiftSettings: swiftSettings),

    // MARK: Examples
    .executableTarget(
      name: "QuickStart", dependencies: ["SliceGrad"], path: "Examples/QuickStart", swiftSettings: swiftSettings),
    .target(
      name: "ExampleParts", dependencies: ["SliceGrad", "SliceGradText"], path: "Examples/Parts",
      swiftSettings: swiftSettings),
    .executableTarget(
      name: "TextClassifier", dependencies: ["ExampleParts", "SliceGrad", "SliceGradText", "SliceGradTraining"],
      path: "Examples/TextClassifier", swiftSettings: swiftSettings),
    .executableTarget(
      name: "SparseVersusDense", dependencies: ["ExampleParts", "SliceGrad", "SliceGradText"],
      path: "Examples/SparseVersusDense", exclude: ["SparseVersusDense.svg"], swiftSettings: swiftSettings),

    .target(name: "AllocationCounter", path: "Examples/Benchmark/AllocationCounter", cSettings: cSettings),
    .executableTarget(
      name: "Benchmark", dependencies: ["AllocationCounter", "SliceGrad"], path: "Examples/Benchmark",
      exclude: ["AllocationCounter", "peers"], swiftSettings: swiftSettings),

    // MARK: Tests
    .testTarget(
      name: "SliceGradTests", dependencies: ["SliceGrad", "SliceGradKernels"],
      resources: [.copy("Fixtures")], swiftSettings: swiftSettings),
    .testTarget(name: "SliceGradFilesTests", dependencies: ["SliceGradFiles"], swiftSettings: swiftSettings),
    .testTarget(
      name: "SliceGradTextTests", dependencies: ["SliceGrad", "SliceGradText"], swiftSettings: swiftSettings),
    .testTarget(
      name: "SliceGradTrainingTests", dependencies: ["SliceGrad", "SliceGradTraining"],
      resources: [.copy("Fixtures")], swiftSettings: swiftSettings),
    .testTarget(
      name: "ReadmeTests", dependencies: ["SliceGrad", "SliceGradText", "SliceGradTraining"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "ExampleTests", dependencies: ["Benchmark", "QuickStart", "SparseVersusDense", "TextClassifier"],
      swiftSettings: swiftSettings),
  ],
  swiftLanguageModes: [.v6]
)
