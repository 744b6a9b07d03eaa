// What an exception says: its type, its message, what is nested in it, and whether it was seen.
#pragma once

#include <cstdlib>
#include <cstring>
#include <exception>
#include <string>
#include <string_view>
#include <typeinfo>
#include <utility>

#include <xray/impl/clock.hpp>
#include <xray/impl/random.hpp>
#include <xray/impl/stack_trace.hpp>
#include <xray/impl/thread_state.hpp>

#if !defined(__GLIBCXX__)
#include <cxxabi.h>
#endif

XRAY_NAMESPACE_BEGIN
namespace detail {

/// Exceptions of one chain that are recorded.
inline constexpr unsigned most_exceptions = 16;
/// Where the walk along a chain ends.
inline constexpr std::uint32_t most_exceptions_walked = 10'000;

/// One exception, alive.
struct Thrown {
  void* object;  ///< null where the C++ library keeps it to itself
  const std::type_info* type;
  std::string_view message;
  std::uint32_t skipped;  ///< exceptions of the chain left out before this one
};

#if defined(__GLIBCXX__)

// The two types to look for, by their symbols: programs without RTTI have no typeid.
extern "C" const char xray_type_of_exception[] __asm__("_ZTISt9exception");
extern "C" const char xray_type_of_nested[] __asm__("_ZTISt16nested_exception");

/// The thrown object as its base class, found as `catch` finds it; null if it has no such base.
/// Throws nothing, and so costs a hundredth of asking by rethrowing.
inline const void* as_base(const char* base, void* object, const std::type_info* type) noexcept {
  void* adjusted = object;
  const auto* const wanted = reinterpret_cast<const std::type_info*>(base);
  return wanted->__do_catch(type, &adjusted, 1) ? adjusted : nullptr;
}

inline const std::exception* as_exception(void* object, const std::type_info* type) noexcept {
  return static_cast<const std::exception*>(as_base(xray_type_of_exception, object, type));
}

/// What an exception says, if it is of a kind that says something.
inline std::string_view message_of(void* object, const std::type_info* type) noexcept {
  const char* text = nullptr;
  if (const auto* const known = as_exception(object, type)) {
    text = known->what();
  } else if (std::strcmp(type->name(), "PKc") == 0 || std::strcmp(type->name(), "Pc") == 0) {
    text = *static_cast<const char* const*>(object);
#if _GLIBCXX_USE_CXX11_ABI
  } else if (std::strcmp(type->name(), "NSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEE") ==
             0) {
    return *static_cast<const std::string*>(object);
#endif
  }
  return text != nullptr ? std::string_view(text) : std::string_view();
}

/// What an exception carries inside, if it was thrown by std::throw_with_nested.
inline std::exception_ptr nested_in(void* object, const std::type_info* type) noexcept {
  const auto* const holder =
      static_cast<const std::nested_exception*>(as_base(xray_type_of_nested, object, type));
  return holder != nullptr ? holder->nested_ptr() : nullptr;
}

inline void* object_of(const std::exception_ptr& exception) noexcept {
  static_assert(sizeof(std::exception_ptr) == sizeof(void*));
  void* object = nullptr;
  std::memcpy(&object, static_cast<const void*>(&exception), sizeof(void*));
  return object;
}

inline const std::type_info* type_of(const std::exception_ptr& exception) noexcept {
  return exception.__cxa_exception_type();
}

/// A place for a note on the exception itself: twelve bytes of padding in the header that libstdc++
/// keeps before every exception object, zeroed when an exception is made. So a note can't be taken
/// for one about an earlier exception at the same address, and nothing has to be kept alive or be
/// cleared. None where the header is not as we know it.
///
/// header:  0 reference count, 4 (padding), 8 (padding), 16 type, ..., 96 exception class, 128
/// object
class ExceptionNote {
 public:
  ExceptionNote(void* object, const std::type_info* type) noexcept {
    static_assert(sizeof(void*) == 8);
    if (object == nullptr) return;
    char* const header = static_cast<char*>(object) - 128;
    const std::type_info* type_there = nullptr;
    std::memcpy(&type_there, header + 16, sizeof(void*));
    std::uint64_t exception_class = 0;
    std::memcpy(&exception_class, header + 96, sizeof exception_class);
    constexpr std::uint64_t gnu_cpp = 0x474e5543432b2b00;  // "GNUCC++"
    if (exception_class != gnu_cpp || type_there != type) return;
    take(header);
  }

  /// For the hook of `throw`: the header of what is about to be thrown is zeroes yet, all of it.
  static ExceptionNote on_new(void* object) noexcept {
    constexpr char zeroes[128] = {};
    char* const header = static_cast<char*>(object) - sizeof zeroes;
    ExceptionNote note(nullptr, nullptr);
    if (std::memcmp(header, zeroes, sizeof zeroes) == 0) note.take(header);
    return note;
  }

  /// The exception's id, given to it now if it has none yet. Threads may share an exception.
  [[nodiscard]] std::uint64_t id() const noexcept {
    const std::uint64_t fresh = random_id(thread_state);
    if (id_ == nullptr) return fresh;
    std::uint64_t known = 0;
    return __atomic_compare_exchange_n(id_, &known, fresh, false, __ATOMIC_RELAXED,
                                       __ATOMIC_RELAXED)
               ? fresh
               : known;
  }

