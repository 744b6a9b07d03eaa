#include "support/resolver.hpp"

#include <dlfcn.h>
#include <netdb.h>

#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <thread>

namespace {

std::mutex mutex;
std::map<std::string, std::vector<std::string>> hosts;
std::atomic<bool> held{false};
std::atomic<unsigned> asked{0};

using GetAddrInfo = int (*)(const char*, const char*, const addrinfo*, addrinfo**);

int ask_system(const char* node, const char* service, const addrinfo* hints, addrinfo** result) {
  static const auto real = reinterpret_cast<GetAddrInfo>(::dlsym(RTLD_NEXT, "getaddrinfo"));
  return real(node, service, hints, result);
}

}  // namespace

extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints,
                           addrinfo** result) {
  std::vector<std::string> addresses;
  {
    const std::lock_guard<std::mutex> lock(mutex);
    const auto found = node != nullptr ? hosts.find(node) : hosts.end();
    if (found == hosts.end() || (hints->ai_flags & AI_NUMERICHOST) != 0) {
      return ask_system(node, service, hints, result);
    }
    addresses = found->second;
  }
  ++asked;
  while (held) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  *result = nullptr;
  addrinfo** end = result;
  for (const std::string& address : addresses) {
    if (ask_system(address.c_str(), service, hints, end) != 0) return EAI_FAIL;
    while (*end != nullptr) end = &(*end)->ai_next;
  }
  return *result == nullptr ? EAI_NONAME : 0;
}

namespace support {

void name_host(const std::string& host, const std::vector<std::string>& addresses) {
  const std::lock_guard<std::mutex> lock(mutex);
  hosts[host] = addresses;
}

void hold_lookups(bool hold) {
  held = hold;
}

unsigned lookups() {
  return asked;
}

}  // namespace support
