// A module that calls one of the libraries in each of the ways that a linker knows.
#include <dlfcn.h>

#include "support/under_patch.hpp"

namespace {

using Work = int (*)(int);
Work work_in_data = &xray_test_work;
const volatile Work work_in_constant_data = &xray_test_work;

}  // namespace

XRAY_TEST_EXPORT int plugin_call(int value) {
  return xray_test_work(value);
}

XRAY_TEST_EXPORT int plugin_call_by_data(int value) {
  return work_in_data(value);
}

XRAY_TEST_EXPORT int plugin_call_by_constant(int value) {
  return work_in_constant_data(value);
}

XRAY_TEST_EXPORT void* plugin_look_up(const char* name) {
  void* volatile found = dlsym(RTLD_DEFAULT, name);  // no tail call, which would hide who asks
  return found;
}
