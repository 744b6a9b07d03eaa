#include "commands/file_output.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>

namespace xrayd::commands {
namespace fs = std::filesystem;

void FileOutput::Closer::operator()(std::FILE* stream) const noexcept {
  if (stream != stdout) std::fclose(stream);
}

FileOutput::FileOutput(fs::path file) : file_(std::move(file)) {
  if (file_.empty() || file_ == "-") {
    file_ = "standard output";
    stream_.reset(stdout);
    return;
  }
  std::error_code ignored;
  // Through links, to the file that they mean.
  if (const auto target = fs::canonical(file_, ignored); !ignored) file_ = target;
  int descriptor = -1;
  if (fs::exists(file_, ignored) && !fs::is_regular_file(file_, ignored)) {
    descriptor = ::open(file_.c_str(), O_WRONLY | O_CLOEXEC);
  } else {
    draft_ = file_.string() + ".XXXXXX";
    descriptor = ::mkostemp(draft_.data(), O_CLOEXEC);
    if (descriptor < 0) draft_.clear();
  }
  if (descriptor < 0) fail(errno);
  stream_.reset(::fdopen(descriptor, "w"));
  if (!stream_) fail(errno);
}

FileOutput::~FileOutput() {
  if (!draft_.empty()) ::unlink(draft_.c_str());
}

void FileOutput::fail(int error) const {
  throw CommandError(file_.string() +
                     ": can't be written: " + std::generic_category().message(error));
}

void FileOutput::write_line(std::string_view line) {
  const bool written = std::fwrite(line.data(), 1, line.size(), stream_.get()) == line.size() &&
                       std::fputc('\n', stream_.get()) != EOF;
  if (!written) fail(errno);
}

void FileOutput::finish() {
  if (std::fflush(stream_.get()) != 0) fail(errno);
  if (draft_.empty()) return;
  if (std::fclose(stream_.release()) != 0) fail(errno);
  if (std::rename(draft_.c_str(), file_.c_str()) != 0) fail(errno);
  draft_.clear();
}

}  // namespace xrayd::commands
