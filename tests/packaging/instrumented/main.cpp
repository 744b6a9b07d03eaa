// Calls SQLite inside of a segment, and looks at the document that would have been sent.
#include <sqlite3.h>

#include <iostream>
#include <string>

#include <xray/patch.hpp>
#include <xray/testing.hpp>
#include <xray/xray.hpp>

int main() {
#if !defined(CONSUMER_CONTAINS_SQLITE)
  xray::patch_all();
#endif
  const auto emitter = xray::testing::CapturingEmitter::install();
  {
    const xray::Segment segment("consumer");
    sqlite3* database = nullptr;
    sqlite3_open(":memory:", &database);
    sqlite3_exec(database, "select 'secret'", nullptr, nullptr, nullptr);
    sqlite3_close(database);
  }
  std::cout << xray::patched().to_string();
  std::string document;
  for (const std::string& part : emitter->documents()) document += part;
  if (xray::patched().hooked("sqlite3") &&
      document.find("\"database_type\":\"SQLite\"") != std::string::npos &&
      document.find("secret") == std::string::npos) {
    return 0;
  }
  std::cerr << "not traced as it must be: " << document << '\n';
  return 1;
}
