#include "intake/stream_intake.hpp"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <list>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "config/log.hpp"
#include "config/log_throttle.hpp"
#include "intake/frame_reader.hpp"
#include "startup_error.hpp"

namespace xrayd::intake {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr std::size_t read_bytes = std::size_t{256} << 10U;
/// Small frames are begun at any time; only more than this is worth ending a connection for.
constexpr std::size_t small_frame = std::size_t{128} << 10U;
constexpr auto until_room = 2ms;
constexpr auto sweep_interval = 1s;

std::string left_out_note(std::uint64_t left_out) {
  return left_out == 0 ? "" : " (" + std::to_string(left_out) + " such lines left out)";
}

/// Who is at the other end, in words.
std::string peer_of(int socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return "somebody";
  return "process " + std::to_string(peer.pid) + " of user " + std::to_string(peer.uid);
}

struct Connection {
  FileDescriptor socket;
  FrameReader reader;
  Clock::time_point begun;  ///< the frame that is not complete
  std::list<Connection>::iterator place;
};

enum class Reading { more, empty, ended };

}  // namespace

/// The receiving thread's own state and work.
class StreamIntake::Receiver {
 public:
  explicit Receiver(StreamIntake& intake) : intake_(intake), buffer_(new char[read_bytes]) {}

  void run() {
    while (!stopping_) {
      wait_for_room();
      if (stopping_) break;
      std::array<epoll_event, 64> events{};
      const int count =
          epoll_wait(intake_.watched_.get(), events.data(), static_cast<int>(events.size()),
                     static_cast<int>(std::chrono::milliseconds(sweep_interval).count()));
      for (int i = 0; i < count; ++i) {
        void* const what = events[static_cast<std::size_t>(i)].data.ptr;
        if (what == &intake_.stop_event_) {
          stopping_ = true;
        } else if (what == &intake_.listener_) {
          accept_all();
        } else if (intake_.sink_.has_room()) {
          read(*static_cast<Connection*>(what));
        }
      }
      sweep();
    }
    read_what_is_left();
  }

 private:
  // ---- connections -----------------------------------------------------------------------------

