// What segments and subsegments have in common: the things one can say about a piece of work.
#if defined(XRAY_HEADER_ONLY)
#include <xray/impl/header_only.hpp>
#endif
#ifndef XRAY_ENTITY_HPP
#define XRAY_ENTITY_HPP

#include <cstdint>
#include <exception>
#include <string_view>
#include <type_traits>

#include <xray/http.hpp>
#include <xray/json.hpp>
#include <xray/segment_id.hpp>
#include <xray/trace_header.hpp>

XRAY_NAMESPACE_BEGIN

namespace detail {
struct Node;
struct Record;
}  // namespace detail
class Context;

/// The setters shared by Segment and Subsegment. None of them throws, blocks or allocates in the
/// steady state; strings are copied before the call returns; calls on an entity that is unsampled
/// or over do nothing. One entity is used by one thread at a time; different entities of one
/// segment may be used by different threads at once.
class Entity {
 public:
  Entity(const Entity&) = delete;
  Entity& operator=(const Entity&) = delete;

  /// Adds an annotation: indexed by X-Ray, for filter expressions. Keys: 1 to 500 of
  /// `A-Z a-z 0-9 _ .`; string values are cut at 1,000 characters; NaN and infinities are refused;
  /// a (sub)segment keeps 50 (X-Ray indexes 50 a trace). What is refused is counted
  /// (Statistics::annotations_dropped) and reported once. The last value of a key counts.
  XRAY_DECL void add_annotation(std::string_view key, std::string_view value) noexcept;
  void add_annotation(std::string_view key, const char* value) noexcept {
    add_annotation(key, value == nullptr ? std::string_view() : std::string_view(value));
  }
  template <typename Number, std::enable_if_t<std::is_arithmetic_v<Number>, int> = 0>
  void add_annotation(std::string_view key, Number value) noexcept {
    if constexpr (std::is_same_v<Number, bool>) {
      add_annotation_bool(key, value);
    } else if constexpr (std::is_floating_point_v<Number>) {
      add_annotation_double(key, static_cast<double>(value));
    } else if constexpr (std::is_signed_v<Number>) {
      add_annotation_integer(key, static_cast<std::int64_t>(value));
    } else {
      add_annotation_unsigned(key, static_cast<std::uint64_t>(value));
    }
  }

  /// Adds metadata: kept with the trace, not indexed. Any key of up to 250 characters; the last
  /// value of a key in a namespace counts. Namespaces that begin with `AWS.` are reserved and
  /// refused. Values that make an entity larger than a datagram are cut, marked by `[cut: N bytes
  /// more]` and counted (Statistics::metadata_truncated).
  XRAY_DECL void add_metadata(std::string_view key, std::string_view value,
                              std::string_view name_space = "default") noexcept;
  void add_metadata(std::string_view key, const char* value,
                    std::string_view name_space = "default") noexcept {
    add_metadata(key, value == nullptr ? std::string_view() : std::string_view(value), name_space);
  }
  XRAY_DECL void add_metadata(std::string_view key, Json value,
                              std::string_view name_space = "default") noexcept;
  template <typename Number, std::enable_if_t<std::is_arithmetic_v<Number>, int> = 0>
  void add_metadata(std::string_view key, Number value,
                    std::string_view name_space = "default") noexcept {
    if constexpr (std::is_same_v<Number, bool>) {
      add_metadata_bool(key, value, name_space);
    } else if constexpr (std::is_floating_point_v<Number>) {
      add_metadata_double(key, static_cast<double>(value), name_space);
    } else if constexpr (std::is_signed_v<Number>) {
      add_metadata_integer(key, static_cast<std::int64_t>(value), name_space);
    } else {
      add_metadata_unsigned(key, static_cast<std::uint64_t>(value), name_space);
    }
  }

  /// Adds a member to the `aws` block: for a segment what it runs on (`account_id`, or `ecs` and
  /// the like as Json; what plugins found is written without being asked for), for a subsegment
  /// what it calls (`operation`, `region`, `table_name`, ...; see also Subsegment::set_aws). The
  /// last value of a key counts; empty values are left out; 2,048 bytes a value. The key `xray` is
  /// the SDK's.
  XRAY_DECL void add_aws(std::string_view key, std::string_view value) noexcept;
  void add_aws(std::string_view key, const char* value) noexcept {
    add_aws(key, value == nullptr ? std::string_view() : std::string_view(value));
  }
  XRAY_DECL void add_aws(std::string_view key, Json value) noexcept;
  template <typename Integer, std::enable_if_t<std::is_integral_v<Integer>, int> = 0>
  void add_aws(std::string_view key, Integer value) noexcept {
    if constexpr (std::is_same_v<Integer, bool>) {
      add_aws_bool(key, value);
    } else {
      add_aws_integer(key, static_cast<std::int64_t>(value));
    }
  }

