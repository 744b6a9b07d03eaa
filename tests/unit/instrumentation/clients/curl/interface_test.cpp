// What we say of libcurl's interface, against its own headers.
#include <curl/curl.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <type_traits>

#include "clients/curl/codes.hpp"
#include "clients/curl/easy_wrappers.hpp"
#include "clients/curl/library.hpp"
#include "clients/curl/multi_wrappers.hpp"

// A macro of libcurl's checks the types of arguments where the functions are called.
#undef curl_easy_setopt
#undef curl_easy_getinfo

namespace {

using namespace xray::clients::curl;

/// Enumerations are ints to us; the structures we know are ours, all other pointers are void*.
template <typename Type, typename = void>
struct Seen {
  using type = Type;
};
template <typename Enum>
struct Seen<Enum, std::enable_if_t<std::is_enum_v<Enum>>> {
  using type = int;
};
template <typename Target>
struct Seen<Target*, std::enable_if_t<std::is_class_v<Target>>> {
  using type = void*;  // const in some versions
};
template <>
struct Seen<CURLMsg*> {
  using type = Message*;
};
template <>
struct Seen<curl_header*> {
  using type = Header*;
};

template <typename Function>
struct SeenFunction;
template <typename Result, typename... Arguments>
struct SeenFunction<Result (*)(Arguments...)> {
  using type = typename Seen<Result>::type (*)(typename Seen<Arguments>::type...);
};
template <typename Result, typename... Arguments>
struct SeenFunction<Result (*)(Arguments..., ...)> {
  using type = typename Seen<Result>::type (*)(typename Seen<Arguments>::type..., ...);
};

template <typename Ours, typename Theirs>
constexpr bool agree = std::is_same_v<Ours, typename SeenFunction<Theirs>::type>;

static_assert(agree<decltype(&EasyInit<0>::call), decltype(&curl_easy_init)>);
static_assert(agree<decltype(&EasyCleanup<0>::call), decltype(&curl_easy_cleanup)>);
static_assert(agree<decltype(&EasyReset<0>::call), decltype(&curl_easy_reset)>);
static_assert(agree<decltype(&EasyDuphandle<0>::call), decltype(&curl_easy_duphandle)>);
static_assert(agree<decltype(&EasySetopt<0>::call), decltype(&curl_easy_setopt)>);
static_assert(agree<decltype(&EasyPerform<0>::call), decltype(&curl_easy_perform)>);
static_assert(agree<decltype(&MultiAddHandle<0>::call), decltype(&curl_multi_add_handle)>);
static_assert(agree<decltype(&MultiRemoveHandle<0>::call), decltype(&curl_multi_remove_handle)>);
static_assert(agree<decltype(&MultiInfoRead<0>::call), decltype(&curl_multi_info_read)>);
static_assert(agree<decltype(&MultiCleanup<0>::call), decltype(&curl_multi_cleanup)>);
static_assert(agree<decltype(Functions::setopt), decltype(&curl_easy_setopt)>);
static_assert(agree<decltype(Functions::getinfo), decltype(&curl_easy_getinfo)>);
static_assert(agree<decltype(Functions::next_header), decltype(&curl_easy_nextheader)>);
static_assert(agree<decltype(Functions::error_text), decltype(&curl_easy_strerror)>);
static_assert(agree<decltype(Functions::url_get), decltype(&curl_url_get)>);
static_assert(agree<decltype(Functions::free), decltype(&curl_free)>);
static_assert(std::is_same_v<WriteFunction, curl_write_callback>);

static_assert(sizeof(Slist) == sizeof(curl_slist));
static_assert(offsetof(Slist, data) == offsetof(curl_slist, data));
static_assert(offsetof(Slist, next) == offsetof(curl_slist, next));
static_assert(sizeof(Header) == sizeof(curl_header));
static_assert(offsetof(Header, name) == offsetof(curl_header, name));
static_assert(offsetof(Header, value) == offsetof(curl_header, value));
static_assert(sizeof(Message) == sizeof(CURLMsg));
static_assert(offsetof(Message, kind) == offsetof(CURLMsg, msg));
static_assert(offsetof(Message, easy) == offsetof(CURLMsg, easy_handle));
static_assert(offsetof(Message, data) == offsetof(CURLMsg, data));

static_assert(of_the_answer == CURLH_HEADER && message_done == CURLMSG_DONE);
static_assert(ok == CURLE_OK && ok == static_cast<int>(CURLM_OK));
static_assert(ok == static_cast<int>(CURLUE_OK));
static_assert(http_returned_error == CURLE_HTTP_RETURNED_ERROR);
static_assert(whole_url == CURLUPART_URL);

static_assert(option::write_data == CURLOPT_WRITEDATA && option::url == CURLOPT_URL);
static_assert(option::post_fields == CURLOPT_POSTFIELDS);
static_assert(option::http_header == CURLOPT_HTTPHEADER);
static_assert(option::http_post == static_cast<int>(CURLOPTTYPE_OBJECTPOINT) + 24);
static_assert(option::header_data == CURLOPT_HEADERDATA);
static_assert(option::custom_request == CURLOPT_CUSTOMREQUEST);
static_assert(option::no_body == CURLOPT_NOBODY && option::upload == CURLOPT_UPLOAD);
static_assert(option::post == CURLOPT_POST);
static_assert(option::put == static_cast<int>(CURLOPTTYPE_LONG) + 54);
static_assert(option::post_field_size == CURLOPT_POSTFIELDSIZE);
static_assert(option::http_get == CURLOPT_HTTPGET);
static_assert(option::connect_only == CURLOPT_CONNECT_ONLY);
static_assert(option::copy_post_fields == CURLOPT_COPYPOSTFIELDS);
static_assert(option::default_protocol == CURLOPT_DEFAULT_PROTOCOL);
static_assert(option::mime_post == CURLOPT_MIMEPOST && option::url_handle == CURLOPT_CURLU);
static_assert(option::aws_sigv4 == CURLOPT_AWS_SIGV4);
static_assert(option::write_function == CURLOPT_WRITEFUNCTION);
static_assert(option::header_function == CURLOPT_HEADERFUNCTION);
static_assert(option::post_field_size_large == CURLOPT_POSTFIELDSIZE_LARGE);
static_assert(option::first_pointer == CURLOPTTYPE_OBJECTPOINT);
static_assert(option::first_number64 == CURLOPTTYPE_OFF_T);
static_assert(option::first_blob == CURLOPTTYPE_BLOB);
static_assert(std::is_same_v<curl_off_t, std::int64_t>);

static_assert(info::effective_url == CURLINFO_EFFECTIVE_URL);
static_assert(info::response_code == CURLINFO_RESPONSE_CODE);
static_assert(info::size_download == CURLINFO_SIZE_DOWNLOAD_T);
static_assert(info::content_length == CURLINFO_CONTENT_LENGTH_DOWNLOAD_T);
static_assert(info::redirect_count == CURLINFO_REDIRECT_COUNT);
static_assert(info::connections == CURLINFO_NUM_CONNECTS);
static_assert(info::primary_ip == CURLINFO_PRIMARY_IP);
static_assert(info::total_time == CURLINFO_TOTAL_TIME_T);
static_assert(info::name_lookup_time == CURLINFO_NAMELOOKUP_TIME_T);
static_assert(info::connect_time == CURLINFO_CONNECT_TIME_T);
static_assert(info::start_transfer_time == CURLINFO_STARTTRANSFER_TIME_T);
static_assert(info::tls_time == CURLINFO_APPCONNECT_TIME_T);
static_assert(info::effective_method == CURLINFO_EFFECTIVE_METHOD);

}  // namespace

