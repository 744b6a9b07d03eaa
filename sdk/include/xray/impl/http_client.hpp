// HTTP/1.1 over a plain socket, one request a connection: for metadata services and the daemon,
// which live next door. Never through a proxy.
#pragma once

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <xray/impl/clock.hpp>
#include <xray/impl/own_socket.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

struct HttpRequest {
  std::string host;  ///< a name, an IPv4 or an IPv6 address (without brackets)
  std::string port = "80";
  std::string method = "GET";
  std::string path = "/";  ///< with the query, if any; encoded already
  std::vector<std::pair<std::string, std::string>> headers;  ///< Host and Connection are added
  std::string body;
};

struct HttpReply {
  int status = 0;
  std::string body;
};

struct HttpLimits {
  std::int64_t connect = 1'000'000'000;  ///< nanoseconds until the connection stands
  std::int64_t whole = 2'000'000'000;    ///< nanoseconds for everything, the connection included
  std::size_t body = std::size_t{64} << 10U;  ///< bytes of the reply's body
};

enum class HttpOutcome : std::uint8_t {
  ok,  ///< there is a reply, of any status
  bad_request,
  not_found,      ///< no address for the host's name
  not_connected,  ///< refused, unreachable, or no answer to the attempt to connect
  timed_out,      ///< connected, but no whole reply in time
  broken,         ///< not HTTP, or closed before the reply was whole
  too_large,
  not_trusted,  ///< TLS only: the peer's certificate is not what was asked for
  cancelled,
};

/// For messages: what became of a request, to follow the name of its host.
inline const char* describe(HttpOutcome outcome) noexcept {
  switch (outcome) {
    case HttpOutcome::ok:
      return "answered";
    case HttpOutcome::bad_request:
      return "could not be asked: the request has characters that HTTP does not allow";
    case HttpOutcome::not_found:
      return "has no address";
    case HttpOutcome::not_connected:
      return "can't be reached";
    case HttpOutcome::timed_out:
      return "did not answer in time";
    case HttpOutcome::broken:
      return "answered with what is not a whole HTTP reply";
    case HttpOutcome::too_large:
      return "answered with too much";
    case HttpOutcome::not_trusted:
      return "has a certificate that can't be trusted";
    case HttpOutcome::cancelled:
      return "was not waited for";
  }
  return "";
}

/// Reads one reply from its bytes as they come. Strict where leniency lets two readers disagree on
/// where a reply ends; bounded in all it keeps.
class HttpReplyReader {
 public:
  enum class State : std::uint8_t { more, done, broken, too_large };

  explicit HttpReplyReader(std::size_t largest_body) : largest_body_(largest_body) {}

  /// Takes the next bytes; what follows the end of the reply is ignored.
  State feed(std::string_view bytes) {
    while (!bytes.empty() && state_ == State::more) {
      if (part_ == Part::sized || part_ == Part::chunk) {
        const std::size_t size = std::min(bytes.size(), left_);
        reply_.body.append(bytes.substr(0, size));
        bytes.remove_prefix(size);
        left_ -= size;
        if (left_ == 0) {
          if (part_ == Part::sized) state_ = State::done;
          part_ = Part::chunk_end;
        }
      } else if (part_ == Part::until_close) {
        if (bytes.size() > largest_body_ - reply_.body.size()) return state_ = State::too_large;
        reply_.body.append(bytes);
        bytes = {};
      } else {
        feed_line(bytes);
      }
    }
    return state_;
  }

  /// The peer closed the connection.
  State finish() {
    if (state_ == State::more) {
      state_ = part_ == Part::until_close ? State::done : State::broken;
    }
    return state_;
  }

  /// Once the state is done.
  HttpReply& reply() noexcept { return reply_; }

 private:
  enum class Part : std::uint8_t {
    status_line,
    headers,
    sized,
    chunk_size,
    chunk,
    chunk_end,
    trailers,
    until_close,
  };

