// The state that copies of the SDK in one process share.
#pragma once

#include <dlfcn.h>

#include <string_view>

#include <xray/config.hpp>

#define XRAY_TEXT_OF_(name) #name
#define XRAY_TEXT_OF(name) XRAY_TEXT_OF_(name)

XRAY_NAMESPACE_BEGIN
namespace detail {

/// Everything that is marked XRAY_PROCESS_WIDE.
inline constexpr std::string_view process_wide_state[] = {
    "block_pool",        "chapter_memory",     "counter_is_steady",
    "counters",          "entities_a_chapter", "fork_generation",
    "forks_are_watched", "forks_watched",      "https_exchange",
    "id_generator",      "kept_for_good",      "log_callback",
    "reports",           "runtime_instance",   "runtime_mutex",
    "segment_memory",    "streaming_strategy", "surroundings",
    "switched_off",      "thread_exit_key",    "thread_exit_key_made",
    "thread_state",      "unsampled_mutex",
};

/// Makes this copy's state the one that later copies find, if it is a program's: the dynamic linker
/// enters a unique symbol into its table when somebody looks for it, and a program's references to
/// its own variables are no look-ups. Without this a plugin opened with RTLD_DEEPBIND would enter
/// its own.
inline void offer_process_wide_state() noexcept {
  constexpr std::string_view version =
      XRAY_TEXT_OF(XRAY_VERSION_NAMESPACE(XRAY_VERSION_MAJOR, XRAY_VERSION_MINOR));
  char symbol[96];
  char* cursor = symbol;
  const auto add = [&cursor](std::string_view text) { cursor += text.copy(cursor, text.size()); };
  const auto add_part = [&](std::string_view name) {
    if (name.size() > 9) *cursor++ = static_cast<char>('0' + name.size() / 10);
    *cursor++ = static_cast<char>('0' + name.size() % 10);
    add(name);
  };
  add("_ZN");
  add_part("xray");
  add_part(version);
  add_part("detail");
  char* const name_begins = cursor;
  for (const std::string_view name : process_wide_state) {
    cursor = name_begins;
    add_part(name);
    add("E");
    *cursor = '\0';
    if (dlsym(RTLD_DEFAULT, symbol) == nullptr) return;  // the program exports none of it
  }
}

#if defined(__GNUC__) && !defined(__clang__)
/// Before main; every copy does it, hence hidden.
inline __attribute__((visibility("hidden"))) const bool process_wide_state_is_offered =
    (offer_process_wide_state(), true);
#endif

}  // namespace detail
XRAY_NAMESPACE_END

#undef XRAY_TEXT_OF
#undef XRAY_TEXT_OF_
