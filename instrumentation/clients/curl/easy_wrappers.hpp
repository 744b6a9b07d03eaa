// Wrappers of the easy interface. Each library has its own: see patching/hook_table.hpp.
#pragma once

#include <cstdarg>
#include <cstddef>

#include "clients/curl/wrapping.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients {
namespace curl {

template <std::size_t Library>
struct EasySetopt;

/// The functions of the library whose wrapper asks.
template <std::size_t Library>
Functions functions_of() noexcept {
  return {EasySetopt<Library>::original,     EasyGetinfo<Library>::original,
          EasyNextheader<Library>::original, EasyStrerror<Library>::original,
          UrlGet<Library>::original,         Free<Library>::original};
}

template <std::size_t Library>
struct EasyInit {
  static constexpr const char* symbol = "curl_easy_init";
  static inline Original<void*()> original;
  static void* call() {
    void* const handle = original();
    if (handle != nullptr) after_init(handle);
    return handle;
  }
};

template <std::size_t Library>
struct EasyCleanup {
  static constexpr const char* symbol = "curl_easy_cleanup";
  static inline Original<void(void*)> original;
  static void call(void* handle) {
    // Before: as soon as it is closed, its address may be another's.
    const auto known =
        handle != nullptr ? before_cleanup(handle, functions_of<Library>()) : nullptr;
    original(handle);
  }
};

template <std::size_t Library>
struct EasyReset {
  static constexpr const char* symbol = "curl_easy_reset";
  static inline Original<void(void*)> original;
  static void call(void* handle) {
    original(handle);
    if (handle != nullptr) after_reset(handle);
  }
};

template <std::size_t Library>
struct EasyDuphandle {
  static constexpr const char* symbol = "curl_easy_duphandle";
  static inline Original<void*(void*)> original;
  static void* call(void* handle) {
    void* const copy = original(handle);
    if (copy != nullptr) after_duplicate(handle, copy, functions_of<Library>());
    return copy;
  }
};

template <std::size_t Library>
struct EasySetopt {
  static constexpr const char* symbol = "curl_easy_setopt";
  static inline Original<int(void*, int, ...)> original;

  static int call(void* handle, int option, ...) {
    OptionValue value{};
    std::va_list arguments;
    va_start(arguments, option);
    if (option < option::first_pointer) {
      value.number = va_arg(arguments, long);
    } else if (option >= option::first_number64 && option < option::first_blob) {
      value.number64 = va_arg(arguments, std::int64_t);
    } else {
      value.pointer = va_arg(arguments, void*);
    }
    va_end(arguments);
    if (!is_noted(option) || handle == nullptr) return pass(handle, option, value);
    return set(handle, option, value);
  }

 private:
  static int pass(void* handle, int option, OptionValue value) {
    if (option < option::first_pointer) return original(handle, option, value.number);
    if (option >= option::first_number64 && option < option::first_blob) {
      return original(handle, option, value.number64);
    }
    return original(handle, option, value.pointer);
  }

  [[gnu::noinline]] static int set(void* handle, int option, OptionValue value) {
    Easy* const easy = handles::find(handle);
    int code = ok;
    if (easy != nullptr &&
        easy->set_instead(handle, option, value, functions_of<Library>(), code)) {
      return code;
    }
    code = pass(handle, option, value);
    if (code == ok) after_set(handle, easy, option, value);
    return code;
  }
};

template <std::size_t Library>
struct EasyPerform {
  static constexpr const char* symbol = "curl_easy_perform";
  static inline Original<int(void*)> original;
  static int call(void* handle) {
    const Tracing trace = tracing();
    if (trace == Tracing::none || handle == nullptr || Performing::is(handle)) {
      return original(handle);
    }
    PerformedCall performed(handle, trace, functions_of<Library>());
    const int code = original(handle);
    performed.end(code);
    return code;
  }
};

}  // namespace curl
}  // namespace clients
XRAY_NAMESPACE_END
