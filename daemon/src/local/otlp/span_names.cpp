#include "local/otlp/span_names.hpp"

#include <array>

#include "ascii.hpp"
#include "local/document/segment_document.hpp"
#include "local/otlp/otlp_text.hpp"

namespace xrayd::local {
namespace {

bool is_aws_call(const SpanContext& context) {
  return context.attributes.has("rpc.system", "aws-api") || context.attributes.has("aws.service");
}

std::string_view without_prefix(std::string_view text, std::string_view prefix) {
  if (text.starts_with(prefix)) text.remove_prefix(prefix.size());
  return text;
}

// Characters that no segment's name may have are left out.
std::string valid_name(std::string_view text) {
  std::string name;
  for (const char c : clean_text(text)) {
    constexpr std::string_view others = " _.:/%&#=+-@";
    const bool other_script = static_cast<unsigned char>(c) >= 0x80U;
    if (other_script || is_alphanumeric(c) || others.find(c) != std::string_view::npos) name += c;
  }
  return std::string(first_characters(name, max_name_characters));
}

// Of a connection string, `jdbc:mysql://host:port/...` or `host:port;...`: what stands for the
// host.
std::string_view host_of(std::string_view connection) {
  const std::size_t slashes = connection.find("//");
  if (slashes != std::string_view::npos) connection.remove_prefix(slashes + 2);
  const std::size_t user = connection.find('@');
  if (user != std::string_view::npos) connection.remove_prefix(user + 1);
  return connection.substr(0, connection.find_first_of("/:;?,"));
}

std::string database_name(AttributeMap& attributes) {
  std::string name(attributes.text({"db.name", "db.namespace"}));
  if (name.empty()) return name;
  std::string_view host = host_of(attributes.text({"db.connection_string"}));
  if (host.empty()) host = attributes.text({"server.address", "net.peer.name"});
  if (!host.empty()) name.append("@").append(host);
  return name;
}

// The first that says something of what the table of names lists, in its order.
std::string told_name(SpanContext& context) {
  auto& attributes = context.attributes;
  const bool is_server = context.span.kind == SpanKind::server;
  std::string_view name;
  if (is_server) name = attributes.text({"aws.local.service"});
  if (context.calls_out()) {
    name = attributes.text({"aws.remote.service"});
    if (is_aws_call(context)) name = without_prefix(without_prefix(name, "AWS.SDK."), "AWS::");
  }
  if (name.empty()) name = attributes.text({"peer.service", "aws.service"});
  if (!name.empty()) return std::string(name);
  if (!is_server || !context.resource.has("service.name")) {
    if (std::string database = database_name(attributes); !database.empty()) return database;
  }
  if (is_server || (context.is_segment && !context.calls_out())) {
    name = context.resource.text({"service.name"});
  }
  if (name.empty()) name = attributes.text({"rpc.service"});
  if (name.empty() && context.calls_out()) {
    name = attributes.text({"http.host", "server.address", "net.peer.name"});
  } else if (name.empty()) {
    name = attributes.text({"http.host", "net.peer.name"});
  }
  return std::string(name);
}

}  // namespace

std::string_view namespace_of(SpanContext& context) {
  if (is_aws_call(context)) return "aws";
  if (context.span.kind == SpanKind::client) return "remote";
  const bool messaging =
      context.span.kind == SpanKind::producer || context.span.kind == SpanKind::consumer;
  return messaging && context.attributes.has("aws.remote.service") ? "remote" : "";
}

std::string segment_name(SpanContext& context) {
  std::string name = valid_name(told_name(context));
  if (name.empty()) name = valid_name(context.span.name);
  return name.empty() ? "span" : name;
}

std::string service_name(SpanContext& context) {
  std::string name = valid_name(context.attributes.text({"aws.local.service"}));
  if (name.empty()) name = valid_name(context.resource.text({"service.name"}));
  if (name.empty()) name = valid_name(context.span.name);
  return name.empty() ? "span" : name;
}

std::string_view origin_of(SpanContext& context) {
  auto& resource = context.resource;
  const std::string_view provider = resource.text({"cloud.provider"});
  if (!provider.empty() && provider != "aws") return {};
  const std::string_view platform = resource.text({"cloud.platform"});
  if (platform == "aws_ecs") {
    const std::string launch_type = lower(resource.text({"aws.ecs.launchtype"}));
    if (launch_type == "ec2") return "AWS::ECS::EC2";
    if (launch_type == "fargate") return "AWS::ECS::Fargate";
    return "AWS::ECS::Container";
  }
  struct Origin {
    std::string_view platform;
    std::string_view name;
  };
  constexpr std::array origins = {
      Origin{"aws_app_runner", "AWS::AppRunner::Service"}, Origin{"aws_eks", "AWS::EKS::Container"},
      Origin{"aws_elastic_beanstalk", "AWS::ElasticBeanstalk::Environment"},
      Origin{"aws_ec2", "AWS::EC2::Instance"}, Origin{"aws_lambda", "AWS::Lambda::Function"}};
  for (const auto& origin : origins) {
    if (origin.platform == platform) return origin.name;
  }
  return {};
}

}  // namespace xrayd::local
