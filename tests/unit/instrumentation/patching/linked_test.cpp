// A program's own copy of a client, as the patcher sees it; the linker's part is tested by
// programs.
#include <gtest/gtest.h>

#include "patching/patcher.hpp"
#include "support/under_patch.hpp"
#include "support/wrappers.hpp"

namespace {

using xray::patching::LinkedFunction;
using xray::patching::Patcher;
using xray_test::Work;

int own_work(int value) {
  return value + 5000;
}
int other_work(int value) {
  return value + 6000;
}

template <typename Function>
void* address_of(Function* function) {
  return reinterpret_cast<void*>(function);
}

/// The copy's wrappers are the ones after those of the two libraries.
using CopysWork = Work<2>;

class LinkedTest : public testing::Test {
 protected:
  LinkedTest() {
    patcher_.add(xray_test::counting_client());
    CopysWork::calls = Work<0>::calls = 0;
  }
  ~LinkedTest() override { patcher_.unpatch(); }

  int call(int value) const { return reinterpret_cast<int (*)(int)>(slot_)(value); }

  Patcher patcher_;
  void* slot_ = address_of(&own_work);
  void* missing_slot_ = nullptr;
  const LinkedFunction functions_[2] = {{"xray_test_work", &slot_, slot_},
                                        {"xray_test_work_often", &missing_slot_, nullptr}};
};

TEST_F(LinkedTest, a_copy_is_patched_alone_and_with_the_others) {
  ASSERT_TRUE(patcher_.link({"work", functions_, 2}));
  EXPECT_EQ(call(1), 5001);
  EXPECT_EQ(CopysWork::calls, 0);
  patcher_.patch_linked("work");
  EXPECT_EQ(call(1), 5001);
  EXPECT_EQ(CopysWork::calls, 1);
  EXPECT_EQ(xray_test_work(1), 1001);
  EXPECT_EQ(Work<0>::calls, 0);
  patcher_.patch(nullptr);
  EXPECT_EQ(call(1), 5001);
  EXPECT_EQ(xray_test_work(1), 1001);
  EXPECT_EQ(CopysWork::calls, 2);
  EXPECT_EQ(Work<0>::calls, 1);
  patcher_.unpatch();
  EXPECT_EQ(call(1), 5001);
  EXPECT_EQ(xray_test_work(1), 1001);
  EXPECT_EQ(CopysWork::calls, 2);
  EXPECT_EQ(Work<0>::calls, 1);
}

TEST_F(LinkedTest, a_function_that_the_copy_has_not_is_neither_counted_nor_led_anywhere) {
  ASSERT_TRUE(patcher_.link({"work", functions_, 2}));
  const auto report = patcher_.patch(nullptr);
  const xray::PatchedLibrary& copy = report.find("work")->libraries.back();
  EXPECT_EQ(copy.soname, "(linked statically)");
  EXPECT_EQ(copy.functions, 1U);
  EXPECT_EQ(copy.slots, 1U);
  EXPECT_EQ(missing_slot_, nullptr);
}

TEST_F(LinkedTest, a_program_without_a_copy_has_none_in_its_report) {
  EXPECT_EQ(patcher_.report().find("work")->libraries.size(), 2U);
}

TEST_F(LinkedTest, a_second_copy_and_a_client_that_nobody_knows_are_left_alone) {
  void* other_slot = address_of(&other_work);
  const LinkedFunction others[] = {{"xray_test_work", &other_slot, other_slot}};
  EXPECT_FALSE(patcher_.link({"nobody", functions_, 2}));
  ASSERT_TRUE(patcher_.link({"work", functions_, 2}));
  EXPECT_FALSE(patcher_.link({"work", others, 1}));
  patcher_.patch(nullptr);
  EXPECT_EQ(other_slot, address_of(&other_work));
  EXPECT_EQ(call(1), 5001);
}

TEST_F(LinkedTest, a_copy_that_is_not_asked_for_stays_unpatched) {
  ASSERT_TRUE(patcher_.link({"work", functions_, 2}));
  const std::vector<std::string_view> names{"curl"};
  patcher_.patch(&names);
  EXPECT_EQ(slot_, address_of(&own_work));
  EXPECT_FALSE(patcher_.report().hooked("work"));
}

TEST_F(LinkedTest, of_versions_with_wrappers_of_their_own_the_one_with_a_given_function_is_meant) {
  for (const bool has_function : {true, false}) {
    auto client = xray_test::counting_client("versions");
    client.libraries.back().only_with = "xray_test_since_1";
    client.libraries.push_back(xray::patching::make_linked_library<7, Work>());
    Patcher patcher;
    patcher.add(client);
    void* slot = address_of(&own_work);
    const LinkedFunction functions[] = {
        {"xray_test_work", &slot, slot},
        {"xray_test_since_1", nullptr, has_function ? address_of(&other_work) : nullptr}};
    ASSERT_TRUE(patcher.link({"versions", functions, 2}));
    Work<7>::calls = CopysWork::calls = 0;
    patcher.patch_linked("versions");
    EXPECT_EQ(reinterpret_cast<int (*)(int)>(slot)(1), 5001);
    EXPECT_EQ(CopysWork::calls, has_function ? 1 : 0);
    EXPECT_EQ(Work<7>::calls, has_function ? 0 : 1);
    const auto report = patcher.report();
    EXPECT_EQ(report.find("versions")->libraries.size(), 3U);
    EXPECT_EQ(report.find("versions")->libraries.back().slots, 1U);
  }
}

}  // namespace
