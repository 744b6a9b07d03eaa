// What tests around the stand-in have in common.
#pragma once

#include <xray/patch.hpp>
#include <xray/xray.hpp>

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/documents.hpp"
#include "support/stand_in.hpp"

/// Patched as long as it lives, with a sampled segment.
class Traced {
 public:
  explicit Traced(const char* header = "Sampled=1") {
    EXPECT_TRUE(xray::patch({"mysql"}).hooked("mysql"));
    segment_.emplace("s", xray::TraceHeader::parse(header));
  }
  Traced(const Traced&) = delete;
  Traced& operator=(const Traced&) = delete;
  ~Traced() {
    end();
    xray::unpatch_all();
  }

  void end() { segment_.reset(); }

  /// The segment, ended.
  support::Json document() {
    end();
    return capture_.document();
  }
  std::vector<std::string> texts() {
    end();
    return capture_.texts();
  }

 private:
  support::Capture capture_;
  std::optional<xray::Segment> segment_;
};

/// A connection at its own address, as handles have one.
struct Connected : StandIn {
  explicit Connected(const char* host = "db.example", unsigned port = 3307,
                     const char* unix_socket = nullptr) {
    mysql_real_connect(this, host, "ann", "pass-word", "shop", port, unix_socket, 0);
  }
  Connected(const Connected&) = delete;
  Connected& operator=(const Connected&) = delete;
  ~Connected() { mysql_close(this); }
};

inline std::string statement_of(const support::JsonValue& call) {
  const auto& sql = support::at(call, "sql");
  return sql.HasMember("sanitized_query") ? support::text_of(sql["sanitized_query"])
                                          : std::string();
}

inline std::string url_of(const support::JsonValue& call) {
  return support::text_of(support::at(support::at(call, "sql"), "url"));
}

inline int prepare(StandInStatement* statement, std::string_view text) {
  return mysql_stmt_prepare(statement, text.data(), text.size());
}
