// Documents that leave in one PutTraceSegments.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace xrayd::backlog {

/// Where a batch lies in the spool.
struct SpoolPlace {
  std::uint64_t file = 0;
  std::uint64_t offset = 0;
};

struct Batch {
  /// The whole request: `{"TraceSegmentDocuments":["...","..."]}`, each document escaped.
  std::string body;

  /// Where each document's text lies in `body`, without its quotes.
  struct Part {
    std::uint32_t begin = 0;
    std::uint32_t size = 0;
  };
  std::vector<Part> documents;

  /// When the first of them was accepted.
  std::chrono::steady_clock::time_point begun{};
  /// Attempts to send it so far, for who sends it.
  int attempts = 0;
  /// Nothing: in memory alone.
  std::optional<SpoolPlace> place;

  [[nodiscard]] std::string_view document(std::size_t i) const {
    return std::string_view(body).substr(documents[i].begin, documents[i].size);
  }
};

inline constexpr std::size_t most_documents = 50;

/// A batch of some of another's documents, in order; nothing of it is parsed or escaped again.
[[nodiscard]] Batch select(const Batch& batch, const std::vector<std::size_t>& indices);

}  // namespace xrayd::backlog
