#include "credentials/inquiry.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <system_error>
#include <utility>

namespace xrayd::credentials {
namespace {

std::chrono::milliseconds left_until(Inquiry::Deadline deadline) {
  return std::max(
      std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()),
      std::chrono::milliseconds(0));
}

}  // namespace

Inquiry::Inquiry(net::ClientFactory clients, std::chrono::milliseconds limit)
    : factory_(std::move(clients)),
      deadline_(std::chrono::steady_clock::now() + limit),
      descriptor_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (descriptor_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

Inquiry::~Inquiry() {
  ::close(descriptor_);
}

void Inquiry::call_off() noexcept {
  called_off_ = true;
  const std::uint64_t one = 1;
  // It can't fail: the counter is far from full.
  [[maybe_unused]] const ssize_t written = ::write(descriptor_, &one, sizeof one);
  const std::lock_guard lock(mutex_);
  for (const auto& client : clients_) client->cancel();
}

bool Inquiry::is_over() const noexcept {
  return called_off_ || std::chrono::steady_clock::now() >= deadline_;
}

net::HttpResult Inquiry::send(net::HttpClient& client, const aws::Endpoint& endpoint,
                              const net::HttpRequest& request,
                              std::chrono::milliseconds timeout) const noexcept {
  const auto left = std::min(timeout, left_until(deadline_));
  if (left.count() == 0) {
    net::HttpResult result;
    result.end = aws::RequestEnd::timed_out;
    result.problem = "there was no time left to ask";
    return result;
  }
  return client.send(endpoint, request, left);
}

net::HttpClient& Inquiry::client(const net::ClientSettings& settings) {
  auto made = factory_(settings);
  const std::lock_guard lock(mutex_);
  if (called_off_) made->cancel();
  clients_.push_back(std::move(made));
  return *clients_.back();
}

bool Inquiry::pause(std::chrono::milliseconds time) const noexcept {
  const auto end = std::min(deadline_, std::chrono::steady_clock::now() + time);
  while (!called_off_) {
    const auto left = left_until(end);
    if (left.count() == 0) break;
    pollfd entry{descriptor_, POLLIN, 0};
    ::poll(&entry, 1, static_cast<int>(std::min<std::int64_t>(left.count(), 60'000)));
  }
  return !is_over();
}

}  // namespace xrayd::credentials
