#include "support/stand_in_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace xray_test {
namespace {

using namespace std::string_literals;

std::string number(std::uint32_t value) {
  const std::uint32_t bytes = htonl(value);
  return {reinterpret_cast<const char*>(&bytes), sizeof bytes};
}

std::string message(char type, const std::string& body) {
  return type + number(static_cast<std::uint32_t>(body.size() + 4)) + body;
}

std::string parameter(const std::string& name, const std::string& value) {
  return message('S', name + '\0' + value + '\0');
}

const std::string& error() {
  static const std::string text =
      message('E', "SERROR\0C42601\0Msyntax error at or near \"secret\"\0\0"s);
  return text;
}

const std::string& done() {
  static const std::string text = message('C', "SELECT 0\0"s);
  return text;
}

const std::string& ready() {
  static const std::string text = message('Z', "I");
  return text;
}

bool has(std::string_view text, std::string_view what) {
  return text.find(what) != std::string_view::npos;
}

bool read_all(int socket, void* to, std::size_t size) {
  return size == 0 || recv(socket, to, size, MSG_WAITALL) == static_cast<ssize_t>(size);
}

std::optional<std::string> read_body(int socket) {
  std::uint32_t size = 0;
  if (!read_all(socket, &size, sizeof size)) return std::nullopt;
  std::string body(ntohl(size) - sizeof size, '\0');
  if (!read_all(socket, body.data(), body.size())) return std::nullopt;
  return body;
}

enum class Mood { fine, failed, mute };

/// What is said to one command; none where the connection ends. By the extended protocol all is
/// passed over after a failure until the end of the part.
std::optional<std::string> answer(char type, const std::string& body, Mood& mood) {
  if (type == 'X') return std::nullopt;
  if (has(body, "hang")) mood = Mood::mute;
  if (mood == Mood::mute) return std::string();
  if (type == 'S') {
    mood = Mood::fine;
    return ready();
  }
  if (mood == Mood::failed) return std::string();
  if (type == 'Q') {
    if (has(body, "fail")) return error() + ready();
    std::string all;
    const auto statements = std::count(body.begin(), body.end(), ';') + 1;
    for (auto i = statements; i > 0; --i) all += done();
    return all + ready();
  }
  if (has(body, "fail")) {
    mood = Mood::failed;
    return error();
  }
  if (type == 'P') return message('1', "");
  if (type == 'B') return message('2', "");
  if (type == 'D') return message('n', "");
  if (type == 'E') return done();
  return std::string();
}

bool write_all(int socket, const std::string& text) {
  return send(socket, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
}

}  // namespace

StandInServer::StandInServer(std::string conforming)
    : conforming_(std::move(conforming)),
      listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (listener_ < 0 || bind(listener_, generic, size) != 0 || listen(listener_, 16) != 0 ||
      getsockname(listener_, generic, &size) != 0) {
    throw std::runtime_error("no port to listen on");
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_all(); });
}

StandInServer::~StandInServer() {
  is_over_ = true;
  shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  close(listener_);
  for (const int socket : sockets_) shutdown(socket, SHUT_RDWR);
  for (std::thread& thread : threads_) thread.join();
  for (const int socket : sockets_) close(socket);
}

std::string StandInServer::conninfo() const {
  return "host=127.0.0.1 port=" + std::to_string(port_) +
         " dbname=shop user=ann password=hunter2 sslmode=disable gssencmode=disable";
}

void StandInServer::accept_all() {
  while (!is_over_) {
    const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) continue;
    const std::lock_guard lock(mutex_);
    sockets_.push_back(socket);
    const int number = static_cast<int>(sockets_.size());
    threads_.emplace_back([this, socket, number] { serve(socket, number); });
  }
}

void StandInServer::serve(int socket, int number_of_connection) const {
  if (!read_body(socket)) return;
  const std::string welcome =
      message('R', number(0)) + parameter("server_version", "15.20") +
      parameter("standard_conforming_strings", conforming_) +
      message('K', number(static_cast<std::uint32_t>(number_of_connection)) + number(1)) + ready();
  Mood mood = Mood::fine;
  std::optional<std::string> say = welcome;
  while (say && write_all(socket, *say)) {
    char type = 0;
    if (!read_all(socket, &type, 1)) return;
    const std::optional<std::string> body = read_body(socket);
    if (!body) return;
    say = answer(type, *body, mood);
  }
  shutdown(socket, SHUT_RDWR);
}

}  // namespace xray_test
