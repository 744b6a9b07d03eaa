#include "local/otlp/span_aws.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "local/otlp/otlp_text.hpp"

namespace xrayd::local {
namespace {

// A member that is an object, there only if something is in it.
class LazyObject {
 public:
  LazyObject(JsonWriter& writer, std::string_view key, LazyObject* around = nullptr)
      : writer_(writer), key_(key), around_(around) {}

  void begin() {
    if (begun_) return;
    begun_ = true;
    if (around_ != nullptr) around_->begin();
    write_key(writer_, key_);
    writer_.StartObject();
  }
  void text(std::string_view key, std::string_view text) {
    if (text.empty()) return;
    begin();
    write_member(writer_, key, text);
  }
  void flag(std::string_view key) {
    begin();
    write_key(writer_, key);
    writer_.Bool(true);
  }
  void end() {
    if (begun_) writer_.EndObject();
  }

 private:
  JsonWriter& writer_;
  std::string_view key_;
  LazyObject* around_;
  bool begun_ = false;
};

// Of a list of texts, or a single one.
std::vector<std::string_view> texts_of(const OtlpValue* value) {
  std::vector<std::string_view> texts;
  if (value == nullptr) return texts;
  if (const auto* text = std::get_if<std::string_view>(&value->value)) texts.push_back(*text);
  if (const auto* list = std::get_if<OtlpValue::List>(&value->value)) {
    for (const auto& item : *list) {
      if (const auto* text = std::get_if<std::string_view>(&item.value)) texts.push_back(*text);
    }
  }
  return texts;
}

class AwsWriter {
 public:
  AwsWriter(JsonWriter& writer, SpanContext& context)
      : writer_(writer), context_(context), aws_(writer, "aws") {}

  void write() {
    write_call();
    if (context_.is_segment) write_resource();
    aws_.end();
  }

 private:
  void write_call() {
    auto& attributes = context_.attributes;
    const bool is_aws = attributes.has("rpc.system", "aws-api") || attributes.has("aws.service");
    std::string_view operation = attributes.text({"aws.operation"});
    if (operation.empty() && is_aws) operation = attributes.text({"rpc.method"});
    aws_.text("operation", operation);
    std::string_view account = attributes.text({"aws.account_id", "aws.remote.account.id"});
    if (context_.is_segment && account.empty()) {
      account = context_.resource.text({"cloud.account.id"});
    }
    aws_.text("account_id", account);
    std::string_view region = attributes.text({"aws.region", "aws.remote.region"});
    if (region.empty() && is_aws) region = attributes.text({"cloud.region"});
    aws_.text("region", region);
    aws_.text("request_id", attributes.text({"aws.request_id", "aws.requestId"}));
    aws_.text("queue_url", attributes.text({"messaging.url", "aws.queue_url", "aws.queue.url",
                                            "aws.sqs.queue.url"}));
    aws_.text("topic_arn", attributes.text({"aws.sns.topic.arn", "aws.topic_arn"}));
    aws_.text("bucket_name", attributes.text({"aws.s3.bucket", "aws.bucket_name"}));
    aws_.text("function_name", attributes.text({"aws.lambda.function.name", "aws.function_name"}));
    write_tables();
  }

  void write_tables() {
    auto& attributes = context_.attributes;
    auto tables = texts_of(attributes.value("aws.dynamodb.table_names"));
    if (tables.empty()) {
      if (const auto table = attributes.text({"aws.table_name", "aws.table.name"});
          !table.empty()) {
        tables.push_back(table);
      }
    }
    if (tables.size() == 1) aws_.text("table_name", tables.front());
    if (tables.size() <= 1) return;
    aws_.begin();
    write_key(writer_, "table_names");
    writer_.StartArray();
    for (const auto table : tables) write_clean(writer_, table);
    writer_.EndArray();
  }

  void write_resource() {
    auto& resource = context_.resource;
    const std::string_view platform = resource.text({"cloud.platform"});
    LazyObject ec2(writer_, "ec2", &aws_);
    ec2.text("instance_id", resource.text({"host.id"}));
    ec2.text("instance_size", resource.text({"host.type"}));
    ec2.text("ami_id", resource.text({"host.image.id"}));
    ec2.text("availability_zone", resource.text({"cloud.availability_zone"}));
    ec2.end();
    if (platform == "aws_eks" || resource.has("k8s.pod.name")) {
      write_eks();
    } else {
      write_ecs();
    }
    if (platform == "aws_elastic_beanstalk") write_beanstalk();
    write_log_groups();
    write_sdk();
  }

