// Signed requests: calls of AWS services.
#include <dlfcn.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cstdio>

#include "scene.hpp"
#include "support/process.hpp"

using namespace curl_test;

namespace {

constexpr const char* signing = "aws:amz:eu-west-1:dynamodb";
constexpr const char* get_item =
    R"({"TableName":"orders","Key":{"id":{"S":"secret-value"}},"ConsistentRead":true})";
constexpr const char* throttled =
    R"({"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",)"
    R"("message":"secret-value"})";

constexpr const char* authorization =
    "Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20200101/eu-west-1/dynamodb/"
    "aws4_request, SignedHeaders=host, Signature=00";

std::string json_reply(int status, const std::string& body) {
  return "HTTP/1.1 " + std::to_string(status) +
         " Some Words\r\nContent-Type: application/x-amz-json-1.0\r\nx-amzn-RequestId: REQUEST1"
         "\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

constexpr const char* signed_by_program =
    "Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261123/eu-west-1/dynamodb/"
    "aws4_request, SignedHeaders=host;x-amz-date, Signature=00";

/// A call of DynamoDB that libcurl signs.
struct GetItem : Handle {
  explicit GetItem(const std::string& url, const char* content = get_item) : Handle(url) {
    set(CURLOPT_AWS_SIGV4, signing).set(CURLOPT_USERPWD, "AKIDEXAMPLE:secret-key");
    set(CURLOPT_POSTFIELDS, content);
    set(CURLOPT_HTTPHEADER, lines.get());
  }
  ~GetItem() { close(); }

  HeaderLines lines{"X-Amz-Target: DynamoDB_20120810.GetItem",
                    "Content-Type: application/x-amz-json-1.0",
                    "amz-sdk-invocation-id: 11111111-2222-3333-4444-555555555555",
                    "amz-sdk-request: attempt=1; max=3"};
};

bool is_anywhere(const Json& document, const std::string& text) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  document.Accept(writer);
  return std::string(buffer.GetString()).find(text) != std::string::npos;
}

/// A first attempt by a libcurl that is unloaded then, and as many others as make it end.
void try_by_a_libcurl_that_goes() {
  constexpr const char* nobody = "http://127.0.0.1:1/";
  const xray::Segment segment("program", xray::TraceHeader::parse("Sampled=1"));
  void* const plugin = dlopen(XRAY_TEST_GNUTLS_PLUGIN, RTLD_NOW | RTLD_LOCAL);
  ASSERT_NE(plugin, nullptr) << dlerror();
  {
    const Patched patched;
    const auto get = reinterpret_cast<int (*)(const char*, const char* const*)>(
        dlsym(plugin, "plugin_get_with"));
    const char* const lines[] = {authorization, "amz-sdk-invocation-id: first",
                                 "amz-sdk-request: attempt=1; max=3", nullptr};
    EXPECT_EQ(get(nobody, lines), CURLE_COULDNT_CONNECT);
  }
  dlclose(plugin);
  ASSERT_EQ(dlopen("libcurl-gnutls.so.4", RTLD_NOW | RTLD_NOLOAD), nullptr);
  const Patched patched;
  constexpr int most_that_wait = 32;
  for (int i = 0; i < most_that_wait; ++i) {  // the last takes the first one's place
    const std::string id = "amz-sdk-invocation-id: " + std::to_string(i);
    const HeaderLines other{authorization, id.c_str(), "amz-sdk-request: attempt=1; max=3"};
    EXPECT_EQ(Handle(nobody).set(CURLOPT_HTTPHEADER, other.get()).perform(), CURLE_COULDNT_CONNECT);
  }
}

}  // namespace

