// A journal's bytes: documents one behind the other, each with what tells whether it is whole.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace xrayd::local {

/// At the front of every journal.
inline constexpr std::string_view journal_mark = "xrayd journal 1\n";

struct JournalRecord {
  /// Milliseconds since 1970.
  std::int64_t received_ms = 0;
  /// Points into the journal's bytes.
  std::string_view document;
};

/// What append_journal_record() adds to a document.
inline constexpr std::size_t journal_record_overhead = 16;

/// `document` may be up to max_document_bytes long, and not empty.
void append_journal_record(std::string& out, std::int64_t received_ms, std::string_view document);

/// Reads records up to the end, or to where the bytes make no record any more.
class JournalReader {
 public:
  /// `bytes` is the whole file and must outlive the reader.
  explicit JournalReader(std::string_view bytes);

  /// Nothing behind the last good record.
  std::optional<JournalRecord> next();

  /// The mark is missing: no journal of ours, or of a later version.
  [[nodiscard]] bool foreign() const noexcept { return foreign_; }
  /// Bytes that next() gave up on; 0 until then.
  [[nodiscard]] std::size_t lost() const noexcept { return lost_; }

 private:
  std::string_view left_;
  bool foreign_ = false;
  std::size_t lost_ = 0;
};

}  // namespace xrayd::local
