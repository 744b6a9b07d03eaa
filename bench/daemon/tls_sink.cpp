// Stands in for X-Ray when a daemon is measured: takes what is uploaded, counts it, and costs
// little. HTTP/1.1 with keep-alive over TLS 1.3, a thread a connection, on 127.0.0.1.
//
//   bench_tls_sink --dir=DIR [--port=N] [--latency-ms=N] [--status=503 --fail-every=N]
//                  [--cut-every=N] [--plain]
//
// Writes DIR/ca.pem, the certificate to trust, and prints `listening on <port>`. `GET /totals`
// gives the counters as JSON; so does SIGTERM on standard output.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "support/certificates.hpp"

namespace {

struct Options {
  std::string dir;
  long port = 0;
  long latency_ms = 0;
  long status = 503;
  long fail_every = 0;
  long cut_every = 0;
  bool plain = false;
};

struct Totals {
  std::atomic<std::uint64_t> connections{0};
  std::atomic<std::uint64_t> resumed{0};
  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::uint64_t> documents{0};
  std::atomic<std::uint64_t> body_bytes{0};
  std::atomic<std::uint64_t> telemetry{0};
  std::atomic<std::uint64_t> sampling{0};
  std::atomic<std::uint64_t> failed{0};
};

std::string as_json(const Totals& totals) {
  const auto field = [](const char* name, const std::atomic<std::uint64_t>& value) {
    return "\"" + std::string(name) + "\":" + std::to_string(value.load());
  };
  return "{" + field("connections", totals.connections) + "," + field("resumed", totals.resumed) +
         "," + field("requests", totals.requests) + "," + field("documents", totals.documents) +
         "," + field("body_bytes", totals.body_bytes) + "," + field("telemetry", totals.telemetry) +
         "," + field("sampling", totals.sampling) + "," + field("failed", totals.failed) + "}";
}

/// The strings in the array of `{"TraceSegmentDocuments":["...","..."]}`: every other quote that no
/// backslash escapes ends one.
std::uint64_t count_documents(std::string_view body) {
  const std::size_t begin = body.find('[');
  if (begin == std::string_view::npos) return 0;
  std::uint64_t quotes = 0;
  for (std::size_t i = begin; i < body.size(); ++i) {
    if (body[i] == '\\') {
      ++i;
    } else if (body[i] == '"') {
      ++quotes;
    }
  }
  return quotes / 2;
}

/// A connection's bytes, with TLS or without.
class Stream {
 public:
  Stream(int socket, SSL_CTX* tls) : socket_(socket) {
    if (tls == nullptr) return;
    ssl_.reset(SSL_new(tls));
    SSL_set_fd(ssl_.get(), socket_);
    open_ = SSL_accept(ssl_.get()) == 1;
  }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() {
    ssl_.reset();
    close(socket_);
  }

  [[nodiscard]] bool is_open() const { return open_; }
  [[nodiscard]] bool resumed() const { return ssl_ && SSL_session_reused(ssl_.get()) == 1; }

  /// Appends what comes next; false at the end.
  bool read(std::string& text) {
    std::array<char, 65'536> piece;
    const auto size = ssl_ ? static_cast<ssize_t>(
                                 SSL_read(ssl_.get(), piece.data(), static_cast<int>(piece.size())))
                           : recv(socket_, piece.data(), piece.size(), 0);
    if (size <= 0) return false;
    text.append(piece.data(), static_cast<std::size_t>(size));
    return true;
  }
  bool write(std::string_view text) {
    while (!text.empty()) {
      const auto size = ssl_ ? static_cast<ssize_t>(SSL_write(ssl_.get(), text.data(),
                                                              static_cast<int>(text.size())))
                             : send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
      if (size <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(size));
    }
    return true;
  }

