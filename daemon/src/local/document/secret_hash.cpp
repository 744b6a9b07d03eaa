#include "local/document/secret_hash.hpp"

#include <random>

namespace xrayd::local {

std::uint64_t hash_secret() {
  static const std::uint64_t value = [] {
    std::random_device device;
    return (std::uint64_t{device()} << 32U) | device();
  }();
  return value;
}

}  // namespace xrayd::local
