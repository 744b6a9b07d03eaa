// The hook of `throw`: type, message and stack of an exception that merely leaves a scope.
//
// A destructor that runs because of an exception has no way to ask which. So the shared library
// stands, for the whole process, before the three functions of the C++ runtime that set an
// exception going, and notes what it says while a sampled segment is current; otherwise it costs a
// branch. Where the loader does not choose these functions (a program with a C++ runtime of its
// own, a library opened with RTLD_DEEPBIND, this library opened late) nothing is noted, and a scope
// that is left by an exception is marked as a fault, as ever.
#pragma once

#include <dlfcn.h>

#include <atomic>
#include <exception>
#include <new>
#include <typeinfo>

#include <xray/impl/cause.hpp>
#include <xray/impl/runtime.hpp>
#include <xray/impl/thread_exit.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {
namespace {

constexpr std::size_t longest_noted_type = 500;
constexpr std::size_t longest_noted_message = 2000;
/// Of the exceptions nested in another.
constexpr std::size_t longest_noted_nested_message = 300;

/// A function of the C++ runtime, the next one of that name after this library's.
template <typename Function>
class Original {
 public:
  explicit constexpr Original(const char* name) noexcept : name_(name) {}
  /// Looked up late if need be: others' constructors may throw before ours have run.
  Function* operator()() noexcept {
    Function* function = function_.load(std::memory_order_relaxed);
    if (__builtin_expect(static_cast<long>(function == nullptr), 0) != 0) {
      function = reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name_));
      if (function == nullptr) std::terminate();  // a C++ runtime without `throw`
      function_.store(function, std::memory_order_relaxed);
    }
    return function;
  }

 private:
  const char* const name_;
  std::atomic<Function*> function_{nullptr};
};

/// The note for what is thrown now; null if there is no room for it.
ThrownNote* next_note(ThreadState& thread) noexcept {
  const int in_flight = std::uncaught_exceptions();
  if (in_flight < 0 || in_flight >= ThrownNotes::most) return nullptr;
  if (thread.thrown == nullptr) {
    if (!thread.exit_hook_set) hook_thread_exit(thread);
    void* const memory = thread.exit_hook_set ? std::malloc(sizeof(ThrownNotes)) : nullptr;
    if (memory == nullptr) return nullptr;
    auto* const notes = new (memory) ThrownNotes;
    for (ThrownNote& note : notes->notes) note.id = 0;
    thread.thrown = notes;
  }
  return &thread.thrown->notes[in_flight];
}

/// As much of an exception as fits the note.
bool append(ThrownNote& note, const Thrown& thrown, std::uint64_t id) noexcept {
  const std::string_view whole_type = thrown.type->name();
  const std::string_view type = whole_type.substr(0, longest_noted_type);
  const std::string_view message = thrown.message.substr(
      0, note.size == 0 ? longest_noted_message : longest_noted_nested_message);
  note.cut = note.cut || type.size() != whole_type.size() || message.size() < thrown.message.size();
  if (sizeof note.texts - note.size < sizeof(ThrownNote::Entry) + type.size() + message.size()) {
    note.cut = true;
    return false;
  }
  const ThrownNote::Entry entry{id, thrown.skipped, static_cast<std::uint16_t>(type.size()),
                                static_cast<std::uint16_t>(message.size())};
  char* cursor = note.texts + note.size;
  std::memcpy(cursor, &entry, sizeof entry);
  cursor += sizeof entry;
  put(cursor, type);
  put(cursor, message);
  note.size = static_cast<std::uint32_t>(cursor - note.texts);
  return true;
}

/// Notes `object`, on which `own_note` is.
void note_thrown(ThreadState& thread, void* object, const std::type_info* type,
                 const ExceptionNote& own_note, const void* caller) noexcept {
  ThrownNote* const note = next_note(thread);
  if (note == nullptr) return;
  const std::uint64_t id = own_note.id();
  note->id = 0;
  note->size = 0;
  note->cut = false;
  note->stack = {};
  note->recorded_in = own_note.recorded_in();
  thread.thrown->busy = true;
  for_each_in_chain(object, type, most_exceptions, [note, object, id](const Thrown& thrown) {
    return append(*note, thrown,
                  thrown.object == object ? id : ExceptionNote(thrown.object, thrown.type).id());
  });
  thread.thrown->busy = false;
  if (note->size == 0) return;
  const std::size_t most = runtime_instance.load()->settings().stack_frames;
  if (most != 0) note->stack = take_stack_trace(note->frames, most, caller);
  note->ticks = ticks_now();
  note->id = id;
}