TEST(CurlAws, a_request_that_libcurl_signs_is_a_call_of_its_service) {
  const Patched patched;
  const auto callee = server(json_reply(200, R"({"Item":{"id":{"S":"secret-value"}}})"));
  std::string body;
  const Json document = recorded([&] {
    GetItem call(callee->url());
    EXPECT_EQ(call.perform(), CURLE_OK);
    body = call.body;
  });
  EXPECT_EQ(body, R"({"Item":{"id":{"S":"secret-value"}}})");
  const JsonValue& call = only_subsegment(document);
  EXPECT_EQ(text_of(at(call, "name")), "DynamoDB");
  EXPECT_EQ(text_of(at(call, "namespace")), "aws");
  const JsonValue& aws = at(call, "aws");
  EXPECT_EQ(text_of(at(aws, "operation")), "GetItem");
  EXPECT_EQ(text_of(at(aws, "region")), "eu-west-1");
  EXPECT_EQ(text_of(at(aws, "request_id")), "REQUEST1");
  EXPECT_EQ(text_of(at(aws, "table_name")), "orders");
  EXPECT_TRUE(at(aws, "consistent_read").GetBool());
  EXPECT_EQ(at(at(at(call, "http"), "response"), "status").GetInt(), 200);
  EXPECT_TRUE(header_values(callee->requests().at(0), trace_id_header).empty());
  EXPECT_FALSE(is_anywhere(document, "secret"));
  EXPECT_FALSE(is_anywhere(document, "AKID"));
}

TEST(CurlAws, attempts_at_one_call_are_one_subsegment) {
  const Patched patched;
  int count = 0;
  const HttpStandIn callee([&count](const std::string&) {
    return ++count == 1 ? json_reply(400, throttled) : json_reply(200, "{}");
  });
  const HeaderLines first{signed_by_program, "X-Amz-Target: DynamoDB_20120810.GetItem",
                          "amz-sdk-invocation-id: 11111111-2222-3333-4444-555555555555",
                          "amz-sdk-request: attempt=1; max=3"};
  const HeaderLines second{signed_by_program, "X-Amz-Target: DynamoDB_20120810.GetItem",
                           "amz-sdk-invocation-id: 11111111-2222-3333-4444-555555555555",
                           "amz-sdk-request: attempt=2; max=3"};
  const Json document = recorded([&] {
    GetItem call(callee.url());
    call.set(CURLOPT_AWS_SIGV4, nullptr).set(CURLOPT_HTTPHEADER, first.get());
    EXPECT_EQ(call.perform(), CURLE_OK);
    EXPECT_EQ(call.body, throttled);
    call.set(CURLOPT_HTTPHEADER, second.get());
    EXPECT_EQ(call.perform(), CURLE_OK);
  });
  const JsonValue& call = only_subsegment(document);
  EXPECT_EQ(at(at(call, "aws"), "retries").GetInt(), 1);
  EXPECT_EQ(at(at(at(call, "http"), "response"), "status").GetInt(), 200);
  EXPECT_FALSE(call.HasMember("throttle"));
  EXPECT_FALSE(call.HasMember("fault"));
  const auto requests = callee.requests();
  EXPECT_EQ(only_header(requests.at(0), trace_id_header),
            only_header(requests.at(1), trace_id_header));
}

TEST(CurlAws, an_error_that_only_the_body_names_is_recognised) {
  const Patched patched;
  const auto callee = server(json_reply(400, throttled));
  const HeaderLines last{"X-Amz-Target: DynamoDB_20120810.GetItem",
                         "amz-sdk-invocation-id: 21111111-2222-3333-4444-555555555555",
                         "amz-sdk-request: attempt=3; max=3"};
  const Json document = recorded([&] {
    GetItem call(callee->url());
    call.set(CURLOPT_HTTPHEADER, last.get());
    EXPECT_EQ(call.perform(), CURLE_OK);
  });
  const JsonValue& call = only_subsegment(document);
  EXPECT_TRUE(at(call, "throttle").GetBool());
  EXPECT_EQ(text_of(at(at(at(call, "cause"), "exceptions")[0], "type")),
            "ProvisionedThroughputExceededException");
  EXPECT_FALSE(is_anywhere(document, "secret"));
}

