#include "local/trace/record_draft.hpp"

#include <algorithm>
#include <tuple>

namespace xrayd::local {
namespace {

std::string_view text_in(const rapidjson::Value* object, std::string_view name) {
  return object == nullptr ? std::string_view() : text_member(*object, name).value_or("");
}

std::string_view own_account(const Entity& entity) noexcept {
  return text_in(entity.members[EntityMember::aws], "account_id");
}

}  // namespace

RecordDraft::RecordDraft(const TraceTree& the_tree, const RecordLimits& the_limits)
    : tree(the_tree), limits(the_limits) {
  places.segment.assign(tree.entities.size(), no_index);
  places.callee.assign(tree.entities.size(), no_index);
  places.callee_entity.assign(tree.entities.size(), -1);
}

std::string_view RecordDraft::keep(std::string_view text) {
  return record.texts.keep(first_characters(text, limits.text_characters));
}

RecordIndex RecordDraft::add_node(std::string_view name, std::string_view type,
                                  std::string_view account, NodeState state) {
  const auto cut = [this](std::string_view text) {
    return first_characters(text, limits.text_characters);
  };
  const auto identity = std::tuple(cut(name), cut(type), cut(account));
  auto& nodes = record.nodes;
  const auto place =
      std::lower_bound(nodes_by_identity_.begin(), nodes_by_identity_.end(), identity,
                       [&](RecordIndex index, const auto& wanted) {
                         const auto& node = nodes[index];
                         return std::tie(node.name, node.type, node.account) < wanted;
                       });
  if (place != nodes_by_identity_.end()) {
    auto& node = nodes[*place];
    if (std::tie(node.name, node.type, node.account) == identity) {
      node.state = std::min(node.state, state);
      return *place;
    }
  }
  if (!has_room(nodes.size(), limits.nodes)) return no_index;
  const auto index = static_cast<RecordIndex>(nodes.size());
  nodes_by_identity_.insert(place, index);
  nodes.push_back({keep(name), keep(type), keep(account), state, false});
  return index;
}

RecordHttp RecordDraft::http_of(const Entity& entity) {
  RecordHttp result;
  const auto* http = entity.members[EntityMember::http];
  if (http == nullptr) return result;
  if (const auto* request = member(*http, "request")) {
    result.method = keep(text_in(request, "method"));
    result.url = keep(text_in(request, "url"));
    result.user_agent = keep(text_in(request, "user_agent"));
    result.client_ip = keep(text_in(request, "client_ip"));
  }
  if (const auto* response = member(*http, "response")) {
    const auto* status = member(*response, "status");
    if (status != nullptr && status->IsInt()) result.status = std::max(0, status->GetInt());
  }
  return result;
}

bool RecordDraft::has_room(std::size_t size, std::size_t limit) noexcept {
  if (size < limit) return true;
  record.truncated = true;
  return false;
}

std::string_view account_of(const TraceTree& tree, const Entity& entity) noexcept {
  const auto account = own_account(entity);
  if (!account.empty() || entity.segment == no_entity) return account;
  return own_account(tree.entities[entity.segment]);
}

Outcome outcome_of(const Entity& entity) noexcept {
  return {entity.members.flag(EntityMember::fault), entity.members.flag(EntityMember::error),
          entity.members.flag(EntityMember::throttle)};
}

}  // namespace xrayd::local
