#ifndef MUTANTS_H
#define MUTANTS_H
// In the copy of the library that has mutants, this is what chooses one.

/// The mutant that the environment's MUTANT names; 0 if it names none.
extern int slicegrad_chosen_mutant;

/// One byte for each mutant, 1 if its place was reached: the file that MUTANTS_EVALUATED names, or memory.
extern unsigned char *slicegrad_evaluated_mutants;

static inline _Bool mutant(int number) {
  slicegrad_evaluated_mutants[number] = 1;
  return number == slicegrad_chosen_mutant;
}
#endif
