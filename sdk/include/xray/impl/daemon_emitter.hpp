// What the runtime asks of its own emitters beyond what every emitter has.
#pragma once

#include <poll.h>

#include <algorithm>
#include <cstdint>
#include <string_view>

#include <xray/emitter.hpp>
#include <xray/impl/futex.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// Every datagram and every frame begins with it, and with a newline after it.
inline constexpr std::string_view header_line = R"({"format":"json","version":1})";

/// Why no further document can be taken right now; converts to false when it can.
struct DaemonWait {
  std::int64_t nanoseconds = 0;  ///< look again after so long
  int socket = -1;               ///< or as soon as this one takes bytes
  bool is_short = false;         ///< worth waiting for on a thread of the program's
  explicit operator bool() const noexcept { return nanoseconds > 0; }

  /// Waits; with a socket not for long, for then a change of the word is not noticed.
  void wait(WakeWord& word, std::uint32_t seen) const noexcept {
    if (socket < 0) {
      word.wait(seen, nanoseconds);
      return;
    }
    constexpr std::int64_t longest = 20'000'000;
    pollfd watched{socket, POLLOUT, 0};
    ::poll(&watched, 1, static_cast<int>(std::min(nanoseconds, longest) / 1'000'000) + 1);
  }
};

/// A built-in emitter counts by itself what it sends and loses, and never waits where it is called
/// with the send lock held, for fork() waits for that lock: advance() says what to wait for.
class DaemonEmitter : public Emitter {
 public:
  /// Does what can be done now. Documents are emitted only after it found nothing to wait for.
  virtual DaemonWait advance() noexcept = 0;
  /// Something that was emitted has not been handed to the network.
  [[nodiscard]] virtual bool pending() const noexcept { return false; }
  /// Nothing more is to be done for what was emitted; otherwise advance() is called now and then.
  [[nodiscard]] virtual bool settled() const noexcept { return true; }
};

}  // namespace detail
XRAY_NAMESPACE_END
