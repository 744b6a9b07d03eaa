#include "parameters.hpp"

#include "json_members.hpp"
#include "url.hpp"
#include "xml.hpp"

namespace xray::instrumentation {
namespace {

constexpr ParameterRule request_rules[] = {
    {"DynamoDB", "*", "TableName", "table_name"},
    {"DynamoDB", "BatchGetItem BatchWriteItem", "RequestItems", "table_names", Take::keys},
    {"DynamoDB", "CreateTable", "GlobalSecondaryIndexes", "global_secondary_indexes", Take::json},
    {"DynamoDB", "CreateTable", "LocalSecondaryIndexes", "local_secondary_indexes", Take::json},
    {"DynamoDB", "CreateTable UpdateTable", "ProvisionedThroughput", "provisioned_throughput",
     Take::json},
    {"DynamoDB", "UpdateTable", "AttributeDefinitions", "attribute_definitions", Take::json},
    {"DynamoDB", "UpdateTable", "GlobalSecondaryIndexUpdates", "global_secondary_index_updates",
     Take::json},
    {"DynamoDB", "GetItem Query Scan", "ConsistentRead", "consistent_read"},
    {"DynamoDB", "GetItem Query Scan", "ProjectionExpression", "projection_expression"},
    {"DynamoDB", "Query Scan", "AttributesToGet", "attributes_to_get", Take::json},
    {"DynamoDB", "Query Scan", "IndexName", "index_name"},
    {"DynamoDB", "Query Scan ListTables", "Limit", "limit"},
    {"DynamoDB", "Query", "ScanIndexForward", "scan_index_forward"},
    {"DynamoDB", "Query Scan", "Select", "select"},
    {"DynamoDB", "Scan", "Segment", "segment"},
    {"DynamoDB", "Scan", "TotalSegments", "total_segments"},
    {"DynamoDB", "ListTables", "ExclusiveStartTableName", "exclusive_start_table_name"},
    {"SQS", "*", "QueueUrl", "queue_url"},
    {"SQS", "AddPermission", "Label", "label"},
    {"SQS", "ChangeMessageVisibility ReceiveMessage", "VisibilityTimeout", "visibility_timeout"},
    {"SQS", "CreateQueue GetQueueUrl", "QueueName", "queue_name"},
    {"SQS", "CreateQueue SetQueueAttributes", "Attributes", "attribute_names", Take::keys},
    {"SQS", "GetQueueUrl", "QueueOwnerAWSAccountId", "queue_owner_aws_account_id"},
    {"SQS", "ListQueues", "QueueNamePrefix", "queue_name_prefix"},
    {"SQS", "ReceiveMessage", "AttributeNames", "attribute_names", Take::json},
    {"SQS", "ReceiveMessage", "MaxNumberOfMessages", "max_number_of_messages"},
    {"SQS", "ReceiveMessage", "MessageAttributeNames", "message_attribute_names", Take::json},
    {"SQS", "ReceiveMessage", "WaitTimeSeconds", "wait_time_seconds"},
    {"SQS", "SendMessage", "DelaySeconds", "delay_seconds"},
    {"SQS", "SendMessage", "MessageAttributes", "message_attribute_names", Take::keys},
    {"SQS", "SendMessageBatch", "Entries", "message_count", Take::count},
    {"SNS", "*", "TopicArn", "topic_arn"},
};

constexpr ParameterRule response_rules[] = {
    {"DynamoDB", "*", "ConsumedCapacity", "consumed_capacity", Take::json},
    {"DynamoDB", "ListTables", "TableNames", "table_count", Take::count},
    {"DynamoDB", "Scan", "Count", "count"},
    {"DynamoDB", "Scan", "ScannedCount", "scanned_count"},
    {"SQS", "GetQueueUrl CreateQueue", "QueueUrl", "queue_url"},
    {"SQS", "ListQueues", "QueueUrls", "queue_count", Take::count},
    {"SQS", "ListDeadLetterSourceQueues", "queueUrls", "queue_urls", Take::json},
    {"SQS", "ReceiveMessage", "Messages", "message_count", Take::count},
    {"SQS", "SendMessage", "MessageId", "message_id"},
    {"SQS", "SendMessageBatch DeleteMessageBatch ChangeMessageVisibilityBatch", "Failed",
     "failed_count", Take::count},
    {"SQS", "SendMessageBatch", "Successful", "successful_count", Take::count},
};

constexpr std::size_t longest_json = 1024;

bool names(std::string_view operations, std::string_view operation) noexcept {
  if (operations == "*") return true;
  while (!operations.empty()) {
    if (take_until(operations, ' ') == operation) return true;
  }
  return false;
}

template <std::size_t Size, typename Use>
void with_rules(const ParameterRule (&rules)[Size], const RecognisedCall& call,
                std::string_view member, Use&& use) noexcept {
  for (const ParameterRule& rule : rules) {
    if (rule.member == member && rule.service == call.service.view() &&
        names(rule.operations, call.operation)) {
      use(rule);
    }
  }
}

/// A JSON number that is whole; others are recorded as they are written.
void add_number(RecognisedCall& call, std::string_view name, std::string_view text) noexcept {
  const bool negative = starts_with(text, "-");
  const std::int64_t number = whole_number(negative ? text.substr(1) : text);
  if (number >= 0) {
    call.add_number(name, negative ? -number : number);
  } else if (text.size() <= longest_json) {
    call.add_json(name, text);
  }
}

void add_value(RecognisedCall& call, std::string_view name, const JsonMember& member) noexcept {
  if (member.kind == JsonKind::boolean) return call.add_boolean(name, member.value == "true");
  if (member.kind == JsonKind::number) return add_number(call, name, member.value);
  FixedText<1024> text;
  if (member.kind == JsonKind::string && append_unescaped(text, member.value)) {
    call.add_text(name, text);
  }
}

/// `["first","second"]` of an object's members. The names keep their escapes: JSON to JSON.
void add_keys(RecognisedCall& call, std::string_view name, std::string_view object) noexcept {
  FixedText<longest_json> list;
  JsonMembers members(object);
  JsonMember member;
  bool fits = list.append("[");
  while (members.next(member)) {
    fits = fits && (list.size() == 1 || list.append(",")) && list.append("\"") &&
           list.append(member.name) && list.append("\"");
  }
  if (fits && list.append("]") && members.at_end()) call.add_json(name, list);
}

template <std::size_t Size>
void add_json_members(const ParameterRule (&rules)[Size], std::string_view body,
                      RecognisedCall& call) noexcept {
  JsonMembers members(body);
  JsonMember member;
  while (members.next(member)) {
    with_rules(rules, call, member.name, [&](const ParameterRule& rule) {
      if (rule.take == Take::value) {
        add_value(call, rule.name, member);
      } else if (rule.take == Take::keys) {
        add_keys(call, rule.name, member.value);
      } else if (rule.take == Take::count) {
        const std::int64_t count = count_elements(member.value);
        if (count >= 0) call.add_number(rule.name, count);
      } else if (member.value.size() <= longest_json &&
                 (member.kind == JsonKind::object || member.kind == JsonKind::array)) {
        call.add_json(rule.name, member.value);
      }
    });
  }
}

/// Forms know text only: `WaitTimeSeconds=20` is a number all the same.
void add_form_value(RecognisedCall& call, std::string_view name, std::string_view value) noexcept {
  const std::int64_t number = whole_number(value);
  FixedText<1024> text;
  if (number >= 0) {
    call.add_number(name, number);
  } else if (append_decoded(text, value, true) && !text.empty()) {
    call.add_text(name, text);
  }
}

}  // namespace

void add_request_parameters(std::string_view body, bool complete, bool is_json,
                            RecognisedCall& call) noexcept {
  if (is_json) return add_json_members(request_rules, body, call);
  FormFields fields(body, complete);
  std::string_view name;
  std::string_view value;
  while (fields.next(name, value)) {
    with_rules(request_rules, call, name, [&](const ParameterRule& rule) {
      if (rule.take == Take::value) add_form_value(call, rule.name, value);
    });
  }
}

void add_response_parameters(std::string_view body, RecognisedCall& call) noexcept {
  add_json_members(response_rules, body, call);
}

void add_xml_response_parameters(std::string_view body, RecognisedCall& call) noexcept {
  for (const ParameterRule& rule : response_rules) {
    if (rule.take != Take::value || rule.service != call.service.view() ||
        !names(rule.operations, call.operation)) {
      continue;
    }
    const std::string_view text = xml_element(body, rule.member);
    if (!text.empty() && text.size() <= 256 && text.find('&') == std::string_view::npos) {
      call.add_text(rule.name, text);
    }
  }
}

}  // namespace xray::instrumentation
