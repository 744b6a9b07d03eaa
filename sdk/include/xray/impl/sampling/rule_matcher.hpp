// Which of a list of sampling rules a request matches first.
//
// Asked for every trace, so patterns are prepared: the inputs that any rule looks at are brought to
// lower case once, and eight bytes of each pattern's literal beginning and of its literal end,
// compared at once, turn most rules down. What passes is compared in full.
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
    rule.look_at_best(conditions_.data() + rule.first);
    rules_.push_back(rule);
    attributes_.push_back(patterns.attributes);
  }

  /// The index of the first rule that the request matches, or `none`.
  [[nodiscard]] std::size_t find(const SamplingRequest& request) const noexcept {
    if (rules_.empty()) return none;
    const Inputs inputs(request, used_);
    const Rule* const begin = rules_.data();
    const Rule* const end = begin + rules_.size();
    for (const Rule* rule = begin; rule != end; ++rule) {
      if (!rule->may_match(inputs)) continue;
      const auto index = static_cast<std::size_t>(rule - begin);
      if (matches(index, inputs, request)) return index;
    }
    return none;
  }

 private:
  enum class Field : std::uint8_t { service_name, host, method, path, service_type, resource_arn };
  static constexpr std::size_t fields = 6;
  using Attributes = std::vector<std::pair<std::string, std::string>>;

  /// Eight bytes at most of what a pattern begins or ends with: the last ones of a beginning, the
  /// first ones of an end.
  struct Literal {
    std::uint64_t bits = 0;
    std::uint64_t mask = 0;
    std::uint32_t size = 0;  ///< of all of it, up to the wildcard

    /// `at`: where those bytes are in the pattern.
    void set(std::string_view pattern, std::size_t at, std::size_t count) noexcept {
      constexpr std::uint64_t all = ~std::uint64_t{0};
      std::memcpy(&bits, pattern.data() + at, count);
      std::memcpy(&mask, &all, count);
    }
    /// Where those bytes of a beginning are.
    [[nodiscard]] std::uint32_t offset() const noexcept { return size > 8 ? size - 8 : 0; }
    [[nodiscard]] bool is_at(const char* text) const noexcept {
      std::uint64_t word = 0;
      std::memcpy(&word, text, 8);
      return ((word ^ bits) & mask) == 0;
    }
  };

  struct Condition {
    Literal beginning;
    Literal end;             ///< empty if there is no wildcard
    std::uint32_t shortest;  ///< text that can match
    std::uint32_t longest;
    Field field;
    bool plain;           ///< a beginning, an end, and at most a `*` between them
    std::string pattern;  ///< in lower case
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
        const std::string_view text = texts[i];
        Input& input = inputs_[i];
        input.size = static_cast<std::uint32_t>(std::min<std::size_t>(text.size(), 0xffffffffU));
        input.text = text.data();
        input.prepared = false;
        input.comparable = zeros;
        input.comparable_size = 0xffffffffU;
        input.comparable_mask = 0;
        if (text.empty() || (used & (1U << i)) == 0) continue;
        const std::size_t needed = ((text.size() + 7U) & ~std::size_t{7}) + 8;
        if (needed > static_cast<std::size_t>(buffer_ + sizeof buffer_ - cursor)) continue;
        copy_lower(cursor, text);
        input.text = cursor;
        input.prepared = true;
        input.comparable = cursor;
        input.comparable_size = input.size;
        input.comparable_mask = ~std::uint64_t{0};
        cursor += needed;
      }
    }

    struct Input {
      const char* text;
      std::uint32_t size;
      bool prepared;
      /// For a look at a prepared text that is there; of any other, nothing turns a rule down.
      std::uint32_t comparable_size;
      const char* comparable;
      std::uint64_t comparable_mask;
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

    /// Eight letters at a time, and eight zeros or more behind them.
    static void copy_lower(char* to, std::string_view text) noexcept {
      const char* from = text.data();
      std::size_t left = text.size();
      std::uint64_t word = 0;
      for (; left >= 8; left -= 8) {
        std::memcpy(&word, from, 8);
        word = lower(word);
        std::memcpy(to, &word, 8);
        from += 8;
        to += 8;
      }
      word = 0;
      if (left != 0) {
        char rest[8] = {};
        for (std::size_t i = 0; i < left; ++i) rest[i] = from[i];
        std::memcpy(&word, rest, 8);
        word = lower(word);
        std::memcpy(to, &word, 8);
        to += 8;
        word = 0;
      }
      std::memcpy(to, &word, 8);
    }
    static std::uint64_t lower(std::uint64_t letters) noexcept {
      constexpr std::uint64_t ones = 0x0101010101010101U;
      const std::uint64_t low = letters & (ones * 0x7fU);
      const std::uint64_t from_a = low + ones * (0x80U - 'A');
      const std::uint64_t beyond_z = low + ones * (0x80U - 'Z' - 1U);
      const std::uint64_t capital = (from_a ^ beyond_z) & ~letters & (ones * 0x80U);
      return letters | (capital >> 2U);
    }

    static constexpr char zeros[8] = {};

    std::array<Input, fields> inputs_;
    alignas(8) char buffer_[640];
  };

  /// A rule's conditions, and of the most telling one what can be looked at without any other.
  struct Rule {
    std::uint64_t bits = 0;
    std::uint64_t mask = 0;
    std::uint32_t offset = 0;
    std::uint32_t shortest = 0;
    std::uint32_t first = 0;
    std::uint32_t count = 0;
    Field field = Field::path;

    void look_at_best(const Condition* conditions) noexcept {
      const Condition* best = nullptr;
      for (const Condition* condition = conditions; condition != conditions + count; ++condition) {
        if (best == nullptr || condition->beginning.mask > best->beginning.mask) best = condition;
      }
      if (best == nullptr) return;
      bits = best->beginning.bits;
      mask = best->beginning.mask;
      offset = best->beginning.offset();
      shortest = best->shortest;
      field = best->field;
    }

    [[nodiscard]] bool may_match(const Inputs& inputs) const noexcept {
      const Inputs::Input& input = inputs[field];
      if (input.comparable_size < shortest) return false;
      std::uint64_t word = 0;
      std::memcpy(&word, input.comparable + (offset & input.comparable_mask), 8);
      return ((word ^ bits) & mask & input.comparable_mask) == 0;
    }
  };

  void add_condition(Field field, std::string_view pattern) {
    if (pattern.find_first_not_of('*') == std::string_view::npos && !pattern.empty()) return;
    Condition condition{};
    condition.field = field;
    for (const char c : pattern) {
      condition.pattern += lower_ascii(c);
      if (c != '*') ++condition.shortest;
    }
    const bool any_length = pattern.find('*') != std::string_view::npos;
    condition.longest = any_length ? 0xffffffffU : condition.shortest;

    constexpr std::size_t most = 8;
    const std::size_t first = pattern.find_first_of("*?");
    const std::size_t beginning = std::min(first, pattern.size());
    condition.beginning.size = static_cast<std::uint32_t>(beginning);
    const std::size_t kept = std::min(beginning, most);
    condition.beginning.set(condition.pattern, beginning - kept, kept);
    condition.plain = first == std::string_view::npos;
    if (!condition.plain) {
      const std::size_t last = pattern.find_last_of("*?");
      const std::size_t end = pattern.size() - last - 1;
      condition.end.size = static_cast<std::uint32_t>(end);
      condition.end.set(condition.pattern, last + 1, std::min(end, most));
      condition.plain =
          pattern.substr(first, last + 1 - first).find_first_not_of('*') == std::string_view::npos;
    }
    used_ = static_cast<std::uint8_t>(used_ | (1U << static_cast<unsigned>(field)));
    conditions_.push_back(std::move(condition));
  }

  [[nodiscard]] static bool matches(const Condition& condition, const Inputs& inputs) noexcept {
    const Inputs::Input& input = inputs[condition.field];
    if (input.size == 0) return condition.field != Field::resource_arn;
    if (input.size < condition.shortest || input.size > condition.longest) return false;
    if (__builtin_expect(static_cast<long>(!input.prepared), 0) != 0) {
      return matches_wildcard(condition.pattern, input.view());
    }
    const Literal& beginning = condition.beginning;
    const Literal& end = condition.end;
    const char* const after = input.text + input.size;
    // Both are read within the text and the bytes behind it: it is at least as long as both.
    if (!beginning.is_at(input.text + beginning.offset()) || !end.is_at(after - end.size)) {
      return false;
    }
    return matches_further(condition, input.view());
  }

  /// What a look at eight bytes on either side leaves open.
  [[nodiscard]] static bool matches_further(const Condition& condition,
                                            std::string_view text) noexcept {
    const std::string_view pattern = condition.pattern;
    const std::size_t beginning = condition.beginning.size;
    const std::size_t end = condition.end.size;
    if (beginning > 8 && text.substr(0, beginning - 8) != pattern.substr(0, beginning - 8)) {
      return false;
    }
    if (end > 8 && text.substr(text.size() - end) != pattern.substr(pattern.size() - end)) {
      return false;
    }
    return condition.plain ||
           matches_wildcard(pattern.substr(beginning, pattern.size() - beginning - end),
                            text.substr(beginning, text.size() - beginning - end));
  }

  [[nodiscard]] bool matches(std::size_t index, const Inputs& inputs,
                             const SamplingRequest& request) const noexcept {
    const Rule& rule = rules_[index];
    const Condition* const first = conditions_.data() + rule.first;
    for (const Condition* condition = first; condition != first + rule.count; ++condition) {
      if (!matches(*condition, inputs)) return false;
    }
    const Attributes& wanted = attributes_[index];
    return std::all_of(wanted.begin(), wanted.end(),
                       [&request](const auto& attribute) { return has(request, attribute); });
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
  std::vector<Attributes> attributes_;  ///< of each rule
  std::uint8_t used_ = 0;               ///< the fields that any rule looks at
};

}  // namespace detail
XRAY_NAMESPACE_END
