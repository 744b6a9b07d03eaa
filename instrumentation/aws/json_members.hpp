// Members of a JSON object whose text may end in the middle.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <xray/fixed_text.hpp>

#include "text.hpp"

namespace xray::instrumentation {

enum class JsonKind : std::uint8_t { string, number, boolean, null, object, array };

struct JsonMember {
  std::string_view name;   ///< as written, without its quotes
  std::string_view value;  ///< as written; a string without its quotes
  JsonKind kind = JsonKind::null;
};

/// Reads the members of an object one after the other, those whose value is there as a whole. No
/// validator: it finds its way through what JSON writers write, and stops at the first thing that
/// makes no sense. Linear time, no recursion, no memory of its own.
class JsonMembers {
 public:
  explicit JsonMembers(std::string_view text) noexcept;

  /// False at the end of the object, of the text, or of its sense.
  bool next(JsonMember& member) noexcept;
  /// next() came to the end of the object, not of the text.
  [[nodiscard]] bool at_end() const noexcept { return at_end_; }

 private:
  std::string_view rest_;
  bool at_end_ = false;
};

/// The number of elements of an array that is there as a whole; -1 if it is none.
std::int64_t count_elements(std::string_view array) noexcept;

/// Appends a string's value, its escapes resolved. False if it did not fit or has an escape that is
/// none.
bool append_unescaped(FixedText<1024>& out, std::string_view text) noexcept;

}  // namespace xray::instrumentation
