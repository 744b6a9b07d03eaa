// From addresses to names: which module and which function a stack frame is in.
//
// Read from the modules' files, not asked of dladdr: that one knows exported functions only, and
// waits for the loader's lock, which a thread may hold while it runs a plugin's constructors.
#pragma once

#include <cxxabi.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <xray/config.hpp>
#include <xray/impl/hex.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// The compiler's names as a person writes them. Keeps the memory for the next one.
class ReadableName {
 public:
  ReadableName() noexcept = default;
  ReadableName(const ReadableName&) = delete;
  ReadableName& operator=(const ReadableName&) = delete;
  ~ReadableName() { std::free(memory_); }

  /// Valid until the next call; `name` itself if it is none of the compiler's.
  std::string_view of(std::string_view name) {
    terminated_.assign(name);
    int status = 0;
    char* const result = abi::__cxa_demangle(terminated_.c_str(), memory_, &size_, &status);
    if (status != 0 || result == nullptr) return terminated_;
    memory_ = result;
    std::string_view readable = result;
    // What std::throw_with_nested wraps around the type that was thrown.
    constexpr std::string_view wrapper = "std::_Nested_exception<";
    if (readable.substr(0, wrapper.size()) == wrapper && readable.back() == '>') {
      readable = readable.substr(wrapper.size(), readable.size() - wrapper.size() - 1);
    }
    return readable;
  }

 private:
  std::string terminated_;
  char* memory_ = nullptr;
  std::size_t size_ = 0;
};

/// Knows what it was asked before. Not thread-safe.
class Symbols {
 public:
  struct Frame {
    std::string path;   ///< of the module's file; empty if there is none
    std::string label;  ///< the function; where that is unknown, the address in the module
    bool own = false;   ///< the SDK's
  };

  /// Looks up all of `addresses`, so that a module's file is read once for all of them.
  void resolve(void* const* addresses, std::size_t count) {
    forget_what_is_stale();
    pending_.clear();
    for (std::size_t i = 0; i < count; ++i) {
      if (known_.find(addresses[i]) != known_.end()) continue;
      Frame& frame = known_[addresses[i]];
      Module module;
      if (!find_module(addresses[i], module)) {
        frame.label = address_text(reinterpret_cast<std::uintptr_t>(addresses[i]));
        continue;
      }
      const std::uintptr_t place = reinterpret_cast<std::uintptr_t>(addresses[i]) - module.base;
      frame.path = module.path;
      frame.label = address_text(place);
      pending_.push_back({place, &frame});
      // The next one is in the same module as a rule.
      std::size_t next = i + 1;
      for (; next < count && module.contains(addresses[next]); ++next) {
        if (known_.find(addresses[next]) != known_.end()) continue;
        Frame& other = known_[addresses[next]];
        const std::uintptr_t other_place =
            reinterpret_cast<std::uintptr_t>(addresses[next]) - module.base;
        other.path = module.path;
        other.label = address_text(other_place);
        pending_.push_back({other_place, &other});
      }
      name_pending(module);
      pending_.clear();
      i = next - 1;
    }
  }

  /// Of an address that was resolved just now.
  [[nodiscard]] const Frame& frame(void* address) const { return known_.find(address)->second; }

 private:
  static constexpr std::size_t most_known = 4096;
  static constexpr std::size_t most_headers = 32;
  static constexpr std::size_t most_note_bytes = 256;
  static constexpr std::size_t symbols_at_a_time = 1024;
  static constexpr std::size_t longest_symbol = 4096;

  struct Module {
    std::uintptr_t base = 0;
    std::string path;
    std::string file;  ///< what to open
    ElfW(Phdr) headers[most_headers] = {};
    std::size_t header_count = 0;
    char note[most_note_bytes] = {};  ///< with the build's id, as it lies in memory
    std::size_t note_size = 0;
    std::uint64_t note_offset = 0;

    [[nodiscard]] bool contains(const void* address) const {
      const std::uintptr_t place = reinterpret_cast<std::uintptr_t>(address) - base;
      return std::any_of(headers, headers + header_count, [place](const ElfW(Phdr) & header) {
        return header.p_type == PT_LOAD && place >= header.p_vaddr &&
               place - header.p_vaddr < header.p_memsz;
      });
    }
  };

