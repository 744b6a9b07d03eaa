#include "patching/memory_protection.hpp"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

namespace {

using xray::patching::MemoryMap;
using xray::patching::WritablePage;

/// Two pages, gone at the end.
class Pages {
 public:
  explicit Pages(int protection)
      : at_(mmap(nullptr, 2 * size(), protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) {}
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;
  ~Pages() { munmap(at_, 2 * size()); }

  static std::size_t size() { return static_cast<std::size_t>(sysconf(_SC_PAGESIZE)); }
  [[nodiscard]] std::uintptr_t first() const { return reinterpret_cast<std::uintptr_t>(at_); }
  [[nodiscard]] std::uintptr_t second() const { return first() + size(); }

 private:
  void* at_;
};

TEST(MemoryProtection, the_map_knows_what_each_page_allows) {
  const Pages pages(PROT_READ | PROT_WRITE);
  ASSERT_EQ(mprotect(reinterpret_cast<void*>(pages.second()), Pages::size(), PROT_READ), 0);
  const MemoryMap map = MemoryMap::read();
  EXPECT_EQ(map.protection(pages.first()), PROT_READ | PROT_WRITE);
  EXPECT_EQ(map.protection(pages.second() + Pages::size() - 1), PROT_READ);
  EXPECT_FALSE(map.protection(0));
}

TEST(MemoryProtection, a_page_is_writable_within_the_scope_and_as_it_was_after_it) {
  const Pages pages(PROT_READ);
  {
    const WritablePage page(pages.first() + 64, PROT_READ);
    ASSERT_TRUE(page.writable());
    EXPECT_TRUE(page.contains(pages.first()));
    EXPECT_FALSE(page.contains(pages.second()));
    *reinterpret_cast<volatile int*>(pages.first() + 64) = 5;
    EXPECT_EQ(MemoryMap::read().protection(pages.second()), PROT_READ);
  }
  EXPECT_EQ(MemoryMap::read().protection(pages.first()), PROT_READ);
}

TEST(MemoryProtection, a_page_that_cannot_be_opened_says_so) {
  std::uintptr_t gone = 0;
  {
    const Pages pages(PROT_READ);
    gone = pages.first();
  }
  EXPECT_FALSE(WritablePage(gone, PROT_READ).writable());
}

TEST(MemoryProtection, a_slot_is_replaced_only_if_it_holds_what_was_expected) {
  int one = 0;
  int two = 0;
  void* slot = &one;
  EXPECT_FALSE(xray::patching::replace_in_slot(&slot, &two, nullptr));
  EXPECT_EQ(xray::patching::read_slot(&slot), &one);
  EXPECT_TRUE(xray::patching::replace_in_slot(&slot, &one, &two));
  EXPECT_EQ(xray::patching::read_slot(&slot), &two);
}

}  // namespace
