// A program that contains its client library, built in many ways; ends with 1 where something is
// not as it must be. It calls nothing of ours but to look and to switch.
#include <xray/patch.hpp>

#include <atomic>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#include "patching/depth_guard.hpp"
#include "patching/patcher.hpp"
#include "toy/toy.h"

namespace {

using xray::patching::DepthGuard;
using xray::patching::Original;

struct Toy;
std::atomic<int> calls{0};
std::atomic<int> number_seen{0};

template <std::size_t Library>
struct Number {
  static constexpr const char* symbol = "xray_toy_number";
  static inline Original<int()> original;
};

template <std::size_t Library>
struct Gone {
  static constexpr const char* symbol = "xray_toy_that_no_library_has";
  static inline Original<int()> original;
};

template <std::size_t Library>
struct OmittedToo {
  static constexpr const char* symbol = "xray_toy_omitted_too";
  static inline Original<int()> original;
};

template <std::size_t Library>
struct Call {
  static constexpr const char* symbol = "xray_toy_call";
  static inline Original<int(int)> original;
  static int call(int value) {
    const DepthGuard<Toy> guard;
    if (guard.is_outermost()) ++calls;
    number_seen =
        Number<Library>::original() + (Gone<Library>::original.get() != nullptr ? 100 : 0);
    return original(value);
  }
};

template <std::size_t Library>
struct Twice {
  static constexpr const char* symbol = "xray_toy_twice";
  static inline Original<int(int)> original;
  static int call(int value) {
    const DepthGuard<Toy> guard;
    if (guard.is_outermost()) ++calls;
    return original(value);
  }
};

template <std::size_t Library>
struct Sum {
  static constexpr const char* symbol = "xray_toy_sum";
  static inline Original<double(int, ...)> original;
  static double call(int count, ...) {
    const DepthGuard<Toy> guard;
    if (guard.is_outermost()) ++calls;
    va_list values;
    va_start(values, count);
    const int first = va_arg(values, int);
    const double second = va_arg(values, double);
    va_end(values);
    return original(1, first, second);
  }
};

template <std::size_t Library>
struct Absent {
  static constexpr const char* symbol = "xray_toy_absent";
  static inline Original<int()> original;
  static int call() { return original(); }
};

template <std::size_t Library>
struct Omitted {
  static constexpr const char* symbol = "xray_toy_omitted";
  static inline Original<int()> original;
  static int call() { return original(); }
};

/// Before what xray_patch() links asks for it, as the clients that we know are known from the
/// start.
[[gnu::constructor(101)]] void know_the_toy() {
  xray::patching::process_patcher().add(
      xray::patching::make_client<Number, Gone, OmittedToo, Call, Twice, Sum, Absent, Omitted>(
          "toy", {"libxraytoy.so.1"}));
}

bool all_is_well = true;
void expect(bool is_so, const char* what) {
  if (is_so) return;
  std::printf("not so: %s\n", what);
  all_is_well = false;
}

int recorded_by(int (*work)()) {
  const int before = calls;
  work();
  return calls - before;
}

int call_once() {
  const int result = xray_toy_call(1);
  expect(result == 1001, "a call gives the function's result");
  return result;
}
int call_twice() {
  const int result = xray_toy_twice(1);
  expect(result == 2001, "a call through another gives its result");
  return result;
}
int call_by_pointer() {
  static int (*const volatile pointer)(int) = &xray_toy_call;
  return pointer(1);
}
int sum() {
  const double result = xray_toy_sum(1, 2, 0.5);
  expect(result == 2.5, "a variadic call gets its arguments, whatever they are");
  return static_cast<int>(result);
}

void expect_recorded(int times, const char* what) {
  for (int (*const way)() : {&call_once, &call_twice, &call_by_pointer, &sum}) {
    expect(recorded_by(way) == times, what);
  }
}

void toggle_while_threads_call() {
  std::atomic<bool> is_over{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&is_over] {
      while (!is_over) {
        if (xray_toy_call(5) != 1005) expect(false, "calls go on while hooks come and go");
        std::this_thread::yield();
      }
    });
  }
  for (int cycle = 0; cycle < 50; ++cycle) {
    xray::unpatch_all();
    xray::patch({"toy"});
  }
  is_over = true;
  for (std::thread& thread : threads) thread.join();
}

}  // namespace

int main() {
  const char* const asked = std::getenv("AWS_XRAY_PATCH");
  if (asked != nullptr && std::strcmp(asked, "none") == 0) {
    expect_recorded(0, "AWS_XRAY_PATCH=none is obeyed");
    return all_is_well ? 0 : 1;
  }
  expect_recorded(1, "calls are recorded from the start, those inside of others not again");
  expect(number_seen == 7, "a function that only wrappers call is there, another is known to lack");

  const xray::PatchReport report = xray::patched();
  const xray::PatchedClient* const toy = report.find("toy");
  if (toy == nullptr || !report.hooked("toy")) {
    std::printf("not hooked:\n%s", report.to_string().c_str());
    return 1;
  }
  const xray::PatchedLibrary& copy = toy->libraries.back();
  expect(copy.soname == "(linked statically)" && copy.loaded, "the report names the copy");
  expect(copy.functions == 3 && copy.slots == 3, "the report counts what the copy has");
  expect(copy.modules.size() == 1 && copy.modules[0].path == "(program)", "and says where it is");
  expect(toy->slots_elsewhere == 0 && toy->why.empty(), "nothing is left to say");

  expect(!xray::unpatch_all().hooked("toy"), "unpatched, the report says so");
  expect_recorded(0, "unpatched calls are not recorded");
  expect(xray::patch({"toy"}).hooked("toy"), "patched again, the report says so");
  expect_recorded(1, "patched again, calls are recorded again, once");
  xray::unpatch_all();
  xray::patch_all();
  expect_recorded(1, "patch_all() goes for the copy too");
  toggle_while_threads_call();
  expect_recorded(1, "all is as before after much patching");
  return all_is_well ? 0 : 1;
}
