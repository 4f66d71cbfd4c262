/// Which vector instructions the kernels are compiled for.
#ifndef SLICEGRAD_INSTRUCTION_SETS_H
#define SLICEGRAD_INSTRUCTION_SETS_H

/// On x86-64, processors differ: kernels are compiled for AVX-512, for AVX2 with its fused multiply-add, and for SSE2,
/// which all of them have. The program chooses when it starts. Elsewhere there is one set: Arm's processors all have
/// NEON and fused multiply-add.
#if defined(__x86_64__)
#define SEVERAL_INSTRUCTION_SETS 1
#else
#define SEVERAL_INSTRUCTION_SETS 0
#endif

/// Before a helper of kernels: it becomes part of each, for that one's instruction set.
#define INLINED static inline __attribute__((always_inline))

#endif
