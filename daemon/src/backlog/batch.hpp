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
  /// That lie there; a part of the batch may have left.
  std::uint32_t documents = 0;
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
  /// How often the service wanted its documents later.
  int throttles = 0;
  /// Nothing: in memory alone.
  std::optional<SpoolPlace> place;

  /// What the backlog's books hold for a batch that it gave out. Its own business: whoever has the
  /// batch may move the body out of it, and done() and put_back() still know what comes back.
  struct Charge {
    std::uint64_t bytes = 0;
    std::uint32_t documents = 0;
    /// Counts up from batch to batch; 0 goes before all.
    std::uint64_t number = 0;
  };
  Charge charge;

  [[nodiscard]] std::string_view document(std::size_t i) const {
    return std::string_view(body).substr(documents[i].begin, documents[i].size);
  }
};

inline constexpr std::size_t most_documents = 50;

/// How a request begins, and what follows its last document's text.
inline constexpr std::string_view batch_prefix = R"({"TraceSegmentDocuments":[)";
inline constexpr std::string_view batch_suffix = "]}";

/// A batch of some of another's documents, in order; nothing of it is parsed or escaped again. It
/// is in no book yet: with done() of the other and put_back() of this one, the documents left out
/// are settled and those in it wait again.
[[nodiscard]] Batch select(const Batch& batch, const std::vector<std::size_t>& indices);

}  // namespace xrayd::backlog
