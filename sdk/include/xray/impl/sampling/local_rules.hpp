// Sampling rules from a text of the user's, as X-Ray's SDKs read them from a file.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <xray/impl/rapidjson_memory.hpp>
#include <xray/impl/sampling/rule_matcher.hpp>
#include <xray/impl/utf8.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// Takes the first `fixed_target` requests of each second, and of the others the share `rate`.
struct LocalRule {
  std::uint32_t fixed_target = 1;
  double rate = 0.05;
};

/// The default-made ones are those of every X-Ray SDK: one trace a second, and 5 % of the rest.
struct LocalRules {
  struct Matched : LocalRule {
    RulePatterns patterns;
  };
  std::vector<Matched> rules;  ///< the first that matches decides
  LocalRule otherwise;
};

struct LocalRulesResult {
  LocalRules rules;   ///< as they are without a text, if there is an error
  std::string error;  ///< empty: none
};

inline constexpr std::size_t largest_local_rules = std::size_t{1} << 20U;

/// Makes rules of a text, or says the first thing that is wrong with it.
class LocalRulesReader {
 public:
  LocalRulesResult read(std::string_view text) {
    LocalRulesResult result;
    if (!parse(text) || !read_root(result.rules)) {
      result.rules = LocalRules();
      result.error = std::move(error_);
    }
    return result;
  }

 private:
  using Value = CheckedJsonDocument::ValueType;

  /// What is read is three deep. A little more, so that the error names the key that holds it.
  static constexpr unsigned deepest = 16;

  /// Hands to the document what is not too deep.
  class Guard {
   public:
    explicit Guard(CheckedJsonDocument& document) noexcept : document_(document) {}
    [[nodiscard]] bool too_deep() const noexcept { return depth_ > deepest; }

    // RapidJSON calls these.
    // NOLINTBEGIN(readability-identifier-naming)
    bool Null() { return document_.Null(); }
    bool Bool(bool value) { return document_.Bool(value); }
    bool Int(int value) { return document_.Int(value); }
    bool Uint(unsigned value) { return document_.Uint(value); }
    bool Int64(std::int64_t value) { return document_.Int64(value); }
    bool Uint64(std::uint64_t value) { return document_.Uint64(value); }
    bool Double(double value) { return document_.Double(value); }
    bool RawNumber(const char* data, rapidjson::SizeType size, bool copy) {
      return document_.RawNumber(data, size, copy);
    }
    bool String(const char* data, rapidjson::SizeType size, bool copy) {
      return document_.String(data, size, copy);
    }
    bool Key(const char* data, rapidjson::SizeType size, bool copy) {
      return document_.Key(data, size, copy);
    }
    bool StartObject() { return ++depth_ <= deepest && document_.StartObject(); }
    bool StartArray() { return ++depth_ <= deepest && document_.StartArray(); }
    bool EndObject(rapidjson::SizeType members) {
      --depth_;
      return document_.EndObject(members);
    }
    bool EndArray(rapidjson::SizeType elements) {
      --depth_;
      return document_.EndArray(elements);
    }
    // NOLINTEND(readability-identifier-naming)

   private:
    CheckedJsonDocument& document_;
    unsigned depth_ = 0;
  };

  bool fail(std::string message) {
    error_ = std::move(message);
    return false;
  }

  bool parse(std::string_view text) {
    if (text.size() > largest_local_rules) {
      return fail("the rules have more than " + std::to_string(largest_local_rules) + " bytes");
    }
    // Some editors begin a file of UTF-8 with this.
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (text.substr(0, byte_order_mark.size()) == byte_order_mark) {
      text.remove_prefix(byte_order_mark.size());
    }
    // Not kParseFullPrecisionFlag: with it RapidJSON 1.1 reads a table beyond its ends where a
    // number has hundreds of zeros.
    constexpr unsigned flags =
        rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;
    // Never a null pointer, which some arithmetic in there would not like.
    rapidjson::MemoryStream stream(text.empty() ? "" : text.data(), text.size());
    rapidjson::ParseResult parsed;
    Guard guard(document_);
    const auto generate = [&](CheckedJsonDocument&) {
      CheckedJsonReader reader;
      parsed = reader.Parse<flags>(stream, guard);
      return !parsed.IsError();
    };
    document_.Populate(generate);
    if (guard.too_deep()) {
      return fail("nested deeper than " + std::to_string(deepest) + at(text, parsed.Offset()));
    }
    if (parsed.IsError()) {
      return fail("not JSON" + at(text, parsed.Offset()) + ": " +
                  rapidjson::GetParseError_En(parsed.Code()));
    }
    // The stream says with a NUL that it is at its end.
    if (stream.Tell() != text.size()) {
      return fail("not JSON" + at(text, stream.Tell()) + ": a NUL character");
    }
    return true;
  }

