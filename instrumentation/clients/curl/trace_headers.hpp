// The header lines that we lend to libcurl for one call.
#pragma once

#include <array>
#include <cstddef>

#include <xray/fixed_text.hpp>
#include <xray/trace_header.hpp>

#include "clients/curl/library.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients {
namespace curl {

/// Whether the program writes a trace header of its own (or forbids one: `X-Amzn-Trace-Id:`).
bool has_trace_header(const Slist* list) noexcept;

/// List nodes of ours that stand before the user's list, which is never written. Stays where it is:
/// libcurl has pointers into it.
class TraceHeaders {
 public:
  TraceHeaders() = default;
  TraceHeaders(const TraceHeaders&) = delete;
  TraceHeaders& operator=(const TraceHeaders&) = delete;
  ~TraceHeaders() = default;

  /// Writes the lines of a header: X-Amzn-Trace-Id, and W3C's where they are asked for. False if
  /// there is nothing to send.
  bool write(const TraceHeader& header) noexcept;

  /// The whole list: ours, then the user's.
  Slist* in_front_of(Slist* users) noexcept;

  /// From now on the lines are such that libcurl sends nothing for them.
  void silence() noexcept;

 private:
  void add(std::string_view name, std::string_view value) noexcept;

  std::array<Slist, 3> nodes_{};
  std::size_t count_ = 0;
  // Three lines: an X-Amzn-Trace-Id, a traceparent, a tracestate.
  FixedText<TraceHeader::tracestate_capacity + TraceHeader::extras_capacity + 256> text_;

 public:
  /// Of those that can't be taken back: see Easy.
  TraceHeaders* next_kept = nullptr;
};

}  // namespace curl
}  // namespace clients
XRAY_NAMESPACE_END
