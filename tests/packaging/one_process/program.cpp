// program <test> <plugin>...: one edge in the life of a process, and what became of the documents.
// The SDK is used in a child process; its parent stands in for the daemon.
#include <arpa/inet.h>
#include <dirent.h>
#include <dlfcn.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "plugin.hpp"

#if defined(PROGRAM_TRACES)
#include <xray/xray.hpp>

#include "more.hpp"
#endif

namespace {

#define CHECK(condition)                                                           \
  do {                                                                             \
    if (!(condition)) {                                                            \
      std::fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
      std::_Exit(1);                                                               \
    }                                                                              \
  } while (false)

/// Receives as a daemon would, and tells the SDK by the environment.
class Daemon {
 public:
  Daemon() : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    CHECK(::bind(socket_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    CHECK(::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    const std::string text = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    ::setenv("AWS_XRAY_DAEMON_ADDRESS", text.c_str(), 1);
    ::setenv("AWS_XRAY_CONTEXT_MISSING", "IGNORE_ERROR", 1);
  }
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;
  ~Daemon() { ::close(socket_); }

  /// Keeps what has arrived.
  void receive() {
    std::string buffer(65'536, '\0');
    ssize_t size = 0;
    while ((size = ::recv(socket_, buffer.data(), buffer.size(), MSG_DONTWAIT)) > 0) {
      documents_.push_back(buffer.substr(0, static_cast<std::size_t>(size)));
    }
  }

  [[nodiscard]] const std::vector<std::string>& documents() const { return documents_; }

  /// Documents with all of these names in them.
  [[nodiscard]] std::size_t with(const std::vector<std::string>& names) const {
    std::size_t found = 0;
    for (const std::string& document : documents_) {
      bool all = true;
      for (const std::string& name : names) {
        all = all && document.find("\"name\":\"" + name + "\"") != std::string::npos;
      }
      if (all) ++found;
    }
    return found;
  }

 private:
  int socket_;
  std::vector<std::string> documents_;
};

/// Runs the body in a child until that is over, or for a minute; the child's wait status.
template <typename Body>
int in_a_child(Daemon& daemon, const Body& body) {
  const pid_t child = ::fork();
  CHECK(child >= 0);
  if (child == 0) {
    ::alarm(60);
    body();
    std::exit(0);
  }
  int status = 0;
  while (::waitpid(child, &status, WNOHANG) == 0) {
    daemon.receive();
    ::usleep(500);
  }
  daemon.receive();
  return status;
}

bool ended_well(int status) {
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/// How many sender threads this process has.
int senders() {
  int found = 0;
  DIR* const tasks = ::opendir("/proc/self/task");
  CHECK(tasks != nullptr);
  while (const dirent* const task = ::readdir(tasks)) {
    std::ifstream file(std::string("/proc/self/task/") + task->d_name + "/comm");
    std::string name;
    if (std::getline(file, name) && name == "xray-sender") ++found;
  }
  ::closedir(tasks);
  return found;
}

class Plugin {
 public:
  Plugin(const std::string& path, int flags) : handle_(::dlopen(path.c_str(), RTLD_NOW | flags)) {
    if (handle_ == nullptr) std::fprintf(stderr, "%s\n", ::dlerror());
    CHECK(handle_ != nullptr);
  }
  Plugin(const Plugin&) = delete;
  Plugin& operator=(const Plugin&) = delete;
  ~Plugin() = default;

  void close() { CHECK(::dlclose(handle_) == 0); }
  bool subsegment(const char* name) { return find<SubsegmentFunction>("plugin_subsegment")(name); }
  void segment(const char* name) { find<SegmentFunction>("plugin_segment")(name); }
  void open_segment(const char* name) { find<OpenFunction>("plugin_open")(name); }
  void close_segment() { find<CloseFunction>("plugin_close")(); }
  std::uint64_t sent() { return find<SentFunction>("plugin_sent")(); }
  void trace_at_exit(const char* name) { find<ArmFunction>("plugin_arm")(name); }
  void install_emitter() { find<InstallFunction>("plugin_install")(); }

 private:
  template <typename Function>
  Function* find(const char* name) {
    void* const symbol = ::dlsym(handle_, name);
    CHECK(symbol != nullptr);
    return reinterpret_cast<Function*>(symbol);
  }
  void* handle_;
};

using Paths = std::vector<std::string>;
using Plugins = std::vector<std::unique_ptr<Plugin>>;

Plugins open_all(const Paths& paths, int flags) {
  Plugins plugins;
  for (const std::string& path : paths) plugins.push_back(std::make_unique<Plugin>(path, flags));
  return plugins;
}

#if defined(PROGRAM_TRACES)

void share(const Paths& paths, int flags) {
  Daemon daemon;
  CHECK(ended_well(in_a_child(daemon, [&] {
    const Plugins plugins = open_all(paths, flags);
    {
      const xray::Segment segment("of the program");
      for (const auto& plugin : plugins) CHECK(plugin->subsegment("of a plugin"));
      CHECK(more_subsegment("of the other file"));
    }
    for (const auto& plugin : plugins) plugin->segment("all of a plugin");
    for (const auto& plugin : plugins) CHECK(plugin->sent() == 1 + paths.size());
    CHECK(xray::statistics().documents_sent == 1 + paths.size());
    CHECK(senders() == 1);
  })));
  CHECK(daemon.documents().size() == 1 + paths.size());
  CHECK(daemon.with({"of the program", "of a plugin", "of the other file"}) == 1);
}

void share_local(const Paths& paths) {
  share(paths, RTLD_LOCAL);
}
void share_global(const Paths& paths) {
  share(paths, RTLD_GLOBAL);
}
void share_deepbind(const Paths& paths) {
  share(paths, RTLD_LOCAL | RTLD_DEEPBIND);
}

/// The plugins trace before the program does, and one is gone when it does.
void plugins_first(const Paths& paths) {
  Daemon daemon;
  CHECK(ended_well(in_a_child(daemon, [&] {
    const Plugins plugins = open_all(paths, RTLD_LOCAL);
    for (const auto& plugin : plugins) plugin->segment("all of a plugin");
    plugins.front()->close();
    {
      const xray::Segment segment("of the program");
      CHECK(plugins.back()->subsegment("of a plugin"));
    }
    CHECK(plugins.back()->sent() == 1 + paths.size());
    CHECK(xray::statistics().documents_sent == 1 + paths.size());
    CHECK(senders() == 1);
  })));
  CHECK(daemon.with({"of the program", "of a plugin"}) == 1);
}

/// Where the copies can't find each other, each works for itself.
void separate(const Paths& paths) {
  Daemon daemon;
  CHECK(ended_well(in_a_child(daemon, [&] {
    const Plugins plugins = open_all(paths, RTLD_LOCAL | RTLD_DEEPBIND);
    {
      const xray::Segment segment("of the program");
      for (const auto& plugin : plugins) CHECK(!plugin->subsegment("of a plugin"));
      CHECK(more_subsegment("of the other file"));
    }
    for (const auto& plugin : plugins) plugin->segment("all of a plugin");
    for (const auto& plugin : plugins) CHECK(plugin->sent() == 1);
    CHECK(xray::flush(std::chrono::seconds(10)));
    CHECK(xray::statistics().documents_sent == 1);
    CHECK(senders() == 1 + static_cast<int>(paths.size()));
    const pid_t child = ::fork();
    if (child == 0) {
      plugins.front()->segment("in a child");
      more_segment("in a child");
      CHECK(plugins.front()->sent() == 1);
      CHECK(xray::flush(std::chrono::seconds(10)));
      ::_exit(0);
    }
    int status = 0;
    CHECK(::waitpid(child, &status, 0) == child && ended_well(status));
  })));
  CHECK(daemon.documents().size() == 3 + paths.size());
  CHECK(daemon.with({"of the program", "of the other file"}) == 1);
  CHECK(daemon.with({"all of a plugin"}) == paths.size());
  CHECK(daemon.with({"in a child"}) == 2);
}

void program_segment(const char* name) {
  more_segment(name);
}
constexpr bool program_traces = true;

void forks(const Paths& paths) {
  Daemon daemon;
  constexpr int children = 5;
  CHECK(ended_well(in_a_child(daemon, [&] {
    const auto trace_in_a_child = [&](const char* name) {
      const pid_t child = ::fork();
      if (child == 0) {
        ::alarm(20);
        Plugins plugins = open_all(paths, RTLD_LOCAL);
        {
          const xray::Segment segment(name);
          for (const auto& plugin : plugins) CHECK(plugin->subsegment("of a plugin"));
        }
        CHECK(xray::flush(std::chrono::seconds(10)));
        CHECK(xray::statistics().documents_sent == 1);
        CHECK(senders() == 1);
        ::_exit(0);
      }
      int status = 0;
      CHECK(::waitpid(child, &status, 0) == child);
      CHECK(ended_well(status));
    };
    trace_in_a_child("before use");
    const Plugins plugins = open_all(paths, RTLD_LOCAL);
    plugins.front()->segment("of the parent");
    trace_in_a_child("after use");
    {
      const xray::Segment segment("of the parent");
      plugins.front()->open_segment("of the plugin in the parent");
      trace_in_a_child("with open segments");
      std::thread([&] { trace_in_a_child("from a thread"); }).join();
      plugins.front()->close_segment();
    }
    plugins.front()->close();
    trace_in_a_child("after a plugin was closed");
  })));
  CHECK(daemon.with({"of a plugin"}) == children);
  CHECK(daemon.with({"of the parent"}) == 2);
  CHECK(daemon.with({"of the plugin in the parent"}) == 1);
}

#else

void program_segment(const char* /*name*/) {
}
constexpr bool program_traces = false;

#endif

/// Two plugins of a program without the SDK: neither sees the other's symbols, and they share.
void plugins_share(const Paths& paths, int flags) {
  Daemon daemon;
  CHECK(ended_well(in_a_child(daemon, [&] {
    const Plugins plugins = open_all(paths, flags);
    plugins.front()->open_segment("of the first");
    for (const auto& plugin : plugins) CHECK(plugin->subsegment("of a plugin"));
    plugins.front()->close_segment();
    for (const auto& plugin : plugins) CHECK(plugin->sent() == 1);
    CHECK(senders() == 1);
  })));
  CHECK(daemon.documents().size() == 1);
  CHECK(daemon.with({"of the first", "of a plugin"}) == 1);
}

void plugins_share_local(const Paths& paths) {
  plugins_share(paths, RTLD_LOCAL);
}
void plugins_share_deepbind(const Paths& paths) {
  plugins_share(paths, RTLD_LOCAL | RTLD_DEEPBIND);
}

/// Where plugins can't find each other (clang has no unique symbols), each works for itself.
void plugins_separate(const Paths& paths) {
  Daemon daemon;
  CHECK(ended_well(in_a_child(daemon, [&] {
    const Plugins plugins = open_all(paths, RTLD_LOCAL);
    plugins.front()->open_segment("of the first");
    CHECK(plugins.front()->subsegment("of a plugin"));
    CHECK(!plugins.back()->subsegment("of another"));
    plugins.back()->segment("of the last");
    plugins.front()->close_segment();
    CHECK(plugins.front()->sent() == 1);
    CHECK(plugins.back()->sent() == 1);
    CHECK(senders() == 2);
  })));
  CHECK(daemon.documents().size() == 2);
  CHECK(daemon.with({"of the first", "of a plugin"}) == 1);
}

/// A plugin comes and goes, used on several threads, with a segment left open.
void comes_and_goes(const Paths& paths) {
  Daemon daemon;
  constexpr std::size_t times = 50;
  CHECK(ended_well(in_a_child(daemon, [&] {
    std::atomic<bool> over{false};
    for (std::size_t i = 0; i < times; ++i) {
      for (const std::string& path : paths) {
        Plugin plugin(path, RTLD_LOCAL);
        plugin.segment("of a plugin");
        std::thread([&] {
          plugin.segment("of a plugin");
          plugin.open_segment("left open");
        }).join();
        plugin.open_segment("left open here");
        // This thread outlives the plugin that it traced with.
        if (i == 0) {
          std::atomic<bool> traced{false};
          std::thread([&plugin, &traced, &over] {
            plugin.segment("of a plugin");
            traced = true;
            while (!over) ::usleep(1000);
          }).detach();
          while (!traced) ::usleep(100);
        }
        plugin.close();
        program_segment("of the program");
      }
    }
    const pid_t child = ::fork();
    if (child == 0) std::exit(0);
    int status = 0;
    CHECK(::waitpid(child, &status, 0) == child && ended_well(status));
    over = true;
    ::usleep(20'000);
  })));
  CHECK(daemon.with({"of a plugin"}) == (2 * times + 1) * paths.size());
  CHECK(daemon.with({"of the program"}) == (program_traces ? times * paths.size() : 0));
}

/// Everything is still open when the process ends, and static destructors trace.
void exits_with_plugins_open(const Paths& paths) {
  Daemon daemon;
  CHECK(ended_well(in_a_child(daemon, [&] {
    const Plugins plugins = open_all(paths, RTLD_LOCAL);
    for (const auto& plugin : plugins) {
      plugin->trace_at_exit("at exit");
      plugin->segment("of a plugin");
      plugin->open_segment("left open");
    }
    program_segment("of the program");
  })));
  CHECK(daemon.with({"of a plugin"}) == paths.size());
  CHECK(daemon.with({"of the program"}) == (program_traces ? 1 : 0));
  CHECK(daemon.with({"at exit"}) == paths.size());
}

/// The emitter's code goes, and documents still come.
void emitter_of_a_closed_plugin(const Paths& paths) {
  Daemon daemon;
  CHECK(ended_well(in_a_child(daemon, [&] {
    Plugin plugin(paths.front(), RTLD_LOCAL);
    plugin.install_emitter();
    plugin.segment("for that emitter");
    plugin.close();
    program_segment("for that emitter");
  })));
  CHECK(daemon.documents().empty());
}

/// Threads that trace all the time while the process ends, one way and another.
void ends_while_threads_trace(const Paths& paths) {
  const auto trace_and = [&](void (*end)(int)) {
    Daemon daemon;
    const int status = in_a_child(daemon, [&] {
      const Plugins plugins = open_all(paths, RTLD_LOCAL);
      for (int i = 0; i < 3; ++i) {
        std::thread([plugin = plugins.front().get()] {
          while (true) {
            plugin->segment("of a thread");
            program_segment("of a thread");
          }
        }).detach();
      }
      while (plugins.front()->sent() == 0) ::usleep(1000);
      end(7);
    });
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 7);
    CHECK(daemon.with({"of a thread"}) > 0);
  };
  for (int i = 0; i < 3; ++i) {
    trace_and([](int code) { std::exit(code); });
    trace_and([](int code) { std::quick_exit(code); });
    trace_and([](int code) { ::_exit(code); });
  }
}

}  // namespace

int main(int count, char** arguments) {
  const std::map<std::string, void (*)(const Paths&)> tests = {
#if defined(PROGRAM_TRACES)
    {"share_local", share_local},
    {"share_global", share_global},
    {"share_deepbind", share_deepbind},
    {"plugins_first", plugins_first},
    {"separate", separate},
    {"forks", forks},
#endif
    {"plugins_share_local", plugins_share_local},
    {"plugins_share_deepbind", plugins_share_deepbind},
    {"plugins_separate", plugins_separate},
    {"comes_and_goes", comes_and_goes},
    {"exits_with_plugins_open", exits_with_plugins_open},
    {"emitter_of_a_closed_plugin", emitter_of_a_closed_plugin},
    {"ends_while_threads_trace", ends_while_threads_trace},
  };
  CHECK(count >= 3);
  const auto test = tests.find(arguments[1]);
  CHECK(test != tests.end());
  test->second(Paths(arguments + 2, arguments + count));
  std::puts("as it should be");
  return 0;
}
