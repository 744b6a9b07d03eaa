// A test's plugin, loaded and closed.
#pragma once

#include <dlfcn.h>

#include <stdexcept>
#include <string>

namespace xray_test {

class Plugin {
 public:
  explicit Plugin(const std::string& file, int mode = RTLD_NOW | RTLD_LOCAL)
      : handle_(dlopen((std::string(XRAY_TEST_PLUGINS "/") + file).c_str(), mode)) {
    if (handle_ == nullptr) throw std::runtime_error(dlerror());
  }
  Plugin(const Plugin&) = delete;
  Plugin& operator=(const Plugin&) = delete;
  ~Plugin() { close(); }

  void close() {
    if (handle_ != nullptr) dlclose(handle_);
    handle_ = nullptr;
  }

  /// A function of the plugin; fails the test if it has none of this name.
  template <typename Function>
  Function* function(const char* name) const {
    void* const address = dlsym(handle_, name);
    if (address == nullptr) throw std::runtime_error(dlerror());
    return reinterpret_cast<Function*>(address);
  }
  [[nodiscard]] int call(const char* name, int value) const {
    return function<int(int)>(name)(value);
  }
  [[nodiscard]] void* handle() const { return handle_; }

 private:
  void* handle_;
};

}  // namespace xray_test
