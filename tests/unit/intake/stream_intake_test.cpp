#include "intake/stream_intake.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <malloc.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace xrayd::intake {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
const std::string header = "{\"format\":\"json\",\"version\":1}\n";

std::string prefix(std::size_t size) {
  return {static_cast<char>(size >> 24U), static_cast<char>(size >> 16U),
          static_cast<char>(size >> 8U), static_cast<char>(size)};
}

std::string frame(const std::string& body) {
  return prefix(header.size() + body.size()) + header + body;
}

/// Remembers, and has room while it is told so.
class Sink : public DocumentSink {
 public:
  void accept(std::span<const std::string_view> bodies) noexcept override {
    const std::lock_guard lock(mutex_);
    for (const std::string_view body : bodies) bodies_.emplace_back(body);
    changed_.notify_all();
  }
  bool has_room() const noexcept override { return room; }
  std::size_t longest_body() const noexcept override { return longest; }
  std::vector<std::string> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, 20s, [&] { return bodies_.size() >= count; });
    return bodies_;
  }
  std::size_t count() {
    const std::lock_guard lock(mutex_);
    return bodies_.size();
  }
  void forget() {
    const std::lock_guard lock(mutex_);
    bodies_ = {};
  }
  std::atomic<bool> room{true};
  std::size_t longest = std::size_t{16} << 20U;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> bodies_;
};

/// A connection, as a program makes it.
class Client {
 public:
  explicit Client(const std::filesystem::path& path)
      : socket_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.string().copy(address.sun_path, sizeof address.sun_path - 1);
    connected_ =
        connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    const timeval patience{20, 0};
    setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  [[nodiscard]] bool connected() const { return connected_; }
  void write(std::string_view text) const {
    while (!text.empty()) {
      const ssize_t size = send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL);
      if (size <= 0) return;
      text.remove_prefix(static_cast<std::size_t>(size));
    }
  }
  /// What a socket that doesn't wait takes of `text`.
  [[nodiscard]] std::size_t write_some(std::string_view text) const {
    const ssize_t size = send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    return size > 0 ? static_cast<std::size_t>(size) : 0;
  }
  /// Waits until the other end has closed.
  [[nodiscard]] bool is_closed() const {
    char byte = 0;
    const ssize_t size = recv(socket_.get(), &byte, 1, 0);
    return size == 0 || (size < 0 && errno == ECONNRESET);
  }

 private:
  FileDescriptor socket_;
  bool connected_ = false;
};

class Stream : public testing::Test {
 protected:
  Stream() {
    std::string name = (std::filesystem::temp_directory_path() / "xrayd-stream-XXXXXX").string();
    directory_ = mkdtemp(name.data());
  }
  ~Stream() override {
    intake_.reset();
    std::filesystem::remove_all(directory_);
  }
  void start(const StreamLimits& limits = {}) {
    intake_.emplace(directory_ / "s", sink_, limits);
    intake_->start();
  }
  [[nodiscard]] Client client() const { return Client(directory_ / "s"); }
  std::int64_t counter(const std::string& name) const {
    CounterRows rows;
    intake_->report(rows);
    for (const CounterRow& row : rows) {
      if (row.name + (row.labels.empty() ? "" : "{" + row.labels + "}") == name) return row.value;
    }
    ADD_FAILURE() << name << " is not reported";
    return -1;
  }
  /// True once the counter is as large; it may lag behind what a client sees.
  bool reaches(const std::string& name, std::int64_t value) const {
    for (int i = 0; i < 2000 && counter(name) < value; ++i) std::this_thread::sleep_for(10ms);
    return counter(name) == value;
  }

  std::filesystem::path directory_;
  Sink sink_;
  std::optional<StreamIntake> intake_;
};

