// Calls of MPI's functions with handles of type HANDLE. Included once for each type that libraries have, as a call by
// another type than the function's works on some machines only. Each function returns MPI's status, 0 for success.
#define PASTE(a, b) a##b
#define NAMED(a, b) PASTE(a, b)
#define IN(name) NAMED(name, SUFFIX)
#define CALL(name, ...) ((int (*)(__VA_ARGS__))abi.functions[name])
#define WORLD ((HANDLE)abi.world)
#define BYTE ((HANDLE)abi.byte)
#define TYPE(size) ((HANDLE)(size == 8 ? abi.int64 : size == 4 ? abi.int32 : abi.byte))

static HANDLE IN(request_);  // of the collective that was begun last

static int IN(join_)(void) {
  int status = CALL(Comm_set_errhandler, HANDLE, HANDLE)(WORLD, (HANDLE)abi.errors_return);
  if (!status) status = CALL(Comm_rank, HANDLE, int *)(WORLD, &rank);
  return status ? status : CALL(Comm_size, HANDLE, int *)(WORLD, &count);
}

static int IN(abort_)(void) { return CALL(Abort, HANDLE, int)(WORLD, 1); }

static int IN(barrier_)(void) { return CALL(Ibarrier, HANDLE, HANDLE *)(WORLD, &IN(request_)); }

static int IN(broadcast_)(void *p, int n, int size) {
  return CALL(Ibcast, void *, int, HANDLE, int, HANDLE, HANDLE *)(p, n, TYPE(size), 0, WORLD, &IN(request_));
}

static int IN(all_gather_)(const void *own, int n, void *all, const int *counts, const int *starts, int size) {
  return CALL(Iallgatherv, const void *, int, HANDLE, void *, const int *, const int *, HANDLE, HANDLE, HANDLE *)(
      own, n, TYPE(size), all, counts, starts, TYPE(size), WORLD, &IN(request_));
}

static int IN(gather_)(const void *own, int n, void *all, const int *counts, const int *starts, int size) {
  return CALL(Igatherv, const void *, int, HANDLE, void *, const int *, const int *, HANDLE, int, HANDLE, HANDLE *)(
      own, n, TYPE(size), all, counts, starts, TYPE(size), 0, WORLD, &IN(request_));
}

static int IN(all_to_all_)(
    const void *out, const int *out_counts, const int *out_starts, void *in, const int *in_counts,
    const int *in_starts, int size) {
  return CALL(
      Ialltoallv, const void *, const int *, const int *, HANDLE, void *, const int *, const int *, HANDLE, HANDLE,
      HANDLE *)(
      out, out_counts, out_starts, TYPE(size), in, in_counts, in_starts, TYPE(size), WORLD, &IN(request_));
}

static int IN(test_)(int *has_ended) {
  return CALL(Test, HANDLE *, int *, void *)(&IN(request_), has_ended, abi.status_ignore);
}

static int IN(say_)(const int64_t *word, int other) {
  HANDLE request;
  const int status = CALL(Isend, const void *, int, HANDLE, int, int, HANDLE, HANDLE *)(
      word, slicegrad_mpi_word_length * 8, BYTE, other, 0, WORLD, &request);
  return status ? status : CALL(Request_free, HANDLE *)(&request);
}

static int IN(hear_)(int64_t *word, int other, int *has_come) {
  const int status = CALL(Iprobe, int, int, HANDLE, int *, void *)(other, 0, WORLD, has_come, abi.status_ignore);
  if (status || !*has_come) return status;
  return CALL(Recv, void *, int, HANDLE, int, int, HANDLE, void *)(
      word, slicegrad_mpi_word_length * 8, BYTE, other, 0, WORLD, abi.status_ignore);
}

#undef HANDLE
#undef SUFFIX
#undef PASTE
#undef NAMED
#undef IN
#undef CALL
#undef WORLD
#undef BYTE
#undef TYPE
