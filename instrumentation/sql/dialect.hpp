// Whose SQL a statement is written in.
#pragma once

#include <xray/config.hpp>

XRAY_NAMESPACE_BEGIN
namespace sql {

/// How a database reads quotes, comments and numbers. A wrong answer shows users' values, so where
/// a session departs from its database's defaults, say `unknown`: MySQL with NO_BACKSLASH_ESCAPES
/// or ANSI_QUOTES, or a connection character set whose characters may contain a backslash (gbk,
/// sjis, cp932, big5, gb18030); PostgreSQL with standard_conforming_strings off.
enum class Dialect : unsigned char {
  /// Any database: whatever could be a literal somewhere is taken for one, and where databases
  /// differ about where a text ends, all the rest of the statement is.
  unknown,
  sqlite,
  postgresql,
  /// MySQL and MariaDB.
  mysql,
};

}  // namespace sql
XRAY_NAMESPACE_END
