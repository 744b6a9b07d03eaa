#include "service_names.hpp"

namespace xray::instrumentation {
namespace {

/// What tells services of one signing name apart; the first row that fits counts.
enum class By { nothing, target, host, path };

struct Row {
  std::string_view signing_name;
  std::string_view name;
  By by = By::nothing;
  std::string_view start{};
};

// From the service models' public facts: signing name and service id.
constexpr Row rows[] = {
    {"s3", "S3 Control", By::path, "/v20180820/"},
    {"s3", "S3"},
    {"s3express", "S3"},
    {"s3-object-lambda", "S3"},
    {"s3-outposts", "S3"},
    {"dynamodb", "DynamoDB Streams", By::target, "DynamoDBStreams_"},
    {"dynamodb", "DynamoDB"},
    {"dax", "DAX"},
    {"sqs", "SQS"},
    {"sns", "SNS"},
    {"lambda", "Lambda"},
    {"sts", "STS"},
    {"iam", "IAM"},
    {"kms", "KMS"},
    {"secretsmanager", "Secrets Manager"},
    {"ssm", "SSM"},
    {"states", "SFN"},
    {"events", "EventBridge"},
    {"kinesis", "Kinesis"},
    {"firehose", "Firehose"},
    {"kinesisanalytics", "Kinesis Analytics V2", By::target, "KinesisAnalytics_2018"},
    {"kinesisanalytics", "Kinesis Analytics"},
    {"kinesisvideo", "Kinesis Video"},
    {"logs", "CloudWatch Logs"},
    {"monitoring", "CloudWatch"},
    {"cloudformation", "CloudFormation"},
    {"cloudfront", "CloudFront"},
    {"cloudtrail", "CloudTrail"},
    {"ec2", "EC2"},
    {"ecs", "ECS"},
    {"ecr", "ECR"},
    {"ecr-public", "ECR PUBLIC"},
    {"eks", "EKS"},
    {"autoscaling", "Auto Scaling"},
    {"application-autoscaling", "Application Auto Scaling"},
    {"elasticloadbalancing", "Elastic Load Balancing"},
    {"elasticbeanstalk", "Elastic Beanstalk"},
    {"elasticache", "ElastiCache"},
    {"elasticfilesystem", "EFS"},
    {"elasticmapreduce", "EMR"},
    {"emr-containers", "EMR containers"},
    {"emr-serverless", "EMR Serverless"},
    {"es", "OpenSearch"},
    {"aoss", "OpenSearchServerless"},
    {"rds", "RDS"},
    {"rds-data", "RDS Data"},
    {"redshift", "Redshift"},
    {"redshift-data", "Redshift Data"},
    {"redshift-serverless", "Redshift Serverless"},
    {"ses", "SESv2", By::path, "/v2/email/"},
    {"ses", "SES"},
    {"sagemaker", "SageMaker Runtime", By::path, "/endpoints/"},
    {"sagemaker", "SageMaker"},
    {"bedrock", "Bedrock Runtime", By::path, "/model/"},
    {"bedrock", "Bedrock Agent Runtime", By::path, "/agents/"},
    {"bedrock", "Bedrock"},
    {"timestream", "Timestream Query", By::host, "query."},
    {"timestream", "Timestream Write"},
    {"execute-api", "ApiGatewayManagementApi"},
    {"apigateway", "ApiGatewayV2", By::path, "/v2/"},
    {"apigateway", "API Gateway"},
    {"appsync", "AppSync"},
    {"appconfig", "AppConfigData", By::path, "/configuration"},
    {"appconfig", "AppConfig"},
    {"athena", "Athena"},
    {"backup", "Backup"},
    {"batch", "Batch"},
    {"cassandra", "Keyspaces"},
    {"cloudsearch", "CloudSearch"},
    {"codebuild", "CodeBuild"},
    {"codecommit", "CodeCommit"},
    {"codedeploy", "CodeDeploy"},
    {"codepipeline", "CodePipeline"},
    {"cognito-identity", "Cognito Identity"},
    {"cognito-idp", "Cognito Identity Provider"},
    {"cognito-sync", "Cognito Sync"},
    {"comprehend", "Comprehend"},
    {"config", "Config Service"},
    {"connect", "Connect"},
    {"dms", "Database Migration Service"},
    {"fsx", "FSx"},
    {"geo", "Location"},
    {"glacier", "Glacier"},
    {"glue", "Glue"},
    {"guardduty", "GuardDuty"},
    {"iotdata", "IoT Data Plane"},
    {"iot", "IoT"},
    {"kafka", "Kafka"},
    {"kafka-cluster", "Kafka"},
    {"lakeformation", "Lake Formation"},
    {"lex", "Lex Runtime V2", By::path, "/bots/"},
    {"lex", "Lex Runtime Service", By::path, "/bot/"},
    {"memorydb", "MemoryDB"},
    {"mobiletargeting", "Pinpoint"},
    {"mq", "mq"},
    {"neptune-db", "neptunedata"},
    {"opsworks", "OpsWorks"},
    {"organizations", "Organizations"},
    {"personalize", "Personalize Runtime", By::path, "/recommendations"},
    {"personalize", "Personalize"},
    {"pipes", "Pipes"},
    {"polly", "Polly"},
    {"qldb", "QLDB"},
    {"rekognition", "Rekognition"},
    {"route53", "Route 53"},
    {"route53domains", "Route 53 Domains"},
    {"route53resolver", "Route53Resolver"},
    {"scheduler", "Scheduler"},
    {"sdb", "SimpleDB"},
    {"servicediscovery", "ServiceDiscovery"},
    {"sms-voice", "Pinpoint SMS Voice V2"},
    {"sso", "SSO Admin"},
    {"awsssoportal", "SSO"},
    {"awsssooidc", "SSO OIDC"},
    {"support", "Support"},
    {"swf", "SWF"},
    {"tagging", "Resource Groups Tagging API"},
    {"textract", "Textract"},
    {"transcribe", "Transcribe"},
    {"transfer", "Transfer Family"},
    {"translate", "Translate"},
    {"waf", "WAF"},
    {"waf-regional", "WAF Regional"},
    {"wafv2", "WAFV2"},
    {"xray", "XRay"},
};

}  // namespace

std::string_view service_name(std::string_view signing_name, std::string_view target,
                              const UrlParts& url) noexcept {
  for (const Row& row : rows) {
    if (row.signing_name != signing_name) continue;
    const bool fits = row.by == By::nothing ||
                      (row.by == By::target && starts_with(target, row.start)) ||
                      (row.by == By::host && starts_with(url.host, row.start)) ||
                      (row.by == By::path && starts_with(url.path, row.start));
    if (fits) return row.name;
  }
  return signing_name;
}

bool is_somebodys_own(std::string_view signing_name, const UrlParts& url) noexcept {
  if (signing_name == "vpc-lattice-svcs") return true;
  if (signing_name == "execute-api")
    return url.path.find("/@connections") == std::string_view::npos;
  if (signing_name == "lambda") return url.host.find(".lambda-url.") != std::string_view::npos;
  if (signing_name == "appsync") {
    return url.host.find(".appsync-api.") != std::string_view::npos || url.path == "/graphql";
  }
  return false;
}

}  // namespace xray::instrumentation
