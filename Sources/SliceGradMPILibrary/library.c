#include "SliceGradMPILibrary.h"
#include "abi.h"
#include <dlfcn.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static slicegrad_mpi_abi abi;
static int rank, count = 1;
static bool is_started, is_finished;
static char description[1024], problem[2048];

#define HANDLE int
#define SUFFIX int
#include "calls.h"
#define HANDLE void *
#define SUFFIX pointer
#include "calls.h"

#define DO(name, ...) (abi.has_int_handles ? name##_int(__VA_ARGS__) : name##_pointer(__VA_ARGS__))

/// The variables by which launchers say that they started a process.
static const struct launcher {
  const char *variable;
  enum { open_mpi, mpich } family;  // whose library to try first
  bool has_size;  // whether the variable is the number of processes
} launchers[] = {
  {"OMPI_COMM_WORLD_SIZE", open_mpi, true},
  {"PMI_SIZE", mpich, true},
  {"MPI_LOCALNRANKS", mpich, false},  // those on this machine
  {"PMIX_RANK", open_mpi, false},  // Slurm's srun, for example
};

static const struct launcher *find_launcher(void) {
  for (size_t i = 0; i < sizeof launchers / sizeof *launchers; i++) {
    if (getenv(launchers[i].variable)) return &launchers[i];
  }
  return NULL;
}

/// How many processes the launcher says it has started; 0 if it doesn't.
static int launched_count(const struct launcher *launcher) {
  return launcher->has_size ? atoi(getenv(launcher->variable)) : 0;
}

int slicegrad_mpi_launched_count(void) {
  const struct launcher *launcher = find_launcher();
  return launcher ? launched_count(launcher) : 1;
}

// Names with a version where there are any: without one they are in packages for developers.
#ifdef __APPLE__
static const char *const standard_names[] = {"libmpi_abi.0.dylib", "libmpi_abi.1.dylib", NULL};
static const char *const open_mpi_names[] = {"libmpi.40.dylib", "/opt/homebrew/lib/libmpi.40.dylib", NULL};
static const char *const mpich_names[] = {"libmpi.12.dylib", "/opt/homebrew/lib/libmpi.12.dylib", NULL};
#else
static const char *const standard_names[] = {"libmpi_abi.so.1", "libmpi_abi.so.0", NULL};
static const char *const open_mpi_names[] = {"libmpi.so.40", NULL};
static const char *const mpich_names[] = {"libmpi.so.12", "libmpich.so.12", NULL};
#endif

static const char *failed(const char *format, const char *detail) {
  snprintf(problem, sizeof problem, format, detail);
  return problem;
}

/// Loads the library and describes it. NULL, or what is wrong with it.
static const char *load(const char *name) {
  void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
  if (!library) return failed("%s", dlerror());
  const char *missing = slicegrad_mpi_read_abi(library, &abi);
  if (missing) return failed("the MPI library has no %s", missing);
  char version[8192] = "";  // MPI_MAX_LIBRARY_VERSION_STRING
  int length;
  ((int (*)(char *, int *))abi.functions[Get_library_version])(version, &length);
  version[strcspn(version, "\n,")] = 0;
  for (char *tab; (tab = strchr(version, '\t'));) *tab = ' ';
  snprintf(description, sizeof description, "%s (%.200s)", slicegrad_mpi_path(&abi), version);
  return NULL;
}

/// Whether one of the libraries is there and, if need be, of the launcher's family.
static bool finds(const char *const *names, const struct launcher *launcher, bool is_checked) {
  for (; *names; names++) {
    if (load(*names)) continue;
    const bool is_open_mpi = strstr(description, "Open MPI") != NULL;
    if (is_checked && is_open_mpi != (launcher->family == open_mpi)) continue;
    dlopen(*names, RTLD_NOW | RTLD_GLOBAL);  // Open MPI's plugins look for its symbols there.
    return true;
  }
  return false;
}

static const char *find_library(const struct launcher *launcher) {
  const char *chosen = getenv("SLICEGRAD_MPI");
  if (chosen && *chosen) {
    const char *wrong = load(chosen);
    if (!wrong) dlopen(chosen, RTLD_NOW | RTLD_GLOBAL);
    return wrong;
  }
  const bool is_open_mpi = launcher && launcher->family == open_mpi;
  if (finds(standard_names, launcher, launcher && launcher->has_size)) return NULL;
  if (finds(is_open_mpi ? open_mpi_names : mpich_names, launcher, false)) return NULL;
  if (finds(is_open_mpi ? mpich_names : open_mpi_names, launcher, false)) return NULL;
  return "no MPI library is found: install Open MPI or MPICH, or name its file by SLICEGRAD_MPI=/…/libmpi.so";
}

/// MPI's words for a status; NULL for success.
static const char *checked(int status) {
  if (!status) return NULL;
  char text[1024] = "";  // MPI_MAX_ERROR_STRING is at most that.
  int length = 0;
  ((int (*)(int, char *, int *))abi.functions[Error_string])(status, text, &length);
  for (char *c = text; *c; c++)
    if (*c == '\n') *c = c[1] ? ' ' : 0;  // One line says it all.
  return failed("MPI: %s", text);
}

/// The beginning of a line on this process: its rank, host and step.
static char place[400];

