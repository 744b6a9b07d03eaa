// SQLite takes "text" for a literal where it names no column: here it cannot.
#pragma once

#include <string_view>

#include <xray/config.hpp>

#include "sql/statement_output.hpp"

XRAY_NAMESPACE_BEGIN
namespace sql {

/// Whether what was written last is a word that no literal can follow.
inline bool only_name_may_follow(const StatementOutput& out) noexcept {
  const std::string_view word = out.last_word();
  if (same_word(word, "from")) return !same_word(out.word_before_last(), "distinct");
  for (const std::string_view keyword :
       {"join", "into", "update", "table", "index", "view", "trigger", "exists", "as", "references",
        "constraint", "rename", "to", "column", "savepoint"}) {
    if (same_word(word, keyword)) return true;
  }
  return false;
}

}  // namespace sql
XRAY_NAMESPACE_END