/// Thrown again: what is known of the throw is kept.
void note_thrown_again(ThreadState& thread, const std::exception_ptr& exception,
                       const void* caller) noexcept {
  ThrownNote* const note = next_note(thread);
  if (note == nullptr) return;
  note->ticks = ticks_now();
  if (!exception) {  // another language's
    note->id = 0;
    return;
  }
  void* const object = object_of(exception);
  const std::type_info* const type = type_of(exception);
  const ExceptionNote own_note(object, type);
  const ThrownNote* const known = thread.thrown->find(own_note.id());
  if (known == nullptr) {
    note_thrown(thread, object, type, own_note, caller);
  } else if (known != note) {
    const std::uint64_t now = note->ticks;
    *note = *known;
    note->ticks = now;
  }
}

/// Whether something is recorded on this thread. Not while an exception is asked what it says: that
/// may throw.
inline bool is_noting(const ThreadState& thread) noexcept {
  return __builtin_expect(static_cast<long>(thread.current.node != nullptr), 0) != 0 &&
         (thread.thrown == nullptr || !thread.thrown->busy);
}

using Throw = void(void*, std::type_info*, void (*)(void*));
using ThrowAgain = void();
using ThrowHeld = void(std::exception_ptr*);

Original<Throw> original_throw("__cxa_throw");
Original<ThrowAgain> original_throw_again("__cxa_rethrow");
constexpr char throw_held_symbol[] = "_ZSt17rethrow_exceptionNSt15__exception_ptr13exception_ptrE";
Original<ThrowHeld> original_throw_held(throw_held_symbol);

}  // namespace
}  // namespace detail
XRAY_NAMESPACE_END

// The functions' types are the C++ ABI's; an argument of class type is passed by its address.
//
// They bear libstdc++'s versions, and not as the default (one @): the loader finds them here first,
// but who links a program never gets `__cxa_throw` from this library. A program that brings a C++
// runtime of its own so stays with that, and a program linked to us does not depend on the hook.
__asm__(".symver xray_throw,__cxa_throw@CXXABI_1.3");
__asm__(".symver xray_throw_again,__cxa_rethrow@CXXABI_1.3");
__asm__(
    ".symver xray_throw_held,"
    "_ZSt17rethrow_exceptionNSt15__exception_ptr13exception_ptrE@CXXABI_1.3.3");

extern "C" {
[[noreturn]] XRAY_DECL void xray_throw(void* object, std::type_info* type,
                                       void (*destructor)(void*));
[[noreturn]] XRAY_DECL void xray_throw_again();
[[noreturn]] XRAY_DECL void xray_throw_held(std::exception_ptr* exception);

/// Whether `throw` comes here. If only throwing again did (the address sanitizer keeps `throw` to
/// itself), an exception noted then would be taken for a later one.
static bool sees_every_throw() noexcept {
  static std::atomic<int> known{-1};
  int first = known.load(std::memory_order_relaxed);
  if (first < 0) {
    first =
        dlvsym(RTLD_DEFAULT, "__cxa_throw", "CXXABI_1.3") == reinterpret_cast<void*>(&xray_throw)
            ? 1
            : 0;
    known.store(first, std::memory_order_relaxed);
  }
  return first != 0;
}

void xray_throw(void* object, std::type_info* type, void (*destructor)(void*)) {
  xray::detail::ThreadState& thread = xray::detail::thread_state;
  if (xray::detail::is_noting(thread)) {
    xray::detail::note_thrown(thread, object, type, xray::detail::ExceptionNote::on_new(object),
                              __builtin_return_address(0));
  }
  xray::detail::original_throw()(object, type, destructor);
  __builtin_unreachable();
}

void xray_throw_again() {
  xray::detail::ThreadState& thread = xray::detail::thread_state;
  if (xray::detail::is_noting(thread) && sees_every_throw()) {
    xray::detail::note_thrown_again(thread, std::current_exception(), __builtin_return_address(0));
  }
  xray::detail::original_throw_again()();
  __builtin_unreachable();
}

void xray_throw_held(std::exception_ptr* exception) {
  xray::detail::ThreadState& thread = xray::detail::thread_state;
  if (xray::detail::is_noting(thread) && sees_every_throw()) {
    xray::detail::note_thrown_again(thread, *exception, __builtin_return_address(0));
  }
  xray::detail::original_throw_held()(exception);
  __builtin_unreachable();
}
}
