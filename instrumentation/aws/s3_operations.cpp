#include "s3_operations.hpp"

namespace xray::instrumentation {
namespace {

enum class Level { service, bucket, object };

struct Row {
  Level level;
  std::string_view method;
  std::string_view field;  ///< of the query; empty: without a field that another row knows
  std::string_view operation;
};

// From S3's public API reference. Rows of one level and method: the more special first.
constexpr Row rows[] = {
    {Level::service, "GET", "", "ListBuckets"},
    {Level::service, "POST", "", "WriteGetObjectResponse"},
    {Level::bucket, "GET", "list-type", "ListObjectsV2"},
    {Level::bucket, "GET", "accelerate", "GetBucketAccelerateConfiguration"},
    {Level::bucket, "GET", "acl", "GetBucketAcl"},
    {Level::bucket, "GET", "cors", "GetBucketCors"},
    {Level::bucket, "GET", "encryption", "GetBucketEncryption"},
    {Level::bucket, "GET", "lifecycle", "GetBucketLifecycleConfiguration"},
    {Level::bucket, "GET", "location", "GetBucketLocation"},
    {Level::bucket, "GET", "logging", "GetBucketLogging"},
    {Level::bucket, "GET", "notification", "GetBucketNotificationConfiguration"},
    {Level::bucket, "GET", "object-lock", "GetObjectLockConfiguration"},
    {Level::bucket, "GET", "ownershipControls", "GetBucketOwnershipControls"},
    {Level::bucket, "GET", "policy", "GetBucketPolicy"},
    {Level::bucket, "GET", "policyStatus", "GetBucketPolicyStatus"},
    {Level::bucket, "GET", "publicAccessBlock", "GetPublicAccessBlock"},
    {Level::bucket, "GET", "replication", "GetBucketReplication"},
    {Level::bucket, "GET", "requestPayment", "GetBucketRequestPayment"},
    {Level::bucket, "GET", "session", "CreateSession"},
    {Level::bucket, "GET", "tagging", "GetBucketTagging"},
    {Level::bucket, "GET", "uploads", "ListMultipartUploads"},
    {Level::bucket, "GET", "versioning", "GetBucketVersioning"},
    {Level::bucket, "GET", "versions", "ListObjectVersions"},
    {Level::bucket, "GET", "website", "GetBucketWebsite"},
    {Level::bucket, "GET", "", "ListObjects"},
    {Level::bucket, "HEAD", "", "HeadBucket"},
    {Level::bucket, "PUT", "accelerate", "PutBucketAccelerateConfiguration"},
    {Level::bucket, "PUT", "acl", "PutBucketAcl"},
    {Level::bucket, "PUT", "analytics", "PutBucketAnalyticsConfiguration"},
    {Level::bucket, "PUT", "cors", "PutBucketCors"},
    {Level::bucket, "PUT", "encryption", "PutBucketEncryption"},
    {Level::bucket, "PUT", "intelligent-tiering", "PutBucketIntelligentTieringConfiguration"},
    {Level::bucket, "PUT", "inventory", "PutBucketInventoryConfiguration"},
    {Level::bucket, "PUT", "lifecycle", "PutBucketLifecycleConfiguration"},
    {Level::bucket, "PUT", "logging", "PutBucketLogging"},
    {Level::bucket, "PUT", "metrics", "PutBucketMetricsConfiguration"},
    {Level::bucket, "PUT", "notification", "PutBucketNotificationConfiguration"},
    {Level::bucket, "PUT", "object-lock", "PutObjectLockConfiguration"},
    {Level::bucket, "PUT", "ownershipControls", "PutBucketOwnershipControls"},
    {Level::bucket, "PUT", "policy", "PutBucketPolicy"},
    {Level::bucket, "PUT", "publicAccessBlock", "PutPublicAccessBlock"},
    {Level::bucket, "PUT", "replication", "PutBucketReplication"},
    {Level::bucket, "PUT", "requestPayment", "PutBucketRequestPayment"},
    {Level::bucket, "PUT", "tagging", "PutBucketTagging"},
    {Level::bucket, "PUT", "versioning", "PutBucketVersioning"},
    {Level::bucket, "PUT", "website", "PutBucketWebsite"},
    {Level::bucket, "PUT", "", "CreateBucket"},
    {Level::bucket, "POST", "delete", "DeleteObjects"},
    {Level::bucket, "POST", "", "PostObject"},
    {Level::bucket, "DELETE", "analytics", "DeleteBucketAnalyticsConfiguration"},
    {Level::bucket, "DELETE", "cors", "DeleteBucketCors"},
    {Level::bucket, "DELETE", "encryption", "DeleteBucketEncryption"},
    {Level::bucket, "DELETE", "intelligent-tiering", "DeleteBucketIntelligentTieringConfiguration"},
    {Level::bucket, "DELETE", "inventory", "DeleteBucketInventoryConfiguration"},
    {Level::bucket, "DELETE", "lifecycle", "DeleteBucketLifecycle"},
    {Level::bucket, "DELETE", "metrics", "DeleteBucketMetricsConfiguration"},
    {Level::bucket, "DELETE", "ownershipControls", "DeleteBucketOwnershipControls"},
    {Level::bucket, "DELETE", "policy", "DeleteBucketPolicy"},
    {Level::bucket, "DELETE", "publicAccessBlock", "DeletePublicAccessBlock"},
    {Level::bucket, "DELETE", "replication", "DeleteBucketReplication"},
    {Level::bucket, "DELETE", "tagging", "DeleteBucketTagging"},
    {Level::bucket, "DELETE", "website", "DeleteBucketWebsite"},
    {Level::bucket, "DELETE", "", "DeleteBucket"},
    {Level::object, "GET", "acl", "GetObjectAcl"},
    {Level::object, "GET", "attributes", "GetObjectAttributes"},
    {Level::object, "GET", "legal-hold", "GetObjectLegalHold"},
    {Level::object, "GET", "retention", "GetObjectRetention"},
    {Level::object, "GET", "tagging", "GetObjectTagging"},
    {Level::object, "GET", "torrent", "GetObjectTorrent"},
    {Level::object, "GET", "uploadId", "ListParts"},
    {Level::object, "GET", "", "GetObject"},
    {Level::object, "HEAD", "", "HeadObject"},
    {Level::object, "PUT", "acl", "PutObjectAcl"},
    {Level::object, "PUT", "legal-hold", "PutObjectLegalHold"},
    {Level::object, "PUT", "retention", "PutObjectRetention"},
    {Level::object, "PUT", "tagging", "PutObjectTagging"},
    {Level::object, "PUT", "uploadId", "UploadPart"},
    {Level::object, "PUT", "", "PutObject"},
    {Level::object, "POST", "uploads", "CreateMultipartUpload"},
    {Level::object, "POST", "uploadId", "CompleteMultipartUpload"},
    {Level::object, "POST", "restore", "RestoreObject"},
    {Level::object, "POST", "select", "SelectObjectContent"},
    {Level::object, "DELETE", "tagging", "DeleteObjectTagging"},
    {Level::object, "DELETE", "uploadId", "AbortMultipartUpload"},
    {Level::object, "DELETE", "", "DeleteObject"},
};

/// Configurations of which a bucket has several: with an id one is meant, without it all.
struct Listed {
  std::string_view field;
  std::string_view one;
  std::string_view all;
};
constexpr Listed listed[] = {
    {"analytics", "GetBucketAnalyticsConfiguration", "ListBucketAnalyticsConfigurations"},
    {"intelligent-tiering", "GetBucketIntelligentTieringConfiguration",
     "ListBucketIntelligentTieringConfigurations"},
    {"inventory", "GetBucketInventoryConfiguration", "ListBucketInventoryConfigurations"},
    {"metrics", "GetBucketMetricsConfiguration", "ListBucketMetricsConfigurations"},
};

/// What stands in the host before the last label that says S3; empty: the bucket is in the path.
/// Labels that only begin so (`s3-accelerate`) count at AWS's own hosts: elsewhere it is a name.
std::string_view bucket_of_host(std::string_view host) noexcept {
  const bool of_aws = ends_with(host, ".amazonaws.com") || ends_with(host, ".amazonaws.com.cn");
  std::string_view rest = host;
  while (!rest.empty()) {
    const std::string_view label = take_last(rest, '.');
    if (label == "s3") return rest;
    if (of_aws && (starts_with(label, "s3-") || starts_with(label, "s3express"))) return rest;
  }
  return {};
}

std::string_view operation_of(Level level, const RequestView& request,
                              std::string_view query) noexcept {
  // SDKs of this decade write it into the query, where nothing else would tell.
  const std::string_view told = form_field(FormFields(query), "x-id");
  if (is_name(told)) return told;
  if (level == Level::bucket && request.method == "GET") {
    for (const Listed& row : listed) {
      if (has_field(query, row.field)) return has_field(query, "id") ? row.one : row.all;
    }
  }
  if (level == Level::object && request.method == "PUT" &&
      !request.headers.find("x-amz-copy-source").empty()) {
    return has_field(query, "uploadId") ? "UploadPartCopy" : "CopyObject";
  }
  for (const Row& row : rows) {
    if (row.level != level || row.method != request.method) continue;
    if (row.field.empty() || has_field(query, row.field)) return row.operation;
  }
  return {};
}

void add_field(RecognisedCall& call, std::string_view query, std::string_view field,
               std::string_view name) noexcept {
  FixedText<1024> value;
  if (append_decoded(value, form_field(FormFields(query), field), true) && !value.empty()) {
    call.add_text(name, value);
  }
}

}  // namespace

void read_s3_operation(const RequestView& request, const UrlParts& url,
                       RecognisedCall& call) noexcept {
  std::string_view path = url.path;
  if (starts_with(path, "/")) path.remove_prefix(1);
  if (path == "WriteGetObjectResponse" && request.method == "POST") {
    call.operation.append("WriteGetObjectResponse");
    return;
  }
  std::string_view bucket = bucket_of_host(url.host);
  if (bucket.empty()) bucket = take_until(path, '/');
  const Level level = bucket.empty() ? Level::service
                      : path.empty() ? Level::bucket
                                     : Level::object;
  call.operation.append(operation_of(level, request, url.query));
  if (level == Level::service) return;

  FixedText<256> bucket_name;
  if (append_decoded(bucket_name, bucket, false)) call.add_text("bucket_name", bucket_name);
  if (level == Level::bucket) {
    add_field(call, url.query, "prefix", "prefix");
    return;
  }
  FixedText<1024> key;
  if (append_decoded(key, path, false)) call.add_text("key", key);
  add_field(call, url.query, "versionId", "version_id");
  FixedText<1024> source;
  if (append_decoded(source, request.headers.find("x-amz-copy-source"), false) && !source.empty()) {
    call.add_text("copy_source", source);
  }
}

}  // namespace xray::instrumentation
