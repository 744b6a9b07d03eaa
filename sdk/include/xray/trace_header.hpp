// The header by which a trace crosses from one service to the next.
#if defined(XRAY_HEADER_ONLY)
#include <xray/impl/header_only.hpp>
#endif
#ifndef XRAY_TRACE_HEADER_HPP
#define XRAY_TRACE_HEADER_HPP

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <xray/segment_id.hpp>
#include <xray/trace_id.hpp>

XRAY_NAMESPACE_BEGIN

namespace detail {
struct HeaderAccess;
}

/// The HTTP header's name.
inline constexpr std::string_view trace_header_name = "X-Amzn-Trace-Id";
/// The names of W3C Trace Context's headers.
inline constexpr std::string_view traceparent_name = "traceparent";
inline constexpr std::string_view tracestate_name = "tracestate";

/// What a trace header says about sampling.
enum class Sampling : std::uint8_t {
  unknown,      ///< nothing: whoever receives it decides
  sampled,      ///< `Sampled=1`: record
  not_sampled,  ///< `Sampled=0`: don't
  requested,    ///< `Sampled=?`: decide, and answer in the response header
};

/// `Root=1-5759e988-...;Parent=53995c3f42cd8ad8;Sampled=1`, parsed; or the same said in W3C's way,
/// `traceparent: 00-5759e988...-53995c3f42cd8ad8-01`. A value that owns its text.
class TraceHeader {
 public:
  /// Keys other than Root, Parent, Sampled and Self travel on, in order, up to so many bytes.
  static constexpr std::size_t extras_capacity = 256;
  /// A longer text is read so far, and without the part that goes on beyond.
  static constexpr std::size_t longest_text = 8192;
  /// So many bytes of a tracestate travel on.
  static constexpr std::size_t tracestate_capacity = 512;
  using Text = FixedText<77 + extras_capacity>;
  using TraceparentText = FixedText<55>;

  // Not defaulted: `TraceHeader()` would fill all of it with zeros first.
  TraceHeader() noexcept {}  // NOLINT(modernize-use-equals-default)
  TraceHeader(TraceId trace_id, SegmentId parent_id, Sampling sampling) noexcept
      : trace_id_(trace_id), parent_id_(parent_id), sampling_(sampling) {}

  /// Reads a header as leniently as it can: any order, any case of keys, spaces around parts; a
  /// part without `=` is skipped, of several Root, Parent or Sampled the last counts, `Self` (a
  /// load balancer's own id) is dropped. An invalid Root restarts the trace: its Parent is dropped
  /// too, Sampled is kept. Never fails; text that is no header at all gives an empty one.
  static XRAY_DECL TraceHeader parse(std::string_view text) noexcept;

  /// Reads W3C Trace Context. `traceparent` strictly: 32 and 16 lower-case hexadecimal digits, not
  /// all zero, of version 00 or, as far as that goes, a later one; anything else gives an empty
  /// header. Its trace id is X-Ray's with other dashes, its flag always a decision. Of `tracestate`
  /// whole members are kept, in order; those over 128 characters leave first where it exceeds
  /// tracestate_capacity, then the last. A tracestate that is not well-formed (or has more than 32
  /// members) is dropped.
  static XRAY_DECL TraceHeader parse_w3c(std::string_view traceparent,
                                         std::string_view tracestate = {}) noexcept;

  /// Reads a request that may have both: a valid Root in `text` wins and is read as by parse();
  /// only without one does traceparent count, with its parent and its decision. Extras are kept in
  /// either case, tracestate where traceparent names the trace that was chosen. Empty texts stand
  /// for headers that are not there.
  static XRAY_DECL TraceHeader parse(std::string_view text, std::string_view traceparent,
                                     std::string_view tracestate = {}) noexcept;

  [[nodiscard]] TraceId trace_id() const noexcept { return trace_id_; }
  [[nodiscard]] SegmentId parent_id() const noexcept { return parent_id_; }
  [[nodiscard]] Sampling sampling() const noexcept { return sampling_; }
  /// The other parts, `key=value` joined by `;`: `Lineage=...` above all.
  [[nodiscard]] std::string_view extras() const noexcept { return extras_; }
  /// What other vendors' tracers said about the trace, for the next service; W3C's only.
  [[nodiscard]] std::string_view tracestate() const noexcept { return tracestate_; }

  void set_trace_id(TraceId id) noexcept { trace_id_ = id; }
  void set_parent_id(SegmentId id) noexcept { parent_id_ = id; }
  void set_sampling(Sampling sampling) noexcept { sampling_ = sampling; }
  /// Replaces the other parts; what exceeds extras_capacity is cut. Used by code that made `extras`
  /// with parse().
  void set_extras(std::string_view extras) noexcept {
    extras_ = FixedText<extras_capacity>();
    extras_.append(extras);
  }

  /// Replaces the tracestate; kept of it is what parse_w3c() keeps.
  XRAY_DECL void set_tracestate(std::string_view tracestate) noexcept;

  /// `Root=...;Parent=...;Sampled=...` and the extras, leaving out what is not set; empty when
  /// nothing is.
  [[nodiscard]] XRAY_DECL Text to_string() const noexcept;

  /// `00-<trace id>-<parent id>-<flags>`, the flags 01 for `Sampled=1`, else 00; empty without both
  /// ids. W3C has no words for the extras nor for a decision still to come.
  [[nodiscard]] XRAY_DECL TraceparentText traceparent() const noexcept;

 private:
  friend struct detail::HeaderAccess;

  TraceId trace_id_;
  SegmentId parent_id_;
  Sampling sampling_ = Sampling::unknown;
  FixedText<extras_capacity> extras_;
  FixedText<tracestate_capacity> tracestate_;
};

XRAY_NAMESPACE_END

#endif  // XRAY_TRACE_HEADER_HPP
