#include "local/account/policy_document.hpp"

#include <algorithm>

#include "ascii.hpp"
#include "local/json/json.hpp"

namespace xrayd::local {
namespace {

constexpr std::size_t max_depth = 20;

bool is_text_or_texts(const rapidjson::Value& value) {
  if (value.IsString()) return true;
  return value.IsArray() && !value.Empty() &&
         std::all_of(value.Begin(), value.End(),
                     [](const rapidjson::Value& item) { return item.IsString(); });
}

bool is_principal(const rapidjson::Value& value) {
  if (value.IsString()) return text_of(value) == "*";
  return value.IsObject() && !value.ObjectEmpty() &&
         std::all_of(value.MemberBegin(), value.MemberEnd(),
                     [](const auto& each) { return is_text_or_texts(each.value); });
}

// The element itself or its negation, and not both: `Action`, `NotAction`.
template <typename Check>
bool has_one(const rapidjson::Value& statement, std::string_view name, const Check& is_good) {
  const auto* plain = member(statement, name);
  const auto* negated = member(statement, "Not" + std::string(name));
  if ((plain == nullptr) == (negated == nullptr)) return false;
  return is_good(plain != nullptr ? *plain : *negated);
}

std::string statement_fault(const rapidjson::Value& statement) {
  if (!statement.IsObject()) return "Policy statement must be an object";
  const auto effect = text_member(statement, "Effect");
  if (effect != "Allow" && effect != "Deny") return "Policy statement must contain a valid Effect";
  if (!has_one(statement, "Principal", is_principal)) {
    return "Policy statement must contain a valid Principal";
  }
  if (!has_one(statement, "Action", is_text_or_texts)) {
    return "Policy statement must contain a valid Action";
  }
  return {};
}

template <typename Check>
bool any_text(const rapidjson::Value& text_or_texts, const Check& check) {
  if (text_or_texts.IsString()) return check(text_of(text_or_texts));
  return std::any_of(text_or_texts.Begin(), text_or_texts.End(),
                     [&](const rapidjson::Value& item) { return check(text_of(item)); });
}

// `*` stands for any characters, `?` for one; case doesn't count in actions.
bool covers(std::string_view pattern, std::string_view action) {
  std::size_t at = 0;
  std::size_t in_action = 0;
  std::size_t after_star = std::string_view::npos;
  std::size_t retry = 0;
  while (in_action < action.size()) {
    if (at < pattern.size() && pattern[at] == '*') {
      after_star = ++at;
      retry = in_action;
    } else if (at < pattern.size() &&
               (pattern[at] == '?' || lower(pattern[at]) == lower(action[in_action]))) {
      ++at;
      ++in_action;
    } else if (after_star != std::string_view::npos) {
      at = after_star;
      in_action = ++retry;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', at) == std::string_view::npos;
}

bool is_everybody(const rapidjson::Value& principal) {
  if (principal.IsString()) return true;  // "*", as there is nothing else
  const auto* accounts = member(principal, "AWS");
  return accounts != nullptr &&
         any_text(*accounts, [](std::string_view one) { return one == "*"; });
}

bool denies_everybody(const rapidjson::Value& statement) {
  const auto is_putting = [](std::string_view action) {
    return covers(action, "xray:PutResourcePolicy");
  };
  const auto* principal = member(statement, "Principal");
  if (text_member(statement, "Effect") != "Deny" || principal == nullptr ||
      member(statement, "Condition") != nullptr || !is_everybody(*principal)) {
    return false;
  }
  const auto* action = member(statement, "Action");
  if (action != nullptr) return any_text(*action, is_putting);
  const auto* others = member(statement, "NotAction");
  return others != nullptr && !any_text(*others, is_putting);
}

bool is_known_version(const rapidjson::Value& policy) {
  if (member(policy, "Version") == nullptr) return true;
  const auto version = text_member(policy, "Version");
  return version == "2012-10-17" || version == "2008-10-17";
}

}  // namespace

std::string policy_document_fault(std::string_view document) {
  ParsedJson json;
  const auto fault = ParsedJson::parse(document, max_depth, json);
  if (fault != JsonFault::none || !json.value().IsObject()) {
    return "Policy document must be a JSON object";
  }
  if (!is_known_version(json.value())) return "Policy document has an unknown Version";
  const auto* statements = member(json.value(), "Statement");
  if (statements == nullptr) return "Policy document must contain a Statement";
  if (!statements->IsArray()) return statement_fault(*statements);
  if (statements->Empty()) return "Policy document must contain a Statement";
  for (const auto& statement : statements->GetArray()) {
    auto wrong = statement_fault(statement);
    if (!wrong.empty()) return wrong;
  }
  return {};
}

bool locks_everybody_out(std::string_view document) {
  ParsedJson json;
  if (ParsedJson::parse(document, max_depth, json) != JsonFault::none) return false;
  const auto* statements = member(json.value(), "Statement");
  if (statements == nullptr) return false;
  if (!statements->IsArray()) return denies_everybody(*statements);
  return std::any_of(statements->Begin(), statements->End(), denies_everybody);
}

}  // namespace xrayd::local
