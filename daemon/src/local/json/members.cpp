#include "local/json/members.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "ascii.hpp"

namespace xrayd::local {
namespace {

// Nobody reads more, and an answer should not be longer than the request was.
constexpr std::size_t max_told = 20;
constexpr std::size_t max_value_characters = 256;

std::size_t characters(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0U) == 0x80U ? 0 : 1;
  return count;
}

std::string quoted(std::string_view text) {
  const std::string_view shown = first_characters(text, max_value_characters);
  return "'" + std::string(shown) + (shown.size() < text.size() ? "..." : "") + "'";
}

std::string number_text(double value) {
  rapidjson::StringBuffer buffer;
  JsonWriter writer(buffer);
  writer.Double(value);
  return {buffer.GetString(), buffer.GetSize()};
}

std::string number_text(std::int64_t value) {
  return std::to_string(value);
}

// The limit of a range as X-Ray writes it: 1, not 1.0.
template <typename Number>
std::string limit_text(Number limit) {
  return std::to_string(static_cast<std::int64_t>(limit));
}

template <typename Number>
bool check_range(Number value, const Range<Number>& range, const std::string& path,
                 Violations& violations) {
  if (range.least && value < *range.least) {
    violations.add(quoted(number_text(value)), path,
                   "Member must have value greater than or equal to " + limit_text(*range.least));
    return false;
  }
  if (range.most && value > *range.most) {
    violations.add(quoted(number_text(value)), path,
                   "Member must have value less than or equal to " + limit_text(*range.most));
    return false;
  }
  return true;
}

std::optional<std::int64_t> integer_of(const rapidjson::Value& value) {
  if (value.IsInt()) return value.GetInt();
  if (!value.IsDouble()) return std::nullopt;
  const double number = value.GetDouble();
  const bool fits = std::abs(number) <= std::numeric_limits<std::int32_t>::max();
  if (!fits || std::trunc(number) != number) return std::nullopt;
  return static_cast<std::int64_t>(number);
}

bool is_among(std::string_view text, std::span<const std::string_view> values) {
  return std::find(values.begin(), values.end(), text) != values.end();
}

}  // namespace

void Violations::add(std::string_view value, std::string_view path, std::string_view constraint) {
  if (++count_ > max_told) return;
  std::string text = "Value ";
  if (!value.empty()) text.append(value).append(" ");
  text.append("at '").append(path).append("' failed to satisfy constraint: ").append(constraint);
  told_.push_back(std::move(text));
}

void Violations::wrong_type(std::string_view path, std::string_view expected) {
  if (!wrong_type_.empty()) return;
  wrong_type_ = path.empty() ? "The body of the request" : std::string(path);
  wrong_type_.append(" must be ").append(expected);
}

std::string Violations::message() const {
  std::string text =
      std::to_string(count_) + " validation error" + (count_ == 1 ? "" : "s") + " detected: ";
  for (std::size_t i = 0; i < told_.size(); ++i) text.append(i == 0 ? "" : "; ").append(told_[i]);
  return text;
}

std::string choice_violation(std::span<const std::string_view> values) {
  std::string text = "Member must satisfy enum value set: [";
  for (std::size_t i = 0; i < values.size(); ++i) text.append(i == 0 ? "" : ", ").append(values[i]);
  return text + "]";
}

std::string length_violation(std::string_view text, Lengths lengths) {
  const std::size_t length = characters(text);
  if (length < lengths.least) {
    return "Member must have length greater than or equal to " + std::to_string(lengths.least);
  }
  if (length > lengths.most) {
    return "Member must have length less than or equal to " + std::to_string(lengths.most);
  }
  return {};
}

Members::Members(const rapidjson::Value& object, std::string path, Violations& violations)
    : object_(object), path_(std::move(path)), violations_(violations) {
  if (!object.IsObject()) violations_.wrong_type(path_, "an object");
}

std::string Members::path(std::string_view name) const {
  std::string text = path_.empty() ? "" : path_ + ".";
  const std::size_t first = text.size();
  text += name;
  text[first] = lower(text[first]);
  return text;
}

std::string Members::path(std::string_view name, std::size_t index) const {
  return path(name) + "." + std::to_string(index + 1) + ".member";
}

const rapidjson::Value* Members::find(std::string_view name, Need need) {
  const auto* value = member(object_, name);
  if (value == nullptr && need == Need::required) {
    violations_.add("null", path(name), "Member must not be null");
  }
  return value;
}