  /// The mark of the first record that it was recorded in; 0 for none.
  [[nodiscard]] std::uint32_t recorded_in() const noexcept {
    return record_ != nullptr ? __atomic_load_n(record_, __ATOMIC_RELAXED) : 0;
  }
  void set_recorded_in(std::uint32_t mark) const noexcept {
    std::uint32_t none = 0;
    if (record_ != nullptr) {
      __atomic_compare_exchange_n(record_, &none, mark, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
    }
  }

 private:
  void take(char* header) noexcept {
    record_ = reinterpret_cast<std::uint32_t*>(header + 4);
    id_ = reinterpret_cast<std::uint64_t*>(header + 8);
  }

  std::uint32_t* record_ = nullptr;
  std::uint64_t* id_ = nullptr;
};

/// Calls `visit(Thrown)` for an exception and those nested in it, outermost first, until it says
/// false. Of a chain longer than `most` the first ones are taken and the last: that is where it
/// began. `object` must be alive, in flight or held by somebody.
template <typename Visit>
void for_each_in_chain(void* object, const std::type_info* type, unsigned most,
                       Visit&& visit) noexcept {
  if (!visit(Thrown{object, type, message_of(object, type), 0})) return;
  std::exception_ptr held = nested_in(object, type);
  unsigned count = 1;
  std::uint32_t skipped = 0;
  while (held) {
    void* const inner = object_of(held);
    const std::type_info* const inner_type = type_of(held);
    std::exception_ptr next = nested_in(inner, inner_type);
    if (count + 1 < most || !next || skipped == most_exceptions_walked) {
      if (!visit(Thrown{inner, inner_type, message_of(inner, inner_type), skipped})) return;
      if (++count == most) return;
    } else {
      ++skipped;
    }
    held = std::move(next);
  }
}

template <typename Visit>
void for_each_in_chain(const std::exception_ptr& exception, unsigned most, Visit&& visit) noexcept {
  for_each_in_chain(object_of(exception), type_of(exception), most, std::forward<Visit>(visit));
}

/// Whether `exception` is the one being handled here, rather than some object of that class.
inline std::exception_ptr handled(const std::exception& exception) noexcept {
  std::exception_ptr current = std::current_exception();
  if (!current || as_exception(object_of(current), type_of(current)) != &exception) return nullptr;
  return current;
}

#else  // another C++ library: what can be learnt by catching

class ExceptionNote {
 public:
  ExceptionNote(void* /*object*/, const std::type_info* /*type*/) noexcept {}
  [[nodiscard]] std::uint64_t id() const noexcept { return random_id(thread_state); }
  [[nodiscard]] std::uint32_t recorded_in() const noexcept { return 0; }
  void set_recorded_in(std::uint32_t /*mark*/) const noexcept {}
};

template <typename Visit>
void for_each_in_chain(std::exception_ptr exception, unsigned most, Visit&& visit) noexcept {
#if defined(__cpp_exceptions)
  const auto look = [&visit](const std::exception_ptr& one, std::exception_ptr& next) {
    bool more = false;
    try {
      std::rethrow_exception(one);
    } catch (const std::exception& known) {
      more = visit(Thrown{nullptr, abi::__cxa_current_exception_type(), known.what(), 0});
    } catch (...) {
      more = visit(Thrown{nullptr, abi::__cxa_current_exception_type(), std::string_view(), 0});
    }
    next = nullptr;
    try {
      std::rethrow_exception(one);
    } catch (const std::nested_exception& holder) {
      next = holder.nested_ptr();
    } catch (...) {
      return false;
    }
    return more;
  };
  for (unsigned count = 0; exception && count < most; ++count) {
    std::exception_ptr next;
    if (!look(exception, next)) return;
    exception = std::move(next);
  }
#else
  visit(Thrown{nullptr, nullptr, std::string_view(), 0});
#endif
}

inline std::exception_ptr handled(const std::exception& /*exception*/) noexcept {
  return nullptr;
}

#endif

/// What the hook of `throw` (sdk/src/throw_hook.hpp) keeps of an exception: copies all of it, for
/// when it leaves a scope, nobody can tell whether the object that was thrown last is still there.
struct ThrownNote {
  struct Entry {
    std::uint64_t id;
    std::uint32_t skipped;
    std::uint16_t type_size, message_size;
  };
  std::uint64_t id;     ///< 0: nothing is noted
  std::uint64_t ticks;  ///< when it was thrown, or thrown again
  std::uint32_t recorded_in;
  StackTrace stack;
  bool cut;            ///< the texts are not all there was
  std::uint32_t size;  ///< of `texts`
  void* frames[most_stack_frames];
  /// An Entry, its type and its message, for each exception of the chain.
  char texts[8192];
};

/// The exceptions in flight on this thread: by how many were in flight already when they were
/// thrown, for a destructor that runs because of one may throw and catch others.
struct ThrownNotes {
  static constexpr int most = 3;
  bool busy = false;  ///< asking an exception what it says, which may throw, too
  ThrownNote notes[most];

  ThrownNote* find(std::uint64_t id) noexcept {
    for (ThrownNote& note : notes) {
      if (note.id == id) return &note;
    }
    return nullptr;
  }
};

inline void forget_thrown(ThreadState& thread) noexcept {
  std::free(thread.thrown);
  thread.thrown = nullptr;
}

/// The throw hook's note of this exception, if there is one.
inline ThrownNote* thrown_note(std::uint64_t id) noexcept {
  ThrownNotes* const notes = thread_state.thrown;
  return notes != nullptr && !notes->busy ? notes->find(id) : nullptr;
}

}  // namespace detail
XRAY_NAMESPACE_END
