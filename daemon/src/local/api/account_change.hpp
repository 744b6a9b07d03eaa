// What the operations that change the account have in common.
#pragma once

#include <string>

#include "local/account/account_error.hpp"
#include "local/api/api_error.hpp"
#include "local/database/sqlite.hpp"

namespace xrayd::local::api {

/// As the service model names it.
[[nodiscard]] ApiError api_error(const AccountError& error);

/// Calls `call` and answers what it does; its errors become the caller's.
template <typename Call>
auto with_account(const Call& call) {
  try {
    return call();
  } catch (const AccountError& error) {
    throw api_error(error);
  } catch (const SqliteError& error) {
    throw internal_failure(std::string("The change was not stored: ") + error.cause());
  }
}

}  // namespace xrayd::local::api
