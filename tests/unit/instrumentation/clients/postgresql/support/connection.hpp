// A connection of libpq for the length of a test.
#pragma once

#include <libpq-fe.h>

#include <gtest/gtest.h>

#include <optional>
#include <utility>

#include "support/stand_in_server.hpp"

namespace xray_test {

class Connection {
 public:
  explicit Connection(const StandInServer& server)
      : connection_(PQconnectdb(server.conninfo().c_str())) {
    EXPECT_EQ(PQstatus(connection_), CONNECTION_OK) << PQerrorMessage(connection_);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() { finish(); }

  void finish() { PQfinish(std::exchange(connection_, nullptr)); }

  operator PGconn*() const noexcept { return connection_; }

  /// The status of what PQexec() gives.
  [[nodiscard]] std::optional<ExecStatusType> exec(const char* statement) const {
    return status_of(PQexec(connection_, statement));
  }
  /// The status of the next result; none where there is no more.
  [[nodiscard]] std::optional<ExecStatusType> next() const {
    return status_of(PQgetResult(connection_));
  }

  static constexpr std::optional<ExecStatusType> none = std::nullopt;

 private:
  static std::optional<ExecStatusType> status_of(PGresult* result) {
    if (result == nullptr) return none;
    const ExecStatusType status = PQresultStatus(result);
    PQclear(result);
    return status;
  }

  PGconn* connection_;
};

}  // namespace xray_test
