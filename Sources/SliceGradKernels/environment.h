// What is wrong with the environment's variables.
#ifndef SLICEGRAD_ENVIRONMENT_H
#define SLICEGRAD_ENVIRONMENT_H

#include <stdio.h>

/// Prints what a variable is, and “expected ”. What is expected, and the line's end, are left to the caller.
static inline void begin_refusal(const char *name, const char *value) {
  char shown[64];  // nothing that could disturb a terminal
  size_t length = 0;
  for (; length < sizeof shown - 1 && value[length]; length++)
    shown[length] = value[length] >= ' ' && value[length] <= '~' ? value[length] : '?';
  shown[length] = 0;
  fprintf(stderr, "%s is “%s”, expected ", name, shown);
}

#endif
