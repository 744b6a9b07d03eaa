#include "preload/trace_variable.hpp"

#include <sys/random.h>
#include <time.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include <xray/impl/environment.hpp>
#include <xray/trace_header.hpp>

XRAY_NAMESPACE_BEGIN
namespace preload {
namespace {

constexpr std::string_view entry_begins = "_X_AMZN_TRACE_ID=";
constexpr std::size_t capacity = 77 + TraceHeader::extras_capacity;  // of a TraceHeader::Text

// The environment points to `entry` for good.
char entry[entry_begins.size() + capacity + 1];
char* const value = entry + entry_begins.size();
bool is_ours = false;
// Texts that copies of the environment may hold.
char at_first[capacity + 1];
char at_fork[capacity + 1];

void put_hex(char* to, std::uint64_t number, int digits) noexcept {
  for (int i = digits - 1; i >= 0; --i, number >>= 4U) to[i] = "0123456789abcdef"[number & 15U];
}

/// `Root=1-<time>-<24 digits>`; false without random numbers.
bool put_new_trace(char* to) noexcept {
  std::uint64_t random[2];
  if (getrandom(random, sizeof random, GRND_NONBLOCK) != sizeof random) return false;
  std::memcpy(to, "Root=1-", 7);
  put_hex(to + 7, static_cast<std::uint64_t>(time(nullptr)), 8);
  to[15] = '-';
  put_hex(to + 16, random[0], 16);
  put_hex(to + 32, random[1], 8);
  to[40] = '\0';
  return true;
}

const char* find_entry(char* const* environment) noexcept {
  for (; *environment != nullptr; ++environment) {
    if (std::strncmp(*environment, entry_begins.data(), entry_begins.size()) == 0) {
      return *environment;
    }
  }
  return nullptr;
}

}  // namespace

void TraceVariable::enter() noexcept {
  const std::string_view given = detail::environment(detail::Variable::_X_AMZN_TRACE_ID);
  if (given.size() > capacity) return;
  value[given.copy(value, capacity)] = '\0';
  if (given.empty() && !put_new_trace(value)) return;
  std::memcpy(entry, entry_begins.data(), entry_begins.size());
  std::memcpy(at_first, value, sizeof at_first);
  is_ours = putenv(entry) == 0;
}

std::string_view TraceVariable::text() noexcept {
  return is_ours ? value : detail::environment(detail::Variable::_X_AMZN_TRACE_ID);
}

void TraceVariable::change(std::string_view header) noexcept {
  if (!is_ours || header.size() > capacity) return;
  // Backwards: the end is there before what ended the old text is overwritten.
  volatile char* const to = value;
  to[header.size()] = '\0';
  for (std::size_t i = header.size(); i-- > 0;) {
    std::atomic_signal_fence(std::memory_order_release);
    to[i] = header[i];
  }
}

void TraceVariable::note_fork() noexcept {
  if (is_ours) std::memcpy(at_fork, value, sizeof at_fork);
}

std::size_t TraceVariable::pointers_for_child(char* const* environment) noexcept {
  if (!is_ours || environment == nullptr) return 0;
  const char* const found = find_entry(environment);
  if (found == nullptr || found == entry || std::strcmp(found, entry) == 0) return 0;
  const char* const said = found + entry_begins.size();
  if (std::strcmp(said, at_first) != 0 && std::strcmp(said, at_fork) != 0) return 0;
  std::size_t count = 0;
  while (environment[count] != nullptr) ++count;
  constexpr std::size_t most = 16384;  // it goes onto the stack, which may be a small one
  return count < most ? count + 1 : 0;
}

char* const* TraceVariable::for_child(char* const* environment, char** copy) noexcept {
  char** next = copy;
  for (; *environment != nullptr; ++environment) {
    const bool is_it = std::strncmp(*environment, entry_begins.data(), entry_begins.size()) == 0;
    *next++ = is_it ? entry : *environment;
  }
  *next = nullptr;
  return copy;
}

}  // namespace preload
XRAY_NAMESPACE_END
