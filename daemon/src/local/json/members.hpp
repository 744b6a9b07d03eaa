// Members of a request read against the service model's limits, and what is wrong with them in
// X-Ray's words.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "local/json/json.hpp"

namespace xrayd::local {

/// Everything that is wrong with one request.
class Violations {
 public:
  /// `value` is empty where it isn't told, `null`, or the text between quotation marks.
  void add(std::string_view value, std::string_view path, std::string_view constraint);
  /// The first one is kept.
  void wrong_type(std::string_view path, std::string_view expected);

  [[nodiscard]] bool none() const noexcept { return count_ == 0 && wrong_type_.empty(); }
  /// A member of another type than the model's: names it; empty if there is none.
  [[nodiscard]] const std::string& wrong_type() const noexcept { return wrong_type_; }
  /// "2 validation errors detected: ...; ...": of all that were found, the first twenty in words.
  [[nodiscard]] std::string message() const;

 private:
  std::size_t count_ = 0;
  std::vector<std::string> told_;
  std::string wrong_type_;
};

enum class Need { optional, required };

/// Lengths in characters.
struct Lengths {
  std::size_t least = 0;
  std::size_t most = static_cast<std::size_t>(-1);
};

template <typename Number>
struct Range {
  std::optional<Number> least = std::nullopt;
  std::optional<Number> most = std::nullopt;
};

/// A regular expression of the service model: its text, as errors show it, and what it takes.
struct Pattern {
  std::string_view text;
  bool (*matches)(std::string_view text);
};

/// Reads one structure. Members that are absent, null or wrong come back as nothing, and what is
/// wrong is added to the violations.
class Members {
 public:
  /// `path` is where the structure stands in the request: `samplingRule`, or empty for the request
  /// itself. Whatever is no object counts as the wrong type.
  Members(const rapidjson::Value& object, std::string path, Violations& violations);

  [[nodiscard]] std::optional<std::string> text(std::string_view name, Need need,
                                                Lengths lengths = {});
  /// A text that is too short, too long and no match is three violations.
  [[nodiscard]] std::optional<std::string> text(std::string_view name, Need need, Lengths lengths,
                                                const Pattern& pattern);
  /// One of `values`, which are told in this order where it is none.
  [[nodiscard]] std::optional<std::string> choice(std::string_view name, Need need,
                                                  std::span<const std::string_view> values);
  /// A list of at most `most` texts. One bad entry is a violation of the list, as X-Ray tells it.
  [[nodiscard]] std::optional<std::vector<std::string>> texts(std::string_view name, Need need,
                                                              std::size_t most, Lengths lengths);
  /// The same of texts that are among `values`.
  [[nodiscard]] std::optional<std::vector<std::string>> choices(
      std::string_view name, Need need, std::size_t most, std::span<const std::string_view> values);
  [[nodiscard]] std::optional<bool> flag(std::string_view name, Need need);
  /// 32 bits, as the model's integers; a number such as 5.0 counts as one.
  [[nodiscard]] std::optional<std::int64_t> integer(std::string_view name, Need need,
                                                    Range<std::int64_t> range = {});
  [[nodiscard]] std::optional<double> number(std::string_view name, Need need,
                                             Range<double> range = {});
  /// Null where there is none.
  [[nodiscard]] const rapidjson::Value* object(std::string_view name, Need need);
  [[nodiscard]] const rapidjson::Value* list(std::string_view name, Need need, std::size_t most);

  /// As X-Ray writes it: the first letter in lower case, `samplingRule.hTTPMethod`.
  [[nodiscard]] std::string path(std::string_view name) const;
  /// Of an entry of a list, counted from 0: `tags.1.member`.
  [[nodiscard]] std::string path(std::string_view name, std::size_t index) const;

 private:
  [[nodiscard]] const rapidjson::Value* find(std::string_view name, Need need);
  [[nodiscard]] std::optional<std::vector<std::string>> list_of_texts(std::string_view name,
                                                                      Need need, std::size_t most);

  const rapidjson::Value& object_;
  std::string path_;
  Violations& violations_;
};

/// `Member must satisfy enum value set: [A, B]`
[[nodiscard]] std::string choice_violation(std::span<const std::string_view> values);

/// What is wrong with a text's length; empty if nothing is.
[[nodiscard]] std::string length_violation(std::string_view text, Lengths lengths);

}  // namespace xrayd::local
