// A batch that is being filled.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "backlog/batch.hpp"

namespace xrayd::backlog {

/// Memory that a batch takes, what it has in reserve included.
[[nodiscard]] std::uint64_t memory_of(const Batch& batch) noexcept;

/// Documents are escaped straight into the request that they leave in. For one thread at a time.
class OpenBatch {
 public:
  [[nodiscard]] bool empty() const noexcept { return batch_.documents.empty(); }
  [[nodiscard]] std::size_t documents() const noexcept { return batch_.documents.size(); }
  /// Bytes of the request as it would leave now.
  [[nodiscard]] std::size_t size() const noexcept;
  [[nodiscard]] std::chrono::steady_clock::time_point begun() const noexcept {
    return batch_.begun;
  }
  [[nodiscard]] std::uint64_t memory() const noexcept { return empty() ? 0 : memory_of(batch_); }

  /// Begins with `buffer`'s memory, whose content does not matter.
  void begin(std::string&& buffer, std::chrono::steady_clock::time_point now);
  /// After begin(). Throws std::bad_alloc and is then as it was before.
  void add(std::string_view document);
  /// Takes the last document out of this batch of several and begins `other` with it.
  void move_last_to(OpenBatch& other, std::string&& buffer,
                    std::chrono::steady_clock::time_point now);
  /// The batch, its request complete; empty from here on.
  [[nodiscard]] Batch seal();

 private:
  Batch batch_;
};

}  // namespace xrayd::backlog
