// What is known about one call of an AWS service: the value between the recogniser and a
// subsegment.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <xray/fixed_text.hpp>

namespace xray::instrumentation {

/// One member of the `aws` block beyond those that every call has.
struct CallParameter {
  enum class Kind : std::uint8_t { text, number, boolean, json };

  std::string_view name;  ///< a literal
  std::string_view text;  ///< of text and json
  std::int64_t number = 0;
  Kind kind = Kind::text;
};

/// A call of an AWS service. Holds everything itself (some 5 KB), allocates nothing; copies are
/// independent. As thread-safe as an int is.
class RecognisedCall {
 public:
  FixedText<64> service;  ///< as SDKs write it: "DynamoDB"
  FixedText<128> operation;
  FixedText<64> region;
  FixedText<128> request_id;
  FixedText<128> id_2;  ///< S3's second one
  FixedText<128> error_code;
  /// One for all attempts at a call.
  FixedText<64> invocation_id;
  /// From 1 on; 0: not known.
  int attempt = 0;
  /// How many there may be; 0: not known.
  int most_attempts = 0;
  /// Of the answer; 0: none.
  int status = 0;
  /// Bytes; negative: not known.
  std::int64_t content_length = -1;
  bool throttled = false;
  /// The answer is an error whatever its status (S3 says 200 before it has copied).
  bool failed = false;

  /// Attempts before this one; negative: not known.
  [[nodiscard]] int retries() const noexcept { return attempt > 0 ? attempt - 1 : -1; }

  /// Each replaces an earlier one of the name; what has no room any more is left out.
  void add_text(std::string_view name, std::string_view text) noexcept {
    add(name, text, CallParameter::Kind::text, 0);
  }
  void add_json(std::string_view name, std::string_view json) noexcept {
    add(name, json, CallParameter::Kind::json, 0);
  }
  void add_number(std::string_view name, std::int64_t number) noexcept {
    add(name, {}, CallParameter::Kind::number, number);
  }
  void add_boolean(std::string_view name, bool value) noexcept {
    add(name, {}, CallParameter::Kind::boolean, value ? 1 : 0);
  }

  [[nodiscard]] std::size_t parameter_count() const noexcept { return count_; }
  /// Borrowed from this call.
  [[nodiscard]] CallParameter parameter(std::size_t index) const noexcept {
    const Entry& entry = entries_[index];
    return {entry.name, texts_.view().substr(entry.offset, entry.size), entry.number, entry.kind};
  }
  /// The text of a parameter; empty if it has none.
  [[nodiscard]] std::string_view text_of(std::string_view name) const noexcept {
    for (std::size_t i = 0; i < count_; ++i) {
      if (entries_[i].name == name) return parameter(i).text;
    }
    return {};
  }

 private:
  struct Entry {
    std::string_view name;
    std::int64_t number = 0;
    std::size_t offset = 0;
    std::size_t size = 0;
    CallParameter::Kind kind = CallParameter::Kind::text;
  };

  void add(std::string_view name, std::string_view text, CallParameter::Kind kind,
           std::int64_t number) noexcept {
    std::size_t at = 0;
    while (at < count_ && entries_[at].name != name) ++at;
    if (at == entries_.size() || text.size() > capacity - texts_.size()) return;
    const std::size_t offset = texts_.size();
    texts_.append(text);
    entries_[at] = Entry{name, number, offset, text.size(), kind};
    if (at == count_) ++count_;
  }

  static constexpr std::size_t capacity = 3072;
  std::array<Entry, 24> entries_;
  std::size_t count_ = 0;
  FixedText<capacity> texts_;
};

}  // namespace xray::instrumentation
