#include "commands/daemon_notes.hpp"

#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <system_error>

#include "config/log.hpp"
#include "config/value_readers.hpp"
#include "startup_error.hpp"

namespace xrayd::commands {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t longest_note = 4096;

std::string cause_of(int error) {
  return std::generic_category().message(error);
}

/// The first line; nothing, and errno, if the file can't be read.
std::optional<std::string> first_line(const fs::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return std::nullopt;
  std::array<char, longest_note> text{};
  const ssize_t size = ::read(descriptor, text.data(), text.size());
  const int error = errno;
  ::close(descriptor);
  errno = error;
  if (size < 0) return std::nullopt;
  std::string line(text.data(), static_cast<std::size_t>(size));
  line.resize(std::min(line.size(), line.find_first_of("\r\n")));
  return line;
}

/// A file with one line, there as a whole or not at all, for its owner's eyes. Answers 0 or an
/// errno.
int write_line(const fs::path& file, const std::string& line) {
  const fs::path draft = file.string() + ".new";
  const int descriptor = ::open(
      draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
  if (descriptor < 0) return errno;
  const std::string text = line + "\n";
  const ssize_t written = ::write(descriptor, text.data(), text.size());
  int error = written < 0 ? errno : 0;
  if (error == 0 && static_cast<std::size_t>(written) != text.size()) error = ENOSPC;
  if (::close(descriptor) != 0 && error == 0) error = errno;
  if (error == 0 && ::rename(draft.c_str(), file.c_str()) != 0) error = errno;
  if (error != 0) ::unlink(draft.c_str());
  return error;
}

fs::path address_file(const fs::path& data_dir) {
  return data_dir / "daemon.address";
}

fs::path token_file(const fs::path& data_dir) {
  return data_dir / "console.token";
}

std::string random_token() {
  constexpr std::string_view digits = "0123456789abcdef";
  std::array<unsigned char, 20> bytes{};
  // Less than 256 bytes come at once, and as a whole.
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    throw StartupError("the system gives no random numbers: " + cause_of(errno));
  }
  std::string text;
  for (const unsigned byte : bytes) {
    text += digits[byte >> 4U];
    text += digits[byte & 0xFU];
  }
  return text;
}

/// Throws StartupError where the text is no token.
std::string checked_token(const std::string& text, const fs::path& file) {
  try {
    if (text.empty()) throw config::BadValue("it is empty");
    return config::token(text);
  } catch (const config::BadValue& problem) {
    throw StartupError(file.string() + ": there is no token in its first line: " + problem.what());
  }
}

}  // namespace

void leave_address(const fs::path& data_dir, const config::Address& address) noexcept {
  try {
    const int error = write_line(address_file(data_dir), config::to_string(address));
    if (error != 0) {
      log::warn(address_file(data_dir).string() + ": can't be written: " + cause_of(error));
    }
  } catch (const std::exception& problem) {
    log::warn(problem.what());
  }
}

std::optional<config::Address> left_address(const fs::path& data_dir) {
  const auto line = first_line(address_file(data_dir));
  auto address = line ? config::parse_address(*line) : std::nullopt;
  if (!address || address->port == 0) return std::nullopt;
  if (address->host.empty() || address->host == "0.0.0.0") address->host = "127.0.0.1";
  if (address->host == "::") address->host = "::1";
  return address;
}

std::string given_token(const config::WebOptions& options) {
  const fs::path& file = options.console_token_file;
  if (!options.console_token.empty() || file.empty()) return options.console_token;
  const auto line = first_line(file);
  if (!line) throw StartupError(file.string() + ": the token can't be read: " + cause_of(errno));
  return checked_token(*line, file);
}

KeptToken kept_token(const fs::path& data_dir) {
  const fs::path file = token_file(data_dir);
  if (const auto line = first_line(file)) return {checked_token(*line, file), file, false};
  if (errno != ENOENT) {
    throw StartupError(file.string() + ": the token can't be read: " + cause_of(errno));
  }
  std::string token = random_token();
  if (const int error = write_line(file, token); error != 0) {
    throw StartupError(file.string() + ": the token can't be written: " + cause_of(error));
  }
  return {std::move(token), file, true};
}

std::optional<std::string> left_token(const fs::path& data_dir) {
  auto line = first_line(token_file(data_dir));
  if (!line || line->empty()) return std::nullopt;
  return line;
}

}  // namespace xrayd::commands
