#include <xray/xray.hpp>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "support/documents.hpp"
#include "support/process.hpp"

namespace {

/// A socket that receives as a daemon would.
class Receiver {
 public:
  Receiver() : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
    const timeval wait{5, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
  }
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;
  ~Receiver() { ::close(socket_); }

  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  std::string receive() {
    std::string buffer(65'536, '\0');
    const ssize_t size = ::recv(socket_, buffer.data(), buffer.size(), 0);
    buffer.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return buffer;
  }

 private:
  int socket_;
  int port_ = 0;
};

void ignore(std::string_view /*message*/) {
}

/// Holds up the sender until released.
class BlockingEmitter : public xray::Emitter {
 public:
  void emit(std::string_view /*document*/) noexcept override {
    while (!released) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    ++emitted;
  }
  std::atomic<bool> released{false};
  std::atomic<int> emitted{0};
};

}  // namespace

TEST(Sending, a_datagram_is_header_line_and_document) {
  IN_A_FRESH_PROCESS({
    Receiver daemon;
    xray::Configuration configuration;
    configuration.daemon_address = daemon.address();
    ASSERT_FALSE(xray::configure(configuration));
    { const xray::Segment segment("s"); }
    const std::string datagram = daemon.receive();
    const std::string header = "{\"format\":\"json\",\"version\":1}\n";
    ASSERT_EQ(datagram.substr(0, header.size()), header);
    support::Json document;
    document.Parse(datagram.substr(header.size()).c_str());
    ASSERT_FALSE(document.HasParseError());
    EXPECT_EQ(support::text_of(support::at(document, "name")), "s");
    EXPECT_TRUE(xray::flush(std::chrono::seconds(5)));
    EXPECT_EQ(xray::statistics().documents_sent, 1U);
    EXPECT_EQ(xray::statistics().bytes_sent, datagram.size() - header.size());
  });
}

TEST(Sending, the_environment_wins_over_the_configured_address) {
  IN_A_FRESH_PROCESS({
    Receiver daemon;
    ::setenv("AWS_XRAY_DAEMON_ADDRESS", ("tcp:127.0.0.1:1 udp:" + daemon.address()).c_str(), 1);
    xray::Configuration configuration;
    configuration.daemon_address = "127.0.0.1:9";
    ASSERT_FALSE(xray::configure(configuration));
    { const xray::Segment segment("s"); }
    EXPECT_FALSE(daemon.receive().empty());
  });
}

TEST(Sending, a_dead_daemon_costs_documents_that_are_counted_and_nothing_else) {
  IN_A_FRESH_PROCESS({
    std::string address;
    { address = Receiver().address(); }
    xray::Configuration configuration;
    configuration.daemon_address = address;
    configuration.log = ignore;
    ASSERT_FALSE(xray::configure(configuration));
    for (int i = 0; i < 50; ++i) {
      { const xray::Segment segment("s"); }
      EXPECT_TRUE(xray::flush(std::chrono::seconds(5)));
    }
    const auto statistics = xray::statistics();
    EXPECT_EQ(statistics.documents_sent + statistics.dropped_send_failed, 50U);
    EXPECT_EQ(statistics.dropped_send_failed, 50U);
  });
}

TEST(Sending, a_burst_to_a_dead_daemon_is_counted_as_lost) {
  IN_A_FRESH_PROCESS({
    std::string address;
    { address = Receiver().address(); }
    xray::Configuration configuration;
    configuration.daemon_address = address;
    configuration.log = ignore;
    ASSERT_FALSE(xray::configure(configuration));
    for (int i = 0; i < 300; ++i) const xray::Segment segment("s");
    EXPECT_TRUE(xray::flush(std::chrono::seconds(5)));
    EXPECT_EQ(xray::statistics().dropped_send_failed, 300U);
    EXPECT_EQ(xray::statistics().documents_sent, 0U);
  });
}

TEST(Sending, an_emitter_may_trace_and_fork_and_is_not_traced) {
  class Tracing : public xray::Emitter {
   public:
    void emit(std::string_view /*document*/) noexcept override {
      const xray::Segment segment("inside");
      const xray::Subsegment subsegment("inside");
      EXPECT_FALSE(segment.sampled());
      if (::fork() == 0) ::_exit(0);
      ::wait(nullptr);
      ++emitted;
    }
    std::atomic<int> emitted{0};
  };
  for (const bool synchronous : {true, false}) {
    IN_A_FRESH_PROCESS({
      auto emitter = std::make_shared<Tracing>();
      xray::Configuration configuration;
      configuration.synchronous = synchronous;
      configuration.emitter = emitter;
      ASSERT_FALSE(xray::configure(configuration));
      { const xray::Segment segment("s"); }
      EXPECT_TRUE(xray::flush(std::chrono::seconds(5)));
      EXPECT_EQ(emitter->emitted, 1);
      EXPECT_EQ(xray::statistics().context_missing, 0U);
    });
  }
}

TEST(Sending, flush_takes_any_timeout) {
  const support::Capture capture;
  { const xray::Segment segment("s"); }
  EXPECT_TRUE(xray::flush(std::chrono::milliseconds::max()));
  EXPECT_TRUE(xray::flush(std::chrono::milliseconds::min()));
}

TEST(Sending, an_unknown_host_is_reported_and_counted) {
  IN_A_FRESH_PROCESS({
    xray::Configuration configuration;
    configuration.daemon_address = "no-such-host.invalid:2000";
    configuration.log = ignore;
    ASSERT_FALSE(xray::configure(configuration));
    { const xray::Segment segment("s"); }
    EXPECT_TRUE(xray::flush(std::chrono::seconds(30)));
    EXPECT_EQ(xray::statistics().dropped_send_failed, 1U);
  });
}

TEST(Sending, a_full_queue_drops_and_counts_without_waiting) {
  IN_A_FRESH_PROCESS({
    auto emitter = std::make_shared<BlockingEmitter>();
    xray::Configuration configuration;
    configuration.queue_capacity = 4;
    configuration.emitter = emitter;
    configuration.log = ignore;
    ASSERT_FALSE(xray::configure(configuration));
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < 100; ++i) {
      const xray::Segment segment("s");
      auto kept = std::make_unique<xray::Subsegment>("t");
    }
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
    EXPECT_FALSE(xray::flush(std::chrono::milliseconds(20)));
    emitter->released = true;
    EXPECT_TRUE(xray::flush(std::chrono::seconds(5)));
    const auto statistics = xray::statistics();
    EXPECT_GE(statistics.dropped_queue_full, 90U);
    EXPECT_EQ(statistics.documents_sent + statistics.dropped_queue_full, 100U);
  });
}

