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

/// The HTTP header's name.
inline constexpr std::string_view trace_header_name = "X-Amzn-Trace-Id";

/// What a trace header says about sampling.
enum class Sampling : std::uint8_t {
  unknown,      ///< nothing: whoever receives it decides
  sampled,      ///< `Sampled=1`: record
  not_sampled,  ///< `Sampled=0`: don't
  requested,    ///< `Sampled=?`: decide, and answer in the response header
};

/// `Root=1-5759e988-...;Parent=53995c3f42cd8ad8;Sampled=1`, parsed. A value that owns its text.
class TraceHeader {
 public:
  /// Keys other than Root, Parent, Sampled and Self travel on, in order, up to so many bytes.
  static constexpr std::size_t extras_capacity = 256;
  using Text = FixedText<77 + extras_capacity>;

  TraceHeader() noexcept = default;
  TraceHeader(TraceId trace_id, SegmentId parent_id, Sampling sampling) noexcept
      : trace_id_(trace_id), parent_id_(parent_id), sampling_(sampling) {}

  /// Reads a header as leniently as it can: any order, any case of keys, spaces around parts; a
  /// part without `=` is skipped, of several Root, Parent or Sampled the last counts, `Self` (a
  /// load balancer's own id) is dropped. An invalid Root restarts the trace: its Parent is dropped
  /// too, Sampled is kept. Never fails; text that is no header at all gives an empty one.
  static XRAY_DECL TraceHeader parse(std::string_view text) noexcept;

  [[nodiscard]] TraceId trace_id() const noexcept { return trace_id_; }
  [[nodiscard]] SegmentId parent_id() const noexcept { return parent_id_; }
  [[nodiscard]] Sampling sampling() const noexcept { return sampling_; }
  /// The other parts, `key=value` joined by `;`: `Lineage=...` above all.
  [[nodiscard]] std::string_view extras() const noexcept { return extras_; }

  void set_trace_id(TraceId id) noexcept { trace_id_ = id; }
  void set_parent_id(SegmentId id) noexcept { parent_id_ = id; }
  void set_sampling(Sampling sampling) noexcept { sampling_ = sampling; }
  /// Replaces the other parts; what exceeds extras_capacity is cut. Used by code that made `extras`
  /// with parse().
  void set_extras(std::string_view extras) noexcept {
    extras_ = FixedText<extras_capacity>();
    extras_.append(extras);
  }

  /// `Root=...;Parent=...;Sampled=...` and the extras, leaving out what is not set; empty when
  /// nothing is.
  [[nodiscard]] XRAY_DECL Text to_string() const noexcept;

 private:
  TraceId trace_id_;
  SegmentId parent_id_;
  Sampling sampling_ = Sampling::unknown;
  FixedText<extras_capacity> extras_;
};

XRAY_NAMESPACE_END

#endif  // XRAY_TRACE_HEADER_HPP
