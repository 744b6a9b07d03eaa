// Not a GoogleTest program: the same few calls, built and linked in every way that changes how a
// program reaches its libraries. Ends with 0 if each was redirected, and led back.
#include <cerrno>
#include <cstdio>

#include "patching/patcher.hpp"
#include "support/plugin.hpp"
#include "support/under_patch.hpp"
#include "support/wrappers.hpp"

namespace {

using xray_test::Work;
using Function = int (*)(int);

Function in_data = &xray_test_work;
const volatile Function in_constant_data = &xray_test_work;
int failures = 0;

void expect(int line, int got, int expected) {
  if (got == expected) return;
  std::fprintf(stderr, "line %d: %d instead of %d\n", line, got, expected);
  ++failures;
}

/// How many of this program's ways to call the function came past the wrapper.
int hooked_calls() {
  Work<0>::calls = 0;
  errno = 0;
  expect(__LINE__, xray_test_work(5), 1005);
  expect(__LINE__, errno, 5);
  expect(__LINE__, in_data(6), 1006);
  expect(__LINE__, in_constant_data(7), 1007);
  volatile Function taken_now = &xray_test_work;
  expect(__LINE__, taken_now(8), 1008);
  return Work<0>::calls;
}

}  // namespace

int main(int argument_count, char** /*arguments*/) {
  xray::patching::Patcher patcher;
  patcher.add(xray_test::counting_client());
  // With an argument, each import has been used before, and so is bound.
  if (argument_count > 1) expect(__LINE__, hooked_calls(), 0);

  const xray_test::Plugin lazy("plugin_lazy.so", RTLD_LAZY | RTLD_LOCAL);
  xray::PatchReport report = patcher.patch(nullptr);
  expect(__LINE__, report.hooked("work"), 1);
  expect(__LINE__, static_cast<int>(report.find("work")->slots_failed), 0);
  expect(__LINE__, hooked_calls(), 4);
  Work<0>::calls = 0;
  expect(__LINE__, lazy.call("plugin_call", 1), 1001);
  expect(__LINE__, lazy.call("plugin_call_by_data", 1), 1001);
  expect(__LINE__, lazy.call("plugin_call_by_constant", 1), 1001);
  expect(__LINE__, Work<0>::calls, 3);

  patcher.patch(nullptr);
  expect(__LINE__, hooked_calls(), 4);  // not twice past it
  report = patcher.unpatch();
  expect(__LINE__, report.hooked("work"), 0);
  expect(__LINE__, hooked_calls(), 0);
  patcher.patch(nullptr);
  expect(__LINE__, hooked_calls(), 4);
  patcher.unpatch();
  if (failures != 0) std::fprintf(stderr, "%s", patcher.patch(nullptr).to_string().c_str());
  return failures == 0 ? 0 : 1;
}
