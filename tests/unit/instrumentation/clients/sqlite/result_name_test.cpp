#include "clients/sqlite/result_name.hpp"

#include <sqlite3.h>

#include <gtest/gtest.h>

#include <string>
#include <utility>

using xray::clients::sqlite::result_name;

TEST(ResultName, is_the_constants) {
#define NAMED(constant) std::pair<int, std::string>(constant, #constant)
  for (const auto& [result, name] : {NAMED(SQLITE_ERROR),
                                     NAMED(SQLITE_INTERNAL),
                                     NAMED(SQLITE_PERM),
                                     NAMED(SQLITE_ABORT),
                                     NAMED(SQLITE_BUSY),
                                     NAMED(SQLITE_LOCKED),
                                     NAMED(SQLITE_NOMEM),
                                     NAMED(SQLITE_READONLY),
                                     NAMED(SQLITE_INTERRUPT),
                                     NAMED(SQLITE_IOERR),
                                     NAMED(SQLITE_CORRUPT),
                                     NAMED(SQLITE_NOTFOUND),
                                     NAMED(SQLITE_FULL),
                                     NAMED(SQLITE_CANTOPEN),
                                     NAMED(SQLITE_PROTOCOL),
                                     NAMED(SQLITE_EMPTY),
                                     NAMED(SQLITE_SCHEMA),
                                     NAMED(SQLITE_TOOBIG),
                                     NAMED(SQLITE_CONSTRAINT),
                                     NAMED(SQLITE_MISMATCH),
                                     NAMED(SQLITE_MISUSE),
                                     NAMED(SQLITE_NOLFS),
                                     NAMED(SQLITE_AUTH),
                                     NAMED(SQLITE_FORMAT),
                                     NAMED(SQLITE_RANGE),
                                     NAMED(SQLITE_NOTADB),
                                     NAMED(SQLITE_CONSTRAINT_CHECK),
                                     NAMED(SQLITE_CONSTRAINT_COMMITHOOK),
                                     NAMED(SQLITE_CONSTRAINT_FOREIGNKEY),
                                     NAMED(SQLITE_CONSTRAINT_FUNCTION),
                                     NAMED(SQLITE_CONSTRAINT_NOTNULL),
                                     NAMED(SQLITE_CONSTRAINT_PRIMARYKEY),
                                     NAMED(SQLITE_CONSTRAINT_TRIGGER),
                                     NAMED(SQLITE_CONSTRAINT_UNIQUE),
                                     NAMED(SQLITE_CONSTRAINT_VTAB),
                                     NAMED(SQLITE_CONSTRAINT_ROWID),
                                     NAMED(SQLITE_CONSTRAINT_PINNED),
                                     NAMED(SQLITE_CONSTRAINT_DATATYPE)}) {
    EXPECT_EQ(result_name(result), name);
  }
#undef NAMED
}

TEST(ResultName, of_a_rare_kind_is_the_general_one_and_the_number) {
  EXPECT_EQ(result_name(SQLITE_IOERR_READ), "SQLITE_IOERR 266");
  EXPECT_EQ(result_name(SQLITE_CONSTRAINT | (77 << 8)), "SQLITE_CONSTRAINT 19731");
}

TEST(ResultName, of_an_unknown_code_is_the_number) {
  EXPECT_EQ(result_name(99), "SQLite 99");
  EXPECT_EQ(result_name(-1), "SQLite -1");
}