  void accept_all() {
    while (true) {
      FileDescriptor socket(
          accept4(intake_.listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
      if (socket.get() < 0) {
        if (errno == EINTR || errno == ECONNABORTED) continue;
        if (errno != EAGAIN) pause_accepting();
        return;
      }
      if (connections_.size() == intake_.limits_.connections) {
        note(Closure::too_many, socket.get());
        continue;
      }
      try {
        connections_.emplace_front().socket = std::move(socket);
      } catch (const std::bad_alloc&) {
        note(Closure::no_memory, socket.get());
        continue;
      }
      Connection& connection = connections_.front();
      connection.place = connections_.begin();
      ++intake_.connected_;
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.ptr = &connection;
      if (epoll_ctl(intake_.watched_.get(), EPOLL_CTL_ADD, connection.socket.get(), &event) != 0) {
        end(connection, Closure::no_memory);
      }
      intake_.connections_ = connections_.size();
    }
  }

  /// There are no descriptors left: clients wait a second rather than this thread spinning.
  void pause_accepting() {
    if (const auto left_out = throttle_.admit(Clock::now())) {
      log::error("no connection can be taken on " + intake_.listener_.path().string() + ": " +
                 std::generic_category().message(errno) + left_out_note(*left_out));
    }
    watch_listener(0);
    accept_again_ = Clock::now() + sweep_interval;
  }

  void watch_listener(std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.ptr = &intake_.listener_;
    epoll_ctl(intake_.watched_.get(), EPOLL_CTL_MOD, intake_.listener_.get(), &event);
  }

  void note(Closure why, int socket) {
    ++intake_.closed_[static_cast<std::size_t>(why)];
    if (const auto left_out = throttle_.admit(Clock::now())) {
      log::warn("connection of " + peer_of(socket) + " ended: " + std::string(to_string(why)) +
                left_out_note(*left_out));
    }
  }

  void end(Connection& connection, std::optional<Closure> why = std::nullopt) {
    if (why) note(*why, connection.socket.get());
    if (connection.reader.waiting() > 0) ++intake_.cut_off_;
    begun_bytes_ -= connection.reader.waiting();
    connections_.erase(connection.place);
    intake_.connections_ = connections_.size();
  }

  void sweep() {
    const Clock::time_point now = Clock::now();
    if (now < next_sweep_) return;
    next_sweep_ = now + std::min<Clock::duration>(sweep_interval, intake_.limits_.frame_time / 2);
    if (accept_again_ && now >= *accept_again_) {
      accept_again_.reset();
      watch_listener(EPOLLIN);
    }
    for (auto it = connections_.begin(); it != connections_.end();) {
      Connection& connection = *it++;
      if (connection.reader.waiting() > 0 && now - connection.begun > intake_.limits_.frame_time) {
        end(connection, Closure::stalled);
      }
    }
  }

  // ---- reading ---------------------------------------------------------------------------------

  /// Returns when the sink takes documents, or is to be stopped.
  void wait_for_room() {
    if (intake_.sink_.has_room()) return;
    ++intake_.waits_;
    while (!intake_.sink_.has_room() && !stopping_) {
      pollfd stop{intake_.stop_event_.get(), POLLIN, 0};
      stopping_ = poll(&stop, 1, static_cast<int>(until_room.count())) > 0;
    }
    // That time was not the clients'.
    const Clock::time_point now = Clock::now();
    for (Connection& connection : connections_) connection.begun = now;
  }

  Reading read(Connection& connection) {
    const ssize_t size = recv(connection.socket.get(), buffer_.get(), read_bytes, 0);
    if (size < 0 && errno == EINTR) return Reading::more;
    if (size < 0 && errno == EAGAIN) return Reading::empty;
    if (size <= 0) {
      end(connection);
      return Reading::ended;
    }
    const std::size_t before = connection.reader.waiting();
    frames_.clear();
    bool good = true;
    bool memory = true;
    try {
      good = connection.reader.read({buffer_.get(), static_cast<std::size_t>(size)}, frames_);
      hand_on(connection);
    } catch (const std::bad_alloc&) {
      memory = false;
    }
    connection.reader.release();  // one that idles from here on holds nothing
    const std::size_t waiting = connection.reader.waiting();
    begun_bytes_ = begun_bytes_ - before + waiting;
    if (before == 0 || !frames_.empty()) connection.begun = Clock::now();
    if (!good || !memory) {
      end(connection, good ? Closure::no_memory : Closure::bad_length);
      return Reading::ended;
    }
    if (begun_bytes_ > intake_.limits_.begun_bytes && waiting > small_frame) {
      end(connection, Closure::too_much_begun);
      return Reading::ended;
    }
    return Reading::more;
  }

  void hand_on(const Connection& connection) {
    bodies_.clear();
    std::uint64_t bytes = 0;
    for (const std::string_view frame : frames_) {
      bytes += frame.size();
      Datagram parts = split_datagram(frame);
      if (parts.body.size() > intake_.sink_.longest_body()) parts.refusal = Refusal::too_large;
      if (parts.refusal == Refusal::none) {
        bodies_.push_back(parts.body);
      } else {
        refuse(connection, frame.size(), parts.refusal);
      }
    }
    intake_.received_.fetch_add(frames_.size(), std::memory_order_relaxed);
    intake_.received_bytes_.fetch_add(bytes, std::memory_order_relaxed);
    if (!bodies_.empty()) intake_.sink_.accept({bodies_.data(), bodies_.size()});
  }

  void refuse(const Connection& connection, std::size_t size, Refusal refusal) {
    ++intake_.refused_[static_cast<std::size_t>(refusal)];
    if (const auto left_out = throttle_.admit(Clock::now())) {
      std::string why(to_string(refusal));
      if (refusal == Refusal::too_large) {
        why += ", documents may have at most " + std::to_string(intake_.sink_.longest_body()) +
               " bytes";
      }
      log::warn("frame of " + std::to_string(size) + " bytes from " +
                peer_of(connection.socket.get()) + " refused: " + why + left_out_note(*left_out));
    }
  }

  /// From here on clients' writes fail, so what they believe written is what can be read.
  void read_what_is_left() {
    accept_all();
    intake_.listener_.close();
    for (const Connection& connection : connections_) {
      shutdown(connection.socket.get(), SHUT_RD);
    }
    const Clock::time_point deadline = Clock::now() + 2s;
    while (!connections_.empty() && Clock::now() < deadline) {
      if (!intake_.sink_.has_room()) {
        poll(nullptr, 0, static_cast<int>(until_room.count()));
      } else if (read(connections_.front()) == Reading::empty) {
        end(connections_.front());
      }
    }
    if (!connections_.empty()) {
      log::warn(std::to_string(connections_.size()) +
                " connections were not read to their end: the store has no room");
    }
    connections_.clear();
    intake_.connections_ = 0;
  }

  StreamIntake& intake_;
  const std::unique_ptr<char[]> buffer_;
  std::list<Connection> connections_;
  std::vector<std::string_view> frames_;
  std::vector<std::string_view> bodies_;
  std::size_t begun_bytes_ = 0;
  Clock::time_point next_sweep_{};
  std::optional<Clock::time_point> accept_again_;
  bool stopping_ = false;
  log::Throttle throttle_{5};
};

std::string_view to_string(Closure closure) noexcept {
  switch (closure) {
    case Closure::bad_length:
      return "bad_length";
    case Closure::stalled:
      return "stalled";
    case Closure::too_much_begun:
      return "too_much_begun";
    case Closure::no_memory:
      return "no_memory";
    case Closure::too_many:
      break;
  }
  return "too_many";
}

StreamIntake::StreamIntake(const std::filesystem::path& path, DocumentSink& sink,
                           const StreamLimits& limits)
    : listener_(path),
      sink_(sink),
      limits_(limits),
      stop_event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      watched_(epoll_create1(EPOLL_CLOEXEC)) {
  epoll_event stop{};
  stop.events = EPOLLIN;
  stop.data.ptr = &stop_event_;
  epoll_event clients{};
  clients.events = EPOLLIN;
  clients.data.ptr = &listener_;
  if (stop_event_.get() < 0 || watched_.get() < 0 ||
      epoll_ctl(watched_.get(), EPOLL_CTL_ADD, stop_event_.get(), &stop) != 0 ||
      epoll_ctl(watched_.get(), EPOLL_CTL_ADD, listener_.get(), &clients) != 0) {
    throw StartupError("no event descriptor: " + std::generic_category().message(errno));
  }
}

StreamIntake::~StreamIntake() {
  stop();
}

void StreamIntake::start() {
  thread_ = std::thread([this] { Receiver(*this).run(); });
}

void StreamIntake::stop() {
  if (!thread_.joinable()) return;
  eventfd_write(stop_event_.get(), 1);
  thread_.join();
}

void StreamIntake::report(CounterRows& rows) const {
  const auto add = [&rows](const char* name, const char* help, const std::string& reason,
                           std::uint64_t value, bool gauge = false) {
    rows.push_back({name, help, reason.empty() ? "" : "reason=\"" + reason + "\"",
                    static_cast<std::int64_t>(value), gauge});
  };
  add("xrayd_stream_frames_received_total", "Frames that arrived whole on the unix socket.", "",
      received_);
  add("xrayd_stream_bytes_received_total", "Bytes in them.", "", received_bytes_);
  for (std::size_t i = 1; i < refused_.size(); ++i) {
    add("xrayd_stream_frames_refused_total", "Frames that were not taken, by reason.",
        std::string(to_string(static_cast<Refusal>(i))), refused_[i]);
  }
  add("xrayd_stream_frames_cut_off_total", "Frames whose connection ended before they did.", "",
      cut_off_);
  add("xrayd_stream_waits_total", "Times that reading stopped because the store was behind.", "",
      waits_);
  add("xrayd_stream_connections_total", "Connections taken on the unix socket.", "", connected_);
  for (std::size_t i = 0; i < closed_.size(); ++i) {
    add("xrayd_stream_connections_ended_total", "Connections ended by xrayd, by reason.",
        std::string(to_string(static_cast<Closure>(i))), closed_[i]);
  }
  add("xrayd_stream_connections", "Connections at present.", "", connections_, true);
}

}  // namespace xrayd::intake
