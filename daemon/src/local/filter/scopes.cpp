#include "local/filter/scopes.hpp"

#include <cmath>

namespace xrayd::local::filters {
namespace {

std::optional<double> status_of(const RecordHttp& http) {
  return http.status == 0 ? std::nullopt : std::optional<double>(http.status);
}

std::optional<bool> outcome_of(const Outcome& outcome, Keyword keyword) {
  switch (keyword) {
    case Keyword::ok:
      return outcome.ok();
    case Keyword::error:
      return outcome.error;
    case Keyword::fault:
      return outcome.fault;
    case Keyword::throttle:
      return outcome.throttle;
    default:
      return std::nullopt;
  }
}

bool is_remote(const RecordNode* node) {
  return node != nullptr && (node->state == NodeState::passive || node->type == "remote");
}

bool before(const RecordAnnotation& annotation, RecordIndex segment) {
  return annotation.segment < segment;
}

bool after(RecordIndex segment, const RecordAnnotation& annotation) {
  return segment < annotation.segment;
}

}  // namespace

bool is_alias(const TraceRecord& record, RecordIndex node, std::string_view name) noexcept {
  return !name.empty() &&
         std::any_of(record.calls.begin(), record.calls.end(), [&](const RecordCall& call) {
           return call.target_node == node && call.alias == name;
         });
}

std::span<const RecordAnnotation> annotations_of(const TraceRecord& record,
                                                 RecordIndex segment) noexcept {
  if (segment == no_index) return {};
  const auto& all = record.annotations;
  const auto begin = std::lower_bound(all.begin(), all.end(), segment, before);
  const auto end = std::upper_bound(begin, all.end(), segment, after);
  return {begin, end};
}

std::optional<double> seconds_between(double start, const std::optional<double>& end) noexcept {
  if (!end) return std::nullopt;
  // Differences of times carry the noise of large doubles, below a microsecond.
  // Clocks of several machines: an end may lie before its start.
  return std::max(0.0, std::round((*end - start) * 1e6) / 1e6);
}

std::string_view text_of_http(const RecordHttp& http, Keyword keyword) noexcept {
  switch (keyword) {
    case Keyword::http_url:
      return http.url;
    case Keyword::http_method:
      return http.method;
    case Keyword::http_user_agent:
      return http.user_agent;
    case Keyword::http_client_ip:
      return http.client_ip;
    default:
      return {};
  }
}

std::string_view text_of_segment(const RecordSegment& segment, const RecordNode* node,
                                 std::string_view account, Keyword keyword) noexcept {
  switch (keyword) {
    case Keyword::user:
      return segment.user;
    case Keyword::availability_zone:
      return segment.availability_zone;
    case Keyword::instance_id:
      return segment.instance_id;
    case Keyword::resource_arn:
      return segment.resource_arn;
    case Keyword::name:
      return node == nullptr ? std::string_view() : node->name;
    case Keyword::type:
      return node == nullptr ? std::string_view() : node->type;
    case Keyword::account_id:
      return account_of(node, account);
    default:
      return {};
  }
}

NodeSet::NodeSet(const NodePattern& pattern, const TraceRecord& record, std::string_view account)
    : size_((record.nodes.size() + 63) / 64) {
  if (size_ > few_.size()) many_.assign(size_, 0);
  const auto fits = [&](const RecordNode& node, std::string_view name) {
    return pattern.matches(name, node.type, account_of(&node, account));
  };
  for (RecordIndex i = 0; i < record.nodes.size(); ++i) {
    if (fits(record.nodes[i], record.nodes[i].name)) add(i);
  }
  if (pattern.name.empty()) return;
  for (const RecordCall& call : record.calls) {
    if (call.alias != pattern.name) continue;
    const RecordNode* target = node_of(record, call.target_node);
    if (target != nullptr && fits(*target, call.alias)) add(call.target_node);
  }
}

void NodeSet::add(RecordIndex node) noexcept {
  auto* words = many_.empty() ? few_.data() : many_.data();
  words[node / 64] |= std::uint64_t{1} << (node % 64);
  empty_ = false;
}

std::optional<bool> TraceScope::boolean(Keyword keyword) const noexcept {
  if (keyword == Keyword::partial) return record_.partial;
  if (keyword == Keyword::cold_start) {
    return std::any_of(record_.segments.begin(), record_.segments.end(),
                       [](const RecordSegment& segment) { return segment.cold_start; });
  }
  // How it ended is known of the root alone.
  if (record_.root_segment == no_index) return std::nullopt;
  return outcome_of(record_.outcome, keyword);
}

std::optional<double> TraceScope::number(Keyword keyword) const noexcept {
  const RecordSegment* root = segment_of(record_, record_.root_segment);
  switch (keyword) {
    case Keyword::response_time:
      return record_.response_time;
    case Keyword::duration:
      return record_.duration;
    case Keyword::http_status:
      return root == nullptr ? std::nullopt : status_of(root->http);
    default:
      return std::nullopt;
  }
}

std::optional<bool> SegmentScope::boolean(Keyword keyword) const noexcept {
  const RecordNode* node = node_of(record_, segment_.node);
  switch (keyword) {
    case Keyword::partial:
      return segment_.in_progress;
    case Keyword::cold_start:
      return segment_.cold_start;
    case Keyword::inferred:
      return segment_.inferred;
    case Keyword::first:
      return place_.first();
    case Keyword::last:
      return place_.last();
    case Keyword::remote:
      return is_remote(node);
    case Keyword::root:
      return node != nullptr && node->root;
    default:
      return outcome_of(segment_.outcome, keyword);
  }
}

std::optional<double> SegmentScope::number(Keyword keyword) const noexcept {
  switch (keyword) {
    case Keyword::response_time:
      return seconds_between(segment_.start, segment_.end);
    case Keyword::duration:
      // What goes on behind the answer counts here, as it does for traces.
      return seconds_between(segment_.start, segment_.last_end ? segment_.last_end : segment_.end);
    case Keyword::http_status:
      return status_of(segment_.http);
    case Keyword::index:
      return static_cast<double>(place_.index);
    default:
      return std::nullopt;
  }
}

CallScope::CallScope(const TraceRecord& record, std::string_view account, const RecordCall& call,
                     Place place) noexcept
    : record_(record),
      account_(account),
      call_(call),
      own_segment_(call.kind == CallKind::client ? call.target_segment : call.source_segment),
      // What a client asked for is known from who answered it.
      http_(call.kind == CallKind::client && call.http.empty() &&
                    segment_of(record, call.target_segment) != nullptr
                ? record.segments[call.target_segment].http
                : call.http),
      place_(place) {
}

std::optional<bool> CallScope::boolean(Keyword keyword) const noexcept {
  const RecordNode* target = node_of(record_, call_.target_node);
  const RecordSegment* answer = segment_of(record_, call_.target_segment);
  switch (keyword) {
    case Keyword::partial:
      return call_.in_progress;
    case Keyword::cold_start:
      return answer != nullptr && answer->cold_start;
    case Keyword::inferred:
      return answer != nullptr && answer->inferred;
    case Keyword::first:
      return place_.first();
    case Keyword::last:
      return place_.last();
    case Keyword::remote:
      // Only calls of the namespace `remote` have another name for whoever answers.
      return is_remote(target) || !call_.alias.empty();
    case Keyword::root:
      return target != nullptr && target->root;
    default:
      return outcome_of(call_.outcome, keyword);
  }
}

std::optional<double> CallScope::number(Keyword keyword) const noexcept {
  switch (keyword) {
    case Keyword::response_time:
    case Keyword::duration:
      return seconds_between(call_.start, call_.end);
    case Keyword::http_status:
      return status_of(http_);
    case Keyword::index:
      return static_cast<double>(place_.index);
    default:
      return std::nullopt;
  }
}

std::optional<bool> CauseScope::boolean(Keyword keyword) const noexcept {
  const RecordNode* node = node_of(record_, service_.node);
  switch (keyword) {
    case Keyword::inferred:
      return service_.inferred;
    case Keyword::first:
      return place_.first();
    case Keyword::last:
      return place_.last();
    case Keyword::remote:
      return entity_ != nullptr ? entity_->remote : is_remote(node);
    case Keyword::root:
      return node != nullptr && node->root;
    default:
      return std::nullopt;
  }
}

std::optional<double> CauseScope::number(Keyword keyword) const noexcept {
  if (keyword == Keyword::index) return static_cast<double>(place_.index);
  if (keyword == Keyword::coverage && entity_ != nullptr) return entity_->coverage;
  return std::nullopt;
}

std::string_view CauseScope::text(Keyword keyword) const noexcept {
  if (exception_ != nullptr) {
    if (keyword == Keyword::name) return exception_->name;
    return keyword == Keyword::message ? exception_->message : std::string_view();
  }
  if (entity_ != nullptr) return keyword == Keyword::name ? entity_->name : std::string_view();
  const RecordNode* node = node_of(record_, service_.node);
  if (node == nullptr) return {};
  switch (keyword) {
    case Keyword::name:
      return node->name;
    case Keyword::type:
      return node->type;
    case Keyword::account_id:
      return account_of(node, account_);
    default:
      return {};
  }
}

}  // namespace xrayd::local::filters