  /// ", line 3, column 7". A column is a character.
  static std::string at(std::string_view text, std::size_t offset) {
    const std::string_view before = text.substr(0, offset);
    const auto lines = std::count(before.begin(), before.end(), '\n');
    const std::size_t newline = before.rfind('\n');
    const std::string_view line =
        newline == std::string_view::npos ? before : before.substr(newline + 1);
    const auto characters = std::count_if(line.begin(), line.end(), [](char c) {
      return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    });
    return ", line " + std::to_string(lines + 1) + ", column " + std::to_string(characters + 1);
  }

  static std::string_view view(const Value& text) {
    return {text.GetString(), text.GetStringLength()};
  }

  /// A value as an error names it: JSON, not too long.
  static std::string shown(const Value& value) {
    if (value.IsObject()) return "an object";
    if (value.IsArray()) return "an array";
    if (value.IsString()) return quoted(view(value));
    rapidjson::GenericStringBuffer<rapidjson::UTF8<>, ThrowingAllocator> buffer;
    rapidjson::Writer<decltype(buffer), rapidjson::UTF8<>, rapidjson::UTF8<>, ThrowingAllocator>
        writer(buffer);
    value.Accept(writer);
    return {buffer.GetString(), buffer.GetSize()};
  }

  static std::string quoted(std::string_view text) {
    constexpr std::size_t longest = 64;
    std::string result = "\"";
    while (!text.empty() && result.size() <= longest) {
      const Character character = decode(text);
      // A log line stays one.
      if (character.code < 0x20U || (character.code >= 0x7fU && character.code < 0xa0U)) {
        result += '?';
      } else {
        result += text.substr(0, character.size);
      }
      text.remove_prefix(character.size);
    }
    if (!text.empty()) result += "...";
    return result + '"';
  }

  /// Finds the members of an object; null where there is none. What is not `known`, or stands there
  /// twice, is an error, told after `where`.
  template <std::size_t Size>
  bool members(const Value& object, const std::string_view (&known)[Size],
               std::array<const Value*, Size>& found, const std::string& where) {
    found.fill(nullptr);
    for (auto member = object.MemberBegin(); member != object.MemberEnd(); ++member) {
      const std::string_view key = view(member->name);
      const auto place = std::find(std::begin(known), std::end(known), key);
      if (place == std::end(known)) return fail(where + unknown_key(key));
      const Value*& value = found[static_cast<std::size_t>(place - known)];
      if (value != nullptr) return fail(where + std::string(key) + " stands there twice");
      value = &member->value;
    }
    return true;
  }

  static std::string unknown_key(std::string_view key) {
    return quoted(key) + " is not a key that is known here";
  }

  bool read_root(LocalRules& result) {
    if (!document_.IsObject()) return fail("the rules are " + shown(document_) + ", not an object");
    std::array<const Value*, 4> found{};
    if (!members(document_, {"description", "version", "rules", "default"}, found, {})) {
      return false;
    }
    const Value* const rules = found[2];
    if (!read_version(found[1])) return false;
    if (rules != nullptr) {
      if (!rules->IsArray()) return fail("rules is " + shown(*rules) + ", not an array");
      result.rules.reserve(rules->Size());
      for (const Value& rule : rules->GetArray()) {
        result.rules.emplace_back();
        if (!read_rule(rule, result.rules.size(), result.rules.back())) return false;
      }
    }
    return read_default(found[3], result.otherwise);
  }

