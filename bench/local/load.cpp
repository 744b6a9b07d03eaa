// Sends traces of realistic traffic to a daemon, at a steady rate of documents.
//
//   bench_load --port=N --rate=N --seconds=N [--seed=N]     by UDP to 127.0.0.1
//   bench_load --unix=PATH --rate=N --seconds=N [--seed=N]  by its stream socket: nothing is lost
//   bench_load --print=N [--seed=N]                         N traces, a document a line, to stdout
//
// Some two hundred traces are under way at a time, their documents mixed. But for --print it ends
// with a line `documents=<n> traces=<n> bytes=<n> failed=<n> seconds=<s>`.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "realistic_traces.hpp"

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t traces_under_way = 200;
constexpr std::size_t packets_at_once = 32;
constexpr std::chrono::microseconds tick{200};
constexpr std::string_view header = "{\"format\":\"json\",\"version\":1}\n";

struct Options {
  std::uint64_t port = 0;
  std::string path;
  std::uint64_t rate = 0;
  std::uint64_t seconds = 0;
  std::uint64_t print = 0;
  std::uint64_t seed = 17;
};

std::optional<Options> parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    const auto number = [&](std::string_view name, std::uint64_t& value) {
      if (!argument.starts_with(name)) return false;
      const std::string_view digits = argument.substr(name.size());
      const auto* const end = digits.data() + digits.size();
      return !digits.empty() && std::from_chars(digits.data(), end, value).ptr == end;
    };
    constexpr std::string_view unix_option = "--unix=";
    if (argument.starts_with(unix_option)) {
      options.path = argument.substr(unix_option.size());
    } else if (!number("--port=", options.port) && !number("--rate=", options.rate) &&
               !number("--seconds=", options.seconds) && !number("--print=", options.print) &&
               !number("--seed=", options.seed)) {
      std::fprintf(stderr, "bench_load: %s is not understood\n", argv[i]);
      return std::nullopt;
    }
  }
  const bool sends = options.rate > 0 && options.seconds > 0 && options.port < 65536 &&
                     (options.port > 0) != !options.path.empty();
  if (!sends && options.print == 0) {
    std::fputs("bench_load: --port or --unix, --rate and --seconds are needed, or --print\n",
               stderr);
    return std::nullopt;
  }
  return options;
}

/// An endless mixture of documents.
class Documents {
 public:
  explicit Documents(std::uint64_t seed) : traffic_(seed), random_(seed + 1) {
    // Ids of one run are not those of another.
    next_trace_ = (static_cast<std::uint64_t>(getpid()) & 0xFFFFU) << 32U;
    open_.reserve(traces_under_way);
  }

  /// Appends the next one, if there is one. Traces may begin until there were `most_traces`.
  void write(std::string& out, std::uint64_t most_traces) {
    while (traces_ < most_traces && open_.size() < traces_under_way) begin();
    if (open_.empty()) return;
    const std::size_t which = random_() % open_.size();
    open_[which].write_next(out);
    if (open_[which].done()) {
      open_[which] = open_.back();
      open_.pop_back();
    }
  }
  [[nodiscard]] bool ended() const noexcept { return open_.empty(); }
  [[nodiscard]] std::uint64_t traces() const noexcept { return traces_; }

 private:
  void begin() {
    const bench::TraceShape& shape = traffic_.next();
    const auto now = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::system_clock::now().time_since_epoch());
    open_.emplace_back(shape, ++next_trace_,
                       static_cast<std::uint64_t>(now.count()) - shape.length);
    ++traces_;
  }

  bench::Traffic traffic_;
  std::mt19937_64 random_;
  std::vector<bench::OpenTrace> open_;
  std::uint64_t next_trace_ = 0;
  std::uint64_t traces_ = 0;
};

