#include "patching/memory_protection.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string>

XRAY_NAMESPACE_BEGIN
namespace patching {
namespace {

std::string read_whole(const char* path) {
  std::string text;
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return text;
  constexpr std::size_t step = 65536;
  std::size_t used = 0;
  while (true) {
    try {
      text.resize(used + step);
    } catch (...) {
      close(file);
      throw;
    }
    const ssize_t count = ::read(file, text.data() + used, step);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    used += static_cast<std::size_t>(count);
  }
  close(file);
  text.resize(used);
  return text;
}

}  // namespace

// "55d0c8a00000-55d0c8a02000 r--p 00000000 fe:00 1234    /usr/bin/program"
std::optional<MemoryMap::Range> MemoryMap::parse(const char* line) noexcept {
  char* end = nullptr;
  Range range;
  range.range.begin = std::strtoul(line, &end, 16);
  if (end == line || *end != '-') return std::nullopt;
  const char* const second = end + 1;
  range.range.end = std::strtoul(second, &end, 16);
  if (end == second || *end != ' ') return std::nullopt;
  if (end[1] == 'r') range.protection |= PROT_READ;
  if (end[1] != '\0' && end[2] == 'w') range.protection |= PROT_WRITE;
  if (end[1] != '\0' && end[2] != '\0' && end[3] == 'x') range.protection |= PROT_EXEC;
  return range;
}

MemoryMap MemoryMap::read() {
  MemoryMap map;
  const std::string text = read_whole("/proc/self/maps");
  for (std::size_t at = 0; at < text.size();) {
    if (const auto range = parse(text.c_str() + at)) map.ranges_.push_back(*range);
    const std::size_t newline = text.find('\n', at);
    if (newline == std::string::npos) break;
    at = newline + 1;
  }
  return map;
}

std::optional<int> MemoryMap::protection(std::uintptr_t address) const noexcept {
  auto after =
      std::upper_bound(ranges_.begin(), ranges_.end(), address,
                       [](std::uintptr_t value, const Range& r) { return value < r.range.begin; });
  if (after == ranges_.begin()) return std::nullopt;
  --after;
  if (!after->range.contains(address)) return std::nullopt;
  return after->protection;
}

WritablePage::WritablePage(std::uintptr_t address, int protection) noexcept
    : protection_(protection) {
  const auto size = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  page_.begin = address & -size;
  page_.end = page_.begin + size;
  if ((protection & PROT_WRITE) != 0) return;
  writable_ = mprotect(reinterpret_cast<void*>(page_.begin), size, protection | PROT_WRITE) == 0;
  was_opened_ = writable_;
}

WritablePage::~WritablePage() {
  if (!was_opened_) return;
  mprotect(reinterpret_cast<void*>(page_.begin), page_.end - page_.begin, protection_);
}

[[gnu::no_sanitize("thread"), gnu::noinline]] void* read_slot(void* const* slot) noexcept {
  return __atomic_load_n(slot, __ATOMIC_RELAXED);
}

[[gnu::no_sanitize("thread"), gnu::noinline]] bool replace_in_slot(void** slot, void* expected,
                                                                   void* value) noexcept {
  return __atomic_compare_exchange_n(slot, &expected, value, false, __ATOMIC_SEQ_CST,
                                     __ATOMIC_RELAXED);
}

}  // namespace patching
XRAY_NAMESPACE_END