  /// Bytes of lines (status, headers, chunk sizes, trailers) of one reply.
  static constexpr std::size_t most_lines = std::size_t{32} << 10U;

  void feed_line(std::string_view& bytes) {
    const std::size_t end = bytes.find('\n');
    const std::string_view piece = bytes.substr(0, end);
    lines_ += piece.size() + 1;
    if (lines_ > most_lines) {
      state_ = State::too_large;
      return;
    }
    line_.append(piece);
    bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 1);
    if (end == std::string_view::npos) return;
    std::string_view line = line_;
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (!take(line)) state_ = State::broken;
    line_.clear();
  }

  bool take(std::string_view line) {
    switch (part_) {
      case Part::status_line:
        return take_status(line);
      case Part::headers:
        return line.empty() ? end_headers() : take_header(line);
      case Part::chunk_size:
        return take_chunk_size(line);
      case Part::chunk_end:
        part_ = Part::chunk_size;
        return line.empty();
      case Part::trailers:
        if (line.empty()) state_ = State::done;
        return true;
      default:
        return false;
    }
  }

  static bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

  bool take_status(std::string_view line) {
    // HTTP/1.1 200 OK
    if (line.size() < 12 || line.substr(0, 7) != "HTTP/1." || !is_digit(line[7]) ||
        line[8] != ' ' || (line.size() > 12 && line[12] != ' ')) {
      return false;
    }
    int status = 0;
    for (const char c : line.substr(9, 3)) {
      if (!is_digit(c)) return false;
      status = status * 10 + (c - '0');
    }
    if (status < 100 || status > 599) return false;
    reply_.status = status;
    part_ = Part::headers;
    return true;
  }

  static bool is_word(std::string_view text, std::string_view lower) noexcept {
    return text.size() == lower.size() &&
           std::equal(text.begin(), text.end(), lower.begin(), [](char left, char right) {
             return (left >= 'A' && left <= 'Z' ? static_cast<char>(left - 'A' + 'a') : left) ==
                    right;
           });
  }

  bool take_header(std::string_view line) {
    const std::size_t colon = line.find(':');
    if (colon == 0 || colon == std::string_view::npos) return false;
    const std::string_view name = line.substr(0, colon);
    if (name.find_first_of(" \t") != std::string_view::npos) return false;  // folded lines, too
    std::string_view value = line.substr(colon + 1);
    while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) {
      value.remove_prefix(1);
    }
    while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.remove_suffix(1);
    if (is_word(name, "transfer-encoding")) {
      if (chunked_ || !is_word(value, "chunked")) return false;
      chunked_ = true;
    } else if (is_word(name, "content-length")) {
      std::size_t length = 0;
      if (value.empty() || value.size() > 15) return false;
      for (const char c : value) {
        if (!is_digit(c)) return false;
        length = length * 10 + static_cast<std::size_t>(c - '0');
      }
      if (has_length_ && length != length_) return false;
      has_length_ = true;
      length_ = length;
    }
    return true;
  }

  bool end_headers() {
    if (reply_.status < 200) {  // an interim reply: the real one follows
      if (reply_.status == 101 || chunked_ || has_length_) return false;
      part_ = Part::status_line;
      return true;
    }
    if (chunked_ && has_length_) return false;
    if (reply_.status == 204 || reply_.status == 304) {
      state_ = State::done;
    } else if (chunked_) {
      part_ = Part::chunk_size;
    } else if (has_length_) {
      part_ = Part::sized;
      left_ = length_;
      if (length_ == 0) state_ = State::done;
      if (length_ > largest_body_) state_ = State::too_large;
    } else {
      part_ = Part::until_close;
    }
    return true;
  }

  bool take_chunk_size(std::string_view line) {
    std::size_t size = 0;
    std::size_t digits = 0;
    for (; digits < line.size(); ++digits) {
      const char c = line[digits];
      const char lower = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
      if (!is_digit(c) && (lower < 'a' || lower > 'f')) break;
      if (digits == 8) return false;
      size = size * 16 + static_cast<std::size_t>(is_digit(c) ? c - '0' : lower - 'a' + 10);
    }
    if (digits == 0) return false;
    const std::string_view rest = line.substr(digits);
    if (!rest.empty() && rest.front() != ';' && rest.front() != ' ' && rest.front() != '\t') {
      return false;
    }
    part_ = size == 0 ? Part::trailers : Part::chunk;
    left_ = size;
    if (size > largest_body_ - reply_.body.size()) state_ = State::too_large;
    return true;
  }

  std::size_t largest_body_;
  State state_ = State::more;
  Part part_ = Part::status_line;
  bool chunked_ = false;
  bool has_length_ = false;
  std::size_t length_ = 0;
  std::size_t left_ = 0;
  std::size_t lines_ = 0;
  std::string line_;
  HttpReply reply_;
};

