// The ways to another program, as programs see them: what takes this one's place, and children.
#include <alloca.h>
#include <spawn.h>
#include <unistd.h>

#include <cstdarg>
#include <cstddef>

#include "preload/next_function.hpp"
#include "preload/process_segment.hpp"
#include "preload/trace_variable.hpp"

XRAY_NAMESPACE_BEGIN
namespace preload {
namespace {

using Strings = char* const*;

NextFunction<int(const char*, Strings, Strings)> next_execve("execve");
NextFunction<int(const char*, Strings, Strings)> next_execvpe("execvpe");
NextFunction<int(int, Strings, Strings)> next_fexecve("fexecve");
NextFunction<int(int, const char*, Strings, Strings, int)> next_execveat("execveat");
using Spawn = int(pid_t*, const char*, const posix_spawn_file_actions_t*, const posix_spawnattr_t*,
                  Strings, Strings);
NextFunction<Spawn> next_posix_spawn("posix_spawn");
NextFunction<Spawn> next_posix_spawnp("posix_spawnp");

/// Around a call that returns only if it has failed.
class Replacing {
 public:
  Replacing() noexcept { ProcessSegment::end(Leaving::program); }
  Replacing(const Replacing&) = delete;
  Replacing& operator=(const Replacing&) = delete;
  ~Replacing() { ProcessSegment::stay(); }
};

}  // namespace

void find_next_programs() noexcept {
  next_execve.find();
  next_execvpe.find();
  next_fexecve.find();
  next_execveat.find();
  next_posix_spawn.find();
  next_posix_spawnp.find();
}

}  // namespace preload
XRAY_NAMESPACE_END

using xray::preload::Replacing;
using xray::preload::Strings;
using xray::preload::TraceVariable;

// What a child is given in place of `given`. On the stack of who calls: in a child of vfork() there
// is no other memory to be had.
#define XRAY_ENVIRONMENT_OF_CHILD(given)                                           \
  const std::size_t pointers = TraceVariable::pointers_for_child(given);           \
  char** const copy = static_cast<char**>(alloca((pointers + 1) * sizeof(char*))); \
  const Strings of_child = pointers == 0 ? (given) : TraceVariable::for_child(given, copy)

// The arguments after `first` up to the null pointer, as an array `arguments`; `list` goes on
// behind them.
#define XRAY_ARGUMENTS(first)                                                  \
  std::va_list list;                                                           \
  va_start(list, first);                                                       \
  std::size_t count = 1;                                                       \
  if ((first) != nullptr) {                                                    \
    while (va_arg(list, char*) != nullptr) ++count;                            \
    ++count;                                                                   \
  }                                                                            \
  va_end(list);                                                                \
  char** const arguments = static_cast<char**>(alloca(count * sizeof(char*))); \
  va_start(list, first);                                                       \
  arguments[0] = const_cast<char*>(first);                                     \
  for (std::size_t i = 1; i < count; ++i) arguments[i] = va_arg(list, char*)

// Named for the linker alone: the headers' declarations have attributes that differ by version.
// NOLINTBEGIN(cert-dcl50-cpp, clang-analyzer-valist.*): the C library's functions are variadic, and
// the analyzer does not see that va_start() has begun the list.
extern "C" {

#define XRAY_STANDS_BEFORE(name) asm(#name) __attribute__((visibility("default")))

int xray_preload_execve(const char* path, Strings arguments, Strings environment)
    XRAY_STANDS_BEFORE(execve);
int xray_preload_execve(const char* path, Strings arguments, Strings environment) {
  const Replacing replacing;
  XRAY_ENVIRONMENT_OF_CHILD(environment);
  return xray::preload::next_execve(path, arguments, of_child);
}

int xray_preload_execv(const char* path, Strings arguments) XRAY_STANDS_BEFORE(execv);
int xray_preload_execv(const char* path, Strings arguments) {
  return xray_preload_execve(path, arguments, environ);
}

int xray_preload_execvpe(const char* file, Strings arguments, Strings environment)
    XRAY_STANDS_BEFORE(execvpe);
int xray_preload_execvpe(const char* file, Strings arguments, Strings environment) {
  const Replacing replacing;
  XRAY_ENVIRONMENT_OF_CHILD(environment);
  return xray::preload::next_execvpe(file, arguments, of_child);
}

int xray_preload_execvp(const char* file, Strings arguments) XRAY_STANDS_BEFORE(execvp);
int xray_preload_execvp(const char* file, Strings arguments) {
  return xray_preload_execvpe(file, arguments, environ);
}

int xray_preload_fexecve(int file, Strings arguments, Strings environment)
    XRAY_STANDS_BEFORE(fexecve);
int xray_preload_fexecve(int file, Strings arguments, Strings environment) {
  const Replacing replacing;
  XRAY_ENVIRONMENT_OF_CHILD(environment);
  return xray::preload::next_fexecve(file, arguments, of_child);
}

int xray_preload_execveat(int folder, const char* path, Strings arguments, Strings environment,
                          int flags) XRAY_STANDS_BEFORE(execveat);
int xray_preload_execveat(int folder, const char* path, Strings arguments, Strings environment,
                          int flags) {
  const Replacing replacing;
  XRAY_ENVIRONMENT_OF_CHILD(environment);
  return xray::preload::next_execveat(folder, path, arguments, of_child, flags);
}

int xray_preload_execl(const char* path, const char* first, ...) XRAY_STANDS_BEFORE(execl);
int xray_preload_execl(const char* path, const char* first, ...) {
  XRAY_ARGUMENTS(first);
  va_end(list);
  return xray_preload_execve(path, arguments, environ);
}

int xray_preload_execlp(const char* file, const char* first, ...) XRAY_STANDS_BEFORE(execlp);
int xray_preload_execlp(const char* file, const char* first, ...) {
  XRAY_ARGUMENTS(first);
  va_end(list);
  return xray_preload_execvpe(file, arguments, environ);
}

int xray_preload_execle(const char* path, const char* first, ...) XRAY_STANDS_BEFORE(execle);
int xray_preload_execle(const char* path, const char* first, ...) {
  XRAY_ARGUMENTS(first);
  const Strings environment = va_arg(list, Strings);
  va_end(list);
  return xray_preload_execve(path, arguments, environment);
}

int xray_preload_posix_spawn(pid_t* child, const char* path,
                             const posix_spawn_file_actions_t* actions,
                             const posix_spawnattr_t* attributes, Strings arguments,
                             Strings environment) XRAY_STANDS_BEFORE(posix_spawn);
int xray_preload_posix_spawn(pid_t* child, const char* path,
                             const posix_spawn_file_actions_t* actions,
                             const posix_spawnattr_t* attributes, Strings arguments,
                             Strings environment) {
  XRAY_ENVIRONMENT_OF_CHILD(environment);
  return xray::preload::next_posix_spawn(child, path, actions, attributes, arguments, of_child);
}

int xray_preload_posix_spawnp(pid_t* child, const char* file,
                              const posix_spawn_file_actions_t* actions,
                              const posix_spawnattr_t* attributes, Strings arguments,
                              Strings environment) XRAY_STANDS_BEFORE(posix_spawnp);
int xray_preload_posix_spawnp(pid_t* child, const char* file,
                              const posix_spawn_file_actions_t* actions,
                              const posix_spawnattr_t* attributes, Strings arguments,
                              Strings environment) {
  XRAY_ENVIRONMENT_OF_CHILD(environment);
  return xray::preload::next_posix_spawnp(child, file, actions, attributes, arguments, of_child);
}
}
// NOLINTEND(cert-dcl50-cpp, clang-analyzer-valist.*)
