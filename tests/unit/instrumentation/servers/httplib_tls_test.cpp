#include <xray/httplib_client.hpp>
#include <xray/httplib_server.hpp>
#include <xray/xray.hpp>

#include <gtest/gtest.h>

#include <string>

#include "support/certificates.hpp"
#include "support/documents.hpp"
#include "support/http_block.hpp"
#include "support/httplib_stand_in.hpp"

using support::Capture;
using support::http_request_of;
using support::only_subsegment;

TEST(HttplibTls, server_and_client_know_their_scheme_and_are_one_trace) {
  const xrayd::net::Authority authority;
  const auto identity = authority.issue();
  Capture capture;
  xray::HttpServerTracing tracing;
  tracing.name = "inventory";
  xray::HttplibServer<httplib::SSLServer> server(tracing, identity.certificate.get(),
                                                 identity.key.get());
  ASSERT_TRUE(server.is_valid());
  server.Get("/items", [](const httplib::Request&, httplib::Response& response) {
    response.set_content("7", "text/plain");
  });
  support::Listening listening(server);
  {
    const xray::Segment segment("shop");
    xray::HttplibClient<httplib::SSLClient> client({}, "127.0.0.1", listening.port());
    client.set_ca_cert_path(authority.bundle());
    const auto result = client.Get("/items?token=secret");
    ASSERT_TRUE(result) << httplib::to_string(result.error());
    EXPECT_EQ(result->body, "7");
  }
  listening.stop();
  const auto documents = capture.documents();
  ASSERT_EQ(documents.size(), 2U);
  const bool server_first = support::text_of(documents[0]["name"]) == "inventory";
  const auto& served = documents[server_first ? 0 : 1];
  const auto& called = only_subsegment(documents[server_first ? 1 : 0]);
  const std::string url =
      "\"url\":\"https://127.0.0.1:" + std::to_string(listening.port()) + "/items\"";
  EXPECT_EQ(http_request_of(called), "{\"method\":\"GET\"," + url + "}");
  EXPECT_EQ(http_request_of(served).find("{\"method\":\"GET\"," + url + ","), 0U)
      << http_request_of(served);
  EXPECT_EQ(support::text_of(support::at(served, "parent_id")),
            support::text_of(support::at(called, "id")));
}