  struct Pending {
    std::uintptr_t place;
    Frame* frame;
  };

  static std::string address_text(std::uintptr_t place) {
    char digits[18] = {'0', 'x'};
    write_hex(digits + 2, place, 16);
    const std::string_view all(digits + 2, 16);
    return "0x" + std::string(all.substr(std::min<std::size_t>(all.find_first_not_of('0'), 15)));
  }

  /// What was unloaded may have made room for something else.
  void forget_what_is_stale() {
    unsigned long long unloads = 0;
    dl_iterate_phdr(
        [](dl_phdr_info* info, std::size_t, void* argument) {
          *static_cast<unsigned long long*>(argument) = info->dlpi_subs;
          return 1;
        },
        &unloads);
    if (unloads != unloads_ || known_.size() > most_known) known_.clear();
    unloads_ = unloads;
  }

  static bool find_module(const void* address, Module& module) {
    struct Search {
      const void* address;
      Module* module;
    };
    Search search{address, &module};
    const int found = dl_iterate_phdr(
        [](dl_phdr_info* info, std::size_t, void* argument) {
          const auto& wanted = *static_cast<Search*>(argument);
          Module& result = *wanted.module;
          result.base = info->dlpi_addr;
          result.header_count = std::min<std::size_t>(info->dlpi_phnum, most_headers);
          std::copy_n(info->dlpi_phdr, result.header_count, result.headers);
          if (!result.contains(wanted.address)) return 0;
          result.note_size = 0;
          for (std::size_t i = 0; i < result.header_count; ++i) {
            const ElfW(Phdr)& header = result.headers[i];
            if (header.p_type != PT_NOTE || result.note_size != 0) continue;
            result.note_size = std::min<std::size_t>(header.p_filesz, most_note_bytes);
            result.note_offset = header.p_offset;
            std::memcpy(result.note,
                        reinterpret_cast<const char*>(  // NOLINT(performance-no-int-to-ptr)
                            result.base + header.p_vaddr),
                        result.note_size);
          }
          result.file = info->dlpi_name != nullptr ? info->dlpi_name : "";
          return 1;
        },
        &search);
    if (found == 0) return false;
    if (module.file.empty()) {  // the program itself
      module.file = "/proc/self/exe";
      char target[1024];
      const ssize_t size = readlink(module.file.c_str(), target, sizeof target);
      if (size > 0) module.path.assign(target, static_cast<std::size_t>(size));
    } else {
      module.path = module.file;
    }
    return true;
  }

  /// A file that is open for reading.
  class File {
   public:
    explicit File(const char* path) noexcept : descriptor_(open(path, O_RDONLY | O_CLOEXEC)) {}
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File() {
      if (descriptor_ >= 0) close(descriptor_);
    }
    [[nodiscard]] bool is_regular() const noexcept {
      struct stat about {};
      return descriptor_ >= 0 && fstat(descriptor_, &about) == 0 && S_ISREG(about.st_mode);
    }
    /// Read, not mapped: a file that shrinks meanwhile is then no crash.
    [[nodiscard]] std::size_t read_some(void* to, std::size_t size,
                                        std::uint64_t offset) const noexcept {
      const ssize_t got = pread(descriptor_, to, size, static_cast<off_t>(offset));
      return got > 0 ? static_cast<std::size_t>(got) : 0;
    }
    bool read_all(void* to, std::size_t size, std::uint64_t offset) const noexcept {
      return read_some(to, size, offset) == size;
    }

   private:
    int descriptor_;
  };

