#include <gtest/gtest.h>

#include <string>

#include "made_request.hpp"

using support::MadeRequest;
using support::parameter;
using support::RecognisedCall;

namespace {

RecognisedCall s3(const std::string& method, const std::string& url) {
  return MadeRequest(method, url).signed_for("s3").call();
}

}  // namespace

TEST(AwsS3, finds_bucket_and_key_in_host_or_path) {
  for (const char* url : {"https://photos.s3.eu-west-1.amazonaws.com/a/cat%20one.jpg",
                          "https://photos.s3.amazonaws.com/a/cat%20one.jpg",
                          "https://photos.s3.dualstack.eu-west-1.amazonaws.com/a/cat%20one.jpg",
                          "https://photos.s3-eu-west-1.amazonaws.com/a/cat%20one.jpg",
                          "https://photos.s3-accelerate.amazonaws.com/a/cat%20one.jpg",
                          "https://photos.s3.localhost.localstack.cloud:4566/a/cat%20one.jpg",
                          "https://s3.eu-west-1.amazonaws.com/photos/a/cat%20one.jpg",
                          "https://s3.amazonaws.com/photos/a/cat%20one.jpg",
                          "http://127.0.0.1:9000/photos/a/cat%20one.jpg",
                          "http://minio.s3-lab.example/photos/a/cat%20one.jpg",
                          "http://minio.example/photos/a/cat%20one.jpg?x-id=GetObject"}) {
    const RecognisedCall call = s3("GET", url);
    EXPECT_EQ(call.operation.view(), "GetObject") << url;
    EXPECT_EQ(parameter(call, "bucket_name"), "photos") << url;
    EXPECT_EQ(parameter(call, "key"), "a/cat one.jpg") << url;
  }
  EXPECT_EQ(
      parameter(s3("GET", "https://my.s3.bucket.s3.eu-west-1.amazonaws.com/k"), "bucket_name"),
      "my.s3.bucket");
}

TEST(AwsS3, tells_operations_apart_by_method_query_and_headers) {
  const struct {
    const char* method;
    const char* path;
    const char* operation;
  } rows[] = {
      {"GET", "", "ListBuckets"},
      {"GET", "b", "ListObjects"},
      {"GET", "b/", "ListObjects"},
      {"GET", "b?list-type=2&prefix=x%2F", "ListObjectsV2"},
      {"GET", "b?versions", "ListObjectVersions"},
      {"GET", "b?uploads", "ListMultipartUploads"},
      {"GET", "b?location", "GetBucketLocation"},
      {"GET", "b?inventory", "ListBucketInventoryConfigurations"},
      {"GET", "b?inventory&id=1", "GetBucketInventoryConfiguration"},
      {"HEAD", "b", "HeadBucket"},
      {"PUT", "b", "CreateBucket"},
      {"PUT", "b?policy", "PutBucketPolicy"},
      {"DELETE", "b", "DeleteBucket"},
      {"DELETE", "b?website", "DeleteBucketWebsite"},
      {"POST", "b?delete", "DeleteObjects"},
      {"GET", "b/k", "GetObject"},
      {"GET", "b/k?partNumber=1", "GetObject"},
      {"GET", "b/k?uploadId=u", "ListParts"},
      {"GET", "b/k?tagging&versionId=3", "GetObjectTagging"},
      {"HEAD", "b/k", "HeadObject"},
      {"PUT", "b/k", "PutObject"},
      {"PUT", "b/k?acl", "PutObjectAcl"},
      {"PUT", "b/k?partNumber=1&uploadId=u", "UploadPart"},
      {"POST", "b/k?uploads", "CreateMultipartUpload"},
      {"POST", "b/k?uploadId=u", "CompleteMultipartUpload"},
      {"POST", "b/k?restore", "RestoreObject"},
      {"POST", "b/k?select&select-type=2", "SelectObjectContent"},
      {"DELETE", "b/k", "DeleteObject"},
      {"DELETE", "b/k?uploadId=u", "AbortMultipartUpload"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(s3(row.method, "http://127.0.0.1:9000/" + std::string(row.path)).operation.view(),
              row.operation)
        << row.method << " " << row.path;
  }
  MadeRequest copy("PUT", "http://127.0.0.1:9000/b/k");
  copy.signed_for("s3").header("x-amz-copy-source", "/from/key%20x");
  EXPECT_EQ(copy.call().operation.view(), "CopyObject");
  EXPECT_EQ(parameter(copy.call(), "copy_source"), "/from/key x");
  MadeRequest part("PUT", "http://127.0.0.1:9000/b/k?partNumber=2&uploadId=u");
  part.signed_for("s3").header("x-amz-copy-source", "/from/key");
  EXPECT_EQ(part.call().operation.view(), "UploadPartCopy");
}

TEST(AwsS3, records_prefix_and_version) {
  EXPECT_EQ(
      parameter(s3("GET", "https://b.s3.amazonaws.com/?list-type=2&prefix=2026%2F04"), "prefix"),
      "2026/04");
  EXPECT_EQ(parameter(s3("GET", "https://b.s3.amazonaws.com/k?versionId=v3"), "version_id"), "v3");
}

TEST(AwsS3, leaves_out_a_key_that_is_longer_than_keys_are) {
  const RecognisedCall call = s3("GET", "http://127.0.0.1/b/" + std::string(5000, 'k'));
  EXPECT_EQ(call.operation.view(), "GetObject");
  EXPECT_EQ(parameter(call, "key"), "(none)");
  EXPECT_EQ(parameter(call, "bucket_name"), "b");
}
