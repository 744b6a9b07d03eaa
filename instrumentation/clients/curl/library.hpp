// What we use of libcurl's interface, in our own words: none of its headers is needed to build us.
// A unit test compares all of it with the real ones.
#pragma once

#include <cstddef>
#include <cstdint>

#include <xray/config.hpp>

#include "patching/original.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients {
namespace curl {

/// curl_slist: a list of header lines.
struct Slist {
  char* data;
  Slist* next;
};

/// curl_header, of libcurl 7.83 and later.
struct Header {
  char* name;
  char* value;
  std::size_t amount;
  std::size_t index;
  unsigned origin;
  void* anchor;
};
inline constexpr unsigned of_the_answer = 1;  ///< CURLH_HEADER

/// CURLMsg.
struct Message {
  int kind;
  void* easy;
  union {
    void* whatever;
    int result;
  } data;
};
inline constexpr int message_done = 1;  ///< CURLMSG_DONE

/// CURLcode and CURLMcode.
inline constexpr int ok = 0;
inline constexpr int http_returned_error = 22;
inline constexpr int url_malformat = 3;

/// CURLoption: those by which we know what is requested.
namespace option {
inline constexpr int port = 3;
inline constexpr int write_data = 10001;
inline constexpr int url = 10002;
inline constexpr int post_fields = 10015;
inline constexpr int http_header = 10023;
inline constexpr int http_post = 10024;
inline constexpr int header_data = 10029;
inline constexpr int custom_request = 10036;
inline constexpr int no_body = 44;
inline constexpr int upload = 46;
inline constexpr int post = 47;
inline constexpr int put = 54;
inline constexpr int post_field_size = 60;
inline constexpr int http_get = 80;
inline constexpr int connect_only = 141;
inline constexpr int copy_post_fields = 10165;
inline constexpr int default_protocol = 10238;
inline constexpr int mime_post = 10269;
inline constexpr int url_handle = 10282;
inline constexpr int aws_sigv4 = 10305;
inline constexpr int write_function = 20011;
inline constexpr int header_function = 20079;
inline constexpr int post_field_size_large = 30120;
/// What an option takes, by its number: below, a long; up to functions, a pointer.
inline constexpr int first_pointer = 10000;
inline constexpr int first_number64 = 30000;
inline constexpr int first_blob = 40000;
}  // namespace option

/// CURLINFO.
namespace info {
inline constexpr int effective_url = 0x100000 + 1;
inline constexpr int response_code = 0x200000 + 2;
inline constexpr int size_download = 0x600000 + 8;
inline constexpr int content_length = 0x600000 + 15;
inline constexpr int redirect_count = 0x200000 + 20;
inline constexpr int connections = 0x200000 + 26;
inline constexpr int primary_ip = 0x100000 + 32;
inline constexpr int scheme = 0x100000 + 49;
inline constexpr int total_time = 0x600000 + 50;
inline constexpr int name_lookup_time = 0x600000 + 51;
inline constexpr int connect_time = 0x600000 + 52;
inline constexpr int start_transfer_time = 0x600000 + 54;
inline constexpr int tls_time = 0x600000 + 56;
inline constexpr int effective_method = 0x100000 + 58;
}  // namespace info

inline constexpr int whole_url = 0;  ///< CURLUPART_URL

/// curl_write_callback.
using WriteFunction = std::size_t (*)(char* data, std::size_t size, std::size_t count, void* user);

/// The functions of one library that we call ourselves. Null where it has none of the name.
struct Functions {
  int (*setopt)(void* easy, int option, ...);
  int (*getinfo)(void* easy, int info, ...);
  Header* (*next_header)(void* easy, unsigned origin, int request, Header* previous);
  const char* (*error_text)(int code);
  int (*url_get)(void* url, int part, char** text, unsigned flags);
  void (*free)(void* memory);
};

using patching::Original;

template <std::size_t Library>
struct EasyGetinfo {
  static constexpr const char* symbol = "curl_easy_getinfo";
  static inline Original<int(void*, int, ...)> original;
};

template <std::size_t Library>
struct EasyNextheader {
  static constexpr const char* symbol = "curl_easy_nextheader";
  static inline Original<Header*(void*, unsigned, int, Header*)> original;
};

template <std::size_t Library>
struct EasyStrerror {
  static constexpr const char* symbol = "curl_easy_strerror";
  static inline Original<const char*(int)> original;
};

template <std::size_t Library>
struct UrlGet {
  static constexpr const char* symbol = "curl_url_get";
  static inline Original<int(void*, int, char**, unsigned)> original;
};

template <std::size_t Library>
struct Free {
  static constexpr const char* symbol = "curl_free";
  static inline Original<void(void*)> original;
};

}  // namespace curl
}  // namespace clients
XRAY_NAMESPACE_END
