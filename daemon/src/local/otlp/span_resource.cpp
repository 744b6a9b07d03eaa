#include "local/otlp/span_resource.hpp"

#include <array>
#include <string_view>

#include "local/otlp/attribute_writer.hpp"

namespace xrayd::local {
namespace {

struct Copied {
  /// In a part of `aws`.
  std::string_view name;
  std::string_view attribute;
};

void copy_part(AttributeWriter& attributes, const rapidjson::Value& aws, std::string_view part,
               std::initializer_list<Copied> members) {
  const auto* object = member(aws, part);
  if (object == nullptr) return;
  for (const auto& [name, attribute] : members) attributes.copy(attribute, *object, name);
}

struct Platform {
  std::string_view origin;
  std::string_view name;
  std::string_view launch_type;
};

// The reverse of origin_of().
void write_platform(AttributeWriter& attributes, std::string_view origin) {
  constexpr std::array platforms = {
      Platform{"AWS::AppRunner::Service", "aws_app_runner", ""},
      Platform{"AWS::EKS::Container", "aws_eks", ""},
      Platform{"AWS::ElasticBeanstalk::Environment", "aws_elastic_beanstalk", ""},
      Platform{"AWS::EC2::Instance", "aws_ec2", ""},
      Platform{"AWS::ECS::Container", "aws_ecs", ""},
      Platform{"AWS::ECS::EC2", "aws_ecs", "ec2"},
      Platform{"AWS::ECS::Fargate", "aws_ecs", "fargate"},
      Platform{"AWS::Lambda::Function", "aws_lambda", ""}};
  for (const auto& platform : platforms) {
    if (platform.origin != origin) continue;
    attributes.text("cloud.platform", platform.name);
    attributes.text("aws.ecs.launchtype", platform.launch_type);
  }
}

void write_log_groups(AttributeWriter& attributes, const rapidjson::Value& aws) {
  const auto* logs = member(aws, "cloudwatch_logs");
  if (logs == nullptr || !logs->IsArray()) return;
  rapidjson::Document lists;
  auto& pool = lists.GetAllocator();
  rapidjson::Value names(rapidjson::kArrayType);
  rapidjson::Value arns(rapidjson::kArrayType);
  for (const auto& group : logs->GetArray()) {
    const auto* name = member(group, "log_group");
    const auto* arn = member(group, "arn");
    if (name != nullptr) names.PushBack(rapidjson::Value(*name, pool), pool);
    if (arn != nullptr) arns.PushBack(rapidjson::Value(*arn, pool), pool);
  }
  if (!names.Empty()) attributes.texts("aws.log.group.names", names);
  if (!arns.Empty()) attributes.texts("aws.log.group.arns", arns);
}

// `opentelemetry for java`
void write_sdk(AttributeWriter& attributes, const rapidjson::Value& aws) {
  const auto* xray = member(aws, "xray");
  if (xray == nullptr) return;
  constexpr std::string_view between = " for ";
  const std::string_view sdk = text_member(*xray, "sdk").value_or("");
  const std::size_t at = sdk.find(between);
  attributes.text("telemetry.sdk.name", sdk.substr(0, at));
  if (at != std::string_view::npos) {
    attributes.text("telemetry.sdk.language", sdk.substr(at + between.size()));
  }
  attributes.copy("telemetry.sdk.version", *xray, "sdk_version");
}

void write_aws_parts(AttributeWriter& attributes, const rapidjson::Value& aws) {
  attributes.copy("cloud.account.id", aws, "account_id");
  copy_part(attributes, aws, "ec2",
            {{"instance_id", "host.id"},
             {"instance_size", "host.type"},
             {"ami_id", "host.image.id"},
             {"availability_zone", "cloud.availability_zone"}});
  copy_part(attributes, aws, "ecs",
            {{"container", "container.name"},
             {"container_id", "container.id"},
             {"container_arn", "aws.ecs.container.arn"},
             {"cluster_arn", "aws.ecs.cluster.arn"},
             {"task_arn", "aws.ecs.task.arn"},
             {"task_family", "aws.ecs.task.family"}});
  copy_part(attributes, aws, "eks",
            {{"cluster_name", "k8s.cluster.name"},
             {"pod", "k8s.pod.name"},
             {"container_id", "container.id"}});
  copy_part(attributes, aws, "elastic_beanstalk",
            {{"environment_name", "service.namespace"}, {"deployment_id", "service.instance.id"}});
  write_log_groups(attributes, aws);
  write_sdk(attributes, aws);
}

}  // namespace

std::string resource_json(const rapidjson::Value& segment) {
  rapidjson::StringBuffer buffer;
  JsonWriter writer(buffer);
  AttributeWriter attributes(writer);
  writer.StartObject();
  attributes.begin();
  attributes.text("service.name", text_member(segment, "name").value_or("unknown"));
  if (const auto* service = member(segment, "service")) {
    attributes.copy("service.version", *service, "version");
  }
  const auto* aws = member(segment, "aws");
  const std::string_view origin = text_member(segment, "origin").value_or("");
  attributes.text("cloud.provider",
                  aws != nullptr || origin.starts_with("AWS::") ? "aws" : "unknown");
  write_platform(attributes, origin);
  if (aws != nullptr) write_aws_parts(attributes, *aws);
  attributes.copy("aws.xray.resource_arn", segment, "resource_arn");
  attributes.end();
  writer.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace xrayd::local
