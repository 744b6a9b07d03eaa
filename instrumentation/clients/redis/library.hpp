// hiredis as far as we must know it. Its own headers are needed by tests only.
#pragma once

#include <cstddef>
#include <type_traits>

#include <xray/config.hpp>

// hiredis' own names, which are all that is declared of them here.
struct redisContext;       // NOLINT(readability-identifier-naming)
struct redisAsyncContext;  // NOLINT(readability-identifier-naming)

XRAY_NAMESPACE_BEGIN
namespace clients {
namespace redis {

using ReplyCallback = void(redisAsyncContext*, void*, void*);

/// What the Makefile and CMake call the releases. 1.3 and later are libhiredis.so.1 if CMake built
/// them.
inline constexpr const char* const sonames[] = {
    "libhiredis.so.0.13",  "libhiredis.so.0.14",  "libhiredis.so.1.0.0", "libhiredis.so.1.1.0",
    "libhiredis.so.1.3.0", "libhiredis.so.1.4.0", "libhiredis.so.1",
};
inline constexpr std::size_t first_library_since_1 = 2;
/// The numbers of a copy in the program: of 1.0 or later, which has `function_since_1`, or before.
inline constexpr std::size_t linked_since_1 = sizeof sonames / sizeof *sonames;
inline constexpr std::size_t linked_before_1 = linked_since_1 + 1;
inline constexpr const char* function_since_1 = "redisSetPushCallback";

inline constexpr int ok = 0;
inline constexpr int reply_is_error = 6;
inline constexpr int reply_is_push = 12;  // since 1.0: belongs to no command
inline constexpr int connection_by_tcp = 0;
inline constexpr int connection_by_socket = 1;

// Flags of a context.
inline constexpr int blocking = 0x1;
inline constexpr int being_freed = 0x8;
inline constexpr int subscribed = 0x20;
inline constexpr int monitoring = 0x40;
inline constexpr int replies_are_the_users = 0x400;  // since 1.1: callbacks free them

struct TcpAddress {
  char* host;
  char* source_address;
  int port;
};
struct SocketAddress {
  char* path;
};

/// How 0.13 and 0.14 lay out what we read: the beginnings, in every release of these two.
struct LayoutBefore1 {
  struct Context {
    int error;
    char error_text[128];
    int descriptor;
    int flags;
    char* output;
    void* reader;
    int connection_type;
    void* timeout;
    TcpAddress tcp;
    SocketAddress socket;
  };
  struct ReadTask {
    int type;
    int elements;
    int index;
    void* object;
    void* parent;
    void* data;
  };
  struct Reader {
    int error;
    char error_text[128];
    char* buffer;
    std::size_t position;
    std::size_t size;
    std::size_t most_unused;
    ReadTask tasks[9];
    int task;
    void* reply;
    const void* functions;
  };
  struct Reply {
    int type;
    long long integer;
    // In 0.13 an int. Four bytes of padding follow it there, so the text is at the same place.
    std::size_t size;
    const char* text;
  };
};

/// The same of 1.0 to 1.4.
struct LayoutSince1 {
  struct Context {
    const void* functions;
    int error;
    char error_text[128];
    int descriptor;
    int flags;
    char* output;
    void* reader;
    int connection_type;
    void* connect_timeout;
    void* command_timeout;
    TcpAddress tcp;
    SocketAddress socket;
  };
  struct Reader {
    int error;
    char error_text[128];
    char* buffer;
    std::size_t position;
    std::size_t size;
    std::size_t most_unused;
    long long most_elements;
    void* tasks;
    int task_count;
    int task;
    void* reply;
    const void* functions;
  };
  struct Reply {
    int type;
    long long integer;
    double number;
    std::size_t size;
    const char* text;
  };
};

template <std::size_t Library>
using LayoutOf = std::conditional_t<(Library < first_library_since_1 || Library == linked_before_1),
                                    LayoutBefore1, LayoutSince1>;

}  // namespace redis
}  // namespace clients
XRAY_NAMESPACE_END