  /// The `http` block's request half.
  XRAY_DECL void set_http_request(const HttpRequest& request) noexcept;

  /// The `http` block's response half, and the flags that follow from it: 4xx marks error, 429
  /// error and throttle, 5xx fault. A negative `content_length` means unknown.
  XRAY_DECL void set_http_response(int status, std::int64_t content_length = -1) noexcept;

  /// The client did something wrong (4xx).
  XRAY_DECL void set_error(bool on = true) noexcept;
  /// This side failed (5xx). Also set by an exception that leaves the scope.
  XRAY_DECL void set_fault(bool on = true) noexcept;
  /// The call was throttled (429); set_error() goes with it.
  XRAY_DECL void set_throttle(bool on = true) noexcept;

  /// Records what went wrong as the cause: type, message, stack frames
  /// (Configuration::stack_frames) and the exceptions nested in it (std::throw_with_nested), at
  /// most 16, the innermost always among them, and marks fault. A null pointer is ignored. An
  /// exception that another entity of this segment recorded before is referred to by its id. One
  /// that merely leaves a scope marks fault by itself; its type, message and stack are recorded too
  /// where the throw hook works (xray::sdk as a shared library) and else out of a destructor's
  /// sight: catch it and pass it here, or use capture().
  XRAY_DECL __attribute__((noinline)) void add_exception(
      const std::exception_ptr& exception) noexcept;
  /// The same for an exception at hand.
  XRAY_DECL __attribute__((noinline)) void add_exception(const std::exception& exception) noexcept;
  /// What the called service said went wrong there: an exception of the type and with the message
  /// that it gave, marked as remote. Marks fault.
  XRAY_DECL void add_remote_exception(std::string_view type, std::string_view message) noexcept;

  /// Whether what is said here is recorded.
  [[nodiscard]] bool sampled() const noexcept { return node_ != nullptr; }

  /// Sends a document marked `in_progress` with what this entity says so far, so that long work can
  /// be seen while it runs; the complete document replaces it. Does nothing once it is over.
  XRAY_DECL void announce() noexcept;

  /// The place in the trace that this entity is: for a ContextScope, or as the parent of a
  /// Subsegment. When it is not recorded, the calling thread's current context.
  [[nodiscard]] XRAY_DECL Context context() const noexcept;

  /// This entity's id; none when it is not recorded.
  [[nodiscard]] XRAY_DECL SegmentId id() const noexcept;

  /// The header to send along with a call made on behalf of this entity: its trace, itself as the
  /// parent, the decision, and what came along in the incoming header. When it is not recorded, the
  /// header of the calling thread's current context.
  [[nodiscard]] XRAY_DECL TraceHeader trace_header() const noexcept;

 protected:
  explicit Entity(detail::Node* node, detail::Record* record = nullptr) noexcept
      : node_(node), record_(record) {}
  Entity(Entity&& other) noexcept : node_(other.node_), record_(other.record_) {
    other.node_ = nullptr;
    other.record_ = nullptr;
  }
  ~Entity() = default;

  detail::Node* node_;
  /// A segment's; a subsegment's only where it is not recorded and has an explicit parent.
  detail::Record* record_;

 private:
  friend class Subsegment;

  XRAY_DECL void add_aws_bool(std::string_view key, bool value) noexcept;
  XRAY_DECL void add_aws_integer(std::string_view key, std::int64_t value) noexcept;
  XRAY_DECL void add_annotation_bool(std::string_view key, bool value) noexcept;
  XRAY_DECL void add_annotation_double(std::string_view key, double value) noexcept;
  XRAY_DECL void add_annotation_integer(std::string_view key, std::int64_t value) noexcept;
  XRAY_DECL void add_annotation_unsigned(std::string_view key, std::uint64_t value) noexcept;
  XRAY_DECL void add_metadata_bool(std::string_view key, bool value,
                                   std::string_view name_space) noexcept;
  XRAY_DECL void add_metadata_double(std::string_view key, double value,
                                     std::string_view name_space) noexcept;
  XRAY_DECL void add_metadata_integer(std::string_view key, std::int64_t value,
                                      std::string_view name_space) noexcept;
  XRAY_DECL void add_metadata_unsigned(std::string_view key, std::uint64_t value,
                                       std::string_view name_space) noexcept;
};

XRAY_NAMESPACE_END

#endif  // XRAY_ENTITY_HPP
