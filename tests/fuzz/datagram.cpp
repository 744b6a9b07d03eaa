// Any datagram: refused with a reason, or a body that is its tail.
#include "intake/datagram.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view datagram(reinterpret_cast<const char*>(data), size);
  const auto parts = xrayd::intake::split_datagram(datagram);
  const bool taken = parts.refusal == xrayd::intake::Refusal::none;
  if (taken == parts.body.empty()) std::abort();
  if (taken && !datagram.ends_with(parts.body)) std::abort();
  return 0;
}
