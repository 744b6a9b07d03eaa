#include "credentials/program_output.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "config/log.hpp"

namespace xrayd::credentials {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

std::string why(int error) {
  return std::error_code(error, std::generic_category()).message();
}

class Pipe {
 public:
  Pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
      throw std::system_error(errno, std::generic_category(), "pipe");
    }
    read_ = ends[0];
    write_ = ends[1];
    ::fcntl(read_, F_SETFL, O_NONBLOCK);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close_read();
    close_write();
  }

  [[nodiscard]] int read_end() const { return read_; }
  [[nodiscard]] int write_end() const { return write_; }
  void close_read() { close(read_); }
  void close_write() { close(write_); }

 private:
  static void close(int& end) {
    if (end >= 0) ::close(end);
    end = -1;
  }

  int read_ = -1;
  int write_ = -1;
};

/// What a program may know of our environment: not what is ours alone, with a token among it.
std::vector<char*> others_variables() {
  std::vector<char*> variables;
  for (char** one = environ; *one != nullptr; ++one) {
    if (!std::string_view(*one).starts_with("XRAYD_")) variables.push_back(*one);
  }
  variables.push_back(nullptr);
  return variables;
}

/// Libraries open sockets that a program would inherit: with it the address that we listen on would
/// stay taken as long as the program, or one that it leaves behind, runs.
void close_others(posix_spawn_file_actions_t& files) {
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 34)
  constexpr int first_other = 3;
  posix_spawn_file_actions_addclosefrom_np(&files, first_other);
#else
  (void)files;
#endif
}

/// A shell in a process group of its own, so that what it starts ends with it.
class Child {
 public:
  Child(const std::string& command, int out, int error) {
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, out, 1);
    posix_spawn_file_actions_adddup2(&files, error, 2);
    close_others(files);
    // The daemon blocks signals and ignores SIGPIPE; others' programs are not used to that.
    sigset_t none;
    sigset_t pipe;
    sigemptyset(&none);
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &pipe);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(
        &attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    std::array<std::string, 3> words = {"sh", "-c", command};
    std::array<char*, 4> arguments = {words[0].data(), words[1].data(), words[2].data(), nullptr};
    error_ = ::posix_spawn(&id_, "/bin/sh", &files, &attributes, arguments.data(),
                           others_variables().data());
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    if (error_ != 0) id_ = -1;
    const aws::Secret wiped(std::move(words[2]));
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() { end(); }

  /// 0 if it was started.
  [[nodiscard]] int error() const { return error_; }

  /// The status of waitpid() if it has ended.
  std::optional<int> ended() {
    if (id_ < 0) return std::nullopt;
    int status = 0;
    const pid_t found = ::waitpid(id_, &status, WNOHANG);
    // Where SIGCHLD is ignored, the system keeps no status: what it wrote has to tell.
    const bool is_unknown = found < 0 && errno == ECHILD;
    if (found != id_ && !is_unknown) return std::nullopt;
    id_ = -1;
    return status;
  }

  void end() {
    if (id_ < 0) return;
    ::kill(-id_, SIGKILL);
    // A process that was killed ends at once, unless its disk or file server hangs: then it is
    // left.
    for (int i = 0; i < 200 && !ended(); ++i) ::poll(nullptr, 0, 5);
    id_ = -1;
  }

 private:
  pid_t id_ = -1;
  int error_ = 0;
};

/// Fills up to a size; further bytes are counted only.
class Collected {
 public:
  explicit Collected(std::size_t longest) { text_.reserve(longest); }
  Collected(const Collected&) = delete;
  Collected& operator=(const Collected&) = delete;
  ~Collected() { const aws::Secret wiped(std::move(text_)); }

  void add(std::string_view piece) {
    const std::size_t room = text_.capacity() - text_.size();
    text_ += piece.substr(0, room);
    overflown_ = overflown_ || piece.size() > room;
  }
  [[nodiscard]] bool overflown() const { return overflown_; }
  [[nodiscard]] std::string_view text() const { return text_; }

