// tests/conformance compares the whole table with botocore's.
#include "aws/endpoints.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace xrayd::aws {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string url_of(Service service, std::string_view region, const EndpointOptions& options = {}) {
  return endpoint_of(service, region, options).url();
}

std::string complaint_about(std::string_view url) {
  try {
    return "none: " + parse_endpoint(url, "us-east-1").url();
  } catch (const EndpointError& error) {
    return error.what();
  }
}

TEST(Endpoints, every_partition_has_its_own_names) {
  EXPECT_EQ(url_of(Service::xray, "us-east-1"), "https://xray.us-east-1.amazonaws.com");
  EXPECT_EQ(url_of(Service::xray, "cn-north-1"), "https://xray.cn-north-1.amazonaws.com.cn");
  EXPECT_EQ(url_of(Service::xray, "us-gov-west-1"), "https://xray.us-gov-west-1.amazonaws.com");
  EXPECT_EQ(url_of(Service::xray, "us-iso-east-1"), "https://xray.us-iso-east-1.c2s.ic.gov");
  EXPECT_EQ(url_of(Service::xray, "us-isob-east-1"), "https://xray.us-isob-east-1.sc2s.sgov.gov");
  EXPECT_EQ(url_of(Service::xray, "eu-isoe-west-1"), "https://xray.eu-isoe-west-1.cloud.adc-e.uk");
  EXPECT_EQ(url_of(Service::xray, "us-isof-south-1"),
            "https://xray.us-isof-south-1.csp.hci.ic.gov");
  EXPECT_EQ(url_of(Service::xray, "eusc-de-east-1"), "https://xray.eusc-de-east-1.amazonaws.eu");
}

TEST(Endpoints, fips_and_dual_stack_change_the_name) {
  EXPECT_EQ(url_of(Service::xray, "us-east-1", {.fips = true}),
            "https://xray-fips.us-east-1.amazonaws.com");
  EXPECT_EQ(url_of(Service::xray, "us-east-1", {.dual_stack = true}),
            "https://xray.us-east-1.api.aws");
  EXPECT_EQ(url_of(Service::xray, "cn-north-1", {.fips = true, .dual_stack = true}),
            "https://xray-fips.cn-north-1.api.amazonwebservices.com.cn");
}

TEST(Endpoints, the_validated_sts_of_govcloud_has_no_name_of_its_own) {
  EXPECT_EQ(url_of(Service::sts, "us-gov-west-1", {.fips = true}),
            "https://sts.us-gov-west-1.amazonaws.com");
  EXPECT_EQ(url_of(Service::sts, "us-gov-west-1", {.fips = true, .dual_stack = true}),
            "https://sts-fips.us-gov-west-1.api.aws");
  EXPECT_EQ(url_of(Service::xray, "us-gov-west-1", {.fips = true}),
            "https://xray-fips.us-gov-west-1.amazonaws.com");
}

TEST(Endpoints, the_old_place_of_sts_is_signed_for_us_east_1_and_asked_only_where_it_was) {
  const Endpoint old = endpoint_of(Service::sts, "eu-west-1", {.sts_global = true});
  EXPECT_EQ(old.url(), "https://sts.amazonaws.com");
  EXPECT_EQ(old.signing_region, "us-east-1");
  const Endpoint young = endpoint_of(Service::sts, "eu-south-1", {.sts_global = true});
  EXPECT_EQ(young.url(), "https://sts.eu-south-1.amazonaws.com");
  EXPECT_EQ(young.signing_region, "eu-south-1");
  EXPECT_EQ(url_of(Service::xray, "eu-west-1", {.sts_global = true}),
            "https://xray.eu-west-1.amazonaws.com");
}

TEST(Endpoints, regions_to_come_are_known_by_their_pattern) {
  EXPECT_EQ(partition_of("us-gov-north-7"), "aws-us-gov");
  EXPECT_EQ(partition_of("cn-east-12"), "aws-cn");
  EXPECT_EQ(partition_of("mx-west-2"), "aws");
  EXPECT_EQ(partition_of("moon-east-1"), "aws");
  EXPECT_EQ(partition_of("us-gov-west"), "aws");
  EXPECT_EQ(partition_of("aws-cn-global"), "aws-cn");
}

