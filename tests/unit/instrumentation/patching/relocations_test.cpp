#include "patching/relocations.hpp"

#include <elf.h>
#include <gtest/gtest.h>

#include "patching/held_modules.hpp"
#include "support/under_patch.hpp"

namespace {

using xray::patching::slot_kind;
using xray::patching::SlotKind;

TEST(Relocations, the_three_kinds_of_x86_64_are_known) {
  EXPECT_EQ(slot_kind(EM_X86_64, R_X86_64_JUMP_SLOT), SlotKind::call);
  EXPECT_EQ(slot_kind(EM_X86_64, R_X86_64_GLOB_DAT), SlotKind::address);
  EXPECT_EQ(slot_kind(EM_X86_64, R_X86_64_64), SlotKind::data);
}

TEST(Relocations, the_three_kinds_of_aarch64_are_known) {
  EXPECT_EQ(slot_kind(EM_AARCH64, R_AARCH64_JUMP_SLOT), SlotKind::call);
  EXPECT_EQ(slot_kind(EM_AARCH64, R_AARCH64_GLOB_DAT), SlotKind::address);
  EXPECT_EQ(slot_kind(EM_AARCH64, R_AARCH64_ABS64), SlotKind::data);
}

TEST(Relocations, what_holds_no_address_of_a_function_is_no_slot) {
  EXPECT_FALSE(slot_kind(EM_X86_64, R_X86_64_RELATIVE));
  EXPECT_FALSE(slot_kind(EM_X86_64, R_X86_64_COPY));
  EXPECT_FALSE(slot_kind(EM_X86_64, R_X86_64_DTPMOD64));
  EXPECT_FALSE(slot_kind(EM_AARCH64, R_AARCH64_RELATIVE));
  EXPECT_FALSE(slot_kind(EM_AARCH64, R_AARCH64_TLSDESC));
  EXPECT_FALSE(slot_kind(EM_386, R_X86_64_JUMP_SLOT));
}

TEST(Relocations, the_slots_of_this_program_are_found_by_name_alone) {
  EXPECT_EQ(xray_test_work(1), 1001);  // the import that is looked for
  const auto modules = xray::patching::hold_loaded_modules();
  ASSERT_FALSE(modules.empty());
  ASSERT_EQ(modules.front().path, "");
  const auto slots = xray::patching::import_slots(
      modules.front().elf,
      [](std::string_view name, const void*) { return name == "xray_test_work"; }, nullptr);
  ASSERT_FALSE(slots.empty());
  for (const auto& slot : slots) {
    EXPECT_EQ(slot.name, "xray_test_work");
    EXPECT_STREQ(modules.front().elf.symbol_version(slot.symbol), "XRAY_TEST_A_1");
  }
}

}  // namespace
