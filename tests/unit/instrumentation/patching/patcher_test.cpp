#include "patching/patcher.hpp"

#include <gtest/gtest.h>

#include <cerrno>

#include "patching/memory_protection.hpp"
#include "support/plugin.hpp"
#include "support/under_patch.hpp"
#include "support/wrappers.hpp"

namespace {

using xray::PatchState;
using xray::patching::Patcher;
using xray_test::Plugin;
using xray_test::Work;
using xray_test::WorkOften;

/// A patcher that knows the two libraries, and leaves the process as it found it.
class PatcherTest : public testing::Test {
 protected:
  PatcherTest() {
    patcher_.add(xray_test::counting_client());
    Work<0>::calls = Work<1>::calls = WorkOften<0>::calls = WorkOften<1>::calls = 0;
  }
  ~PatcherTest() override { patcher_.unpatch(); }

  Patcher patcher_;
};

TEST_F(PatcherTest, a_patched_call_goes_through_the_wrapper_and_does_the_same) {
  ASSERT_TRUE(patcher_.patch(nullptr).hooked("work"));
  errno = 0;
  EXPECT_EQ(xray_test_work(12), 1012);
  EXPECT_EQ(errno, 12);
  EXPECT_EQ(Work<0>::calls, 1);
}

TEST_F(PatcherTest, patching_twice_wraps_once) {
  const auto first = patcher_.patch(nullptr);
  const auto second = patcher_.patch(nullptr);
  EXPECT_EQ(xray_test_work(1), 1001);
  EXPECT_EQ(Work<0>::calls, 1);
  EXPECT_EQ(first.find("work")->libraries[0].slots, second.find("work")->libraries[0].slots);
}

TEST_F(PatcherTest, unpatched_calls_pass_no_wrapper_and_may_be_patched_again) {
  patcher_.patch(nullptr);
  EXPECT_EQ(patcher_.unpatch().find("work")->state, PatchState::not_asked);
  EXPECT_EQ(xray_test_work(1), 1001);
  EXPECT_EQ(Work<0>::calls, 0);
  patcher_.patch(nullptr);
  EXPECT_EQ(xray_test_work(1), 1001);
  EXPECT_EQ(Work<0>::calls, 1);
}

TEST_F(PatcherTest, companions_are_found_in_the_same_library_and_not_wrapped) {
  using xray_test::Missing;
  using xray_test::WorkOftenUnwrapped;
  const Plugin of_library_b("plugin_b.so", RTLD_NOW | RTLD_LOCAL);
  Patcher patcher;
  patcher.add(xray::patching::make_client<Work, WorkOftenUnwrapped, Missing>(
      "work", {"libxraytest_a.so.1", "libxraytest_b.so.1"}));
  const auto report = patcher.patch(nullptr);
  EXPECT_EQ(report.find("work")->libraries[0].functions, 1U);
  EXPECT_EQ(WorkOftenUnwrapped<0>::original(1, 1), 1001);
  EXPECT_EQ(WorkOftenUnwrapped<1>::original(1, 1), 2001);
  EXPECT_EQ(Missing<0>::original.get(), nullptr);
  EXPECT_EQ(xray_test_work_often(1, 1), 1001);
  EXPECT_EQ(WorkOften<0>::calls, 0);
  patcher.unpatch();
}

TEST_F(PatcherTest, plugins_loaded_before_are_patched_however_they_are_linked) {
  for (const char* const file : {"plugin_now.so", "plugin_lazy.so", "plugin_no_plt.so"}) {
    for (const int mode : {RTLD_NOW | RTLD_LOCAL, RTLD_LAZY | RTLD_LOCAL, RTLD_NOW | RTLD_GLOBAL}) {
      const Plugin plugin(file, mode);
      patcher_.patch(nullptr);
      Work<0>::calls = 0;
      EXPECT_EQ(plugin.call("plugin_call", 1), 1001);
      EXPECT_EQ(plugin.call("plugin_call_by_data", 1), 1001);
      EXPECT_EQ(plugin.call("plugin_call_by_constant", 1), 1001);
      EXPECT_EQ(Work<0>::calls, 3) << file << mode;
      patcher_.unpatch();
      EXPECT_EQ(plugin.call("plugin_call", 1), 1001);
      EXPECT_EQ(plugin.call("plugin_call_by_data", 1), 1001);
      EXPECT_EQ(plugin.call("plugin_call_by_constant", 1), 1001);
      EXPECT_EQ(Work<0>::calls, 3) << file << mode;
    }
  }
}

TEST_F(PatcherTest, a_plugin_loaded_afterwards_is_patched_the_next_time) {
  patcher_.patch(nullptr);
  const Plugin plugin("plugin_now.so");
  EXPECT_EQ(plugin.call("plugin_call", 1), 1001);
  EXPECT_EQ(Work<0>::calls, 0);
  patcher_.patch_again();
  EXPECT_EQ(plugin.call("plugin_call", 1), 1001);
  EXPECT_EQ(Work<0>::calls, 1);
}

TEST_F(PatcherTest, a_plugin_closed_while_patched_is_no_trouble) {
  Plugin closed("plugin_now.so");
  const Plugin open("plugin_lazy.so");
  patcher_.patch(nullptr);
  closed.close();
  EXPECT_FALSE(patcher_.unpatch().hooked("work"));
  EXPECT_EQ(open.call("plugin_call", 1), 1001);
  EXPECT_EQ(Work<0>::calls, 0);
}

TEST_F(PatcherTest, what_a_library_calls_of_itself_passes_no_wrapper) {
  patcher_.patch(nullptr);
  EXPECT_EQ(xray_test_work_often(3, 5), 1003);
  EXPECT_EQ(WorkOften<0>::calls, 1);
  EXPECT_EQ(Work<0>::calls, 0);
}

TEST_F(PatcherTest, of_two_libraries_with_the_same_functions_each_caller_gets_its_own) {
  const Plugin bound("plugin_b.so");
  const Plugin lazy("plugin_b_lazy.so", RTLD_LAZY | RTLD_LOCAL);
  const auto report = patcher_.patch(nullptr);
  EXPECT_EQ(bound.call("plugin_call", 1), 2001);
  EXPECT_EQ(lazy.call("plugin_call", 2), 2002);
  EXPECT_EQ(bound.call("plugin_call_by_constant", 3), 2003);
  EXPECT_EQ(Work<1>::calls, 3);
  EXPECT_EQ(Work<0>::calls, 0);
  EXPECT_EQ(xray_test_work(4), 1004);
  EXPECT_EQ(Work<0>::calls, 1);
  EXPECT_TRUE(report.find("work")->libraries[0].loaded);
  EXPECT_TRUE(report.find("work")->libraries[1].loaded);
  EXPECT_EQ(report.find("work")->slots_elsewhere, 0U);
}

TEST_F(PatcherTest, a_library_that_comes_later_is_hooked_when_patched_again) {
  EXPECT_FALSE(patcher_.patch(nullptr).find("work")->libraries[1].loaded);
  const Plugin plugin("plugin_b.so");
  patcher_.patch_again();
  EXPECT_EQ(plugin.call("plugin_call", 1), 2001);
  EXPECT_EQ(Work<1>::calls, 1);
}

TEST_F(PatcherTest, a_patched_library_stays_as_long_as_it_is_patched) {
  {
    const Plugin plugin("plugin_b.so");
    patcher_.patch(nullptr);
  }
  EXPECT_TRUE(patcher_.report().find("work")->libraries[1].loaded);
  patcher_.unpatch();
#if !defined(__SANITIZE_THREAD__)  // which keeps every library for good
  EXPECT_FALSE(patcher_.report().find("work")->libraries[1].loaded);
#endif
}

TEST_F(PatcherTest, imports_that_lead_to_other_code_are_left_alone_and_said) {
  Patcher other;
  other.add({"b", {xray::patching::make_library<1, Work>("libxraytest_b.so.1")}});
  const Plugin plugin("plugin_b.so");
  const auto report = other.patch(nullptr);
  EXPECT_TRUE(report.hooked("b"));
  EXPECT_GE(report.find("b")->slots_elsewhere, 1U);  // this program's, of library a
  EXPECT_NE(report.find("b")->why, "");
  EXPECT_EQ(xray_test_work(1), 1001);
  EXPECT_EQ(Work<1>::calls, 0);
  other.unpatch();
}

TEST_F(PatcherTest, two_patchers_do_not_wrap_each_other) {
  Patcher other;
  other.add({"a", {xray::patching::make_library<2, Work, WorkOften>("libxraytest_a.so.1")}});
  patcher_.patch(nullptr);
  EXPECT_FALSE(other.patch(nullptr).hooked("a"));
  other.unpatch();
  EXPECT_EQ(xray_test_work(1), 1001);
  EXPECT_EQ(Work<0>::calls, 1);
  EXPECT_EQ(xray_test_work_often(1, 1), 1001);
  EXPECT_EQ(WorkOften<0>::calls, 1);
}

TEST_F(PatcherTest, only_clients_asked_for_are_patched) {
  const std::vector<std::string_view> none{"nobody"};
  const auto report = patcher_.patch(&none);
  EXPECT_EQ(report.find("work")->state, PatchState::not_asked);
  EXPECT_EQ(report.find("nobody")->state, PatchState::unknown);
  EXPECT_EQ(xray_test_work(1), 1001);
  EXPECT_EQ(Work<0>::calls, 0);
}

TEST_F(PatcherTest, the_report_says_why_a_client_is_not_hooked) {
  Patcher other;
  other.add({"gone", {xray::patching::make_library<3, Work>("libxraytest_gone.so.1")}});
  struct Unused {
    static void call() {}
  };
  xray::patching::OriginalAddress original;
  other.add({"unused",
             {{"libxraytest_a.so.1",
               {{"xray_test_sum", reinterpret_cast<void*>(&Unused::call), &original}}}},
             false});
  const auto report = other.patch(nullptr);
  EXPECT_EQ(report.find("gone")->state, PatchState::not_loaded);
  EXPECT_NE(report.find("gone")->why.find("libxraytest_gone.so.1"), std::string::npos);
  EXPECT_EQ(report.find("unused")->state, PatchState::not_imported);
  EXPECT_NE(report.to_string().find("unused: not hooked (loaded"), std::string::npos);
}

TEST_F(PatcherTest, a_client_is_known_by_one_name_once) {
  EXPECT_FALSE(patcher_.add(xray_test::counting_client()));
  EXPECT_TRUE(patcher_.add(xray_test::counting_client("again")));
}

TEST_F(PatcherTest, memory_is_protected_afterwards_as_before) {
  const Plugin plugin("plugin_now.so");
  const auto modules = xray::patching::hold_loaded_modules();
  const auto protections = [&modules] {
    std::vector<int> all;
    const auto map = xray::patching::MemoryMap::read();
    for (const auto& module : modules) {
      const auto slots = xray::patching::import_slots(
          module.elf, [](std::string_view name, const void*) { return name == "xray_test_work"; },
          nullptr);
      for (const auto& slot : slots) {
        all.push_back(*map.protection(reinterpret_cast<std::uintptr_t>(slot.address)));
      }
    }
    return all;
  };
  const auto before = protections();
  ASSERT_GE(before.size(), 4U);
  patcher_.patch(nullptr);
  EXPECT_EQ(protections(), before);
  patcher_.unpatch();
  EXPECT_EQ(protections(), before);
}

}  // namespace