TEST(CurlAws, an_attempt_without_an_answer_that_is_the_last_tells_why) {
  const Patched patched;
  const HeaderLines last{"X-Amz-Target: DynamoDB_20120810.GetItem",
                         "amz-sdk-invocation-id: 31111111-2222-3333-4444-555555555555",
                         "amz-sdk-request: attempt=3; max=3"};
  const Json document = recorded([&] {
    GetItem call("http://127.0.0.1:1/");
    call.set(CURLOPT_HTTPHEADER, last.get());
    EXPECT_EQ(call.perform(), CURLE_COULDNT_CONNECT);
  });
  const JsonValue& call = only_subsegment(document);
  EXPECT_EQ(text_of(at(call, "name")), "DynamoDB");
  EXPECT_TRUE(at(call, "fault").GetBool());
  EXPECT_EQ(text_of(at(at(at(call, "cause"), "exceptions")[0], "type")), "CURLE_COULDNT_CONNECT");
}

TEST(CurlAws, an_attempt_that_waits_for_the_next_outlives_its_libcurl) {
  IN_A_FRESH_PROCESS({ try_by_a_libcurl_that_goes(); });
}

TEST(CurlAws, where_the_answer_goes_is_the_programs_own) {
  const Patched patched;
  const auto callee = server(json_reply(200, "{}"));
  // libcurl's own function, to a file of the program's.
  std::FILE* const file = std::tmpfile();
  ASSERT_NE(file, nullptr);
  std::string elsewhere;
  recorded([&] {
    GetItem call(callee->url());
    call.set(CURLOPT_WRITEFUNCTION, nullptr).set(CURLOPT_WRITEDATA, file);
    EXPECT_EQ(call.perform(), CURLE_OK);
    EXPECT_EQ(std::ftell(file), 2);
    EXPECT_EQ(call.perform(), CURLE_OK);
    EXPECT_EQ(std::ftell(file), 4);
    call.set(CURLOPT_WRITEFUNCTION, &write_to_string).set(CURLOPT_WRITEDATA, &elsewhere);
    EXPECT_EQ(call.perform(), CURLE_OK);
  });
  EXPECT_EQ(elsewhere, "{}");
  std::fclose(file);
}

TEST(CurlAws, headers_that_go_to_the_write_function_still_do) {
  const Patched patched;
  const auto callee = server(json_reply(200, "{}"));
  std::string headers;
  const Json document = recorded([&] {
    GetItem call(callee->url());
    call.set(CURLOPT_HEADERDATA, &headers);
    EXPECT_EQ(call.perform(), CURLE_OK);
    EXPECT_EQ(call.body, "{}");
  });
  EXPECT_EQ(text_of(at(at(only_subsegment(document), "aws"), "request_id")), "REQUEST1");
  EXPECT_EQ(headers.substr(0, 12), "HTTP/1.1 200");
}

namespace {

struct Changing {
  CURL* handle = nullptr;
  std::string* first = nullptr;
  std::string* second = nullptr;
};

}  // namespace

TEST(CurlAws, a_write_function_set_during_the_call_is_the_one_that_is_called) {
  const Patched patched;
  const auto callee = server(json_reply(200, "{}"));
  std::string later;
  recorded([&] {
    GetItem call(callee->url());
    Changing changing{call.get(), &call.body, &later};
    call.set(CURLOPT_HEADERDATA, &changing);
    call.set(
        CURLOPT_HEADERFUNCTION,
        +[](char*, std::size_t size, std::size_t count, void* user) -> std::size_t {
          const auto& known = *static_cast<Changing*>(user);
          curl_easy_setopt(known.handle, CURLOPT_WRITEDATA, known.second);
          return size * count;
        });
    EXPECT_EQ(call.perform(), CURLE_OK);
    EXPECT_EQ(call.body, "");
    EXPECT_EQ(later, "{}");
    call.set(CURLOPT_HEADERFUNCTION, nullptr).set(CURLOPT_HEADERDATA, nullptr);
    EXPECT_EQ(call.perform(), CURLE_OK);
    EXPECT_EQ(later, "{}{}");
  });
}

