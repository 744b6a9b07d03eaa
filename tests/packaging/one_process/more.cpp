#include "more.hpp"

#include <xray/xray.hpp>

static_assert(__cplusplus > 201703L);

bool more_subsegment(const char* name) {
  const xray::Subsegment subsegment(name);
  return subsegment.sampled();
}

void more_segment(const char* name) {
  const xray::Segment segment(name);
}
