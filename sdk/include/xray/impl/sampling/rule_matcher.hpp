// Which of a list of sampling rules a request matches first.
//
// Asked for every trace, so patterns are prepared: the inputs that any rule looks at are brought to
// lower case once, and eight bytes of what one of a rule's patterns begins with, compared at once,
// turn most rules down. What passes is compared in full.
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
    gates_.push_back(gate_of(rule));
    rules_.push_back(std::move(rule));
  }

  /// The index of the first rule that the request matches, or `none`.
  [[nodiscard]] std::size_t find(const SamplingRequest& request) const noexcept {
    if (gates_.empty()) return none;
    const Inputs inputs(request, used_);
    for (std::size_t i = 0; i < gates_.size(); ++i) {
      if (passes(gates_[i], inputs) && matches(rules_[i], inputs, request)) return i;
    }
    return none;
  }

 private:
  enum class Field : std::uint8_t { service_name, host, method, path, service_type, resource_arn };
  static constexpr std::size_t fields = 6;

  /// The quick look at one pattern.
  struct Gate {
    std::uint64_t bits = 0;  ///< the last bytes, at most eight, of what the pattern begins with
    std::uint64_t mask = 0;
    std::uint32_t offset = 0;    ///< where those are
    std::uint32_t shortest = 0;  ///< text that can match
    Field field = Field::path;
  };

  struct Condition {
    Gate gate;
    std::uint32_t prefix_size;  ///< before the first wildcard
    bool whole;                 ///< no wildcard
    bool open;                  ///< a literal beginning, then `*`, and nothing else
    std::string pattern;        ///< in lower case
  };

  struct Rule {
    std::uint32_t first = 0;
    std::uint32_t count = 0;
    std::vector<std::pair<std::string, std::string>> attributes;
  };

  /// The texts that rules look at, in lower case and with eight bytes of anything behind them;
  /// those that are too long for that stay as they are.
  class Inputs {
   public:
    struct Input {
      const char* text;
      std::size_t size;
      bool prepared;
      [[nodiscard]] std::string_view view() const noexcept { return {text, size}; }
    };

    Inputs(const SamplingRequest& request, std::uint8_t used) noexcept : cursor_(buffer_) {
      prepare(Field::service_name, request.service_name, used);
      prepare(Field::host, request.host, used);
      prepare(Field::method, request.method, used);
      prepare(Field::path, without_query(request.path), used);
      prepare(Field::service_type, request.service_type, used);
      prepare(Field::resource_arn, request.resource_arn, used);
    }

    [[nodiscard]] const Input& operator[](Field field) const noexcept {
      return inputs_[static_cast<std::size_t>(field)];
    }

   private:
    /// The query is no part of a path, whoever passed it along.
    static std::string_view without_query(std::string_view path) noexcept {
      return path.substr(0, path.find('?'));
    }

    void prepare(Field field, std::string_view text, std::uint8_t used) noexcept {
      const auto index = static_cast<std::size_t>(field);
      if ((used & (1U << index)) == 0) return;  // nobody looks
      Input& input = inputs_[index];
      input = {text.data(), text.size(), false};
      const auto room = static_cast<std::size_t>(buffer_ + sizeof buffer_ - cursor_);
      if (text.empty() || text.size() + 8 > room) return;
      copy_lower(cursor_, text.data(), text.size());
      input.text = cursor_;
      input.prepared = true;
      cursor_ += text.size();
    }

    static std::uint64_t lower(std::uint64_t word) noexcept {
      constexpr std::uint64_t ones = 0x0101010101010101U;
      const std::uint64_t low = word & (ones * 0x7fU);
      const std::uint64_t from_a = low + ones * (0x80U - 'A');
      const std::uint64_t beyond_z = low + ones * (0x80U - 'Z' - 1U);
      return word | (((from_a ^ beyond_z) & ~word & (ones * 0x80U)) >> 2U);
    }

    static void copy_lower_word(char* to, const char* from) noexcept {
      std::uint64_t word = 0;
      std::memcpy(&word, from, sizeof word);
      word = lower(word);
      std::memcpy(to, &word, sizeof word);
    }

    /// Eight letters at a time; the last eight overlap the others.
    static void copy_lower(char* to, const char* from, std::size_t size) noexcept {
      if (size < sizeof(std::uint64_t)) {
        for (std::size_t i = 0; i < size; ++i) to[i] = lower_ascii(from[i]);
        return;
      }
      for (std::size_t i = 0; i + sizeof(std::uint64_t) <= size; i += sizeof(std::uint64_t)) {
        copy_lower_word(to + i, from + i);
      }
      copy_lower_word(to + size - sizeof(std::uint64_t), from + size - sizeof(std::uint64_t));
    }

    std::array<Input, fields> inputs_;
    char* cursor_;
    char buffer_[640];
  };

  void add_condition(Field field, std::string_view pattern) {
    if (pattern.find_first_not_of('*') == std::string_view::npos && !pattern.empty()) return;
    Condition condition{};
    Gate& gate = condition.gate;
    gate.field = field;
    for (const char c : pattern) {
      condition.pattern += lower_ascii(c);
      if (c != '*') ++gate.shortest;
    }
    const std::size_t wildcard = pattern.find_first_of("*?");
    condition.whole = wildcard == std::string_view::npos;
    const std::size_t prefix = condition.whole ? pattern.size() : wildcard;
    condition.prefix_size = static_cast<std::uint32_t>(prefix);
    condition.open = !condition.whole && pattern.substr(prefix) == "*";
    const std::size_t size = std::min<std::size_t>(prefix, 8);
    gate.offset = static_cast<std::uint32_t>(prefix - size);
    std::memcpy(&gate.bits, condition.pattern.data() + gate.offset, size);
    const std::uint64_t all = ~std::uint64_t{0};
    std::memcpy(&gate.mask, &all, size);
    used_ = static_cast<std::uint8_t>(used_ | (1U << static_cast<unsigned>(field)));
    conditions_.push_back(std::move(condition));
  }

  /// Of a rule's patterns the one that turns most requests down: with the longest beginning.
  [[nodiscard]] Gate gate_of(const Rule& rule) const {
    const Condition* best = nullptr;
    for (std::uint32_t i = 0; i < rule.count; ++i) {
      const Condition& condition = conditions_[rule.first + i];
      if (best == nullptr || condition.prefix_size > best->prefix_size) best = &condition;
    }
    return best != nullptr ? best->gate : Gate();  // one that turns nothing down
  }

  /// False: the rule does not match.
  [[nodiscard]] static bool passes(const Gate& gate, const Inputs& inputs) noexcept {
    if (gate.mask == 0) return true;
    const Inputs::Input& input = inputs[gate.field];
    if (!input.prepared) return true;
    if (input.size < gate.shortest) return false;
    std::uint64_t word = 0;
    std::memcpy(&word, input.text + gate.offset, sizeof word);
    return ((word ^ gate.bits) & gate.mask) == 0;
  }

  [[nodiscard]] static bool matches(const Condition& condition, const Inputs& inputs) noexcept {
    const Gate& gate = condition.gate;
    const Inputs::Input& input = inputs[gate.field];
    if (input.size == 0) return gate.field != Field::resource_arn;
    if (!input.prepared) return matches_wildcard(condition.pattern, input.view());
    if (input.size < gate.shortest || (condition.whole && input.size != gate.shortest))
      return false;
    if (condition.prefix_size != 0 &&
        std::memcmp(input.text, condition.pattern.data(), condition.prefix_size) != 0) {
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

  std::vector<Gate> gates_;            ///< one a rule, side by side
  std::vector<Condition> conditions_;  ///< of all rules
  std::vector<Rule> rules_;
  std::uint8_t used_ = 0;  ///< the fields that any rule looks at
};

}  // namespace detail
XRAY_NAMESPACE_END
