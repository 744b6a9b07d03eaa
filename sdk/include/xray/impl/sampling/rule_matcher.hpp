// Which of a list of sampling rules a request matches first.
//
// Asked for every trace, so patterns are prepared: the inputs that any rule looks at are brought to
// lower case once, and eight bytes of each pattern's literal beginning, compared at once, turn most
// rules down. What passes is compared in full.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <xray/impl/wildcard.hpp>
#include <xray/sampler.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// What a rule asks for; see matches_wildcard() for the patterns.
struct RulePatterns {
  std::string service_name = "*";
  std::string host = "*";
  std::string method = "*";
  std::string path = "*";
  std::string service_type = "*";
  std::string resource_arn = "*";
  /// Each must be there, with a value that matches.
  std::vector<std::pair<std::string, std::string>> attributes;
};

class RuleMatcher {
 public:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  RuleMatcher() = default;

  /// Appends a rule.
  void add(const RulePatterns& patterns) {
    Rule rule;
    rule.first = static_cast<std::uint32_t>(conditions_.size());
    add_condition(Field::path, patterns.path);
    add_condition(Field::method, patterns.method);
    add_condition(Field::host, patterns.host);
    add_condition(Field::service_name, patterns.service_name);
    add_condition(Field::service_type, patterns.service_type);
    add_condition(Field::resource_arn, patterns.resource_arn);
    rule.count = static_cast<std::uint32_t>(conditions_.size()) - rule.first;
    rule.attributes = patterns.attributes;
    rules_.push_back(std::move(rule));
  }

  /// The index of the first rule that the request matches, or `none`.
  [[nodiscard]] std::size_t find(const SamplingRequest& request) const noexcept {
    if (rules_.empty()) return none;
    Inputs inputs(request, used_);
    for (std::size_t i = 0; i < rules_.size(); ++i) {
      if (matches(rules_[i], inputs, request)) return i;
    }
    return none;
  }

 private:
  enum class Field : std::uint8_t { service_name, host, method, path, service_type, resource_arn };
  static constexpr std::size_t fields = 6;

  struct Condition {
    std::uint64_t bits;  ///< the last bytes, at most eight, of what the pattern begins with
    std::uint64_t mask;
    std::uint32_t offset;       ///< where those are
    std::uint32_t prefix_size;  ///< before the first wildcard
    std::uint32_t shortest;     ///< text that can match
    Field field;
    bool whole;           ///< no wildcard
    bool open;            ///< a literal beginning, then `*`, and nothing else
    std::string pattern;  ///< in lower case
  };

  struct Rule {
    std::uint32_t first = 0;
    std::uint32_t count = 0;
    std::vector<std::pair<std::string, std::string>> attributes;
  };

  /// The texts that rules look at, in lower case and with eight bytes more than they have; those
  /// that are too long for that stay as they are.
  class Inputs {
   public:
    Inputs(const SamplingRequest& request, std::uint8_t used) noexcept {
      const std::array<std::string_view, fields> texts{
          request.service_name,        request.host,         request.method,
          without_query(request.path), request.service_type, request.resource_arn};
      char* cursor = buffer_;
      for (std::size_t i = 0; i < fields; ++i) {
        std::string_view text = texts[i];
        Input& input = inputs_[i];
        input.size = static_cast<std::uint32_t>(std::min<std::size_t>(text.size(), 0xffffffffU));
        input.text = text.data();
        input.prepared = false;
        if (text.empty() || (used & (1U << i)) == 0) continue;
        const std::size_t rounded = (text.size() + 7U) & ~std::size_t{7};
        if (rounded + 8 > static_cast<std::size_t>(buffer_ + sizeof buffer_ - cursor)) continue;
        copy_lower(cursor, text, rounded);
        input.text = cursor;
        input.prepared = true;
        cursor += rounded + 8;
      }
    }

    struct Input {
      const char* text;
      std::uint32_t size;
      bool prepared;
      [[nodiscard]] std::string_view view() const noexcept { return {text, size}; }
    };

    [[nodiscard]] const Input& operator[](Field field) const noexcept {
      return inputs_[static_cast<std::size_t>(field)];
    }

   private:
    /// The query is no part of a path, whoever passed it along.
    static std::string_view without_query(std::string_view path) noexcept {
      return path.substr(0, path.find('?'));
    }