/// How long one exchange may still take, and whether anybody still wants it.
class HttpWait {
 public:
  HttpWait(std::int64_t until, const std::atomic<bool>* cancelled) noexcept
      : until_(until), cancelled_(cancelled) {}

  [[nodiscard]] bool cancelled() const noexcept {
    return cancelled_ != nullptr && cancelled_->load(std::memory_order_relaxed);
  }
  [[nodiscard]] std::int64_t until() const noexcept { return until_; }

  /// For the first of so many tries that share the time.
  [[nodiscard]] HttpWait share(unsigned tries) const noexcept {
    const std::int64_t now = nanoseconds_of(CLOCK_MONOTONIC);
    return {now + (until_ - now) / static_cast<std::int64_t>(tries), cancelled_};
  }

  /// Waits for the socket; ok when it is ready (or in error: the next call tells), else why not.
  [[nodiscard]] HttpOutcome ready(int socket, short events) const noexcept {
    while (true) {
      if (cancelled()) return HttpOutcome::cancelled;
      const std::int64_t left = until_ - nanoseconds_of(CLOCK_MONOTONIC);
      if (left <= 0) return HttpOutcome::timed_out;
      pollfd wait{socket, events, 0};
      const std::int64_t slice = std::min<std::int64_t>(left, look_up_again);
      const int result = ::poll(&wait, 1, static_cast<int>(slice / 1'000'000) + 1);
      if (result > 0) return HttpOutcome::ok;
      if (result < 0 && errno != EINTR) return HttpOutcome::broken;
    }
  }

 private:
  /// A cancelled exchange ends after so many nanoseconds.
  static constexpr std::int64_t look_up_again = 20'000'000;

  std::int64_t until_;
  const std::atomic<bool>* cancelled_;
};

