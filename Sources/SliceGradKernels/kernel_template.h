/// Compiles the C file that includes this header once for each scalar type and each instruction set.
///
/// A kernel file is a template in which REAL is the scalar type and KERNEL(name) the name of a function or a type:
///
///     #include "kernel_template.h"
///     #ifdef REAL
///     void KERNEL(scale)(REAL a, const REAL *x, REAL *y, intptr_t n) { … }
///     #endif
///
/// The first inclusion includes the file itself again for each of them, with REAL defined. REGISTER_BYTES is the size
/// of a vector register then.
#ifndef REAL

#include "SliceGradKernels.h"
#include "instruction_sets.h"
#include <math.h>
#include <stddef.h>
#include <string.h>

#define KERNEL(name) KERNEL_OF(name, REAL, INSTRUCTION_SET)
#define KERNEL_OF(name, real, set) KERNEL_JOINED(name, real, set)

#if SEVERAL_INSTRUCTION_SETS
#define KERNEL_JOINED(name, real, set) slicegrad_##name##_##real##_##set

#pragma clang attribute push(__attribute__((target("avx512f"))), apply_to = function)
#define INSTRUCTION_SET avx512
#define REGISTER_BYTES 64
#include "for_each_real.h"
#undef INSTRUCTION_SET
#undef REGISTER_BYTES
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx2,fma,bmi2"))), apply_to = function)
#define INSTRUCTION_SET avx2
#define REGISTER_BYTES 32
#include "for_each_real.h"
#undef INSTRUCTION_SET
#undef REGISTER_BYTES
#pragma clang attribute pop

#define INSTRUCTION_SET sse2
#else
#define KERNEL_JOINED(name, real, set) slicegrad_##name##_##real
#define INSTRUCTION_SET
#endif
#define REGISTER_BYTES 16
#include "for_each_real.h"

#endif
