/// Which machine code a kernel is compiled to.
#ifndef SLICEGRAD_INSTRUCTION_SETS_H
#define SLICEGRAD_INSTRUCTION_SETS_H

/// Before a kernel: compile it for AVX-512, AVX2 with FMA and the baseline, and choose when the program is loaded.
/// The loader's choice (an ELF "ifunc") exists on Linux; elsewhere, Arm's NEON included, the baseline is compiled,
/// and so it is for the thread sanitizer, which isn't up yet when the loader chooses.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define LOADER_CANNOT_CHOOSE
#endif
#endif
#if defined(__x86_64__) && defined(__linux__) && !defined(LOADER_CANNOT_CHOOSE)
#define MULTIVERSIONED __attribute__((target_clones("avx512f", "arch=haswell", "default")))
#else
#define MULTIVERSIONED
#endif

/// Before a helper of such a kernel: it has to be inlined, to be compiled for its caller's instruction set.
#define INLINED static inline __attribute__((always_inline))

#endif
