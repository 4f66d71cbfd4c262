/// SplitMix64 as a function of a counter: the i-th number that follows a state, without those between (Steele, Lea and
/// Flood 2014, "Fast splittable pseudorandom number generators"). Swift's `RandomGenerator` is the same generator.
#ifndef SLICEGRAD_RANDOM_NUMBERS_H
#define SLICEGRAD_RANDOM_NUMBERS_H

#include "instruction_sets.h"
#include <stdint.h>

INLINED uint64_t random_bits(uint64_t state, uint64_t i) {
  uint64_t z = state + (i + 1) * 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

/// Uniform in 0 ..< 1, from as many of the upper bits as the significand holds.
INLINED float slicegrad_unit_float(uint64_t bits) { return (float)(uint32_t)(bits >> 40) * 0x1p-24f; }
INLINED double slicegrad_unit_double(uint64_t bits) { return (double)(int64_t)(bits >> 11) * 0x1p-53; }

#endif