  void write_eks() {
    auto& resource = context_.resource;
    LazyObject eks(writer_, "eks", &aws_);
    eks.text("cluster_name", resource.text({"k8s.cluster.name"}));
    eks.text("pod", resource.text({"k8s.pod.name"}));
    eks.text("container_id", resource.text({"container.id"}));
    eks.end();
  }

  void write_ecs() {
    auto& resource = context_.resource;
    LazyObject ecs(writer_, "ecs", &aws_);
    ecs.text("container", resource.text({"container.name", "container.id"}));
    ecs.text("container_id", resource.text({"container.id"}));
    ecs.text("container_arn", resource.text({"aws.ecs.container.arn"}));
    ecs.text("cluster_arn", resource.text({"aws.ecs.cluster.arn"}));
    ecs.text("task_arn", resource.text({"aws.ecs.task.arn"}));
    ecs.text("task_family", resource.text({"aws.ecs.task.family"}));
    ecs.text("launch_type", resource.text({"aws.ecs.launchtype"}));
    ecs.end();
  }

  void write_beanstalk() {
    auto& resource = context_.resource;
    LazyObject beanstalk(writer_, "elastic_beanstalk", &aws_);
    beanstalk.text("environment_name", resource.text({"service.namespace"}));
    beanstalk.text("version_label", resource.text({"service.version"}));
    beanstalk.text("deployment_id", resource.text({"service.instance.id"}));
    beanstalk.end();
  }

  void write_log_groups() {
    auto& resource = context_.resource;
    const auto arns = texts_of(resource.value("aws.log.group.arns"));
    const auto names = texts_of(resource.value("aws.log.group.names"));
    if (arns.empty() && names.empty()) return;
    aws_.begin();
    write_key(writer_, "cloudwatch_logs");
    writer_.StartArray();
    const bool have_arns = !arns.empty();
    for (const auto group : have_arns ? arns : names) {
      writer_.StartObject();
      write_member(writer_, "log_group", have_arns ? name_in_arn(group) : group);
      if (have_arns) write_member(writer_, "arn", group);
      writer_.EndObject();
    }
    writer_.EndArray();
  }

  // `arn:aws:logs:<region>:<account>:log-group:<name>[:*]`
  static std::string_view name_in_arn(std::string_view arn) {
    constexpr std::string_view mark = ":log-group:";
    const std::size_t at = arn.find(mark);
    if (at == std::string_view::npos) return arn;
    const std::string_view name = arn.substr(at + mark.size());
    return name.substr(0, name.find(':'));
  }

  void write_sdk() {
    auto& resource = context_.resource;
    const std::string_view name = resource.text({"telemetry.sdk.name"});
    const std::string_view language = resource.text({"telemetry.sdk.language"});
    std::string sdk(name);
    if (!sdk.empty() && !language.empty()) sdk.append(" for ").append(language);
    LazyObject xray(writer_, "xray", &aws_);
    xray.text("sdk", sdk);
    xray.text("sdk_version", resource.text({"telemetry.sdk.version"}));
    if (!resource.text({"telemetry.distro.version", "telemetry.auto.version"}).empty()) {
      xray.flag("auto_instrumentation");
    }
    xray.end();
  }

  JsonWriter& writer_;
  SpanContext& context_;
  LazyObject aws_;
};

}  // namespace

void write_aws(JsonWriter& writer, SpanContext& context) {
  AwsWriter(writer, context).write();
}

void write_sql(JsonWriter& writer, SpanContext& context) {
  constexpr std::array<std::string_view, 13> relational = {
      "db2",      "derby",  "hive",      "mariadb",    "mssql",  "microsoft.sql_server",
      "mysql",    "oracle", "oracle.db", "postgresql", "sqlite", "teradata",
      "other_sql"};
  auto& attributes = context.attributes;
  const bool is_sql = std::any_of(relational.begin(), relational.end(), [&](auto system) {
    return attributes.has("db.system", system) || attributes.has("db.system.name", system);
  });
  if (!is_sql) return;
  write_key(writer, "sql");
  writer.StartObject();
  write_member(writer, "database_type", attributes.text({"db.system", "db.system.name"}));
  write_member(writer, "sanitized_query", attributes.text({"db.statement", "db.query.text"}));
  write_member(writer, "user", attributes.text({"db.user"}));
  const std::string_view database = attributes.text({"db.name", "db.namespace"});
  std::string connection(attributes.text({"db.connection_string"}));
  if (connection.empty()) connection = attributes.text({"server.address", "net.peer.name"});
  if (connection.empty()) connection = "localhost";
  if (!database.empty()) connection.append("/").append(database);
  write_member(writer, "connection_string", connection);
  write_member(writer, "url", context.span.name);
  writer.EndObject();
}

}  // namespace xrayd::local
