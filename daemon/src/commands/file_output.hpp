// Exported lines in a file or on standard output.
#pragma once

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "commands/commands.hpp"

namespace xrayd::commands {

/// A regular file is written beside the one that is wanted and takes its place in finish(), for its
/// owner's eyes only; without finish() nothing of it is left. Devices and pipes are written to.
class FileOutput final : public Output {
 public:
  /// Empty or `-`: standard output. Throws CommandError.
  explicit FileOutput(std::filesystem::path file);
  ~FileOutput() override;

  void write_line(std::string_view line) override;
  void finish() override;

 private:
  [[noreturn]] void fail(int error) const;

  struct Closer {
    void operator()(std::FILE* stream) const noexcept;
  };

  std::filesystem::path file_;
  /// Empty where there is none.
  std::string draft_;
  std::unique_ptr<std::FILE, Closer> stream_;
};

}  // namespace xrayd::commands
