// Where calls go: URLs, ports, redirects, and what is excluded.
#include "scene.hpp"
#include "support/process.hpp"

using namespace curl_test;

TEST(CurlDestination, a_url_may_be_a_handle) {
  const Patched patched;
  const auto callee = server();
  const Json document = recorded([&] {
    CURLU* const url = curl_url();
    curl_url_set(url, CURLUPART_URL, callee->url("/by/handle?secret").c_str(), 0);
    Handle handle(curl_easy_init());
    handle.set(CURLOPT_CURLU, url).set(CURLOPT_NOBODY, 1L);
    EXPECT_EQ(handle.perform(), CURLE_OK);
    curl_url_cleanup(url);
  });
  EXPECT_EQ(text_of(at(at(at(only_subsegment(document), "http"), "request"), "url")),
            callee->url("/by/handle"));
}

TEST(CurlDestination, a_port_apart_from_the_url_is_told) {
  const Patched patched;
  const auto callee = server();
  const Json document = recorded([&] {
    Handle handle("http://127.0.0.1:1/plain");
    handle.set(CURLOPT_PORT, std::stol(callee->port()));
    EXPECT_EQ(handle.perform(), CURLE_OK);
  });
  EXPECT_EQ(text_of(at(at(at(only_subsegment(document), "http"), "request"), "url")),
            callee->url("/plain"));
}

TEST(CurlDestination, redirects_are_one_call_and_every_hop_gets_the_header) {
  const Patched patched;
  const auto last = server(HttpStandIn::reply(200, "there"));
  const auto first = server("HTTP/1.1 302 Found\r\nLocation: " + last->url("/there?secret") +
                            "\r\nContent-Length: 0\r\n\r\n");
  const Json document = recorded([&] {
    EXPECT_EQ(Handle(first->url("/here")).set(CURLOPT_FOLLOWLOCATION, 1L).perform(), CURLE_OK);
  });
  const JsonValue& call = only_subsegment(document);
  EXPECT_EQ(text_of(at(at(at(call, "http"), "request"), "url")), first->url("/here"));
  EXPECT_EQ(at(at(at(call, "http"), "response"), "status").GetInt(), 200);
  const JsonValue& http = at(at(call, "metadata"), "http");
  EXPECT_EQ(at(http, "redirects").GetInt(), 1);
  EXPECT_EQ(text_of(at(http, "effective_url")), last->url("/there"));
  EXPECT_EQ(only_header(first->requests().at(0), trace_id_header),
            only_header(last->requests().at(0), trace_id_header));
}

TEST(CurlDestination, excluded_hosts_and_paths_are_neither_recorded_nor_sent_a_header) {
  IN_A_FRESH_PROCESS({
    xray::PatchOptions options;
    options.excluded_hosts = {"127.0.0.?"};
    options.excluded_paths = {"/health*"};
    EXPECT_TRUE(xray::patch({"curl"}, options).hooked("curl"));
    const auto callee = server();
    const Json document = recorded([&] {
      Handle(callee->url()).perform();
      Handle("http://localhost:" + callee->port() + "/health/deep?x").perform();
      Handle("http://localhost:" + callee->port() + "/other").perform();
    });
    EXPECT_EQ(text_of(at(at(at(only_subsegment(document), "http"), "request"), "url")),
              "http://localhost:" + callee->port() + "/other");
    const auto requests = callee->requests();
    EXPECT_TRUE(header_values(requests.at(0), trace_id_header).empty());
    EXPECT_TRUE(header_values(requests.at(1), trace_id_header).empty());
    EXPECT_EQ(header_values(requests.at(2), trace_id_header).size(), 1U);
  });
}

TEST(CurlDestination, where_a_redirect_leads_is_not_told_if_it_is_excluded) {
  IN_A_FRESH_PROCESS({
    xray::PatchOptions options;
    options.excluded_paths = {"/private*"};
    EXPECT_TRUE(xray::patch({"curl"}, options).hooked("curl"));
    const auto last = server();
    const auto first = server("HTTP/1.1 302 Found\r\nLocation: " + last->url("/private/x") +
                              "\r\nContent-Length: 0\r\n\r\n");
    const Json document =
        recorded([&] { Handle(first->url("/here")).set(CURLOPT_FOLLOWLOCATION, 1L).perform(); });
    const JsonValue& http = at(at(only_subsegment(document), "metadata"), "http");
    EXPECT_EQ(at(http, "redirects").GetInt(), 1);
    EXPECT_FALSE(http.HasMember("effective_url"));
  });
}
