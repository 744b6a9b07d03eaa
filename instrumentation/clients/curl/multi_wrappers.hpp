// Wrappers of the multi interface: a call lasts from when its handle is added until libcurl says
// that it is done.
#pragma once

#include <cstddef>

#include "clients/curl/easy_wrappers.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients {
namespace curl {

template <std::size_t Library>
struct MultiAddHandle {
  static constexpr const char* symbol = "curl_multi_add_handle";
  static inline Original<int(void*, void*)> original;
  static int call(void* multi, void* handle) {
    const int code = original(multi, handle);
    if (code == ok && !Performing::is(handle)) {
      after_add(multi, handle, functions_of<Library>());
    }
    return code;
  }
};

template <std::size_t Library>
struct MultiRemoveHandle {
  static constexpr const char* symbol = "curl_multi_remove_handle";
  static inline Original<int(void*, void*)> original;
  static int call(void* multi, void* handle) {
    const int code = original(multi, handle);
    // In a callback it is refused, and the call goes on.
    if (code == ok && multi != nullptr && handle != nullptr) {
      after_remove(multi, handle, functions_of<Library>());
    }
    return code;
  }
};

template <std::size_t Library>
struct MultiInfoRead {
  static constexpr const char* symbol = "curl_multi_info_read";
  static inline Original<Message*(void*, int*)> original;
  static Message* call(void* multi, int* left) {
    Message* const message = original(multi, left);
    if (message != nullptr && message->kind == message_done) {
      after_message(message->easy, message->data.result, functions_of<Library>());
    }
    return message;
  }
};

template <std::size_t Library>
struct MultiCleanup {
  static constexpr const char* symbol = "curl_multi_cleanup";
  static inline Original<int(void*)> original;
  static int call(void* multi) {
    if (multi != nullptr) before_multi_cleanup(multi, functions_of<Library>());
    return original(multi);
  }
};

}  // namespace curl
}  // namespace clients
XRAY_NAMESPACE_END
