/// Which machine code a kernel is compiled to.
#ifndef SLICEGRAD_INSTRUCTION_SETS_H
#define SLICEGRAD_INSTRUCTION_SETS_H

/// Before a kernel: compile it for AVX-512, AVX2 with FMA and the baseline, and choose when the program is loaded.
/// The loader's choice (an ELF "ifunc") exists on Linux; elsewhere, Arm's NEON included, the baseline is compiled.
#if defined(__x86_64__) && defined(__linux__)
#define MULTIVERSIONED __attribute__((target_clones("avx512f", "arch=haswell", "default")))
#else
#define MULTIVERSIONED
#endif

/// Before a helper of such a kernel: it has to be inlined, to be compiled for its caller's instruction set.
#define INLINED static inline __attribute__((always_inline))

#endif
