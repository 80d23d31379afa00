#include "services/lambda/settings.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "services/lambda/request.h"
#include "wire/body.h"

namespace tarn::lambda {
namespace {

constexpr std::string_view kLambda = "lambda.amazonaws.com";
constexpr std::size_t kMostEnvironmentBytes = 4096;

// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
constexpr std::array<std::string_view, 17> kReserved = {"_HANDLER",
                                                        "_X_AMZN_TRACE_ID",
                                                        "AWS_DEFAULT_REGION",
                                                        "AWS_REGION",
                                                        "AWS_EXECUTION_ENV",
                                                        "AWS_LAMBDA_FUNCTION_NAME",
                                                        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
                                                        "AWS_LAMBDA_FUNCTION_VERSION",
                                                        "AWS_LAMBDA_INITIALIZATION_TYPE",
                                                        "AWS_LAMBDA_LOG_GROUP_NAME",
                                                        "AWS_LAMBDA_LOG_STREAM_NAME",
                                                        "AWS_ACCESS_KEY",
                                                        "AWS_ACCESS_KEY_ID",
                                                        "AWS_SECRET_ACCESS_KEY",
                                                        "AWS_SESSION_TOKEN",
                                                        "AWS_LAMBDA_RUNTIME_API",
                                                        "LAMBDA_TASK_ROOT"};

Status check_runtime(const std::string& runtime) {
  if (runtime.starts_with("python3.") || runtime.starts_with("nodejs")) return {};
  return Error("NotImplemented",
               fmt::format("The runtime {} is not implemented by this version of tarn: it runs "
                           "python3.x and nodejs functions.",
                           runtime));
}

Status check_environment(const std::map<std::string, std::string>& variables) {
  std::string reserved;
  std::size_t bytes = 0;
  for (const auto& [name, value] : variables) {
    bytes += name.size() + value.size();
    if (std::ranges::find(kReserved, name) == kReserved.end()) continue;
    reserved += (reserved.empty() ? "" : ", ") + name;
  }
  if (!reserved.empty()) {
    return invalid(
        "Lambda was unable to configure your environment variables because the environment "
        "variables you have provided contains reserved keys that are currently not supported for "
        "modification. Reserved keys used in this request: " +
        reserved);
  }
  if (bytes <= kMostEnvironmentBytes) return {};
  return invalid(
      fmt::format("Lambda was unable to configure your environment variables because the "
                  "environment variables you have provided exceeded the 4KB limit: they have {} "
                  "bytes.",
                  bytes));
}

Status check_role(Lambda& lambda, const Caller& caller, const std::string& arn) {
  const Status passed = lambda.identity.authorizer.check_pass_role(caller, arn, kLambda);
  if (!passed.ok()) return Error("AccessDeniedException", passed.error().message, 403);
  const auto role = lambda.identity.roles.find_role(arn);
  if (role != nullptr && iam::trusts(*role, kLambda)) return {};
  return invalid(fmt::format(
      "The role defined for the function cannot be assumed by Lambda: {} {}.", arn,
      role == nullptr ? "is not there"
                      : "does not name lambda.amazonaws.com in its AssumeRolePolicyDocument"));
}

template <class Members>
bool any(const std::optional<Members>& list) {
  return list && !list->empty();
}

Status refuse_what_is_not_here(const UpdateFunctionConfigurationRequest& given) {
  const bool in_vpc = given.vpc_config && (any(given.vpc_config->subnet_ids) ||
                                           any(given.vpc_config->security_group_ids));
  const bool has_letters =
      given.dead_letter_config && !given.dead_letter_config->target_arn.value_or("").empty();
  TARN_CHECK(refuse(in_vpc, "VpcConfig"));
  TARN_CHECK(refuse(has_letters, "DeadLetterConfig"));
  TARN_CHECK(refuse(any(given.layers), "Layers"));
  TARN_CHECK(refuse(any(given.file_system_configs), "FileSystemConfigs"));
  TARN_CHECK(refuse(given.image_config.has_value(), "ImageConfig"));
  const bool snaps = given.snap_start && given.snap_start->apply_on.value_or("None") != "None";
  TARN_CHECK(refuse(snaps, "SnapStart"));
  TARN_CHECK(refuse(given.capacity_provider_config.has_value(), "CapacityProviderConfig"));
  TARN_CHECK(refuse(given.accelerator_config.has_value(), "AcceleratorConfig"));
  return refuse(given.durable_config.has_value(), "DurableConfig");
}

// The model leaves these bounds out. Error: ValidationException, as a validator of Lambda says it.
Status check_bound(std::string_view name, int value, int least, int most) {
  if (value >= least && value <= most) return {};
  return Error(
      "ValidationException",
      fmt::format("1 validation error detected: Value '{}' at '{}' failed to satisfy "
                  "constraint: Member must have value {} than or equal to {}",
                  value, name, value < least ? "greater" : "less", value < least ? least : most));
}

Status check_bounds(const Version& version) {
  TARN_CHECK(check_bound("timeout", version.timeout_s, 1, 900));
  TARN_CHECK(check_bound("memorySize", version.memory_mb, 128, 10'240));
  return check_bound("ephemeralStorage.size", version.storage_mb, 512, 10'240);
}

void take_text(const std::optional<std::string>& given, std::string& value) {
  if (given) value = *given;
}

}  // namespace

UpdateFunctionConfigurationRequest configuration_of(const CreateFunctionRequest& given) {
  UpdateFunctionConfigurationRequest out;
  out.function_name = given.function_name;
  out.role = given.role;
  out.handler = given.handler;
  out.description = given.description;
  out.timeout = given.timeout;
  out.memory_size = given.memory_size;
  out.vpc_config = given.vpc_config;
  out.environment = given.environment;
  out.runtime = given.runtime;
  out.dead_letter_config = given.dead_letter_config;
  out.kms_key_arn = given.kms_key_arn;
  out.tracing_config = given.tracing_config;
  out.layers = given.layers;
  out.file_system_configs = given.file_system_configs;
  out.image_config = given.image_config;
  out.ephemeral_storage = given.ephemeral_storage;
  out.snap_start = given.snap_start;
  out.logging_config = given.logging_config;
  out.capacity_provider_config = given.capacity_provider_config;
  out.durable_config = given.durable_config;
  out.accelerator_config = given.accelerator_config;
  return out;
}

Status apply(Lambda& lambda, const Caller& caller, const UpdateFunctionConfigurationRequest& given,
             Version& version) {
  TARN_CHECK(refuse_what_is_not_here(given));
  if (given.runtime) TARN_CHECK(check_runtime(*given.runtime));
  if (given.role && *given.role != version.role)
    TARN_CHECK(check_role(lambda, caller, *given.role));
  if (given.environment) {
    version.environment = given.environment->variables.value_or(version.environment);
    TARN_CHECK(check_environment(version.environment));
  }
  take_text(given.runtime, version.runtime);
  take_text(given.role, version.role);
  take_text(given.handler, version.handler);
  take_text(given.description, version.description);
  take_text(given.kms_key_arn, version.kms_key_arn);
  version.timeout_s = given.timeout.value_or(version.timeout_s);
  version.memory_mb = given.memory_size.value_or(version.memory_mb);
  if (given.ephemeral_storage) version.storage_mb = given.ephemeral_storage->size;
  if (given.tracing_config) take_text(given.tracing_config->mode, version.tracing);
  if (given.logging_config) {
    take_text(given.logging_config->log_group, version.log_group);
    take_text(given.logging_config->log_format, version.log_format);
  }
  TARN_CHECK(check_bounds(version));
  if (version.handler.empty() || version.runtime.empty()) {
    return invalid(
        "Runtime and Handler are mandatory parameters for functions created with deployment "
        "packages.");
  }
  return {};
}

Task<Result<Code>> take_code(Lambda& lambda, Caller caller, FunctionCode given) {
  TARN_CO_CHECK(refuse(given.image_uri.has_value(), "ImageUri"));
  std::string zip;
  if (given.zip_file) {
    zip = std::move(*given.zip_file);
  } else if (given.s3_bucket && given.s3_key) {
    const std::string arn = fmt::format("arn:aws:s3:::{}/{}", *given.s3_bucket, *given.s3_key);
    const std::string_view action =
        given.s3_object_version ? "s3:GetObjectVersion" : "s3:GetObject";
    Status allowed = lambda.identity.authorizer.check(caller, action, arn);
    if (!allowed.ok())
      co_return Error(
          "AccessDeniedException",
          "Your access has been denied by S3, please make sure your request credentials "
          "have permission to GetObject for " +
              arn + ". " + allowed.error().message,
          403);
    auto opened =
        given.s3_object_version
            ? lambda.objects.open_version(*given.s3_bucket, *given.s3_key, *given.s3_object_version)
            : lambda.objects.open(*given.s3_bucket, *given.s3_key);
    if (!opened.ok()) {
      co_return invalid(fmt::format(
          "Error occurred while GetObject. S3 Error Code: {}. S3 Error Message: {} ({})",
          opened.error().code, opened.error().message, arn));
    }
    const std::uint64_t size = opened->info.size;
    if (size > kMostUnzippedBytes)
      co_return invalid(fmt::format("{} has {} bytes: too many for a package.", arn, size));
    if (size > 0) {
      TARN_CO_TRY(const wire::Body content, co_await lambda.objects.read(*opened, 0, size));
      TARN_CO_TRY(zip, co_await wire::read_all(*content, kMostUnzippedBytes));
    }
  } else {
    co_return invalid("Please provide a source for function code: ZipFile, or S3Bucket and S3Key.");
  }
  const auto keep = [&] {
    return lambda.packages.keep(zip);
  };
  co_return co_await lambda.platform.tasks.offload(keep);
}

}  // namespace tarn::lambda