  bool read_version(const Value* version) {
    if (version == nullptr) return fail("version is missing: 1 and 2 are known");
    const double number = version->IsNumber() ? version->GetDouble() : 0;
    if (number != 1 && number != 2) return fail("version is " + shown(*version) + ", not 1 or 2");
    host_key_ = number == 1 ? "service_name" : "host";
    return true;
  }

  /// The keys of a rule. All but the first must be there.
  enum Key : std::size_t { description, host, http_method, url_path, fixed_target, rate };
  static constexpr std::size_t keys = 6;

  bool read_rule(const Value& rule, std::size_t number, LocalRules::Matched& result) {
    std::string where = "rule " + std::to_string(number);
    if (!rule.IsObject()) return fail(where + " is " + shown(rule) + ", not an object");
    const auto named = rule.FindMember("description");
    if (named != rule.MemberEnd() && named->value.IsString()) {
      where += " (" + quoted(view(named->value)) + ')';
    }
    where += ": ";

    const bool first_version = host_key_ != "host";
    const char* const other = first_version ? "host" : "service_name";
    if (rule.HasMember(other)) {
      return fail(where + other + " belongs to version " + (first_version ? '2' : '1') +
                  "; in version " + (first_version ? '1' : '2') + " it is " +
                  std::string(host_key_));
    }
    const std::string_view known[] = {"description", host_key_,      "http_method",
                                      "url_path",    "fixed_target", "rate"};
    std::array<const Value*, keys> found{};
    if (!members(rule, known, found, where)) return false;
    for (std::size_t key = description; key <= url_path; ++key) {
      const Value* const value = found[key];
      if (value == nullptr && key != description)
        return fail(where + std::string(known[key]) + " is missing");
      if (value != nullptr && !value->IsString()) {
        return fail(where + std::string(known[key]) + " is " + shown(*value) + ", not a string");
      }
    }
    result.patterns.host = std::string(view(*found[host]));
    result.patterns.method = std::string(view(*found[http_method]));
    result.patterns.path = std::string(view(*found[url_path]));
    return read_amounts(found[fixed_target], found[rate], where, result);
  }

  bool read_default(const Value* rule, LocalRule& result) {
    if (rule == nullptr) return fail("default is missing");
    if (!rule->IsObject()) return fail("default is " + shown(*rule) + ", not an object");
    const std::string where = "default: ";
    for (const std::string_view key : {"host", "service_name", "http_method", "url_path"}) {
      if (rule->HasMember(key.data())) {
        return fail(where + std::string(key) +
                    " has no place here: this is for whatever no rule matches");
      }
    }
    std::array<const Value*, 3> found{};
    if (!members(*rule, {"description", "fixed_target", "rate"}, found, where)) return false;
    if (found[0] != nullptr && !found[0]->IsString()) {
      return fail(where + "description is " + shown(*found[0]) + ", not a string");
    }
    return read_amounts(found[1], found[2], where, result);
  }

  bool read_amounts(const Value* target, const Value* share, const std::string& where,
                    LocalRule& result) {
    if (target == nullptr) return fail(where + "fixed_target is missing");
    constexpr double most = 4294967295.0;
    // 5.0 and 5e0 are whole, too.
    const double amount = target->IsNumber() ? target->GetDouble() : -1;
    if (amount > most) {
      return fail(where + "fixed_target is " + shown(*target) + ", more than 4294967295");
    }
    if (amount < 0 || static_cast<double>(static_cast<std::uint32_t>(amount)) != amount) {
      return fail(where + "fixed_target is " + shown(*target) +
                  ", not a whole number of 0 or more");
    }
    result.fixed_target = static_cast<std::uint32_t>(amount);
    if (share == nullptr) return fail(where + "rate is missing");
    result.rate = share->IsNumber() ? share->GetDouble() : -1;
    if (result.rate < 0 || result.rate > 1) {
      return fail(where + "rate is " + shown(*share) + ", not a number of 0 to 1");
    }
    return true;
  }

  CheckedJsonDocument document_;
  std::string_view host_key_;  ///< what this version calls it
  std::string error_;
};

/// Throws nothing but std::bad_alloc.
inline LocalRulesResult parse_local_rules(std::string_view text) {
  return LocalRulesReader().read(text);
}

}  // namespace detail
XRAY_NAMESPACE_END