TEST(Sending, a_subsegment_left_by_a_dropped_segment_is_safe_to_use) {
  IN_A_FRESH_PROCESS({
    auto emitter = std::make_shared<BlockingEmitter>();
    xray::Configuration configuration;
    configuration.queue_capacity = 2;
    configuration.emitter = emitter;
    configuration.log = ignore;
    ASSERT_FALSE(xray::configure(configuration));
    std::vector<std::unique_ptr<xray::Subsegment>> open;
    for (int i = 0; i < 20; ++i) {
      const xray::Segment segment("s");
      open.push_back(std::make_unique<xray::Subsegment>("open"));
    }
    for (const auto& subsegment : open) subsegment->add_annotation("k", "v");
    emitter->released = true;
    EXPECT_TRUE(xray::flush(std::chrono::seconds(5)));
    open.clear();
    EXPECT_TRUE(xray::flush(std::chrono::seconds(5)));
  });
}

TEST(Sending, synchronous_sends_before_the_segments_end_returns) {
  IN_A_FRESH_PROCESS({
    auto emitter = std::make_shared<BlockingEmitter>();
    emitter->released = true;
    xray::Configuration configuration;
    configuration.synchronous = true;
    configuration.emitter = emitter;
    ASSERT_FALSE(xray::configure(configuration));
    { const xray::Segment segment("s"); }
    EXPECT_EQ(emitter->emitted, 1);
  });
}

TEST(Sending, what_waits_at_exit_is_sent) {
  IN_A_FRESH_PROCESS({
    Receiver daemon;
    const pid_t child = ::fork();
    if (child == 0) {
      xray::Configuration configuration;
      configuration.daemon_address = daemon.address();
      if (xray::configure(configuration)) ::_exit(1);
      for (int i = 0; i < 20; ++i) const xray::Segment segment("s");
      std::exit(0);
    }
    for (int i = 0; i < 20; ++i) EXPECT_FALSE(daemon.receive().empty()) << i;
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  });
}

TEST(Sending, a_segment_after_a_long_silence_wakes_the_sender) {
  support::Capture capture;
  const auto before = xray::statistics().documents_sent;
  { const xray::Segment segment("first"); }
  EXPECT_EQ(capture.texts().size(), 1U);
  std::this_thread::sleep_for(std::chrono::milliseconds(1200));  // asleep by now
  { const xray::Segment segment("second"); }
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  while (xray::statistics().documents_sent < before + 2 &&
         std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_EQ(xray::statistics().documents_sent, before + 2);
}
