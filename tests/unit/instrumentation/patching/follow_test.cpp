#include "patching/follow.hpp"

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <string>

#include "patching/patcher.hpp"
#include "support/plugin.hpp"
#include "support/wrappers.hpp"

namespace {

using xray_test::Plugin;
using xray_test::Work;

class FollowTest : public testing::Test {
 protected:
  FollowTest() {
    xray::patching::process_patcher().add(xray_test::counting_client());
    Work<0>::calls = Work<1>::calls = 0;
    xray::PatchOptions options;
    options.follow_dlopen = true;
    xray::patch({"work"}, options);
  }
  ~FollowTest() override { xray::unpatch_all(); }
};

TEST_F(FollowTest, a_plugin_loaded_later_is_patched_by_itself) {
  const Plugin plugin("plugin_now.so");
  EXPECT_EQ(plugin.call("plugin_call", 1), 1001);
  EXPECT_EQ(Work<0>::calls, 1);
}

TEST_F(FollowTest, so_is_a_library_that_comes_with_it) {
  const Plugin plugin("plugin_b_lazy.so", RTLD_LAZY | RTLD_LOCAL);
  EXPECT_EQ(plugin.call("plugin_call", 1), 2001);
  EXPECT_EQ(Work<1>::calls, 1);
}

TEST_F(FollowTest, a_function_looked_up_in_its_library_is_the_wrapper) {
  const Plugin library("libxraytest_a.so.1");
  EXPECT_EQ(library.call("xray_test_work", 1), 1001);
  EXPECT_EQ(Work<0>::calls, 1);
}

TEST_F(FollowTest, unpatched_nothing_is_followed) {
  xray::unpatch_all();
  const Plugin plugin("plugin_now.so");
  EXPECT_EQ(plugin.call("plugin_call", 1), 1001);
  const Plugin library("libxraytest_a.so.1");
  EXPECT_EQ(library.call("xray_test_work", 1), 1001);
  EXPECT_EQ(Work<0>::calls, 0);
}

TEST_F(FollowTest, a_look_up_still_goes_by_who_asks) {
  const Plugin plugin("plugin_now.so", RTLD_NOW | RTLD_LOCAL);
  auto* const look_up = plugin.function<void*(const char*)>("plugin_look_up");
  EXPECT_EQ(look_up("plugin_call"), dlsym(plugin.handle(), "plugin_call"));  // sees itself
  EXPECT_EQ(dlsym(RTLD_DEFAULT, "plugin_call"), nullptr);                    // we don't
}

TEST_F(FollowTest, a_look_up_that_fails_says_so_as_before) {
  const Plugin library("libxraytest_a.so.1");
  dlerror();
  errno = ERANGE;
  EXPECT_EQ(dlsym(library.handle(), "xray_test_nothing"), nullptr);
  const char* const text = dlerror();
  ASSERT_NE(text, nullptr);
  EXPECT_NE(std::string(text).find("xray_test_nothing"), std::string::npos);
}

}  // namespace
