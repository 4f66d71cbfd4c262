/// The few functions of MPI that SliceGrad needs, from whichever MPI library is there when the program runs. Nothing
/// of MPI is needed to build, and nothing is loaded before `slicegrad_mpi_start`.
///
/// Functions that return `const char *` return NULL, or what went wrong in one line. All are called by one thread.
#ifndef SLICEGRAD_MPI_LIBRARY_H
#define SLICEGRAD_MPI_LIBRARY_H

#include <stdbool.h>
#include <stdint.h>

/// How many processes a launcher such as mpirun has started, this one included: 1 without a launcher, and 0 if it
/// doesn't say.
int slicegrad_mpi_launched_count(void);

/// Loads an MPI library and joins the other processes, once: later calls do nothing.
///
/// A process that then exits, traps or crashes before `slicegrad_mpi_finish` says so, with its rank, host and step.
const char *slicegrad_mpi_start(void);
int slicegrad_mpi_rank(void);
int slicegrad_mpi_count(void);
/// The library's file and what it says of itself.
const char *slicegrad_mpi_library(void);
/// The number of the training step, for messages.
void slicegrad_mpi_set_step(int64_t step);

// Each begins a collective, of which there is one at a time. Its buffers, counts and starts stay as they are until it
// has ended. Elements have 1, 4 or 8 bytes; counts and starts, one for each rank, are numbers of elements.

const char *slicegrad_mpi_begin_barrier(void);
/// From rank 0 to all.
const char *slicegrad_mpi_begin_broadcast(void *elements, int count, int size);
const char *slicegrad_mpi_begin_all_gather(
    const void *own, int count, void *all, const int *counts, const int *starts, int size);
/// From all to rank 0, where alone the last ones are used.
const char *slicegrad_mpi_begin_gather(
    const void *own, int count, void *all, const int *counts, const int *starts, int size);
const char *slicegrad_mpi_begin_all_to_all(
    const void *out, const int *out_counts, const int *out_starts, void *in, const int *in_counts,
    const int *in_starts, int size);
/// Whether the collective that was begun last has ended.
const char *slicegrad_mpi_test(bool *has_ended);

enum { slicegrad_mpi_word_length = 4 };
/// Sends some numbers to another rank, beside the collectives, without waiting. The numbers stay as they are for ever.
void slicegrad_mpi_say(const int64_t *word, int other);
/// Whether such numbers have come from another rank.
bool slicegrad_mpi_hear(int64_t *word, int other);

/// Leaves. Every rank has to.
void slicegrad_mpi_finish(void);
/// Ends all processes.
_Noreturn void slicegrad_mpi_abort(void);

#endif
