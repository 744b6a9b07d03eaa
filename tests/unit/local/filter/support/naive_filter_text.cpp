#include <algorithm>
#include <charconv>
#include <cstddef>

#include "support/naive_filter.hpp"

namespace xrayd::local::test {
namespace {

bool chance(std::mt19937& random, unsigned one_of) {
  return random() % one_of == 0;
}

std::string any_case(std::string word, std::mt19937& random) {
  const auto style = random() % 3;
  for (char& c : word) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!letter || style == 0) continue;
    if (style == 1 || chance(random, 2)) c = static_cast<char>(c ^ 0x20);
  }
  return word;
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string value_text(const NaiveFilter& filter, std::mt19937& random) {
  if (const auto* flag = std::get_if<bool>(&filter.value)) {
    std::string word = any_case(*flag ? "true" : "false", random);
    return filter.key.empty() && chance(random, 3) ? quoted(word) : word;
  }
  if (const auto* number = std::get_if<double>(&filter.value)) {
    char buffer[64];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, *number).ptr;
    return {buffer, end};
  }
  const std::string& text = std::get<std::string>(filter.value);
  const bool plain = !text.empty() && std::all_of(text.begin(), text.end(),
                                                  [](char c) { return c >= 'a' && c <= 'z'; });
  return plain && text != "true" && text != "false" && chance(random, 2) ? text : quoted(text);
}

std::string node_text(const NaiveNode& node, std::mt19937& random) {
  if (node.type.empty() && node.account.empty() && chance(random, 2)) {
    return node.name.empty() ? std::string() : quoted(node.name);
  }
  std::vector<std::string> arguments;
  if (!node.name.empty()) arguments.push_back("name:" + quoted(node.name));
  if (!node.type.empty()) arguments.push_back("type : " + quoted(node.type));
  if (!node.account.empty()) arguments.push_back("account.id: " + quoted(node.account));
  if (arguments.empty()) return {};
  std::shuffle(arguments.begin(), arguments.end(), random);
  std::string text = any_case("id", random) + "(";
  for (std::size_t i = 0; i < arguments.size(); ++i) text += (i == 0 ? "" : ", ") + arguments[i];
  return text + ")";
}

std::string block_text(const NaiveFilter& filter, std::mt19937& random) {
  if (filter.children.empty()) return {};
  return (chance(random, 2) ? " { " : "{") + text_of(filter.children.front(), random) + "}";
}

std::string predicate_text(const NaiveFilter& filter, std::mt19937& random) {
  std::string text = any_case(filter.keyword, random);
  if (!filter.key.empty()) {
    const bool dotted = filter.key.find('.') != std::string::npos;
    const auto style = dotted ? 1 + random() % 2 : random() % 3;
    text += style == 0   ? "." + filter.key
            : style == 1 ? "[" + filter.key + "]"
                         : "[" + quoted(filter.key) + "]";
  }
  if (filter.op.empty()) return text;
  return text + " " + any_case(filter.op, random) + (chance(random, 2) ? " " : "\n\t") +
         value_text(filter, random);
}

std::string in_parentheses(const NaiveFilter& filter, bool needed, std::mt19937& random) {
  const std::string text = text_of(filter, random);
  return needed || chance(random, 6) ? "(" + text + ")" : text;
}

std::string joined_text(const NaiveFilter& filter, std::mt19937& random) {
  std::string text;
  for (const NaiveFilter& child : filter.children) {
    if (!text.empty()) {
      text += filter.kind == NaiveFilter::Kind::any ? " " + any_case("OR", random) + " "
              : chance(random, 3)                   ? " "
                                                    : " " + any_case("AND", random) + " ";
    }
    // NOT binds before AND, AND before OR.
    const bool needed = child.kind == NaiveFilter::Kind::any ||
                        (child.kind == NaiveFilter::Kind::all &&
                         filter.kind == NaiveFilter::Kind::all && chance(random, 2));
    text += in_parentheses(child, needed, random);
  }
  return text;
}

}  // namespace

std::string text_of(const NaiveFilter& filter, std::mt19937& random) {
  switch (filter.kind) {
    case NaiveFilter::Kind::all:
    case NaiveFilter::Kind::any:
      return joined_text(filter, random);
    case NaiveFilter::Kind::negation: {
      const auto kind = filter.children.front().kind;
      const bool needed = kind == NaiveFilter::Kind::all || kind == NaiveFilter::Kind::any;
      return (chance(random, 2) ? "!" : any_case("NOT", random) + " ") +
             in_parentheses(filter.children.front(), needed, random);
    }
    case NaiveFilter::Kind::service:
      return any_case("service", random) + "(" + node_text(filter.source, random) + ")" +
             block_text(filter, random);
    case NaiveFilter::Kind::edge:
      return any_case("edge", random) + "(" + node_text(filter.source, random) + "," +
             node_text(filter.target, random) + ")" + block_text(filter, random);
    case NaiveFilter::Kind::cause:
      return any_case("rootcause." + filter.cause + "." + filter.part, random) +
             block_text(filter, random);
    case NaiveFilter::Kind::predicate:
      break;
  }
  return predicate_text(filter, random);
}

}  // namespace xrayd::local::test
