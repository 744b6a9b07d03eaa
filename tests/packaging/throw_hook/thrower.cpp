// A plugin that throws a type of its own.
#include <exception>
#include <string>

namespace plugin {
class Failure : public std::exception {
 public:
  explicit Failure(std::string text) : text_(std::move(text)) {}
  [[nodiscard]] const char* what() const noexcept override { return text_.c_str(); }

 private:
  std::string text_;
};
}  // namespace plugin

extern "C" __attribute__((visibility("default"))) void plugin_throw(const char* text) {
  throw plugin::Failure(text);
}
