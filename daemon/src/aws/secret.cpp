#include "aws/secret.hpp"

#include <openssl/crypto.h>

namespace xrayd::aws {
namespace {

/// Short texts live in the string itself and stay there when they are copied out of it.
void wipe_text(std::string& text) noexcept {
  text.resize(text.capacity());  // never allocates
  OPENSSL_cleanse(text.data(), text.size());
  text.clear();
}

}  // namespace

Secret::Secret(std::string&& text) {
  text_.swap(text);
  wipe_text(text);
}

Secret::Secret(Secret&& other) noexcept {
  text_.swap(other.text_);
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
    text_.swap(other.text_);
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
