// A program that traces itself: what it calls in its own segment belongs there, and what it calls
// on a thread without one does not.
#include <sqlite3.h>

#include <cstdlib>
#include <thread>

#include <xray/xray.hpp>

namespace {

void query() {
  sqlite3* database = nullptr;
  if (sqlite3_open(":memory:", &database) != SQLITE_OK ||
      sqlite3_exec(database, "SELECT 1", nullptr, nullptr, nullptr) != SQLITE_OK) {
    std::abort();
  }
  sqlite3_close(database);
}

}  // namespace

int main() {
  const xray::Segment own("own");
  query();
  std::thread(query).join();
}
