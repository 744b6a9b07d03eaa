#include "clients/postgresql/facts.hpp"

#include <gtest/gtest.h>

#include <string>

using xray::clients::postgresql::database_of;
using xray::clients::postgresql::Facts;

TEST(Facts, versions_are_written_as_the_server_writes_them) {
  Facts facts;
  facts.server_version = 150020;
  facts.library_version = 90624;
  EXPECT_EQ(database_of(facts).version.str(), "15.20");
  EXPECT_EQ(database_of(facts).driver_version.str(), "libpq 9.6.24");
}

TEST(Facts, what_a_connection_does_not_know_is_left_out) {
  const auto database = database_of(Facts());
  EXPECT_TRUE(database.version.empty());
  EXPECT_TRUE(database.driver_version.empty());
  EXPECT_TRUE(database.where.host.empty());
  EXPECT_TRUE(database.where.database.empty());
  EXPECT_EQ(database.type.str(), "PostgreSQL");
}

TEST(Facts, texts_that_are_too_long_are_cut) {
  const std::string longer(1000, 'x');
  Facts facts;
  facts.host = facts.port = facts.database = facts.user = longer.c_str();
  EXPECT_EQ(database_of(facts).where.host.size(), 255U);
  EXPECT_EQ(database_of(facts).where.user.size(), 128U);
}
