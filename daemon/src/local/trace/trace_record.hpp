// What lists, filters, graphs and statistics are made of: all that they need of a trace, without
// its documents.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "local/document/trace_id.hpp"
#include "local/trace/text_arena.hpp"

namespace xrayd::local {

/// A place in one of a record's lists.
using RecordIndex = std::uint32_t;
inline constexpr RecordIndex no_index = std::numeric_limits<RecordIndex>::max();

/// How a call or request ended. More than one may be set.
struct Outcome {
  bool fault = false;
  bool error = false;
  bool throttle = false;

  [[nodiscard]] bool ok() const noexcept { return !fault && !error && !throttle; }
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

/// Of the service graph: `State` of a service.
enum class NodeState : std::uint8_t {
  /// Sent segments of its own.
  active,
  /// Known from its callers only, by a call of the namespace `aws`, or a client.
  unknown,
  /// Known from its callers only, by a call of the namespace `remote`.
  passive,
};

/// A service of the graph. Name, type and account together are its identity.
struct RecordNode {
  std::string_view name;
  /// `AWS::EC2::Instance`, `remote`, `client`; empty for a segment without origin.
  std::string_view type;
  /// Empty where no document said: the account of the store then.
  std::string_view account;
  NodeState state = NodeState::active;
  /// The trace began here.
  bool root = false;

  friend bool operator==(const RecordNode&, const RecordNode&) = default;
};

struct RecordHttp {
  std::string_view method;
  std::string_view url;
  std::string_view user_agent;
  std::string_view client_ip;
  /// 0 where there is none.
  std::int32_t status = 0;

  [[nodiscard]] bool empty() const noexcept {
    return method.empty() && url.empty() && user_agent.empty() && client_ip.empty() && status == 0;
  }
  friend bool operator==(const RecordHttp&, const RecordHttp&) = default;
};

/// A segment, sent or inferred.
struct RecordSegment {
  EntityId id = 0;
  RecordIndex node = no_index;
  /// Seconds since 1970.
  double start = 0;
  /// When it answered: its own end. Absent while in progress.
  std::optional<double> end;
  /// When the last of its parts ended; not before `end`.
  std::optional<double> last_end;
  Outcome outcome;
  bool in_progress = false;
  /// Made from its caller's subsegment; excluded from totals of time spent.
  bool inferred = false;
  bool cold_start = false;
  RecordHttp http;
  std::string_view user;
  std::string_view resource_arn;
  std::string_view instance_id;
  std::string_view availability_zone;

  friend bool operator==(const RecordSegment&, const RecordSegment&) = default;
};

enum class CallKind : std::uint8_t {
  /// From the client node to the root service; figures are the root segment's.
  client,
  /// A subsegment that called another service; figures are the subsegment's.
  call,
  /// A segment that goes on with work of another trace or message (`links`); dashed in maps.
  /// Figures
  /// are that segment's.
  link,
};

/// One use of an edge of the graph.
struct RecordCall {
  CallKind kind = CallKind::call;
  RecordIndex source_node = no_index;
  RecordIndex target_node = no_index;
  /// Segments of this record at both ends; the source of a client's call is no_index, and so is the
  /// target of a call in progress that nobody answered yet.
  RecordIndex source_segment = no_index;
  RecordIndex target_segment = no_index;
  double start = 0;
  std::optional<double> end;
  Outcome outcome;
  bool in_progress = false;
  /// The name that the caller used, where a service with segments of its own and another name
  /// answered; else empty.
  std::string_view alias;
  /// Of the calling subsegment; of a client's call the root segment's.
  RecordHttp http;
  /// Seconds between the sending of a message and its receipt; of links only.
  std::optional<double> event_age;

  friend bool operator==(const RecordCall&, const RecordCall&) = default;
};

using AnnotationValue = std::variant<std::string_view, double, bool>;

struct RecordAnnotation {
  std::string_view key;
  AnnotationValue value;
  /// The segment that it stands in, itself or a part of it.
  RecordIndex segment = no_index;

  friend bool operator==(const RecordAnnotation&, const RecordAnnotation&) = default;
};

/// The text of an exception or of a `cause`, for the filter keyword `message`.
struct RecordMessage {
  std::string_view text;
  RecordIndex segment = no_index;

  friend bool operator==(const RecordMessage&, const RecordMessage&) = default;
};

struct RootCauseException {
  std::string_view name;
  std::string_view message;

  friend bool operator==(const RootCauseException&, const RootCauseException&) = default;
};

struct RootCauseEntity {
  std::string_view name;
  std::vector<RootCauseException> exceptions;
  /// Of response time root causes: the entity's time over the root's response time, 0 to 1.
  double coverage = 0;
  bool remote = false;

  friend bool operator==(const RootCauseEntity&, const RootCauseEntity&) = default;
};

struct RootCauseService {
  RecordIndex node = no_index;
  bool inferred = false;
  std::vector<RootCauseEntity> path;

  friend bool operator==(const RootCauseService&, const RootCauseService&) = default;
};

struct RootCause {
  std::vector<RootCauseService> services;
  bool client_impacting = false;

  friend bool operator==(const RootCause&, const RootCause&) = default;
};

/// Longer lists are cut, and `truncated` says so: a record is a bounded thing, whatever comes in.
struct RecordLimits {
  std::size_t nodes = 1000;
  std::size_t segments = 10'000;
  std::size_t calls = 10'000;
  /// X-Ray's own limit for indexed annotations is 50 keys a trace; distinct (key, value, segment).
  std::size_t annotations = 500;
  std::size_t messages = 200;
  /// Characters that are kept of any text.
  std::size_t text_characters = 1000;
};

/// Movable, not copyable; its texts live in `texts` or in what `keeps` holds.
struct TraceRecord {
  TraceId id;
  /// Rises each time that a document changes the trace; 1 at first.
  std::int64_t revision = 1;
  /// Seconds since 1970. Where in time lists show the trace: at the time in its id, if that is
  /// within a day of its start, else at its start.
  double listed_at = 0;
  double start = 0;
  /// The last end that is known; `start` where nothing has ended.
  double end = 0;
  /// `end` - `start` once the root has ended.
  std::optional<double> duration;
  /// Of the root segment.
  std::optional<double> response_time;
  /// Of the root segment; where it says throttle, error is not set.
  Outcome outcome;
  /// Something is in progress.
  bool partial = false;
  /// Documents of it were left out, for it had become too large.
  bool limit_exceeded = false;
  /// Lists of this record were cut at RecordLimits.
  bool truncated = false;
  /// no_index while there is no segment.
  RecordIndex root_segment = no_index;

  std::vector<RecordNode> nodes;
  /// By start time, then id.
  std::vector<RecordSegment> segments;
  std::vector<RecordCall> calls;
  /// By segment, then key; no two alike.
  std::vector<RecordAnnotation> annotations;
  /// By segment, then text; no two alike.
  std::vector<RecordMessage> messages;
  std::vector<RootCause> fault_causes;
  std::vector<RootCause> error_causes;
  std::vector<RootCause> response_time_causes;

  TextArena texts;
  /// Whatever else the texts point into.
  std::shared_ptr<const void> keeps;

  /// The service that the trace began in; null while there is none.
  [[nodiscard]] const RecordNode* entry_point() const noexcept {
    return root_segment == no_index ? nullptr : &nodes[segments[root_segment].node];
  }
};

}  // namespace xrayd::local
