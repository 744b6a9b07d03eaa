// Any bytes as a journal: whole documents in order, and all bytes accounted for.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "local/live/journal_record.hpp"

using xrayd::local::append_journal_record;
using xrayd::local::journal_mark;
using xrayd::local::JournalReader;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  {
    JournalReader reader(bytes);
    std::string again(journal_mark);
    while (const auto record = reader.next()) {
      append_journal_record(again, record->received_ms, record->document);
    }
    if (!reader.foreign() && size >= journal_mark.size() &&
        bytes.substr(0, size - reader.lost()) != again) {
      std::abort();
    }
  }

  // What was written comes back, whatever stands behind it.
  std::string journal(journal_mark);
  if (!bytes.empty()) append_journal_record(journal, static_cast<std::int64_t>(size), bytes);
  journal += bytes;
  JournalReader reader(journal);
  if (!bytes.empty()) {
    const auto record = reader.next();
    if (!record || record->document != bytes) std::abort();
  }
  while (reader.next()) {
  }
  return 0;
}