TEST_F(Stream, frames_of_many_connections_are_handed_on_whole) {
  start();
  std::vector<Client> clients;
  clients.reserve(20);
  for (int i = 0; i < 20; ++i) clients.push_back(client());
  std::vector<std::string> expected;
  for (int i = 0; i < 1000; ++i) {
    expected.push_back("document " + std::to_string(i) +
                       std::string(static_cast<std::size_t>(i), 'x'));
    clients[static_cast<std::size_t>(i) % clients.size()].write(frame(expected.back()));
  }
  EXPECT_THAT(sink_.wait_for(1000), testing::UnorderedElementsAreArray(expected));
  EXPECT_EQ(counter("xrayd_stream_frames_received_total"), 1000);
  EXPECT_EQ(counter("xrayd_stream_connections"), 20);
}

TEST_F(Stream, a_frame_that_comes_byte_by_byte_holds_up_nobody) {
  start();
  const Client slow = client();
  const Client quick = client();
  const std::string text = frame("slow");
  slow.write(text.substr(0, 3));
  for (std::size_t i = 3; i < text.size(); ++i) {
    quick.write(frame("quick"));
    EXPECT_EQ(sink_.wait_for(i - 2).size(), i - 2);
    slow.write(text.substr(i, 1));
  }
  EXPECT_EQ(sink_.wait_for(text.size() - 2).back(), "slow");
}

TEST_F(Stream, a_bad_length_ends_that_connection_only) {
  start();
  const Client good = client();
  for (const std::string& length : {"\0\0\0\0"s, "\x01\0\0\x01"s, "\xff\xff\xff\xff"s}) {
    const Client bad = client();
    bad.write(frame("before") + length);
    EXPECT_TRUE(bad.is_closed());
  }
  good.write(frame("good"));
  EXPECT_THAT(sink_.wait_for(4), testing::ElementsAre("before", "before", "before", "good"));
  EXPECT_EQ(counter("xrayd_stream_connections_ended_total{reason=\"bad_length\"}"), 3);
}

TEST_F(Stream, what_is_no_document_is_counted_by_reason_and_the_connection_goes_on) {
  start();
  const Client one = client();
  one.write(prefix(7) + "nothing" + prefix(3) + "{}\n" + prefix(header.size()) + header +
            frame("good"));
  EXPECT_THAT(sink_.wait_for(1), testing::ElementsAre("good"));
  EXPECT_EQ(counter("xrayd_stream_frames_refused_total{reason=\"missing_header\"}"), 1);
  EXPECT_EQ(counter("xrayd_stream_frames_refused_total{reason=\"bad_header\"}"), 1);
  EXPECT_EQ(counter("xrayd_stream_frames_refused_total{reason=\"empty_body\"}"), 1);
}

TEST_F(Stream, a_frame_cut_off_by_the_end_of_its_connection_is_counted) {
  start();
  { client().write(frame("whole") + frame("cut").substr(0, 9)); }
  EXPECT_THAT(sink_.wait_for(1), testing::ElementsAre("whole"));
  EXPECT_TRUE(reaches("xrayd_stream_frames_cut_off_total", 1));
}

TEST_F(Stream, a_frame_of_16_mib_arrives_whole) {
  start();
  const std::string body((std::size_t{16} << 20U) - header.size(), 'x');
  client().write(frame(body));
  const auto bodies = sink_.wait_for(1);
  ASSERT_EQ(bodies.size(), 1U);
  EXPECT_TRUE(bodies[0] == body);
}

TEST_F(Stream, a_document_longer_than_the_store_takes_is_refused_and_the_connection_goes_on) {
  sink_.longest = 1000;
  start();
  const Client one = client();
  testing::internal::CaptureStdout();
  one.write(frame(std::string(1001, 'x')) + frame(std::string(1000, 'y')));
  EXPECT_THAT(sink_.wait_for(1), testing::ElementsAre(std::string(1000, 'y')));
  EXPECT_THAT(testing::internal::GetCapturedStdout(),
              testing::HasSubstr("too_large, documents may have at most 1000 bytes"));
  EXPECT_EQ(counter("xrayd_stream_frames_refused_total{reason=\"too_large\"}"), 1);
}

