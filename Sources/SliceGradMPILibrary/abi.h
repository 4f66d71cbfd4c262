/// What differs between MPI libraries in how they are called. There are three binary interfaces: that of the standard,
/// since MPI 5; MPICH's, which Intel's, Cray's and others' libraries have too; and Open MPI's.
#include <stdbool.h>
#include <stdint.h>

typedef void (*slicegrad_mpi_function)(void);

enum {
  Init_thread, Finalize, Abort, Comm_rank, Comm_size, Comm_set_errhandler, Ibarrier, Ibcast, Iallgatherv, Igatherv,
  Ialltoallv, Test, Isend, Request_free, Iprobe, Recv, Error_string, Get_library_version, function_count
};

typedef struct {
  slicegrad_mpi_function functions[function_count];
  bool has_int_handles;  // otherwise they are pointers
  uintptr_t world, byte, int32, int64, errors_return;  // handles
  void *status_ignore;
  int funneled;
} slicegrad_mpi_abi;

/// Finds the functions and constants of a loaded library. NULL, or the name of a function that it doesn't have.
const char *slicegrad_mpi_read_abi(void *library, slicegrad_mpi_abi *abi);
/// The file that the library was loaded from.
const char *slicegrad_mpi_path(const slicegrad_mpi_abi *abi);