void slicegrad_mpi_set_step(int64_t step) {
  static char host[256];
  if (!*host && gethostname(host, sizeof host - 1)) strcpy(host, "?");
  snprintf(place, sizeof place, "rank %d of %d on %s, step %lld: ", rank, count, host, (long long)step);
}

/// When the program exits in the middle of a run: launchers may take that for success, while the others wait.
static void end_unfinished_run(void) {
  if (!is_started) return;
  fprintf(stderr, "%sthe program exits before its run has ended\n", place);
  slicegrad_mpi_abort();
}

/// Signals of a program that can't go on.
static const struct {
  int number;
  const char *line;
} fatal_signals[] = {
  {SIGILL, "the program traps\n"},  {SIGTRAP, "the program traps\n"},  {SIGABRT, "the program aborts\n"},
  {SIGBUS, "the program crashes\n"}, {SIGFPE, "the program crashes\n"}, {SIGSEGV, "the program crashes\n"},
};
enum { fatal_signal_count = sizeof fatal_signals / sizeof *fatal_signals };
static struct sigaction handlers_before[fatal_signal_count];

/// Says which rank it is, as what the program itself has said doesn't. Then the signal comes again, to the one before.
static void say_place(int number, siginfo_t *signal, void *context) {
  static atomic_flag is_said = ATOMIC_FLAG_INIT;  // Several threads may trap at once.
  char text[sizeof place + 40];
  (void)context;
  for (int i = 0; i < fatal_signal_count; i++) {
    if (fatal_signals[i].number != number) continue;
    strcat(strcpy(text, place), fatal_signals[i].line);
    if (is_started && !atomic_flag_test_and_set(&is_said)) (void)!write(2, text, strlen(text));
    sigaction(number, &handlers_before[i], NULL);
  }
  // If it was sent, or if the processor is behind the breakpoint, returning wouldn't bring it about again.
  if (signal->si_code <= 0 || signal->si_code == SI_USER || number == SIGTRAP) raise(number);
}

static void handle_fatal_signals(void) {
  struct sigaction action = {.sa_flags = SA_SIGINFO | SA_ONSTACK};
  action.sa_sigaction = say_place;
  for (int i = 0; i < fatal_signal_count; i++) sigaction(fatal_signals[i].number, &action, &handlers_before[i]);
}

const char *slicegrad_mpi_start(void) {
  if (is_started) return NULL;
  if (is_finished) return "MPI has ended, and can't begin again";
  const struct launcher *launcher = find_launcher();
  const char *wrong = find_library(launcher);
  if (wrong) return wrong;
  int level;
  int status = ((int (*)(void *, void *, int, int *))abi.functions[Init_thread])(NULL, NULL, abi.funneled, &level);
  if (!status) status = DO(join);
  if (status) return checked(status);
  const int expected = launcher ? launched_count(launcher) : 0;
  if (expected && expected != count) {
    snprintf(
        problem, sizeof problem, "%s is %d, but %s knows of %d: the launcher is another MPI's", launcher->variable,
        expected, description, count);
    is_finished = true;
    return problem;
  }
  is_started = true;
  slicegrad_mpi_set_step(0);
  atexit(end_unfinished_run);
  handle_fatal_signals();
  return NULL;
}

int slicegrad_mpi_rank(void) { return rank; }
int slicegrad_mpi_count(void) { return count; }
const char *slicegrad_mpi_library(void) { return description; }

const char *slicegrad_mpi_begin_barrier(void) { return checked(DO(barrier)); }

const char *slicegrad_mpi_begin_broadcast(void *elements, int n, int size) {
  return checked(DO(broadcast, elements, n, size));
}

/// The address from which a rank sends, but not the one to which nothing comes: arrays without elements may share one.
/// Open MPI takes equal addresses for an exchange in place, and then loses count of its collectives.
static const void *apart(const void *out, const void *in) {
  static const char nowhere;
  return out == in ? &nowhere : out;
}

const char *slicegrad_mpi_begin_all_gather(
    const void *own, int n, void *all, const int *counts, const int *starts, int size) {
  return checked(DO(all_gather, apart(own, all), n, all, counts, starts, size));
}

const char *slicegrad_mpi_begin_gather(
    const void *own, int n, void *all, const int *counts, const int *starts, int size) {
  return checked(DO(gather, apart(own, all), n, all, counts, starts, size));
}

const char *slicegrad_mpi_begin_all_to_all(
    const void *out, const int *out_counts, const int *out_starts, void *in, const int *in_counts,
    const int *in_starts, int size) {
  return checked(DO(all_to_all, apart(out, in), out_counts, out_starts, in, in_counts, in_starts, size));
}

const char *slicegrad_mpi_test(bool *has_ended) {
  int flag = 0;
  const char *wrong = checked(DO(test, &flag));
  *has_ended = flag;
  return wrong;
}

void slicegrad_mpi_say(const int64_t *word, int other) { DO(say, word, other); }

bool slicegrad_mpi_hear(int64_t *word, int other) {
  int has_come = 0;
  return !DO(hear, word, other, &has_come) && has_come;
}

void slicegrad_mpi_finish(void) {
  if (is_started) ((int (*)(void))abi.functions[Finalize])();
  is_started = false, is_finished = true;
}

_Noreturn void slicegrad_mpi_abort(void) {
  if (is_started) {
    is_started = false;
    usleep(300000);  // MPICH's launcher may end before it has passed on what was printed just before.
    DO(abort);
  }
  fflush(NULL);
  _exit(1);
}
