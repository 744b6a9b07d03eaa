#include "aws/secret.hpp"

#include <openssl/crypto.h>

#include <utility>

namespace xrayd::aws {
namespace {

/// Short texts live in the string itself and stay there when it is moved from.
void wipe_text(std::string& text) noexcept {
  text.resize(text.capacity());  // never allocates
  OPENSSL_cleanse(text.data(), text.size());
  text.clear();
}

}  // namespace

Secret::Secret(std::string&& text) : text_(std::move(text)) {
  wipe_text(text);
}

Secret::Secret(Secret&& other) noexcept : text_(std::move(other.text_)) {
  other.wipe();
}

Secret& Secret::operator=(const Secret& other) {
  if (this != &other) {
    wipe();
    text_ = other.text_;
  }
  return *this;
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    wipe();
    text_ = std::move(other.text_);
    other.wipe();
  }
  return *this;
}

Secret::~Secret() {
  wipe();
}

void Secret::wipe() noexcept {
  wipe_text(text_);
}

}  // namespace xrayd::aws
