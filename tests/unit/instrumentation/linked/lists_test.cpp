// What xray_patch() tells the linker is what the clients wrap.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

#include "clients/known_clients.hpp"

namespace {

struct List {
  const char* client;
  const char* wrapped;
  const char* companions;
};

constexpr List lists[] = {
#include "linked_lists.inc"
};

using Names = std::set<std::string>;

Names names_in(std::string_view text) {
  Names names;
  while (!text.empty()) {
    const std::string_view name = text.substr(0, text.find(';'));
    if (!name.empty()) names.insert(std::string(name));
    text.remove_prefix(std::min(text.size(), name.size() + 1));
  }
  return names;
}

/// A client that several libraries have may have a list for each of them.
TEST(LinkedLists, what_is_listed_of_a_client_is_what_is_wrapped_and_what_wrappers_call) {
  Names listed_clients;
  for (const List& list : lists) listed_clients.insert(list.client);
  Names known_clients;
  for (const auto& client : xray::clients::known_clients()) {
    known_clients.insert(client.name);
    Names wrapped;
    Names companions;
    for (const auto& hook : client.libraries.back().hooks) wrapped.insert(hook.symbol);
    for (const auto& companion : client.libraries.back().companions) {
      if (wrapped.count(companion.symbol) == 0) companions.insert(companion.symbol);
    }
    for (const auto& library : client.libraries) {
      if (library.only_with != nullptr) companions.insert(library.only_with);
    }
    Names listed;
    Names listed_companions;
    for (const List& list : lists) {
      if (client.name != list.client) continue;
      listed.merge(names_in(list.wrapped));
      listed_companions.merge(names_in(list.companions));
    }
    EXPECT_EQ(listed, wrapped) << client.name;
    EXPECT_EQ(listed_companions, companions) << client.name;
  }
  EXPECT_EQ(listed_clients, known_clients);
}

TEST(LinkedLists, a_client_has_wrappers_for_a_copy_in_the_program) {
  for (const auto& client : xray::clients::known_clients()) {
    EXPECT_TRUE(client.libraries.back().is_linked) << client.name;
    EXPECT_FALSE(client.libraries.back().hooks.empty()) << client.name;
  }
}

}  // namespace
