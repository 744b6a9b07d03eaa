#include "patching/elf_module.hpp"

#include <gtest/gtest.h>
#include <link.h>

#include <cstring>
#include <random>
#include <vector>

#include "patching/relocations.hpp"

namespace {

using xray::patching::ElfModule;

/// A module made up in memory: one segment, in it a dynamic section and all tables. Its addresses
/// are offsets, as in a file. What lies behind it is not ours: the address sanitizer watches.
class MadeUpModule {
 public:
  static constexpr std::size_t symbols = 256;
  static constexpr std::size_t strings = 512;
  static constexpr std::size_t relocations = 768;
  static constexpr std::size_t versions = 1024;
  static constexpr std::size_t needed = 1088;
  static constexpr std::size_t slot = 1280;
  static constexpr std::size_t size = 2048;

  MadeUpModule() : bytes_(size / sizeof(std::uint64_t)) {
    const ElfW(Dyn) entries[] = {{DT_STRTAB, {strings}},
                                 {DT_STRSZ, {64}},
                                 {DT_SYMTAB, {symbols}},
                                 {DT_JMPREL, {relocations}},
                                 {DT_PLTRELSZ, {48}},
                                 {DT_PLTREL, {DT_RELA}},
                                 {DT_RELA, {relocations}},
                                 {DT_RELASZ, {48}},
                                 {DT_VERSYM, {versions}},
                                 {DT_VERNEED, {needed}},
                                 {DT_VERNEEDNUM, {1}},
                                 {DT_SONAME, {6}},
                                 {DT_NULL, {0}}};
    put(0, entries);
    std::memcpy(at(strings), "\0step\0V_1\0", 10);
    ElfW(Sym) symbol{};
    symbol.st_name = 1;
    symbol.st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC);
    put(symbols + sizeof symbol, symbol);
#if defined(__x86_64__)
    const unsigned type = R_X86_64_JUMP_SLOT;
#else
    const unsigned type = R_AARCH64_JUMP_SLOT;
#endif
    put(relocations, ElfW(Rela){slot, ELF64_R_INFO(std::uint64_t{1}, type), 0});
    const ElfW(Half) version_of_symbol[] = {0, 2};
    put(versions, version_of_symbol);
    put(needed, ElfW(Verneed){1, 1, 0, sizeof(ElfW(Verneed)), 0});
    put(needed + sizeof(ElfW(Verneed)), ElfW(Vernaux){0, 0, 2, 6, 0});
  }

  template <typename Value>
  void put(std::size_t offset, const Value& value) {
    std::memcpy(at(offset), &value, sizeof value);
  }
  unsigned char* at(std::size_t offset) {
    return reinterpret_cast<unsigned char*>(bytes_.data()) + offset;
  }
  std::optional<ElfModule> read() {
    ElfW(Phdr) segments[2] = {};
    segments[0].p_type = PT_LOAD;
    segments[0].p_flags = PF_R | PF_W | PF_X;
    segments[0].p_memsz = size;
    segments[1].p_type = PT_DYNAMIC;
    segments[1].p_memsz = symbols;
    return ElfModule::read(reinterpret_cast<std::uintptr_t>(bytes_.data()), segments, 2);
  }

 private:
  std::vector<std::uint64_t> bytes_;
};

bool is_step(std::string_view name, const void* /*argument*/) {
  return name == "step";
}

TEST(ElfModule, an_import_is_found_with_its_name_version_and_slot) {
  MadeUpModule made_up;
  const auto module = made_up.read();
  ASSERT_TRUE(module);
  const auto slots = import_slots(*module, &is_step, nullptr);
  ASSERT_EQ(slots.size(), 2U);  // the same table stands for both
  EXPECT_EQ(reinterpret_cast<unsigned char*>(slots[0].address), made_up.at(MadeUpModule::slot));
  EXPECT_EQ(slots[0].name, "step");
  EXPECT_STREQ(module->symbol_version(slots[0].symbol), "V_1");
}

TEST(ElfModule, has_the_name_that_it_gives_itself) {
  MadeUpModule made_up;
  EXPECT_EQ(made_up.read()->soname(), "V_1");
  made_up.put(11 * sizeof(ElfW(Dyn)), ElfW(Dyn){DT_SONAME, {4096}});  // outside of the strings
  EXPECT_EQ(made_up.read()->soname(), "");
}

TEST(ElfModule, a_module_without_segments_or_dynamic_section_is_none) {
  EXPECT_FALSE(ElfModule::read(0, nullptr, 0));
  ElfW(Phdr) dynamic{};
  dynamic.p_type = PT_DYNAMIC;
  dynamic.p_vaddr = 4096;
  dynamic.p_memsz = 256;
  EXPECT_FALSE(ElfModule::read(0, &dynamic, 1));  // in no segment that is loaded
}

TEST(ElfModule, a_slot_that_is_not_aligned_or_not_writable_memory_is_left_out) {
  for (const std::uint64_t place :
       {MadeUpModule::slot + 4, MadeUpModule::size, std::size_t{1} << 40, MadeUpModule::size - 4}) {
    MadeUpModule made_up;
    ElfW(Rela) relocation{};
    std::memcpy(&relocation, made_up.at(MadeUpModule::relocations), sizeof relocation);
    relocation.r_offset = place;
    made_up.put(MadeUpModule::relocations, relocation);
    const auto module = made_up.read();
    ASSERT_TRUE(module);
    EXPECT_TRUE(import_slots(*module, &is_step, nullptr).empty()) << place;
  }
}

TEST(ElfModule, a_name_without_an_end_is_no_name) {
  MadeUpModule made_up;
  std::memset(made_up.at(MadeUpModule::strings), 'x', 64);
  const auto module = made_up.read();
  ASSERT_TRUE(module);
  EXPECT_EQ(module->symbol_name(1), "");
}

TEST(ElfModule, damaged_tables_lead_to_no_read_outside_the_module) {
  std::mt19937 random(20);  // NOLINT(bugprone-random-generator-seed): the same each time
  const std::uint64_t nasty[] = {
      0, 1, 7, 0xffff, 0x8000, MadeUpModule::size - 1, ~std::uint64_t{0}, std::uint64_t{1} << 63};
  std::size_t readable = 0;
  for (int round = 0; round < 20000; ++round) {
    MadeUpModule made_up;
    for (auto damage = random() % 6; damage != 0; --damage) {
      const std::size_t offset = random() % MadeUpModule::slot;
      if (random() % 2 == 0) {
        *made_up.at(offset) = static_cast<unsigned char>(random());
      } else {
        made_up.put(offset & ~std::size_t{7}, nasty[random() % std::size(nasty)]);
      }
    }
    const auto module = made_up.read();
    if (!module) continue;
    ++readable;
    for (const auto& slot : import_slots(*module, &is_step, nullptr)) {
      const auto address = reinterpret_cast<std::uintptr_t>(slot.address);
      ASSERT_TRUE(module->contains_data(address, sizeof(void*)));
      if (const char* const version = module->symbol_version(slot.symbol)) {
        ASSERT_LT(std::strlen(version), MadeUpModule::size);
      }
    }
  }
  EXPECT_GT(readable, 1000U);
}

}  // namespace
