#include "net/resolver.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <exception>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

namespace xrayd::net {
namespace {

IpAddress to_address(const sockaddr& raw) {
  IpAddress address;
  if (raw.sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &raw, sizeof v4);
    std::memcpy(address.bytes.data(), &v4.sin_addr, sizeof v4.sin_addr);
  } else {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &raw, sizeof v6);
    std::memcpy(address.bytes.data(), &v6.sin6_addr, sizeof v6.sin6_addr);
    address.is_v6 = true;
    address.scope = v6.sin6_scope_id;
  }
  return address;
}

/// The families in turns: where one of them leads nowhere, the other is not tried last.
std::vector<IpAddress> in_turns(const std::vector<IpAddress>& addresses) {
  std::vector<IpAddress> first;
  std::vector<IpAddress> second;
  for (const IpAddress& address : addresses) {
    (address.is_v6 == addresses.front().is_v6 ? first : second).push_back(address);
  }
  std::vector<IpAddress> result;
  for (std::size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
    if (i < first.size()) result.push_back(first[i]);
    if (i < second.size()) result.push_back(second[i]);
  }
  if (result.size() > most_addresses) result.resize(most_addresses);
  return result;
}

LookUpResult ask_system(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int error = getaddrinfo(host.c_str(), nullptr, &hints, &list);
  if (error != 0) return {{}, gai_strerror(error)};
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(list, &freeaddrinfo);
  std::vector<IpAddress> found;
  for (const addrinfo* entry = list; entry != nullptr; entry = entry->ai_next) {
    if (entry->ai_family != AF_INET && entry->ai_family != AF_INET6) continue;
    const IpAddress address = to_address(*entry->ai_addr);
    if (std::find(found.begin(), found.end(), address) == found.end()) found.push_back(address);
  }
  if (found.empty()) return {{}, "it has no addresses"};
  return {in_turns(found), {}};
}

}  // namespace

LookUpResult system_look_up(const std::string& host) noexcept {
  try {
    return ask_system(host);
  } catch (const std::exception&) {
    return {};
  }
}

struct Resolver::State {
  struct Running {
    bool done = false;
    LookUpResult result;
  };

  LookUp look_up;
  std::mutex mutex;
  std::condition_variable_any changed;
  std::map<std::string, std::shared_ptr<Running>> running;
};

Resolver::Resolver(LookUp look_up) : state_(std::make_shared<State>()) {
  state_->look_up = std::move(look_up);
}

Resolver::Answer Resolver::resolve(const std::string& host, Clock::time_point until,
                                   const std::stop_token& stop) const {
  if (const auto address = parse_ip(host)) return {End::found, {{*address}, {}}};
  std::unique_lock lock(state_->mutex);
  std::shared_ptr<State::Running> mine;
  if (const auto same = state_->running.find(host); same != state_->running.end()) {
    mine = same->second;
  } else {
    if (state_->running.size() >= most_look_ups) {
      return {End::timed_out, {{}, "too many names are being looked up"}};
    }
    mine = std::make_shared<State::Running>();
    state_->running.emplace(host, mine);
    try {
      std::thread([state = state_, mine, host] {
        LookUpResult result = state->look_up(host);
        const std::lock_guard guard(state->mutex);
        mine->result = std::move(result);
        mine->done = true;
        state->running.erase(host);
        state->changed.notify_all();
      }).detach();
    } catch (...) {
      state_->running.erase(host);
      throw;
    }
  }
  const bool done = state_->changed.wait_until(lock, stop, until, [&] { return mine->done; });
  if (!done) return {stop.stop_requested() ? End::stopped : End::timed_out, {}};
  return {mine->result.addresses.empty() ? End::not_found : End::found, mine->result};
}

}  // namespace xrayd::net