 private:
  struct Deleter {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  int socket_;
  bool open_ = true;
  std::unique_ptr<SSL, Deleter> ssl_;
};

/// The value of Content-Length in a header, in any case; 0 if there is none.
std::size_t content_length(std::string_view header) {
  constexpr std::string_view name = "\r\ncontent-length:";
  for (std::size_t at = header.find("\r\n"); at != std::string_view::npos;
       at = header.find("\r\n", at + 2)) {
    const std::string_view line = header.substr(at, name.size());
    bool same = line.size() == name.size();
    for (std::size_t i = 0; same && i < line.size(); ++i) {
      same = (line[i] >= 'A' && line[i] <= 'Z' ? line[i] - 'A' + 'a' : line[i]) == name[i];
    }
    if (!same) continue;
    std::string_view value = header.substr(at + name.size());
    while (value.starts_with(' ')) value.remove_prefix(1);
    std::size_t number = 0;
    std::from_chars(value.data(), value.data() + value.size(), number);
    return number;
  }
  return 0;
}

std::string answer(long status, std::string_view body) {
  return "HTTP/1.1 " + std::to_string(status) + (status == 200 ? " OK" : " Trouble") +
         "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + std::string(body);
}

/// The answer to one request; nothing: the connection is to be cut.
std::optional<std::string> respond(const Options& options, Totals& totals, std::string_view header,
                                   std::string_view body) {
  const std::size_t path_begin = header.find(' ') + 1;
  const std::string_view path =
      header.substr(path_begin, header.find_first_of(" ?", path_begin) - path_begin);
  if (path == "/totals") return answer(200, as_json(totals));
  if (path == "/TelemetryRecords") {
    ++totals.telemetry;
    return answer(200, "{}");
  }
  if (path == "/GetSamplingRules") {
    ++totals.sampling;
    return answer(200, R"({"SamplingRuleRecords":[]})");
  }
  if (path == "/SamplingTargets") {
    ++totals.sampling;
    return answer(200, R"({"SamplingTargetDocuments":[],"UnprocessedStatistics":[]})");
  }
  if (path != "/TraceSegments") return answer(404, "{}");
  const auto number = static_cast<long>(++totals.requests);
  if (options.latency_ms > 0) {
    std::this_thread::sleep_for(std::chrono::milliseconds(options.latency_ms));
  }
  if (options.cut_every > 0 && number % options.cut_every == 0) {
    ++totals.failed;
    return std::nullopt;
  }
  if (options.fail_every > 0 && number % options.fail_every == 0) {
    ++totals.failed;
    return answer(options.status, "{}");
  }
  totals.documents += count_documents(body);
  totals.body_bytes += body.size();
  return answer(200, R"({"UnprocessedTraceSegments":[]})");
}

void serve(int socket, SSL_CTX* tls, const Options& options, Totals& totals) {
  Stream stream(socket, tls);
  if (!stream.is_open()) return;
  ++totals.connections;
  if (stream.resumed()) ++totals.resumed;
  std::string text;
  while (true) {
    std::size_t header_end = text.find("\r\n\r\n");
    while (header_end == std::string::npos) {
      if (!stream.read(text)) return;
      header_end = text.find("\r\n\r\n");
    }
    const std::size_t begin = header_end + 4;
    const std::size_t length = content_length(std::string_view(text).substr(0, begin));
    while (text.size() - begin < length) {
      if (!stream.read(text)) return;
    }
    const auto reply = respond(options, totals, std::string_view(text).substr(0, begin),
                               std::string_view(text).substr(begin, length));
    if (!reply || !stream.write(*reply)) return;
    text.erase(0, begin + length);
  }
}

std::optional<Options> parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    const auto number = [&](std::string_view name, long& value) {
      if (!argument.starts_with(name)) return false;
      const std::string_view digits = argument.substr(name.size());
      return std::from_chars(digits.data(), digits.data() + digits.size(), value).ptr ==
             digits.data() + digits.size();
    };
    if (argument.starts_with("--dir=")) {
      options.dir = argument.substr(6);
    } else if (argument == "--plain") {
      options.plain = true;
    } else if (!number("--port=", options.port) && !number("--latency-ms=", options.latency_ms) &&
               !number("--status=", options.status) &&
               !number("--fail-every=", options.fail_every) &&
               !number("--cut-every=", options.cut_every)) {
      std::fprintf(stderr, "bench_tls_sink: %s is not understood\n", argv[i]);
      return std::nullopt;
    }
  }
  if (options.dir.empty() && !options.plain) {
    std::fputs("bench_tls_sink: --dir=DIR is missing\n", stderr);
    return std::nullopt;
  }
  return options;
}

int listen_on(long port, std::uint16_t& bound) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      listen(listener, 128) != 0 ||
      getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    std::perror("bench_tls_sink: no port to listen on");
    std::exit(EXIT_FAILURE);
  }
  bound = ntohs(address.sin_port);
  return listener;
}

struct ContextDeleter {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using ContextPointer = std::unique_ptr<SSL_CTX, ContextDeleter>;

ContextPointer make_context(const Options& options, const xrayd::net::Authority& authority) {
  const xrayd::net::Identity identity = authority.issue();
  ContextPointer context(SSL_CTX_new(TLS_server_method()));
  SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION);
  SSL_CTX_use_certificate(context.get(), identity.certificate.get());
  SSL_CTX_use_PrivateKey(context.get(), identity.key.get());
  const std::string path = options.dir + "/ca.pem";
  std::FILE* const file = std::fopen(path.c_str(), "w");
  if (file == nullptr || PEM_write_X509(file, authority.root()) != 1 || std::fclose(file) != 0) {
    std::perror(("bench_tls_sink: " + path).c_str());
    std::exit(EXIT_FAILURE);
  }
  return context;
}

}  // namespace

int main(int argc, char** argv) {
  const auto options = parse(argc, argv);
  if (!options) return EXIT_FAILURE;
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  sigaddset(&stop, SIGINT);
  pthread_sigmask(SIG_BLOCK, &stop, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  Totals totals;
  ContextPointer context;
  if (!options->plain) {
    const xrayd::net::Authority authority;
    context = make_context(*options, authority);
  }
  std::uint16_t port = 0;
  const int listener = listen_on(options->port, port);
  std::printf("listening on %u\n", port);
  std::fflush(stdout);
  std::thread([&] {
    while (true) {
      const int socket = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
      if (socket < 0) continue;
      const int on = 1;
      setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      std::thread([&, socket] { serve(socket, context.get(), *options, totals); }).detach();
    }
  }).detach();

  int signal = 0;
  sigwait(&stop, &signal);
  std::printf("%s\n", as_json(totals).c_str());
  std::fflush(stdout);
  _exit(EXIT_SUCCESS);  // connections go with the process
}