TEST(CurlAws, a_body_is_read_as_far_as_its_size_says) {
  const Patched patched;
  const auto callee = server(json_reply(200, "{}"));
  const std::string body = std::string(get_item) + "beyond";
  const auto table = [&](auto&& prepare) {
    const Json document = recorded([&] {
      GetItem call(callee->url(), "");
      prepare(call);
      EXPECT_EQ(call.perform(), CURLE_OK);
    });
    return text_of(at(at(only_subsegment(document), "aws"), "table_name"));
  };
  EXPECT_EQ(table([&](Handle& call) {
              call.set(CURLOPT_POSTFIELDSIZE, static_cast<long>(std::string(get_item).size()));
              call.set(CURLOPT_POSTFIELDS, body.c_str());
            }),
            "orders");
  EXPECT_EQ(table([&](Handle& call) {
              call.set(CURLOPT_POSTFIELDSIZE_LARGE,
                       static_cast<curl_off_t>(std::string(get_item).size()));
              const std::string gone = body;
              call.set(CURLOPT_COPYPOSTFIELDS, gone.c_str());
            }),
            "orders");
}

TEST(CurlAws, a_body_that_is_not_sent_any_more_is_not_read) {
  const Patched patched;
  const auto callee = server(json_reply(200, "{}"));
  const auto has_table = [&](auto&& prepare) {
    const Json document = recorded([&] {
      GetItem call(callee->url(), "");
      call.set(CURLOPT_COPYPOSTFIELDS, get_item);
      prepare(call);
      EXPECT_EQ(call.perform(), CURLE_OK);
    });
    return at(only_subsegment(document), "aws").HasMember("table_name");
  };
  EXPECT_TRUE(has_table([](Handle&) {}));
  EXPECT_FALSE(has_table([](Handle& call) { call.set(CURLOPT_HTTPGET, 1L); }));
  curl_mime* mime = nullptr;
  EXPECT_FALSE(has_table([&](Handle& call) {
    mime = curl_mime_init(call.get());
    curl_mime_name(curl_mime_addpart(mime), "field");
    call.set(CURLOPT_MIMEPOST, mime);
  }));
  curl_mime_free(mime);
}

TEST(CurlAws, xrays_own_calls_are_neither_recorded_nor_sent_a_header) {
  const Patched patched;
  const auto callee = server(json_reply(200, "{}"));
  const Json document = recorded([&] {
    Handle call(callee->url("/TraceSegments"));
    call.set(CURLOPT_AWS_SIGV4, "aws:amz:eu-west-1:xray").set(CURLOPT_USERPWD, "AKIDEXAMPLE:key");
    call.set(CURLOPT_POSTFIELDS, "{}");
    EXPECT_EQ(call.perform(), CURLE_OK);
  });
  EXPECT_FALSE(document.HasMember("subsegments"));
  EXPECT_TRUE(header_values(callee->requests().at(0), trace_id_header).empty());
}

TEST(CurlAws, the_lambda_runtime_is_never_traced) {
  const auto callee = server();
  IN_A_FRESH_PROCESS({
    setenv("AWS_LAMBDA_RUNTIME_API", callee->address().c_str(), 1);
    const Patched patched;
    const Json document = recorded([&] {
      Handle call(callee->url("/2018-06-01/runtime/invocation/next"));
      EXPECT_EQ(call.perform(), CURLE_OK);
    });
    EXPECT_FALSE(document.HasMember("subsegments"));
    EXPECT_TRUE(header_values(callee->requests().at(0), trace_id_header).empty());
  });
}