std::optional<std::string> Members::text(std::string_view name, Need need, Lengths lengths) {
  const auto* value = find(name, need);
  if (value == nullptr) return std::nullopt;
  if (!value->IsString()) {
    violations_.wrong_type(path(name), "a string");
    return std::nullopt;
  }
  const auto text = text_of(*value);
  const auto wrong = length_violation(text, lengths);
  if (!wrong.empty()) {
    violations_.add(quoted(text), path(name), wrong);
    return std::nullopt;
  }
  return std::string(text);
}

std::optional<std::string> Members::text(std::string_view name, Need need, Lengths lengths,
                                         const Pattern& pattern) {
  auto text = this->text(name, need, lengths);
  // Also asked of what has the wrong length: each constraint is told.
  const auto given = text_member(object_, name);
  if (!given || pattern.matches(*given)) return text;
  violations_.add(quoted(*given), path(name),
                  "Member must satisfy regular expression pattern: " + std::string(pattern.text));
  return std::nullopt;
}

std::optional<std::string> Members::choice(std::string_view name, Need need,
                                           std::span<const std::string_view> values) {
  auto text = this->text(name, need);
  if (!text || is_among(*text, values)) return text;
  violations_.add(quoted(*text), path(name), choice_violation(values));
  return std::nullopt;
}

std::optional<std::vector<std::string>> Members::list_of_texts(std::string_view name, Need need,
                                                               std::size_t most) {
  const auto* list = this->list(name, need, most);
  if (list == nullptr) return std::nullopt;
  std::vector<std::string> texts;
  texts.reserve(list->Size());
  for (const auto& item : list->GetArray()) {
    if (!item.IsString()) {
      violations_.wrong_type(path(name), "a list of strings");
      return std::nullopt;
    }
    texts.emplace_back(text_of(item));
  }
  return texts;
}

std::optional<std::vector<std::string>> Members::texts(std::string_view name, Need need,
                                                       std::size_t most, Lengths lengths) {
  auto texts = list_of_texts(name, need, most);
  if (!texts) return std::nullopt;
  for (const auto& text : *texts) {
    if (length_violation(text, lengths).empty()) continue;
    violations_.add({}, path(name),
                    "Member must satisfy constraint: [Member must have length less than or equal "
                    "to " +
                        std::to_string(lengths.most) +
                        ", Member must have length greater than or equal to " +
                        std::to_string(lengths.least) + "]");
    return std::nullopt;
  }
  return texts;
}

std::optional<std::vector<std::string>> Members::choices(std::string_view name, Need need,
                                                         std::size_t most,
                                                         std::span<const std::string_view> values) {
  auto texts = list_of_texts(name, need, most);
  if (!texts) return std::nullopt;
  const bool good = std::all_of(texts->begin(), texts->end(),
                                [&](const std::string& text) { return is_among(text, values); });
  if (good) return texts;
  violations_.add({}, path(name),
                  "Member must satisfy constraint: [" + choice_violation(values) + "]");
  return std::nullopt;
}

std::optional<bool> Members::flag(std::string_view name, Need need) {
  const auto* value = find(name, need);
  if (value == nullptr) return std::nullopt;
  if (!value->IsBool()) {
    violations_.wrong_type(path(name), "a boolean");
    return std::nullopt;
  }
  return value->GetBool();
}

std::optional<std::int64_t> Members::integer(std::string_view name, Need need,
                                             Range<std::int64_t> range) {
  const auto* value = find(name, need);
  if (value == nullptr) return std::nullopt;
  const auto number = integer_of(*value);
  if (!number) {
    violations_.wrong_type(path(name), "an integer of 32 bits");
    return std::nullopt;
  }
  if (!check_range(*number, range, path(name), violations_)) return std::nullopt;
  return number;
}

std::optional<double> Members::number(std::string_view name, Need need, Range<double> range) {
  const auto* value = find(name, need);
  if (value == nullptr) return std::nullopt;
  if (!value->IsNumber()) {
    violations_.wrong_type(path(name), "a number");
    return std::nullopt;
  }
  const double number = value->GetDouble();
  if (!check_range(number, range, path(name), violations_)) return std::nullopt;
  return number;
}

const rapidjson::Value* Members::object(std::string_view name, Need need) {
  const auto* value = find(name, need);
  if (value == nullptr || value->IsObject()) return value;
  violations_.wrong_type(path(name), "an object");
  return nullptr;
}

const rapidjson::Value* Members::list(std::string_view name, Need need, std::size_t most) {
  const auto* value = find(name, need);
  if (value == nullptr) return nullptr;
  if (!value->IsArray()) {
    violations_.wrong_type(path(name), "a list");
    return nullptr;
  }
  if (value->Size() > most) {
    violations_.add({}, path(name),
                    "Member must have length less than or equal to " + std::to_string(most));
    return nullptr;
  }
  return value;
}

}  // namespace xrayd::local
