// What the keywords of an expression mean: of a trace, of a segment, of a call, of a part of a root
// cause. Each scope answers booleans and numbers by keyword, and shows its texts and annotations to
// a test until one passes. Texts and numbers that are absent are shown to none.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "local/filter/expression.hpp"
#include "local/trace/trace_record.hpp"

namespace xrayd::local::filters {

/// Null for no_index, and for whatever is no place in the record.
[[nodiscard]] inline const RecordNode* node_of(const TraceRecord& record,
                                               RecordIndex index) noexcept {
  return index < record.nodes.size() ? &record.nodes[index] : nullptr;
}
[[nodiscard]] inline const RecordSegment* segment_of(const TraceRecord& record,
                                                     RecordIndex index) noexcept {
  return index < record.segments.size() ? &record.segments[index] : nullptr;
}

/// `account` where the node names none; empty without a node.
[[nodiscard]] inline std::string_view account_of(const RecordNode* node,
                                                 std::string_view account) noexcept {
  if (node == nullptr) return {};
  return node->account.empty() ? account : node->account;
}

/// Whether a caller calls the node so.
[[nodiscard]] bool is_alias(const TraceRecord& record, RecordIndex node,
                            std::string_view name) noexcept;

/// Those of a segment.
[[nodiscard]] std::span<const RecordAnnotation> annotations_of(const TraceRecord& record,
                                                               RecordIndex segment) noexcept;

/// Nodes of a record; allocates only for more than a record's usual limit.
class NodeSet {
 public:
  /// Those that the pattern means: by their names, or those that callers use.
  NodeSet(const NodePattern& pattern, const TraceRecord& record, std::string_view account);

  [[nodiscard]] bool empty() const noexcept { return empty_; }
  [[nodiscard]] bool has(RecordIndex node) const noexcept {
    const std::size_t word = node / 64;
    return word < size_ && (words()[word] >> (node % 64) & 1U) != 0;
  }

 private:
  void add(RecordIndex node) noexcept;
  [[nodiscard]] const std::uint64_t* words() const noexcept {
    return many_.empty() ? few_.data() : many_.data();
  }

  std::size_t size_ = 0;
  std::array<std::uint64_t, 16> few_{};
  std::vector<std::uint64_t> many_;
  bool empty_ = true;
};

/// Where an element stands among those that are looked at: `index`, `first`, `last`.
struct Place {
  std::size_t index = 0;
  std::size_t count = 1;

  [[nodiscard]] bool first() const noexcept { return index == 0; }
  [[nodiscard]] bool last() const noexcept { return index + 1 == count; }
};

class TraceScope {
 public:
  TraceScope(const TraceRecord& record, std::string_view account) noexcept
      : record_(record), account_(account) {}

  [[nodiscard]] const TraceRecord& record() const noexcept { return record_; }
  [[nodiscard]] std::string_view account() const noexcept { return account_; }

  [[nodiscard]] std::optional<bool> boolean(Keyword keyword) const noexcept;
  [[nodiscard]] std::optional<double> number(Keyword keyword) const noexcept;
  template <typename Test>
  bool any_text(Keyword keyword, Test test) const;
  template <typename Test>
  bool any_annotation(AnnotationOwner owner, Test test) const;

 private:
  const TraceRecord& record_;
  std::string_view account_;
};

class SegmentScope {
 public:
  SegmentScope(const TraceRecord& record, std::string_view account, RecordIndex segment,
               Place place) noexcept
      : record_(record),
        account_(account),
        index_(segment),
        segment_(record.segments[segment]),
        place_(place) {}

  [[nodiscard]] std::optional<bool> boolean(Keyword keyword) const noexcept;
  [[nodiscard]] std::optional<double> number(Keyword keyword) const noexcept;
  template <typename Test>
  bool any_text(Keyword keyword, Test test) const;
  template <typename Test>
  bool any_annotation(AnnotationOwner owner, Test test) const;

 private:
  const TraceRecord& record_;
  std::string_view account_;
  RecordIndex index_;
  const RecordSegment& segment_;
  Place place_;
};

class CallScope {
 public:
  CallScope(const TraceRecord& record, std::string_view account, const RecordCall& call,
            Place place) noexcept;

  [[nodiscard]] std::optional<bool> boolean(Keyword keyword) const noexcept;
  [[nodiscard]] std::optional<double> number(Keyword keyword) const noexcept;
  template <typename Test>
  bool any_text(Keyword keyword, Test test) const;
  template <typename Test>
  bool any_annotation(AnnotationOwner owner, Test test) const;

 private:
  const TraceRecord& record_;
  std::string_view account_;
  const RecordCall& call_;
  /// The segment that the calling subsegment stands in; for a client's call, the one it calls.
  RecordIndex own_segment_;
  const RecordHttp& http_;
  Place place_;
};

class CauseScope {
 public:
  CauseScope(const TraceRecord& record, std::string_view account, const RootCauseService& service,
             const RootCauseEntity* entity, const RootCauseException* exception,
             Place place) noexcept
      : record_(record),
        account_(account),
        service_(service),
        entity_(entity),
        exception_(exception),
        place_(place) {}

