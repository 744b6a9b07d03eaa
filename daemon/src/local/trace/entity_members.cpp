#include "local/trace/entity_members.hpp"

namespace xrayd::local {
namespace {

// In the order of EntityMember.
constexpr std::array<std::string_view, entity_member_count> names = {
    "id",        "aws",        "sql",         "name",        "http",        "user",     "error",
    "fault",     "cause",      "links",       "origin",      "end_time",    "throttle", "inferred",
    "namespace", "start_time", "annotations", "subsegments", "resource_arn"};

constexpr std::size_t longest_name = 12;

// Where in `names` those of each length begin, so that few of them are compared with a key.
constexpr auto first_of_length = [] {
  std::array<std::size_t, longest_name + 2> first{};
  std::size_t at = 0;
  for (std::size_t length = 0; length < first.size(); ++length) {
    while (at < names.size() && names[at].size() < length) ++at;
    first[length] = at;
  }
  return first;
}();
static_assert(first_of_length.back() == names.size(), "names stand by their lengths");

}  // namespace

EntityMembers::EntityMembers(const rapidjson::Value& entity) {
  if (!entity.IsObject()) return;
  for (const auto& item : entity.GetObject()) {
    const auto key = text_of(item.name);
    if (key.size() > longest_name) continue;
    for (std::size_t i = first_of_length[key.size()]; i < first_of_length[key.size() + 1]; ++i) {
      if (key != names[i]) continue;
      if (values_[i] == nullptr) values_[i] = &item.value;
      break;
    }
  }
  for (auto& value : values_) {
    if (value != nullptr && value->IsNull()) value = nullptr;
  }
}

std::string_view EntityMembers::text(EntityMember which) const noexcept {
  const auto* value = (*this)[which];
  return value != nullptr && value->IsString() ? text_of(*value) : std::string_view();
}

std::optional<double> EntityMembers::number(EntityMember which) const noexcept {
  const auto* value = (*this)[which];
  return value != nullptr && value->IsNumber() ? std::optional(value->GetDouble()) : std::nullopt;
}

bool EntityMembers::flag(EntityMember which) const noexcept {
  const auto* value = (*this)[which];
  return value != nullptr && value->IsTrue();
}

}  // namespace xrayd::local
