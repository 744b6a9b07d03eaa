// Any text as a trace header, X-Ray's or W3C's: what was read writes a header that reads the same.
#include <xray/trace_header.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

void require_one_line(std::string_view text) {
  for (const char c : text) require(static_cast<unsigned char>(c) >= 0x20U && c != 0x7f);
}

/// What was read by whichever way travels on by whichever way.
void check(const xray::TraceHeader& header) {
  const auto written = header.to_string();
  require_one_line(written.view());
  const auto again = xray::TraceHeader::parse(written);
  require(again.to_string() == written.view());
  require(again.trace_id() == header.trace_id() && again.parent_id() == header.parent_id());
  require(again.sampling() == header.sampling() && again.extras() == header.extras());

  require_one_line(header.tracestate());
  require(header.tracestate().empty() || header.trace_id().valid());
  const auto traceparent = header.traceparent();
  require(traceparent.empty() != (header.trace_id().valid() && header.parent_id().valid()));
  const auto by_w3c = xray::TraceHeader::parse_w3c(traceparent, header.tracestate());
  require(by_w3c.traceparent() == traceparent.view());
  if (!traceparent.empty()) {
    require(by_w3c.trace_id() == header.trace_id() && by_w3c.parent_id() == header.parent_id());
    require(by_w3c.tracestate() == header.tracestate());
    require((by_w3c.sampling() == xray::Sampling::sampled) ==
            (header.sampling() == xray::Sampling::sampled));
  }
  // Both at once name one trace: nothing is lost.
  const auto by_both = xray::TraceHeader::parse(written, traceparent, header.tracestate());
  require(by_both.to_string() == written.view());
  if (!traceparent.empty()) require(by_both.tracestate() == header.tracestate());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check(xray::TraceHeader::parse(text));
  check(xray::TraceHeader::parse_w3c(text));
  // Three headers, a line each.
  const std::size_t first = text.find('\n');
  if (first == std::string_view::npos) return 0;
  const std::size_t second = text.find('\n', first + 1);
  if (second == std::string_view::npos) return 0;
  const std::string_view traceparent = text.substr(first + 1, second - first - 1);
  const std::string_view tracestate = text.substr(second + 1);
  check(xray::TraceHeader::parse_w3c(traceparent, tracestate));
  check(xray::TraceHeader::parse(text.substr(0, first), traceparent, tracestate));
  // A tracestate is judged for itself: a random traceparent seldom lets it through.
  check(xray::TraceHeader::parse_w3c("00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01",
                                     tracestate));
  return 0;
}
