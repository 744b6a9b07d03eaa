#include <xray/patch.hpp>

#include <gtest/gtest.h>

#include <cerrno>

#include "patching/patcher.hpp"
#include "support/under_patch.hpp"
#include "support/wrappers.hpp"

namespace {

using xray_test::Work;

class PatchTest : public testing::Test {
 protected:
  PatchTest() {
    xray::patching::process_patcher().add(xray_test::counting_client());
    Work<0>::calls = 0;
  }
  ~PatchTest() override { xray::unpatch_all(); }
};

TEST_F(PatchTest, all_or_some_are_patched_and_unpatched) {
  EXPECT_TRUE(xray::patch_all().hooked("work"));
  EXPECT_TRUE(xray::patched().hooked("work"));
  EXPECT_EQ(xray_test_work(1), 1001);
  EXPECT_EQ(Work<0>::calls, 1);
  EXPECT_FALSE(xray::unpatch_all().hooked("work"));
  EXPECT_FALSE(xray::patched().hooked("work"));
  EXPECT_FALSE(xray::patch({"nobody"}).hooked("work"));
  EXPECT_TRUE(xray::patch({"work"}).hooked("work"));
}

TEST_F(PatchTest, a_name_that_no_client_has_is_said_to_be_unknown) {
  const auto report = xray::patch({"nobody"});
  ASSERT_NE(report.find("nobody"), nullptr);
  EXPECT_EQ(report.find("nobody")->state, xray::PatchState::unknown);
  EXPECT_EQ(xray::patched().find("nobody"), nullptr);
}

TEST_F(PatchTest, errno_stays) {
  errno = ERANGE;
  xray::patch_all();
  xray::patched();
  xray::unpatch_all();
  EXPECT_EQ(errno, ERANGE);
}

TEST_F(PatchTest, the_report_names_what_is_ours_alone_nowhere) {
  xray::PatchOptions options;
  options.follow_dlopen = true;
  const auto report = xray::patch_all(options);
  EXPECT_TRUE(report.hooked("work"));
  EXPECT_EQ(report.to_string().find("dlsym"), std::string::npos);
}

}  // namespace