TEST(Endpoints, what_is_no_region_is_refused_by_name) {
  for (const char* text : {"", "us east 1", "us-east-1/", "us-east-1.evil.example", "US-EAST-1",
                           "-us", "us-", "123", "us_east_1", "us-east-1\n", "é", "@h",
                           "a234567890123456789012345678901234567890123456789012345678901234"}) {
    EXPECT_FALSE(is_region(text)) << text;
    EXPECT_THROW((void)endpoint_of(Service::xray, text), EndpointError) << text;
  }
  try {
    check_region("us east\n1", "AWS_REGION");
    FAIL();
  } catch (const EndpointError& error) {
    EXPECT_STREQ(error.what(),
                 "AWS_REGION: 'us east?1' is no region; regions are written as us-east-1 is");
  }
}

TEST(Endpoints, an_endpoint_of_ones_own_is_taken_as_it_is) {
  const EndpointOptions options{.fips = true, .dual_stack = true, .url = "http://127.0.0.1:4566/"};
  const Endpoint endpoint = endpoint_of(Service::xray, "eu-west-1", options);
  EXPECT_FALSE(endpoint.tls);
  EXPECT_EQ(endpoint.host, "127.0.0.1");
  EXPECT_EQ(endpoint.port, 4566);
  EXPECT_EQ(endpoint.base_path, "");
  EXPECT_EQ(endpoint.signing_region, "eu-west-1");
}

TEST(Endpoints, urls_are_read_and_written_back) {
  for (const char* url : {"https://h", "http://h", "http://h:8080", "https://[::1]:8443",
                          "http://[fd00::1]", "https://h.example/base/path"}) {
    EXPECT_EQ(parse_endpoint(url, "r").url(), url);
  }
  EXPECT_EQ(parse_endpoint("HTTPS://H.Example:443/", "r").url(), "https://h.example");
  EXPECT_EQ(parse_endpoint("http://h:80//", "r").url(), "http://h");
  EXPECT_EQ(parse_endpoint("https://h:80", "r").authority(), "h:80");
  EXPECT_EQ(parse_endpoint("http://[::1]:2000", "r").authority(), "[::1]:2000");
}

TEST(Endpoints, what_is_no_endpoint_is_refused_with_a_reason) {
  EXPECT_THAT(complaint_about("127.0.0.1:2000"), HasSubstr("http://"));
  EXPECT_THAT(complaint_about(""), HasSubstr("http://"));
  EXPECT_THAT(complaint_about("ftp://h"), HasSubstr("http://"));
  EXPECT_THAT(complaint_about("http://"), HasSubstr("host name"));
  EXPECT_THAT(complaint_about("http://:80"), HasSubstr("host name"));
  EXPECT_THAT(complaint_about("http://a b"), HasSubstr("'a b' has no host name"));
  EXPECT_THAT(complaint_about("http://h:"), HasSubstr("port"));
  EXPECT_THAT(complaint_about("http://h:0"), HasSubstr("port"));
  EXPECT_THAT(complaint_about("http://h:65536"), HasSubstr("port"));
  EXPECT_THAT(complaint_about("http://h:1x"), HasSubstr("port"));
  EXPECT_THAT(complaint_about("http://[::1"), HasSubstr("bracket"));
  EXPECT_THAT(complaint_about("http://[h]"), HasSubstr("IPv6"));
  EXPECT_THAT(complaint_about("http://[::1]x"), HasSubstr("port"));
  EXPECT_THAT(complaint_about("http://h/a b"), HasSubstr("blank"));
  EXPECT_THAT(complaint_about("http://h/a\r\nX: y"), HasSubstr("blank"));
}

TEST(Endpoints, a_password_or_a_query_is_refused_and_not_repeated) {
  for (const char* url : {"https://user:hunter2@h", "https://user:hun/hunter2@h",
                          "https://h/?key=hunter2", "https://h#hunter2", "ftp://u:hunter2@h"}) {
    const std::string complaint = complaint_about(url);
    EXPECT_THAT(complaint, HasSubstr("must")) << url;
    EXPECT_THAT(complaint, Not(HasSubstr("hun"))) << url;
  }
}

}  // namespace
}  // namespace xrayd::aws
