#include "local/live/journal_record.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "local/document/segment_document.hpp"

namespace xrayd::local {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are written as they lie");

template <class Number>
Number get(const char* bytes) noexcept {
  Number value{};
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

template <class Number>
void put(std::string& out, Number value) {
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  out.append(bytes, sizeof bytes);
}

constexpr std::uint64_t mix(std::uint64_t sum, std::uint64_t word) noexcept {
  sum = (sum ^ word) * 0x9E3779B97F4A7C15U;
  return sum ^ (sum >> 29U);
}

// Tells torn and overwritten bytes, eight at a time; each step is one to one, so that no single
// damaged word goes unnoticed before the sum is folded.
std::uint32_t checksum(std::int64_t received_ms, std::string_view document) noexcept {
  std::uint64_t sum = mix(document.size(), static_cast<std::uint64_t>(received_ms));
  const char* at = document.data();
  std::size_t left = document.size();
  for (; left >= sizeof sum; left -= sizeof sum, at += sizeof sum) {
    sum = mix(sum, get<std::uint64_t>(at));
  }
  std::uint64_t rest = 0;
  if (left > 0) std::memcpy(&rest, at, left);
  sum = mix(sum, rest);
  return static_cast<std::uint32_t>(sum ^ (sum >> 32U));
}

}  // namespace

void append_journal_record(std::string& out, std::int64_t received_ms, std::string_view document) {
  put(out, static_cast<std::uint32_t>(document.size()));
  put(out, checksum(received_ms, document));
  put(out, received_ms);
  out += document;
}

JournalReader::JournalReader(std::string_view bytes) : left_(bytes) {
  // A kill may leave a part of the mark, with nothing behind it.
  foreign_ = !left_.starts_with(journal_mark) && !journal_mark.starts_with(left_);
  left_.remove_prefix(foreign_ ? left_.size() : std::min(left_.size(), journal_mark.size()));
}

std::optional<JournalRecord> JournalReader::next() {
  if (left_.empty()) return std::nullopt;
  if (left_.size() > journal_record_overhead) {
    const auto size = get<std::uint32_t>(left_.data());
    const auto sum = get<std::uint32_t>(left_.data() + 4);
    JournalRecord record{get<std::int64_t>(left_.data() + 8), {}};
    if (size > 0 && size <= max_document_bytes && size <= left_.size() - journal_record_overhead) {
      record.document = left_.substr(journal_record_overhead, size);
      if (checksum(record.received_ms, record.document) == sum) {
        left_.remove_prefix(journal_record_overhead + size);
        return record;
      }
    }
  }
  lost_ = left_.size();
  left_ = {};
  return std::nullopt;
}

}  // namespace xrayd::local
