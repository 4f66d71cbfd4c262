#include "Mutants.h"
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { most_mutants = 1 << 16 };
static unsigned char memory[most_mutants];
int slicegrad_chosen_mutant;
unsigned char *slicegrad_evaluated_mutants = memory;

/// A mapped file, because tests of traps run in processes of their own, which don't come to an orderly end.
__attribute__((constructor)) static void read_environment(void) {
  const char *number = getenv("MUTANT"), *path = getenv("MUTANTS_EVALUATED");
  if (number) slicegrad_chosen_mutant = atoi(number);
  if (!path) return;
  void *file = mmap(NULL, most_mutants, PROT_READ | PROT_WRITE, MAP_SHARED, open(path, O_RDWR), 0);
  if (file == MAP_FAILED) abort();
  slicegrad_evaluated_mutants = file;
}