  /// Whether the file is what was loaded, and has not been replaced since.
  static bool is_loaded_from(const Module& module, const File& file, const ElfW(Ehdr) & header) {
    if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 ||
        header.e_ident[EI_CLASS] != (sizeof(void*) == 8 ? ELFCLASS64 : ELFCLASS32) ||
        header.e_phentsize != sizeof(ElfW(Phdr)) || header.e_phnum < module.header_count) {
      return false;
    }
    ElfW(Phdr) headers[most_headers];
    char note[most_note_bytes];
    return file.read_all(headers, module.header_count * sizeof headers[0], header.e_phoff) &&
           std::memcmp(headers, module.headers, module.header_count * sizeof headers[0]) == 0 &&
           (module.note_size == 0 || (file.read_all(note, module.note_size, module.note_offset) &&
                                      std::memcmp(note, module.note, module.note_size) == 0));
  }

  void name_pending(const Module& module) {
    const File file(module.file.c_str());
    ElfW(Ehdr) header;
    if (!file.is_regular() || !file.read_all(&header, sizeof header, 0) ||
        !is_loaded_from(module, file, header) || header.e_shentsize != sizeof(ElfW(Shdr))) {
      return;
    }
    std::vector<ElfW(Shdr)> sections(header.e_shnum);
    if (!file.read_all(sections.data(), sections.size() * sizeof sections[0], header.e_shoff)) {
      return;
    }
    // The full table if it was not stripped, else what is exported.
    for (const auto type : {SHT_SYMTAB, SHT_DYNSYM}) {
      for (const ElfW(Shdr) & section : sections) {
        if (section.sh_type != static_cast<std::uint32_t>(type) ||
            section.sh_entsize != sizeof(ElfW(Sym)) || section.sh_link >= sections.size()) {
          continue;
        }
        name_pending_by(file, section, sections[section.sh_link]);
        return;
      }
    }
  }

  void name_pending_by(const File& file, const ElfW(Shdr) & table, const ElfW(Shdr) & strings) {
    symbols_.resize(symbols_at_a_time);
    const std::uint64_t count = table.sh_size / sizeof(ElfW(Sym));
    std::size_t unnamed = pending_.size();
    for (std::uint64_t at = 0; at < count && unnamed != 0; at += symbols_at_a_time) {
      const std::size_t bytes = file.read_some(
          symbols_.data(),
          std::min<std::uint64_t>(count - at, symbols_at_a_time) * sizeof symbols_[0],
          table.sh_offset + at * sizeof symbols_[0]);
      const std::size_t got = bytes / sizeof symbols_[0];
      if (got == 0) return;
      for (std::size_t i = 0; i < got; ++i) {
        const ElfW(Sym)& symbol = symbols_[i];
        const unsigned type = symbol.st_info & 0xFU;
        if ((type != STT_FUNC && type != STT_GNU_IFUNC) || symbol.st_shndx == SHN_UNDEF) continue;
        for (Pending& pending : pending_) {
          if (pending.frame == nullptr || pending.place < symbol.st_value ||
              pending.place - symbol.st_value >= symbol.st_size) {
            continue;
          }
          name(*pending.frame, file, strings, symbol);
          pending.frame = nullptr;
          --unnamed;
        }
      }
    }
  }

  void name(Frame& frame, const File& file, const ElfW(Shdr) & strings, const ElfW(Sym) & symbol) {
    if (symbol.st_name >= strings.sh_size) return;
    text_.resize(std::min<std::uint64_t>(strings.sh_size - symbol.st_name, longest_symbol));
    text_.resize(file.read_some(text_.data(), text_.size(), strings.sh_offset + symbol.st_name));
    const std::string_view mangled(text_.data(), std::min(text_.find('\0'), text_.size()));
    if (mangled.empty()) return;
    frame.own = is_own(mangled);
    frame.label = readable_.of(mangled);
  }

  /// xray::v0::anything
  static bool is_own(std::string_view mangled) noexcept {
    for (const std::string_view prefix : {"_ZN4xray2v0", "_ZNK4xray2v0"}) {
      if (mangled.substr(0, prefix.size()) == prefix) return true;
    }
    return false;
  }

  std::unordered_map<const void*, Frame> known_;
  unsigned long long unloads_ = 0;
  std::vector<Pending> pending_;
  std::vector<ElfW(Sym)> symbols_;
  std::string text_;
  ReadableName readable_;
};

}  // namespace detail
XRAY_NAMESPACE_END