TEST(CurlCodes, are_named_as_libcurl_names_them) {
  const auto named = [](CURLcode code, const char* name) {
    EXPECT_EQ(name_of_code(code).view(), name);
  };
#define NAMED(code) named(code, #code)
  NAMED(CURLE_UNSUPPORTED_PROTOCOL);
  NAMED(CURLE_URL_MALFORMAT);
  NAMED(CURLE_COULDNT_RESOLVE_HOST);
  NAMED(CURLE_COULDNT_CONNECT);
  NAMED(CURLE_HTTP2);
  NAMED(CURLE_PARTIAL_FILE);
  NAMED(CURLE_WRITE_ERROR);
  NAMED(CURLE_OPERATION_TIMEDOUT);
  NAMED(CURLE_SSL_CONNECT_ERROR);
  NAMED(CURLE_ABORTED_BY_CALLBACK);
  NAMED(CURLE_TOO_MANY_REDIRECTS);
  NAMED(CURLE_GOT_NOTHING);
  NAMED(CURLE_SEND_ERROR);
  NAMED(CURLE_RECV_ERROR);
  NAMED(CURLE_PEER_FAILED_VERIFICATION);
  NAMED(CURLE_HTTP2_STREAM);
  NAMED(CURLE_SSL_CLIENTCERT);
#undef NAMED
  EXPECT_EQ(name_of_code(4711).view(), "CURLE_4711");
}
