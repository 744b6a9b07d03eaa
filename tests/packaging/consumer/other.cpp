// A second translation unit: what the headers define must not clash.
#include "other.hpp"

#include <xray/xray.hpp>

int answer_in_a_subsegment() {
  return xray::capture("other-file", [] { return 42; });
}
