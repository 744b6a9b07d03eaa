#include "forward/unprocessed.hpp"

#include <algorithm>
#include <utility>

#include "ascii.hpp"
#include "aws/retry_policy.hpp"
#include "forward/json_text.hpp"

namespace xrayd::forward {
namespace {

constexpr std::size_t longest_id = 100;
/// A quote as it stands in an escaped document.
constexpr std::string_view quote = "\\\"";

bool is_id(std::string_view text) {
  return !text.empty() && text.size() <= longest_id &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return is_alphanumeric(c) || c == '-' || c == '_'; });
}

/// A blank, or an escaped tab or end of line, taken from the end of a text.
bool drop_blank_at_end(std::string_view& text) {
  if (text.ends_with(' ')) {
    text.remove_suffix(1);
    return true;
  }
  if (text.ends_with("\\n") || text.ends_with("\\t") || text.ends_with("\\r")) {
    text.remove_suffix(2);
    return true;
  }
  return false;
}

bool drop_blank_at_begin(std::string_view& text) {
  if (text.starts_with(' ')) {
    text.remove_prefix(1);
    return true;
  }
  if (text.starts_with("\\n") || text.starts_with("\\t") || text.starts_with("\\r")) {
    text.remove_prefix(2);
    return true;
  }
  return false;
}

/// Whether what stands before a value is the key `"id"`: not `"parent_id"`.
bool ends_with_id_key(std::string_view text) {
  while (drop_blank_at_end(text)) {
  }
  if (!text.ends_with(':')) return false;
  text.remove_suffix(1);
  while (drop_blank_at_end(text)) {
  }
  return text.ends_with("\\\"id\\\"");
}

bool has_id(std::string_view escaped, std::string_view quoted_id) {
  for (std::size_t at = escaped.find(quoted_id); at != escaped.npos;
       at = escaped.find(quoted_id, at + 1)) {
    if (ends_with_id_key(escaped.substr(0, at))) return true;
  }
  return false;
}

/// The document with this id that no entry has named before.
std::size_t find_document(const backlog::Batch& batch, const std::string& id,
                          const std::vector<bool>& named) {
  if (!is_id(id)) return UnprocessedEntry::nowhere;
  std::string quoted(quote);
  quoted += id;
  quoted += quote;
  for (std::size_t i = 0; i < batch.documents.size(); ++i) {
    if (!named[i] && has_id(batch.document(i), quoted)) return i;
  }
  return UnprocessedEntry::nowhere;
}

}  // namespace

std::vector<UnprocessedEntry> read_unprocessed(std::string_view answer,
                                               const backlog::Batch& batch) {
  std::vector<UnprocessedEntry> entries;
  rapidjson::Document body;
  if (!parse_object(answer, body)) return entries;
  const auto list = body.FindMember("UnprocessedTraceSegments");
  if (list == body.MemberEnd() || !list->value.IsArray()) return entries;

  std::vector<bool> named(batch.documents.size());
  for (const rapidjson::Value& value : list->value.GetArray()) {
    if (entries.size() == batch.documents.size()) break;
    if (!value.IsObject()) continue;
    UnprocessedEntry entry;
    entry.id = text_member(value, "Id");
    entry.code = aws::bare_error_code(text_member(value, "ErrorCode"));
    entry.message = text_member(value, "Message");
    entry.throttled = aws::is_throttling_code(entry.code);
    entry.document = find_document(batch, entry.id, named);
    if (entry.document != UnprocessedEntry::nowhere) named[entry.document] = true;
    entries.push_back(std::move(entry));
  }

  // As many entries as documents: then it does not matter which is which.
  if (!entries.empty() && entries.size() == batch.documents.size()) {
    std::size_t next = 0;
    for (UnprocessedEntry& entry : entries) {
      if (entry.document != UnprocessedEntry::nowhere) continue;
      while (named[next]) ++next;
      entry.document = next;
      named[next] = true;
    }
  }
  return entries;
}

std::string_view trace_id_of(std::string_view escaped) {
  constexpr std::string_view key = "\\\"trace_id\\\"";
  const std::size_t at = escaped.find(key);
  if (at == escaped.npos) return {};
  std::string_view rest = escaped.substr(at + key.size());
  while (drop_blank_at_begin(rest)) {
  }
  if (!rest.starts_with(':')) return {};
  rest.remove_prefix(1);
  while (drop_blank_at_begin(rest)) {
  }
  if (!rest.starts_with(quote)) return {};
  rest.remove_prefix(quote.size());
  const std::string_view id = rest.substr(0, rest.find(quote));
  return is_id(id) ? id : std::string_view();
}

}  // namespace xrayd::forward
