// A program that knows nothing of traces: calls SQLite, and leaves in the way that its first
// argument names.
#include <spawn.h>
#include <sqlite3.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

namespace {

void query(const char* statement) {
  sqlite3* database = nullptr;
  if (sqlite3_open(":memory:", &database) != SQLITE_OK ||
      sqlite3_exec(database, statement, nullptr, nullptr, nullptr) != SQLITE_OK) {
    std::abort();
  }
  sqlite3_close(database);
}

/// Tells the test that it has come so far, and waits to be ended.
[[noreturn]] void wait_to_be_ended() {
  std::puts("ready");
  std::fflush(stdout);
  while (true) pause();
}

/// Runs SQL that does not end until something else does.
void sleep_in_sql(sqlite3_context* context, int /*count*/, sqlite3_value** /*values*/) {
  std::puts("ready");
  std::fflush(stdout);
  while (true) pause();
  sqlite3_result_null(context);
}

void query_for_ever() {
  sqlite3* database = nullptr;
  sqlite3_open(":memory:", &database);
  sqlite3_create_function(database, "sleep", 0, SQLITE_UTF8, nullptr, &sleep_in_sql, nullptr,
                          nullptr);
  sqlite3_exec(database, "SELECT sleep()", nullptr, nullptr, nullptr);
}

/// As programs do that tidy up first.
void die_of(int number) {
  std::signal(number, SIG_DFL);
  std::raise(number);
}

struct QueryAtTheEnd {
  bool is_wanted = false;
  QueryAtTheEnd() = default;
  QueryAtTheEnd(const QueryAtTheEnd&) = delete;
  QueryAtTheEnd& operator=(const QueryAtTheEnd&) = delete;
  ~QueryAtTheEnd() {
    if (is_wanted) query("SELECT 'destructor'");
  }
} at_the_end;

void run_and_wait(const char* program, char* const* arguments) {
  const pid_t child = fork();
  if (child == 0) {
    execv(program, arguments);
    _exit(127);
  }
  waitpid(child, nullptr, 0);
}

int run_children(const char* self) {
  std::string name(self);
  std::string way("return");
  char* const arguments[] = {name.data(), way.data(), nullptr};
  query("SELECT 1");
  run_and_wait(self, arguments);  // after fork()
  const pid_t spared = vfork();
  if (spared == 0) {
    execl(self, self, "return", static_cast<char*>(nullptr));
    _exit(127);
  }
  waitpid(spared, nullptr, 0);
  pid_t spawned = 0;
  if (posix_spawn(&spawned, self, nullptr, nullptr, arguments, environ) == 0) {
    waitpid(spawned, nullptr, 0);
  }
  return std::system((name + " return").c_str()) == -1 ? 1 : 0;
}

/// Below a copy of the environment that was made before anything was traced.
int run_with_old_environment(const char* self) {
  std::vector<std::string> texts;
  for (char** entry = environ; *entry != nullptr; ++entry) texts.emplace_back(*entry);
  std::vector<char*> copy;
  for (std::string& text : texts) copy.push_back(text.data());
  copy.push_back(nullptr);
  query("SELECT 1");
  execle(self, self, "return", static_cast<char*>(nullptr), copy.data());
  return 1;
}

int fork_and_go_on() {
  query("SELECT 1");
  const pid_t child = fork();
  if (child == 0) {
    query("SELECT 2");
    return 0;  // by exit(), as the parent
  }
  waitpid(child, nullptr, 0);
  return 0;
}

/// As programs do that become daemons; then serves somebody by the lowest number that is free.
int close_everything() {
  constexpr int enough_to_leave_early = 1000;
  for (int i = 0; i < enough_to_leave_early; ++i) query("SELECT 1");
  usleep(200'000);
  for (int file = 3; file < 1024; ++file) close(file);
  int served[2];
  std::vector<int> ends;
  while (ends.size() < 100 && socketpair(AF_UNIX, SOCK_STREAM, 0, served) == 0) {
    ends.insert(ends.end(), {served[0], served[1]});
  }
  for (int i = 0; i < enough_to_leave_early; ++i) query("SELECT 2");
  usleep(200'000);
  char text[64];
  for (const int end : ends) {
    if (recv(end, text, sizeof text, MSG_DONTWAIT) != -1 || errno != EAGAIN) return 1;
  }
  return 0;
}

/// Handles SIGTERM, after whoever did so before.
void (*handler_before)(int) = SIG_DFL;
void handle_after_the_one_before(int number) {
  if (handler_before != SIG_DFL && handler_before != SIG_IGN) handler_before(number);
  _exit(7);
}

int call_in_threads_at_exit() {
  for (int i = 0; i < 8; ++i) {
    std::thread([] {
      while (true) {
        query("SELECT 1");
        usleep(1000);  // a test's socket holds only so many documents
      }
    }).detach();
  }
  usleep(50'000);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string way = argc > 1 ? argv[1] : "";
  const char* const self = "/proc/self/exe";
  if (way == "nothing") return 0;
  if (way == "children") return run_children(argv[0]);
  if (way == "old-environment") return run_with_old_environment(self);
  if (way == "fork") return fork_and_go_on();
  if (way == "close-everything") return close_everything();
  if (way == "threads") return call_in_threads_at_exit();
  if (way == "for-ever") query_for_ever();
  if (way == "handles-sigterm") std::signal(SIGTERM, [](int) { _exit(7); });
  if (way == "hands-sigterm-on") std::signal(SIGTERM, &die_of);
  query("SELECT 1");
  if (way == "cleans-up") {
    std::signal(SIGTERM, [](int number) {
      std::signal(number, SIG_DFL);
      std::raise(number);
    });
    std::signal(SIGINT, [](int number) {
      std::signal(number, SIG_DFL);
      kill(getpid(), number);
    });
  }
  if (way == "kills-itself-in-vain") {
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &blocked, nullptr);
    std::signal(SIGTERM, SIG_DFL);
    std::raise(SIGTERM);
    query("SELECT 2");
    return 0;
  }
  if (way == "handles-sigterm-too") {
    handler_before = std::signal(SIGTERM, &handle_after_the_one_before);
  }
  if (way == "return") return 3;
  if (way == "exit") std::exit(4);
  if (way == "at-exit") {
    at_the_end.is_wanted = true;
    std::atexit([] { query("SELECT 'atexit'"); });
    return 0;
  }
  if (way == "underscore-exit") _exit(5);
  if (way == "c-exit") std::_Exit(6);
  if (way == "quick-exit") std::quick_exit(8);
  if (way == "exec") execl(self, argv[0], "return", static_cast<char*>(nullptr));
  if (way == "exec-in-vain") {
    execlp("/nowhere/at/all", "all", static_cast<char*>(nullptr));
    query("SELECT 2");
    return 0;
  }
  if (way == "abort") std::abort();
  wait_to_be_ended();
}