int print(const Options& options) {
  Documents documents(options.seed);
  std::string line;
  for (;;) {
    line.clear();
    documents.write(line, options.print);
    if (line.empty()) break;
    line += '\n';
    std::fwrite(line.data(), 1, line.size(), stdout);
  }
  return std::fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/// A socket of either kind.
class Wire {
 public:
  explicit Wire(const Options& options) : is_stream_(!options.path.empty()) {
    socket_ = ::socket(is_stream_ ? AF_UNIX : AF_INET,
                       (is_stream_ ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0);
    sockaddr_in internet{};
    internet.sin_family = AF_INET;
    internet.sin_port = htons(static_cast<std::uint16_t>(options.port));
    internet.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sockaddr_un local{};
    local.sun_family = AF_UNIX;
    options.path.copy(static_cast<char*>(local.sun_path), sizeof local.sun_path - 1);
    const auto* const address = is_stream_ ? reinterpret_cast<const sockaddr*>(&local)
                                           : reinterpret_cast<const sockaddr*>(&internet);
    connected_ = connect(socket_, address,
                         is_stream_ ? socklen_t{sizeof local} : socklen_t{sizeof internet}) == 0;
    const int buffer = 4 << 20;
    setsockopt(socket_, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
  }
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;
  ~Wire() { close(socket_); }

  [[nodiscard]] bool connected() const noexcept { return connected_; }
  /// Of frames or datagrams: how many the system took.
  std::size_t send(const std::vector<std::string>& packets, std::size_t count) {
    return is_stream_ ? send_frames(packets, count) : send_datagrams(packets, count);
  }

 private:
  std::size_t send_datagrams(const std::vector<std::string>& packets, std::size_t count) {
    std::array<iovec, packets_at_once> pieces{};
    std::array<mmsghdr, packets_at_once> messages{};
    for (std::size_t i = 0; i < count; ++i) {
      pieces[i] = {const_cast<char*>(packets[i].data()), packets[i].size()};
      messages[i].msg_hdr.msg_iov = &pieces[i];
      messages[i].msg_hdr.msg_iovlen = 1;
    }
    const int sent = sendmmsg(socket_, messages.data(), static_cast<unsigned>(count), 0);
    return sent < 0 ? 0 : static_cast<std::size_t>(sent);
  }

  std::size_t send_frames(const std::vector<std::string>& packets, std::size_t count) {
    frames_.clear();
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint32_t size = htonl(static_cast<std::uint32_t>(packets[i].size()));
      frames_.append(reinterpret_cast<const char*>(&size), sizeof size);
      frames_ += packets[i];
    }
    for (std::string_view left = frames_; !left.empty();) {
      const ssize_t sent = ::send(socket_, left.data(), left.size(), MSG_NOSIGNAL);
      if (sent <= 0) return 0;
      left.remove_prefix(static_cast<std::size_t>(sent));
    }
    return count;
  }

  bool is_stream_;
  bool connected_ = false;
  int socket_ = -1;
  std::string frames_;
};

int load(const Options& options) {
  Wire wire(options);
  if (!wire.connected()) {
    std::perror("bench_load: no connection");
    return EXIT_FAILURE;
  }
  Documents documents(options.seed);
  std::vector<std::string> packets(packets_at_once);
  std::uint64_t done = 0;
  std::uint64_t bytes = 0;
  std::uint64_t failed = 0;
  constexpr auto no_limit = ~std::uint64_t{0};
  const auto send_some = [&](std::uint64_t count, std::uint64_t most_traces) {
    while (count > 0) {
      std::size_t filled = 0;
      for (; filled < std::min<std::uint64_t>(count, packets_at_once); ++filled) {
        packets[filled].assign(header);
        documents.write(packets[filled], most_traces);
        if (packets[filled].size() == header.size()) break;
        bytes += packets[filled].size() - header.size();
      }
      if (filled == 0) return;
      failed += filled - wire.send(packets, filled);
      done += filled;
      count -= filled;
    }
  };
  const auto begun = Clock::now();
  auto wake = begun;
  const std::uint64_t total = options.rate * options.seconds;
  while (done < total) {
    wake += tick;
    std::this_thread::sleep_until(wake);
    const double seconds = std::chrono::duration<double>(Clock::now() - begun).count();
    const auto due =
        std::min(total, static_cast<std::uint64_t>(seconds * static_cast<double>(options.rate)));
    // Late by much (the machine was busy): caught up over the next ticks, not in one burst.
    const auto most = std::max<std::uint64_t>(packets_at_once, options.rate / 1000);
    if (due > done) send_some(std::min(due - done, most), no_limit);
  }
  // Who has begun a trace ends it.
  while (!documents.ended()) {
    send_some(packets_at_once, 0);
    std::this_thread::sleep_for(tick * 5);
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - begun).count();
  std::printf(
      "documents=%llu traces=%llu bytes=%llu failed=%llu seconds=%.3f\n",
      static_cast<unsigned long long>(done), static_cast<unsigned long long>(documents.traces()),
      static_cast<unsigned long long>(bytes), static_cast<unsigned long long>(failed), seconds);
  return EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
  const auto options = parse(argc, argv);
  if (!options) return EXIT_FAILURE;
  return options->print > 0 ? print(*options) : load(*options);
}
