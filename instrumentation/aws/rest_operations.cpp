#include "rest_operations.hpp"

namespace xray::instrumentation {
namespace {

struct Row {
  std::string_view service;
  std::string_view method;
  /// Steps between slashes; `*` is any one, `**` the rest, at least one.
  std::string_view pattern;
  std::string_view operation;
  /// The name of the parameter that the first `*` is; empty: none is recorded.
  std::string_view parameter{};
};

// From the services' public API references. Paths of Lambda begin with a version of the API, which
// differs from operation to operation and says nothing.
constexpr Row rows[] = {
    {"Lambda", "POST", "functions/*/invocations", "Invoke", "function_name"},
    {"Lambda", "POST", "functions/*/response-streaming-invocations", "InvokeWithResponseStream",
     "function_name"},
    {"Lambda", "POST", "functions/*/invoke-async", "InvokeAsync", "function_name"},
    {"Lambda", "GET", "functions", "ListFunctions"},
    {"Lambda", "POST", "functions", "CreateFunction"},
    {"Lambda", "GET", "functions/*", "GetFunction", "function_name"},
    {"Lambda", "DELETE", "functions/*", "DeleteFunction", "function_name"},
    {"Lambda", "GET", "functions/*/configuration", "GetFunctionConfiguration", "function_name"},
    {"Lambda", "PUT", "functions/*/configuration", "UpdateFunctionConfiguration", "function_name"},
    {"Lambda", "PUT", "functions/*/code", "UpdateFunctionCode", "function_name"},
    {"Lambda", "GET", "functions/*/policy", "GetPolicy", "function_name"},
    {"Lambda", "POST", "functions/*/policy", "AddPermission", "function_name"},
    {"Lambda", "DELETE", "functions/*/policy/*", "RemovePermission", "function_name"},
    {"Lambda", "GET", "functions/*/versions", "ListVersionsByFunction", "function_name"},
    {"Lambda", "POST", "functions/*/versions", "PublishVersion", "function_name"},
    {"Lambda", "GET", "functions/*/aliases", "ListAliases", "function_name"},
    {"Lambda", "POST", "functions/*/aliases", "CreateAlias", "function_name"},
    {"Lambda", "GET", "functions/*/aliases/*", "GetAlias", "function_name"},
    {"Lambda", "PUT", "functions/*/aliases/*", "UpdateAlias", "function_name"},
    {"Lambda", "DELETE", "functions/*/aliases/*", "DeleteAlias", "function_name"},
    {"Lambda", "GET", "functions/*/concurrency", "GetFunctionConcurrency", "function_name"},
    {"Lambda", "PUT", "functions/*/concurrency", "PutFunctionConcurrency", "function_name"},
    {"Lambda", "DELETE", "functions/*/concurrency", "DeleteFunctionConcurrency", "function_name"},
    {"Lambda", "GET", "functions/*/url", "GetFunctionUrlConfig", "function_name"},
    {"Lambda", "GET", "account-settings", "GetAccountSettings"},
    {"Lambda", "GET", "event-source-mappings", "ListEventSourceMappings"},
    {"Lambda", "POST", "event-source-mappings", "CreateEventSourceMapping"},
    {"Lambda", "GET", "event-source-mappings/*", "GetEventSourceMapping"},
    {"Lambda", "PUT", "event-source-mappings/*", "UpdateEventSourceMapping"},
    {"Lambda", "DELETE", "event-source-mappings/*", "DeleteEventSourceMapping"},
    {"Lambda", "GET", "layers", "ListLayers"},
    {"Lambda", "GET", "layers/*/versions", "ListLayerVersions"},
    {"Lambda", "POST", "layers/*/versions", "PublishLayerVersion"},
    {"Lambda", "GET", "layers/*/versions/*", "GetLayerVersion"},
    {"Lambda", "GET", "tags/**", "ListTags"},
    {"Lambda", "POST", "tags/**", "TagResource"},
    {"Lambda", "DELETE", "tags/**", "UntagResource"},
    {"SageMaker Runtime", "POST", "endpoints/*/invocations", "InvokeEndpoint", "endpoint_name"},
    {"SageMaker Runtime", "POST", "endpoints/*/async-invocations", "InvokeEndpointAsync",
     "endpoint_name"},
    {"SageMaker Runtime", "POST", "endpoints/*/invocations-response-stream",
     "InvokeEndpointWithResponseStream", "endpoint_name"},
    {"Bedrock Runtime", "POST", "model/*/invoke", "InvokeModel"},
    {"Bedrock Runtime", "POST", "model/*/invoke-with-response-stream",
     "InvokeModelWithResponseStream"},
    {"Bedrock Runtime", "POST", "model/*/converse", "Converse"},
    {"Bedrock Runtime", "POST", "model/*/converse-stream", "ConverseStream"},
    {"RDS Data", "POST", "Execute", "ExecuteStatement"},
    {"RDS Data", "POST", "BatchExecute", "BatchExecuteStatement"},
    {"RDS Data", "POST", "*", ""},  // BeginTransaction, ...: the path is the operation
    {"SESv2", "POST", "v2/email/outbound-emails", "SendEmail"},
    {"SESv2", "POST", "v2/email/outbound-bulk-emails", "SendBulkEmail"},
    {"IoT Data Plane", "POST", "topics/**", "Publish"},
    {"IoT Data Plane", "GET", "things/*/shadow", "GetThingShadow"},
    {"IoT Data Plane", "POST", "things/*/shadow", "UpdateThingShadow"},
    {"IoT Data Plane", "DELETE", "things/*/shadow", "DeleteThingShadow"},
    {"ApiGatewayManagementApi", "POST", "@connections/*", "PostToConnection"},
    {"ApiGatewayManagementApi", "GET", "@connections/*", "GetConnection"},
    {"ApiGatewayManagementApi", "DELETE", "@connections/*", "DeleteConnection"},
    {"AppConfigData", "GET", "configuration", "GetLatestConfiguration"},
    {"AppConfigData", "POST", "configurationsessions", "StartConfigurationSession"},
    {"Scheduler", "POST", "schedules/*", "CreateSchedule"},
    {"Scheduler", "GET", "schedules/*", "GetSchedule"},
    {"Scheduler", "PUT", "schedules/*", "UpdateSchedule"},
    {"Scheduler", "DELETE", "schedules/*", "DeleteSchedule"},
    {"Scheduler", "GET", "schedules", "ListSchedules"},
    {"Batch", "POST", "v1/submitjob", "SubmitJob"},
    {"Batch", "POST", "v1/describejobs", "DescribeJobs"},
    {"Batch", "POST", "v1/listjobs", "ListJobs"},
    {"Batch", "POST", "v1/terminatejob", "TerminateJob"},
    {"Polly", "POST", "v1/speech", "SynthesizeSpeech"},
    {"EKS", "GET", "clusters", "ListClusters"},
    {"EKS", "GET", "clusters/*", "DescribeCluster"},
};

/// A date, or what stands before the names of connections: nothing that tells operations apart.
bool is_version(std::string_view step) noexcept {
  return step.size() == 10 && step[4] == '-' && step[7] == '-' &&
         whole_number(step.substr(0, 4)) > 0;
}

/// Where the steps of a path begin that the table knows.
std::string_view known_part(std::string_view service, std::string_view path) noexcept {
  if (starts_with(path, "/")) path.remove_prefix(1);
  if (ends_with(path, "/")) path.remove_suffix(1);
  if (service == "Lambda") {
    std::string_view rest = path;
    if (is_version(take_until(rest, '/'))) return rest;
  }
  if (service == "ApiGatewayManagementApi") {  // a stage comes first
    const std::size_t at = path.find("@connections");
    if (at != std::string_view::npos) return path.substr(at);
  }
  return path;
}

bool matches(std::string_view pattern, std::string_view path, std::string_view& label) noexcept {
  label = {};
  while (!pattern.empty()) {
    if (path.empty()) return false;
    const std::string_view wanted = take_until(pattern, '/');
    if (wanted == "**") return true;
    const std::string_view step = take_until(path, '/');
    if (wanted == "*") {
      if (step.empty()) return false;
      if (label.empty()) label = step;
    } else if (step != wanted) {
      return false;
    }
  }
  return path.empty();
}

bool read_rpc_path(std::string_view path, RecognisedCall& call) noexcept {
  std::string_view rest = path;
  const std::string_view operation = take_last(rest, '/');
  if (take_last(rest, '/') != "operation") return false;
  take_last(rest, '/');
  if (take_last(rest, '/') != "service" || !is_name(operation)) return false;
  return call.operation.append(operation);
}

}  // namespace

bool read_rest_operation(std::string_view service, std::string_view method, const UrlParts& url,
                         RecognisedCall& call) noexcept {
  if (read_rpc_path(url.path, call)) return true;
  const std::string_view path = known_part(service, url.path);
  for (const Row& row : rows) {
    std::string_view label;
    if (row.service != service || row.method != method || !matches(row.pattern, path, label)) {
      continue;
    }
    if (row.operation.empty()) {
      return is_name(label) && call.operation.append(label);
    }
    call.operation.append(row.operation);
    FixedText<256> value;
    if (!row.parameter.empty() && append_decoded(value, label, false)) {
      call.add_text(row.parameter, value);
    }
    return true;
  }
  return false;
}

}  // namespace xray::instrumentation