  [[nodiscard]] std::optional<bool> boolean(Keyword keyword) const noexcept;
  [[nodiscard]] std::optional<double> number(Keyword keyword) const noexcept;
  template <typename Test>
  bool any_text(Keyword keyword, Test test) const;
  template <typename Test>
  bool any_annotation(AnnotationOwner /*owner*/, Test /*test*/) const {
    return false;
  }

 private:
  [[nodiscard]] std::string_view text(Keyword keyword) const noexcept;

  const TraceRecord& record_;
  std::string_view account_;
  const RootCauseService& service_;
  /// Null where the service itself is meant.
  const RootCauseEntity* entity_;
  /// Null where the entity itself is meant.
  const RootCauseException* exception_;
  Place place_;
};

/// Seconds between; nothing without an end.
[[nodiscard]] std::optional<double> seconds_between(double start,
                                                    const std::optional<double>& end) noexcept;
/// Texts that a segment has one of.
[[nodiscard]] std::string_view text_of_segment(const RecordSegment& segment, const RecordNode* node,
                                               std::string_view account, Keyword keyword) noexcept;
[[nodiscard]] std::string_view text_of_http(const RecordHttp& http, Keyword keyword) noexcept;
[[nodiscard]] constexpr bool is_http(Keyword keyword) noexcept {
  return keyword == Keyword::http_url || keyword == Keyword::http_method ||
         keyword == Keyword::http_user_agent || keyword == Keyword::http_client_ip;
}

// ----------------------------------------------------------------------------------------------

template <typename Test>
bool TraceScope::any_text(Keyword keyword, Test test) const {
  const auto passes = [&](std::string_view text) { return !text.empty() && test(text); };
  if (is_http(keyword)) {
    const RecordSegment* root = segment_of(record_, record_.root_segment);
    return root != nullptr && passes(text_of_http(root->http, keyword));
  }
  if (keyword == Keyword::message) {
    return std::any_of(record_.messages.begin(), record_.messages.end(),
                       [&](const RecordMessage& message) { return passes(message.text); });
  }
  return std::any_of(
      record_.segments.begin(), record_.segments.end(), [&](const RecordSegment& segment) {
        return passes(text_of_segment(segment, node_of(record_, segment.node), account_, keyword));
      });
}

template <typename Test>
bool TraceScope::any_annotation(AnnotationOwner /*owner*/, Test test) const {
  return std::any_of(record_.annotations.begin(), record_.annotations.end(), test);
}

template <typename Test>
bool SegmentScope::any_text(Keyword keyword, Test test) const {
  const auto passes = [&](std::string_view text) { return !text.empty() && test(text); };
  if (is_http(keyword)) return passes(text_of_http(segment_.http, keyword));
  if (keyword == Keyword::message) {
    return std::any_of(record_.messages.begin(), record_.messages.end(),
                       [&](const RecordMessage& message) {
                         return message.segment == index_ && passes(message.text);
                       });
  }
  return passes(text_of_segment(segment_, node_of(record_, segment_.node), account_, keyword));
}

template <typename Test>
bool SegmentScope::any_annotation(AnnotationOwner /*owner*/, Test test) const {
  const auto annotations = annotations_of(record_, index_);
  return std::any_of(annotations.begin(), annotations.end(), test);
}

template <typename Test>
bool CallScope::any_text(Keyword keyword, Test test) const {
  const auto passes = [&](std::string_view text) { return !text.empty() && test(text); };
  if (is_http(keyword)) return passes(text_of_http(http_, keyword));
  const RecordNode* target = node_of(record_, call_.target_node);
  switch (keyword) {
    case Keyword::name:
      if (!call_.alias.empty()) return passes(call_.alias);
      return target != nullptr && passes(target->name);
    case Keyword::type:
      return target != nullptr && passes(target->type);
    case Keyword::account_id:
      return passes(account_of(target, account_));
    default:
      break;
  }
  return segment_of(record_, own_segment_) != nullptr &&
         SegmentScope(record_, account_, own_segment_, place_).any_text(keyword, test);
}

template <typename Test>
bool CallScope::any_annotation(AnnotationOwner owner, Test test) const {
  const RecordIndex segment = owner == AnnotationOwner::self     ? own_segment_
                              : owner == AnnotationOwner::source ? call_.source_segment
                                                                 : call_.target_segment;
  const auto annotations = annotations_of(record_, segment);
  return std::any_of(annotations.begin(), annotations.end(), test);
}

template <typename Test>
bool CauseScope::any_text(Keyword keyword, Test test) const {
  const std::string_view found = text(keyword);
  return !found.empty() && test(found);
}

}  // namespace xrayd::local::filters
