// For tests of programs that trace: what would have been sent.
#if defined(XRAY_HEADER_ONLY)
#include <xray/impl/header_only.hpp>
#endif
#ifndef XRAY_TESTING_HPP
#define XRAY_TESTING_HPP

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <xray/emitter.hpp>
#include <xray/statistics.hpp>

XRAY_NAMESPACE_BEGIN

namespace detail {
XRAY_DECL void replace_emitter(std::shared_ptr<Emitter> emitter) noexcept;
}

namespace testing {

/// Keeps documents instead of sending them.
class CapturingEmitter : public Emitter {
 public:
  /// Makes a capturing emitter the process' emitter, also after first use.
  static std::shared_ptr<CapturingEmitter> install() {
    auto emitter = std::make_shared<CapturingEmitter>();
    detail::replace_emitter(emitter);
    return emitter;
  }

  void emit(std::string_view document) noexcept override {
    const std::lock_guard<std::mutex> lock(mutex_);
    documents_.emplace_back(document);
  }

  /// Everything that ended before the call, in the order of sending.
  [[nodiscard]] std::vector<std::string> documents() {
    xray::flush(std::chrono::seconds(10));
    const std::lock_guard<std::mutex> lock(mutex_);
    return documents_;
  }

  /// Forgets what was captured.
  void clear() {
    xray::flush(std::chrono::seconds(10));
    const std::lock_guard<std::mutex> lock(mutex_);
    documents_.clear();
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> documents_;
};

}  // namespace testing

XRAY_NAMESPACE_END

#endif  // XRAY_TESTING_HPP
