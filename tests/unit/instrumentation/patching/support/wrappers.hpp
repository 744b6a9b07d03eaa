// Wrappers that count, for the functions of under_patch.hpp.
#pragma once

#include <atomic>
#include <cstddef>

#include "patching/hook_table.hpp"

namespace xray_test {

template <std::size_t Library>
struct Work {
  static constexpr const char* symbol = "xray_test_work";
  static inline xray::patching::Original<int(int)> original;
  static inline std::atomic<int> calls{0};
  static int call(int value) {
    calls.fetch_add(1, std::memory_order_relaxed);
    return original(value);
  }
};

template <std::size_t Library>
struct WorkOften {
  static constexpr const char* symbol = "xray_test_work_often";
  static inline xray::patching::Original<int(int, int)> original;
  static inline std::atomic<int> calls{0};
  static int call(int value, int times) {
    calls.fetch_add(1, std::memory_order_relaxed);
    return original(value, times);
  }
};

/// Called by nobody but wrappers.
template <std::size_t Library>
struct WorkOftenUnwrapped {
  static constexpr const char* symbol = "xray_test_work_often";
  static inline xray::patching::Original<int(int, int)> original;
};
template <std::size_t Library>
struct Missing {
  static constexpr const char* symbol = "xray_test_that_no_library_has";
  static inline xray::patching::Original<int()> original;
};

/// Of library a and library b, in this order.
inline xray::patching::Client counting_client(const char* name = "work") {
  return xray::patching::make_client<Work, WorkOften>(name,
                                                      {"libxraytest_a.so.1", "libxraytest_b.so.1"});
}

}  // namespace xray_test
