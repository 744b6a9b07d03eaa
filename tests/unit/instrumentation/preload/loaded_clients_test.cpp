#include "preload/loaded_clients.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string_view>

#include "clients/known_clients.hpp"

using xray::preload::client_libraries;

TEST(LoadedClients, every_library_of_every_client_is_looked_for) {
  for (const auto& client : xray::clients::known_clients()) {
    for (const auto& library : client.libraries) {
      if (library.is_linked) continue;  // in the program: no library to look for
      const std::string_view stem =
          std::string_view(library.soname).substr(0, library.soname.find(".so"));
      EXPECT_NE(std::find(std::begin(client_libraries), std::end(client_libraries), stem),
                std::end(client_libraries))
          << library.soname;
    }
  }
}

TEST(LoadedClients, a_program_without_them_has_none) {
  EXPECT_FALSE(xray::preload::is_client_loaded());
}