 private:
  std::string text_;
  bool overflown_ = false;
};

class Run {
 public:
  Run(const std::string& command, std::chrono::milliseconds limit, std::size_t longest,
      const Inquiry& inquiry)
      : limit_(limit),
        deadline_(Clock::now() + limit),
        inquiry_(inquiry),
        collected_out_(longest),
        collected_error_(500),
        child_(command, out_.write_end(), error_.write_end()) {
    out_.close_write();
    error_.close_write();
  }

  ProgramOutput finish() {
    ProgramOutput result;
    result.problem = child_.error() == 0 ? wait() : "/bin/sh: " + why(child_.error());
    if (!collected_error_.text().empty()) {
      log::debug("credential_process wrote to standard error: " +
                 std::string(collected_error_.text()));
    }
    if (result.problem.empty()) result.text = aws::Secret(collected_out_.text());
    return result;
  }

 private:
  std::string wait() {
    while (out_.read_end() >= 0 || error_.read_end() >= 0) {
      std::string problem = interrupted();
      if (!problem.empty()) return problem;
      std::array<pollfd, 3> entries = {{{inquiry_.descriptor(), POLLIN, 0},
                                        {out_.read_end(), POLLIN, 0},
                                        {error_.read_end(), POLLIN, 0}}};
      ::poll(entries.data(), entries.size(), milliseconds_left());
      read(out_, collected_out_);
      read(error_, collected_error_);
      if (collected_out_.overflown()) return "it wrote too much";
    }
    while (true) {
      if (const auto status = child_.ended()) return meaning_of(*status);
      std::string problem = interrupted();
      if (!problem.empty()) return problem;
      pollfd entry{inquiry_.descriptor(), POLLIN, 0};
      ::poll(&entry, 1, 5);
    }
  }

  [[nodiscard]] std::string interrupted() const {
    if (inquiry_.called_off()) return "it was called off";
    if (Clock::now() < deadline_ && !inquiry_.is_over()) return {};
    return "it did not end within " +
           std::to_string(std::chrono::duration_cast<std::chrono::seconds>(limit_).count()) +
           " seconds";
  }

  [[nodiscard]] int milliseconds_left() const {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline_ - Clock::now());
    return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 1000));
  }

  static void read(Pipe& pipe, Collected& collected) {
    std::array<char, 4096> buffer{};
    while (pipe.read_end() >= 0) {
      const ssize_t got = ::read(pipe.read_end(), buffer.data(), buffer.size());
      if (got < 0 && errno == EINTR) continue;
      if (got < 0 && errno == EAGAIN) break;
      if (got <= 0) {
        pipe.close_read();
        break;
      }
      collected.add({buffer.data(), static_cast<std::size_t>(got)});
      if (collected.overflown()) break;
    }
    ::explicit_bzero(buffer.data(), buffer.size());
  }

  static std::string meaning_of(int status) {
    if (WIFEXITED(status)) {
      const int code = WEXITSTATUS(status);
      return code == 0 ? std::string() : "it ended with exit status " + std::to_string(code);
    }
    return "it was ended by signal " + std::to_string(WTERMSIG(status));
  }

  std::chrono::milliseconds limit_;
  Clock::time_point deadline_;
  const Inquiry& inquiry_;
  Collected collected_out_;
  Collected collected_error_;
  Pipe out_;
  Pipe error_;
  Child child_;
};

}  // namespace

ProgramOutput run_program(const std::string& command, std::chrono::milliseconds limit,
                          std::size_t longest, const Inquiry& inquiry) {
  try {
    return Run(command, limit, longest, inquiry).finish();
  } catch (const std::system_error& problem) {
    ProgramOutput result;
    result.problem = problem.what();
    return result;
  }
}

}  // namespace xrayd::credentials
