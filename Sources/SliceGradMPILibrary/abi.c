#define _GNU_SOURCE  // for dladdr
#include "abi.h"
#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

#define NAME(function) [function] = "MPI_" #function
static const char *const names[function_count] = {
  NAME(Init_thread), NAME(Finalize), NAME(Abort), NAME(Comm_rank), NAME(Comm_size), NAME(Comm_set_errhandler),
  NAME(Ibarrier), NAME(Ibcast), NAME(Iallgatherv), NAME(Igatherv), NAME(Ialltoallv), NAME(Test), NAME(Isend),
  NAME(Request_free), NAME(Iprobe), NAME(Recv), NAME(Error_string), NAME(Get_library_version),
};

const char *slicegrad_mpi_path(const slicegrad_mpi_abi *abi) {
  Dl_info info;
  return dladdr((void *)abi->functions[Init_thread], &info) && info.dli_fname ? info.dli_fname : "?";
}

/// MPI: A Message-Passing Interface Standard, version 5.0, appendix A.1 (values of mpi.h).
static void set_standard(slicegrad_mpi_abi *abi) {
  abi->world = 0x101, abi->byte = 0x247, abi->int32 = 0x250, abi->int64 = 0x258, abi->errors_return = 0x143;
  abi->status_ignore = NULL, abi->funneled = 1024;
}

/// MPICH's mpi.h, the same since 2013.
static void set_mpich(slicegrad_mpi_abi *abi) {
  abi->has_int_handles = true;
  abi->world = 0x44000000, abi->byte = 0x4c00010d, abi->int32 = 0x4c000439, abi->int64 = 0x4c00083a;
  abi->errors_return = 0x54000001;
  abi->status_ignore = (void *)1, abi->funneled = 1;
}

/// Open MPI's mpi.h, in which handles are addresses of the library's variables.
static void set_open_mpi(slicegrad_mpi_abi *abi, void *library) {
  abi->world = (uintptr_t)dlsym(library, "ompi_mpi_comm_world");
  abi->byte = (uintptr_t)dlsym(library, "ompi_mpi_byte");
  abi->int32 = (uintptr_t)dlsym(library, "ompi_mpi_int32_t");
  abi->int64 = (uintptr_t)dlsym(library, "ompi_mpi_int64_t");
  abi->errors_return = (uintptr_t)dlsym(library, "ompi_mpi_errors_return");
  abi->status_ignore = NULL, abi->funneled = 1;
}

const char *slicegrad_mpi_read_abi(void *library, slicegrad_mpi_abi *abi) {
  *abi = (slicegrad_mpi_abi){0};
  for (int i = 0; i < function_count; i++) {
    abi->functions[i] = (slicegrad_mpi_function)dlsym(library, names[i]);
    if (!abi->functions[i]) return names[i];
  }
  if (strstr(slicegrad_mpi_path(abi), "mpi_abi")) set_standard(abi);
  else if (dlsym(library, "ompi_mpi_comm_world")) set_open_mpi(abi, library);
  else set_mpich(abi);
  return NULL;
}
