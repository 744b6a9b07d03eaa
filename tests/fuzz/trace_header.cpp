// Any text as a trace header: what was read writes a header that reads the same.
#include <xray/trace_header.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto header = xray::TraceHeader::parse(text);
  const auto written = header.to_string();
  for (const char c : written.view()) {
    if (static_cast<unsigned char>(c) < 0x20U || c == 0x7f) std::abort();
  }
  const auto again = xray::TraceHeader::parse(written);
  if (again.to_string().view() != written.view()) std::abort();
  if (again.trace_id() != header.trace_id() || again.sampling() != header.sampling()) std::abort();
  return 0;
}