TEST_F(Stream, connections_that_sent_large_frames_and_idle_hold_no_memory) {
  start();
  const auto used = [] {
    const auto memory = mallinfo2();
    return memory.uordblks + memory.hblkhd;
  };
  constexpr std::size_t large = std::size_t{8} << 20U;
  const std::size_t before = used();
  std::vector<Client> clients;
  for (std::size_t i = 1; i <= 6; ++i) {
    clients.push_back(client());
    clients.back().write(frame(std::string(large, 'x')));
    EXPECT_EQ(sink_.wait_for(1).size(), 1U);
    sink_.forget();
  }
  // The one that is read last may not have got so far.
  const Client last = client();
  last.write(frame("last"));
  EXPECT_EQ(sink_.wait_for(1).size(), 1U);
  EXPECT_LT(used(), before + 2 * large);
}

TEST_F(Stream, where_the_sink_has_no_room_senders_wait_and_nothing_is_lost) {
  sink_.room = false;
  start();
  const Client one = client();
  std::string text;
  for (int i = 0; i < 2000; ++i) text += frame(std::string(1000, 'x'));
  std::size_t written = 0;
  while (const std::size_t size = one.write_some(std::string_view(text).substr(written))) {
    written += size;
  }
  EXPECT_LT(written, text.size());
  EXPECT_TRUE(reaches("xrayd_stream_waits_total", 1));
  EXPECT_EQ(sink_.count(), 0U);
  std::thread rest([&] { one.write(std::string_view(text).substr(written)); });
  sink_.room = true;
  EXPECT_EQ(sink_.wait_for(2000).size(), 2000U);
  rest.join();
}

TEST_F(Stream, connections_beyond_the_limit_are_turned_away) {
  start({.connections = 2});
  const Client first = client();
  const Client second = client();
  const Client third = client();
  EXPECT_TRUE(third.is_closed());
  second.write(frame("good"));
  EXPECT_EQ(sink_.wait_for(1).size(), 1U);
  EXPECT_EQ(counter("xrayd_stream_connections_ended_total{reason=\"too_many\"}"), 1);
}

TEST_F(Stream, frames_that_never_end_are_bounded_in_memory) {
  start({.begun_bytes = std::size_t{1} << 20U});
  const Client hostile = client();
  hostile.write(prefix(std::size_t{10} << 20U) + std::string(std::size_t{2} << 20U, 'x'));
  EXPECT_TRUE(hostile.is_closed());
  EXPECT_EQ(counter("xrayd_stream_connections_ended_total{reason=\"too_much_begun\"}"), 1);
  client().write(frame("good"));
  EXPECT_EQ(sink_.wait_for(1).size(), 1U);
}

TEST_F(Stream, a_frame_that_does_not_go_on_ends_its_connection_and_silence_does_not) {
  start({.frame_time = 100ms});
  const Client silent = client();
  const Client stalled = client();
  stalled.write(frame("half").substr(0, 10));
  EXPECT_TRUE(stalled.is_closed());
  EXPECT_EQ(counter("xrayd_stream_connections_ended_total{reason=\"stalled\"}"), 1);
  silent.write(frame("good"));
  EXPECT_EQ(sink_.wait_for(1).size(), 1U);
}

TEST_F(Stream, what_was_written_before_the_stop_is_kept_and_later_writes_fail) {
  sink_.room = false;
  start();
  const Client one = client();
  std::size_t whole = 0;
  const std::string text = frame("document");
  while (one.write_some(text) == text.size()) ++whole;
  const Client late = client();
  late.write(frame("waiting to be accepted"));
  std::thread opener([&] {
    std::this_thread::sleep_for(50ms);
    sink_.room = true;
  });
  intake_->stop();
  opener.join();
  EXPECT_EQ(sink_.count(), whole + 1);
  EXPECT_TRUE(one.is_closed());
  EXPECT_EQ(one.write_some(text), 0U);
  EXPECT_FALSE(client().connected());
}

TEST_F(Stream, stopping_twice_or_without_a_start_is_harmless) {
  intake_.emplace(directory_ / "s", sink_);
  intake_->stop();
  intake_->start();
  intake_->stop();
  intake_->stop();
}

}  // namespace
}  // namespace xrayd::intake
