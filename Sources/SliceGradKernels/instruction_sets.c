/// The choice between instruction sets: once, when the program starts.
///
/// Under the name by which everybody calls a kernel stands a single jump to the machine code that was chosen. It passes
/// on arguments that it doesn't know, as the jumps do that a linker makes for functions of a shared library.
#include "SliceGradKernels.h"
#include "environment.h"
#include "instruction_sets.h"
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if SEVERAL_INSTRUCTION_SETS

#define OF_SET(name, real, set) OF_SET_JOINED(name, real, set)
#define OF_SET_JOINED(name, real, set) slicegrad_##name##_##real##_##set
#define TEXT(name) TEXT_EXPANDED(name)
#define TEXT_EXPANDED(name) #name
#if defined(__APPLE__)
#define SYMBOL(name) "_" TEXT(name)
#else
#define SYMBOL(name) TEXT(name)
#endif

// For each kernel its three functions, the one that was chosen, and the jump to that.
#define DECLARE(result, name, labels, ...)                                                                            \
  result OF_SET(name, REAL, sse2)(__VA_ARGS__);                                                                       \
  result OF_SET(name, REAL, avx2)(__VA_ARGS__);                                                                       \
  result OF_SET(name, REAL, avx512)(__VA_ARGS__);                                                                     \
  __attribute__((used, visibility("hidden"))) result (*OF_SET(name, REAL, chosen))(__VA_ARGS__) =                     \
      OF_SET(name, REAL, sse2);                                                                                       \
  __asm__(".text\n"                                                                                                   \
          ".globl " SYMBOL(SLICEGRAD_NAME(name, REAL)) "\n"                                                           \
          ".p2align 4\n" SYMBOL(SLICEGRAD_NAME(name, REAL)) ":\n"                                                     \
          "jmpq *" SYMBOL(OF_SET(name, REAL, chosen)) "(%rip)\n");
#define REAL float
#include "Declarations.h"
#undef REAL
#define REAL double
#include "Declarations.h"
#undef REAL
#undef DECLARE

enum { sse2, avx2, avx512 };
static const char *const names[] = {"sse2", "avx2", "avx512"};

static int best_of_processor(void) {
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f")) return avx512;
  // As in kernel_template.h.
  const bool has_avx2 =
      __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
  return has_avx2 ? avx2 : sse2;
}

static void choose(int set) {
#define DECLARE(result, name, labels, ...)                                 \
  OF_SET(name, REAL, chosen) = set == avx512 ? OF_SET(name, REAL, avx512)  \
                               : set == avx2 ? OF_SET(name, REAL, avx2)    \
                                             : OF_SET(name, REAL, sse2);
#define REAL float
#include "Declarations.h"
#undef REAL
#define REAL double
#include "Declarations.h"
#undef REAL
#undef DECLARE
}

#else

#if defined(__aarch64__)
static const char *const names[] = {"neon"};
#else
static const char *const names[] = {"portable"};
#endif
static int best_of_processor(void) { return 0; }
static void choose(int set) { (void)set; }

#endif

static int chosen_set;

/// Takes the best set of the processor, or the one that the environment asks for.
__attribute__((constructor)) static void choose_at_start(void) {
  const int best = best_of_processor();
  const char *wanted = getenv("SLICEGRAD_INSTRUCTION_SET");
  chosen_set = wanted ? -1 : best;
  for (int set = 0; wanted && set <= best; set++)
    if (strcmp(wanted, names[set]) == 0) chosen_set = set;
  if (chosen_set < 0) {
    begin_refusal("SLICEGRAD_INSTRUCTION_SET", wanted);
    for (int set = 0; set <= best; set++) fprintf(stderr, "%s%s", set == 0 ? "" : " or ", names[set]);
    fprintf(stderr, " on this processor\n");
    exit(EXIT_FAILURE);
  }
  choose(chosen_set);
}

const char *slicegrad_instruction_set(void) { return names[chosen_set]; }
