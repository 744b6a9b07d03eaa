// The first bytes of an answer, on their way to the program.
#pragma once

#include <cstddef>
#include <cstdio>
#include <string_view>

#include <xray/config.hpp>
#include <xray/fixed_text.hpp>

#include "clients/curl/library.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients {
namespace curl {

/// Where libcurl writes to: CURLOPT_WRITEFUNCTION and CURLOPT_WRITEDATA.
struct WriteTarget {
  WriteFunction function = nullptr;  ///< null: fwrite()
  void* data = nullptr;
};

/// Stands in for the program's write function during one call. Stays where it is.
class BodyTap {
 public:
  BodyTap() = default;
  BodyTap(const BodyTap&) = delete;
  BodyTap& operator=(const BodyTap&) = delete;
  ~BodyTap() = default;

  /// What libcurl is given, with the tap as its data. What the program's function throws passes.
  static std::size_t write(char* data, std::size_t size, std::size_t count, void* tap) {
    auto& self = *static_cast<BodyTap*>(tap);
    const std::size_t bytes = size * count;
    const WriteTarget target = self.target;
    const std::size_t taken =
        target.function != nullptr
            ? target.function(data, size, count, target.data)
            : std::fwrite(data, size, count, static_cast<std::FILE*>(target.data));
    // Paused or refused: it comes again, or never.
    if (taken == bytes) self.keep({data, bytes});
    return taken;
  }

  void begin(const WriteTarget& programs) noexcept {
    target = programs;
    kept_ = {};
    is_complete_ = true;
  }
  [[nodiscard]] std::string_view kept() const noexcept { return kept_.view(); }
  [[nodiscard]] bool is_complete() const noexcept { return is_complete_; }

  /// The program's, which may change during the call.
  WriteTarget target;
  /// Of those that can't be taken back: see Easy.
  BodyTap* next_kept = nullptr;

 private:
  void keep(std::string_view data) noexcept {
    if (!kept_.append(data)) is_complete_ = false;
  }

  FixedText<4096> kept_;
  bool is_complete_ = true;
};

}  // namespace curl
}  // namespace clients
XRAY_NAMESPACE_END