    /// Eight letters at a time.
    static void copy_lower(char* to, std::string_view text, std::size_t rounded) noexcept {
      std::uint64_t word = 0;
      std::memcpy(to + rounded - 8, &word, 8);
      std::memcpy(to + rounded, &word, 8);
      std::memcpy(to, text.data(), text.size());
      for (std::size_t i = 0; i < rounded; i += 8) {
        std::memcpy(&word, to + i, 8);
        constexpr std::uint64_t ones = 0x0101010101010101U;
        const std::uint64_t low = word & (ones * 0x7fU);
        const std::uint64_t from_a = low + ones * (0x80U - 'A');
        const std::uint64_t beyond_z = low + ones * (0x80U - 'Z' - 1U);
        const std::uint64_t capital = (from_a ^ beyond_z) & ~word & (ones * 0x80U);
        word |= capital >> 2U;
        std::memcpy(to + i, &word, 8);
      }
    }

    std::array<Input, fields> inputs_;
    alignas(8) char buffer_[640];
  };

  void add_condition(Field field, std::string_view pattern) {
    if (pattern.find_first_not_of('*') == std::string_view::npos && !pattern.empty()) return;
    Condition condition{};
    condition.field = field;
    for (const char c : pattern) {
      condition.pattern += lower_ascii(c);
      if (c != '*') ++condition.shortest;
    }
    const std::size_t wildcard = pattern.find_first_of("*?");
    condition.whole = wildcard == std::string_view::npos;
    const std::size_t prefix = condition.whole ? pattern.size() : wildcard;
    condition.prefix_size = static_cast<std::uint32_t>(prefix);
    condition.open = !condition.whole && pattern.substr(prefix) == "*";
    const std::size_t size = std::min<std::size_t>(prefix, 8);
    condition.offset = static_cast<std::uint32_t>(prefix - size);
    std::memcpy(&condition.bits, condition.pattern.data() + condition.offset, size);
    const std::uint64_t all = ~std::uint64_t{0};
    std::memcpy(&condition.mask, &all, size);
    used_ = static_cast<std::uint8_t>(used_ | (1U << static_cast<unsigned>(field)));
    conditions_.push_back(std::move(condition));
  }

  [[nodiscard]] static bool matches(const Condition& condition, const Inputs& inputs) noexcept {
    const Inputs::Input& input = inputs[condition.field];
    if (input.size == 0) return condition.field != Field::resource_arn;
    if (input.size < condition.shortest) return false;
    if (condition.whole && input.size != condition.shortest) return false;
    if (__builtin_expect(static_cast<long>(!input.prepared), 0) != 0) {
      return matches_wildcard(condition.pattern, input.view());
    }
    std::uint64_t word = 0;
    std::memcpy(&word, input.text + condition.offset, 8);
    if (((word ^ condition.bits) & condition.mask) != 0) return false;
    if (condition.offset != 0 &&
        std::memcmp(input.text, condition.pattern.data(), condition.offset) != 0) {
      return false;
    }
    return condition.whole || condition.open ||
           matches_wildcard(std::string_view(condition.pattern).substr(condition.prefix_size),
                            input.view().substr(condition.prefix_size));
  }

  [[nodiscard]] bool matches(const Rule& rule, const Inputs& inputs,
                             const SamplingRequest& request) const noexcept {
    const Condition* const first = conditions_.data() + rule.first;
    for (const Condition* condition = first; condition != first + rule.count; ++condition) {
      if (!matches(*condition, inputs)) return false;
    }
    return std::all_of(rule.attributes.begin(), rule.attributes.end(),
                       [&request](const auto& wanted) { return has(request, wanted); });
  }

  [[nodiscard]] static bool has(const SamplingRequest& request,
                                const std::pair<std::string, std::string>& wanted) noexcept {
    const SamplingAttribute* const end = request.attributes + request.attribute_count;
    return std::any_of(request.attributes, end, [&wanted](const SamplingAttribute& attribute) {
      return attribute.key.view() == wanted.first &&
             matches_wildcard(wanted.second, attribute.value.view());
    });
  }

  std::vector<Condition> conditions_;  ///< of all rules
  std::vector<Rule> rules_;
  std::uint8_t used_ = 0;  ///< the fields that any rule looks at
};

}  // namespace detail
XRAY_NAMESPACE_END