/// Connects to one of the host's addresses, tried in turn; one that is silent leaves the others
/// their part of the time. A host name is looked up first, for
/// which the resolver takes the time it takes: not for threads that must not wait.
inline HttpOutcome http_connect(OwnSocket& socket, const std::string& host, const std::string& port,
                                const HttpWait& wait) noexcept {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0) {
    return HttpOutcome::not_found;
  }
  unsigned untried = 0;
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) ++untried;
  HttpOutcome outcome = HttpOutcome::not_connected;
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next, --untried) {
    if (!socket.open(entry->ai_family, SOCK_STREAM)) continue;
    int error = 0;
    if (::connect(socket.number(), entry->ai_addr, entry->ai_addrlen) != 0) {
      error = errno;
      if (error == EINPROGRESS || error == EINTR) {
        const HttpOutcome waited = wait.share(untried).ready(socket.number(), POLLOUT);
        if (waited == HttpOutcome::cancelled) {
          outcome = waited;
          break;
        }
        socklen_t size = sizeof error;
        if (waited != HttpOutcome::ok ||
            ::getsockopt(socket.number(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) {
          error = ETIMEDOUT;
        }
      }
    }
    if (error == 0) {
      const int on = 1;
      ::setsockopt(socket.number(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      outcome = HttpOutcome::ok;
      break;
    }
  }
  ::freeaddrinfo(found);
  if (outcome != HttpOutcome::ok) socket.close();
  return outcome;
}

/// The request as it goes over the wire; empty if a part of it could break out of its place.
inline std::string http_request_text(const HttpRequest& request) {
  const auto has = [](std::string_view text, bool blanks) {
    return std::any_of(text.begin(), text.end(), [blanks](char c) {
      const auto code = static_cast<unsigned char>(c);
      return code < 0x20U || code == 0x7fU || (blanks && c == ' ');
    });
  };
  if (request.path.empty() || request.path.front() != '/' || has(request.path, true) ||
      request.method.empty() || has(request.method, true) || request.host.empty() ||
      has(request.host, true) || has(request.port, true)) {
    return {};
  }
  const bool is_v6 = request.host.find(':') != std::string::npos;
  std::string text = request.method + " " + request.path + " HTTP/1.1\r\nHost: ";
  text += is_v6 ? "[" + request.host + "]" : request.host;
  if (request.port != "80" && request.port != "443") text += ":" + request.port;
  text += "\r\nConnection: close\r\n";
  for (const auto& [name, value] : request.headers) {
    if (name.empty() || has(name, true) || has(value, false)) return {};
    text += name + ": " + value + "\r\n";
  }
  if (!request.body.empty() || request.method == "POST" || request.method == "PUT") {
    text += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
  }
  return text + "\r\n" + request.body;
}

/// Asks and waits for the whole reply, at most as long as the limits say; `cancelled` (may be null)
/// ends it early. Raises no signal.
inline HttpOutcome http_exchange(const HttpRequest& request, HttpReply& reply,
                                 const HttpLimits& limits = {},
                                 const std::atomic<bool>* cancelled = nullptr) {
  const std::string text = http_request_text(request);
  if (text.empty()) return HttpOutcome::bad_request;
  const std::int64_t now = nanoseconds_of(CLOCK_MONOTONIC);
  OwnSocket socket;
  const HttpWait connecting(now + std::min(limits.connect, limits.whole), cancelled);
  HttpOutcome outcome = http_connect(socket, request.host, request.port, connecting);
  if (outcome != HttpOutcome::ok) return outcome;

  const HttpWait wait(now + limits.whole, cancelled);
  std::string_view unsent = text;
  while (!unsent.empty()) {
    if (!socket.is_still_there()) return HttpOutcome::broken;
    const ssize_t sent = ::send(socket.number(), unsent.data(), unsent.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      unsent.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN) {
      outcome = wait.ready(socket.number(), POLLOUT);
      if (outcome != HttpOutcome::ok) return outcome;
    } else if (errno != EINTR) {
      break;  // it may have answered all the same, with an error
    }
  }

  HttpReplyReader reader(limits.body);
  HttpReplyReader::State state = HttpReplyReader::State::more;
  while (state == HttpReplyReader::State::more) {
    outcome = wait.ready(socket.number(), POLLIN);
    if (outcome != HttpOutcome::ok) return outcome;
    if (!socket.is_still_there()) return HttpOutcome::broken;
    char bytes[4096];
    const ssize_t size = ::recv(socket.number(), bytes, sizeof bytes, 0);
    if (size > 0) {
      state = reader.feed({bytes, static_cast<std::size_t>(size)});
    } else if (size == 0) {
      state = reader.finish();
    } else if (errno != EAGAIN && errno != EINTR) {
      return HttpOutcome::broken;
    }
  }
  if (state == HttpReplyReader::State::broken) return HttpOutcome::broken;
  if (state == HttpReplyReader::State::too_large) return HttpOutcome::too_large;
  reply = std::move(reader.reply());
  return HttpOutcome::ok;
}

}  // namespace detail
XRAY_NAMESPACE_END
