#include "backlog/open_batch.hpp"

#include <utility>

#include "backlog/escape.hpp"

namespace xrayd::backlog {

std::uint64_t memory_of(const Batch& batch) noexcept {
  constexpr std::uint64_t overhead = sizeof(Batch) + 2 * sizeof(void*);
  return overhead + batch.body.capacity() + batch.documents.capacity() * sizeof(Batch::Part);
}

std::size_t OpenBatch::size() const noexcept {
  return batch_.body.size() + batch_suffix.size();
}

void OpenBatch::begin(std::string&& buffer, std::chrono::steady_clock::time_point now) {
  batch_.body = std::move(buffer);
  batch_.body = batch_prefix;
  batch_.begun = now;
}

void OpenBatch::add(std::string_view document) {
  const std::size_t before = batch_.body.size();
  try {
    // Growth by doubling is for many; of a long one the length is known.
    constexpr std::size_t is_long = std::size_t{16} << 10U;
    if (document.size() >= is_long) {
      batch_.body.reserve(before + document.size() + document.size() / 16);
    }
    batch_.body += empty() ? "\"" : ",\"";
    const std::size_t begin = batch_.body.size();
    append_escaped(batch_.body, document);
    const std::size_t end = batch_.body.size();
    batch_.body += '"';
    batch_.documents.push_back(
        {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end - begin)});
  } catch (...) {
    batch_.body.resize(before);
    throw;
  }
}

void OpenBatch::move_last_to(OpenBatch& other, std::string&& buffer,
                             std::chrono::steady_clock::time_point now) {
  const std::string_view last = batch_.document(documents() - 1);
  other.begin(std::move(buffer), now);
  other.batch_.body += '"';
  other.batch_.documents.push_back({static_cast<std::uint32_t>(other.batch_.body.size()),
                                    static_cast<std::uint32_t>(last.size())});
  other.batch_.body += last;
  other.batch_.body += '"';
  batch_.body.resize(batch_.documents.back().begin - 2);  // its quote and the comma before it
  batch_.documents.pop_back();
}

Batch OpenBatch::seal() {
  batch_.body += batch_suffix;
  return std::exchange(batch_, {});
}

}  // namespace xrayd::backlog
