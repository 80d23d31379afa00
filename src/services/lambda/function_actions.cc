// CreateFunction, GetFunction, GetFunctionConfiguration, UpdateFunctionCode,
// UpdateFunctionConfiguration, DeleteFunction, ListFunctions, GetAccountSettings.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "services/lambda/actions.h"
#include "services/lambda/request.h"
#include "services/lambda/settings.h"

namespace tarn::lambda {
namespace {

// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
constexpr std::int64_t kMostCodeBytes = std::int64_t{75} << 30;

bool is_name(std::string_view name) {
  constexpr std::size_t kLongest = 64;
  return !name.empty() && name.size() <= kLongest && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
}

void touch(Lambda& lambda, Version& version) {
  version.modified = lambda.platform.clock.now();
  version.revision = lambda.platform.random.uuid();
}

// Of an update that changes the latest state, and publishes it where that is asked for.
Task<Result<FunctionConfiguration>> change_latest(Lambda& lambda, const Caller& caller,
                                                  std::string name, bool publishes,
                                                  std::optional<std::string> revision,
                                                  std::function<Status(Version&)> change) {
  TARN_CO_TRY(const FunctionName parsed, parse_name(caller, name));
  std::optional<Version> published;
  auto edit = [&](FunctionRecord& function) -> Status {
    TARN_CHECK(check_revision(revision, function.latest.revision));
    TARN_CHECK(change(function.latest));
    touch(lambda, function.latest);
    if (publishes)
      published = publish(function, function.latest.description, lambda.platform.random.uuid());
    return {};
  };
  Functions::Change job = edit;
  std::string region = caller.region;
  std::string key = parsed.name;
  TARN_CO_TRY(const Functions::Entry changed,
              co_await lambda.functions.change(std::move(region), std::move(key), std::move(job)));
  lambda.environments.retire(*changed);
  co_return describe(*changed, published ? *published : changed->latest);
}

}  // namespace

Task<Result<FunctionConfiguration>> handle(CreateFunction, Lambda& lambda, const Caller& caller,
                                           CreateFunctionRequest input) {
  TARN_CO_TRY(const FunctionName name, parse_name(caller, input.function_name));
  if (!is_name(name.name) || !name.qualifier.empty())
    co_return invalid(
        fmt::format("{} is not the name of a function: up to 64 letters, digits, "
                    "hyphens and underscores.",
                    input.function_name));
  const auto taken = [&]() -> Status {
    if (lambda.functions.find(caller.region, name.name) == nullptr) return {};
    return Error("ResourceConflictException", "Function already exist: " + name.name, 409);
  };
  TARN_CO_CHECK(taken());
  TARN_CO_CHECK(refuse(input.package_type.value_or("Zip") != "Zip", "PackageType Image"));
  TARN_CO_CHECK(refuse(input.code_signing_config_arn.has_value(), "CodeSigningConfigArn"));
  FunctionRecord function;
  function.name = name.name;
  function.account = caller.account_id;
  function.region = caller.region;
  function.latest.log_group = "/aws/lambda/" + name.name;
  if (input.architectures && !input.architectures->empty())
    function.latest.architecture = input.architectures->front();
  if (input.tags) TARN_CO_CHECK(add_tags(caller, *input.tags, function.tags));
  TARN_CO_CHECK(apply(lambda, caller, configuration_of(input), function.latest));
  Caller reader = caller;
  FunctionCode given = std::move(input.code);
  TARN_CO_TRY(function.latest.code,
              co_await take_code(lambda, std::move(reader), std::move(given)));
  TARN_CO_CHECK(taken());
  touch(lambda, function.latest);
  Version shown = function.latest;
  if (input.publish.value_or(false))
    shown = publish(function, function.latest.description, lambda.platform.random.uuid());
  FunctionRecord kept = function;
  TARN_CO_CHECK(co_await lambda.functions.add(std::move(kept)));
  co_return describe(function, shown);
}

Task<Result<GetFunctionResponse>> handle(GetFunction, Lambda& lambda, const Caller& caller,
                                         GetFunctionRequest input) {
  TARN_CO_TRY(const Target target,
              find_called(lambda, caller, input.function_name, input.qualifier));
  GetFunctionResponse out;
  out.configuration = describe(*target.function, target.version);
  out.code.emplace().repository_type = "S3";
  if (!target.function->tags.empty()) out.tags = target.function->tags;
  if (target.function->reserved_concurrency)
    out.concurrency.emplace().reserved_concurrent_executions =
        target.function->reserved_concurrency;
  co_return out;
}

Task<Result<FunctionConfiguration>> handle(GetFunctionConfiguration, Lambda& lambda,
                                           const Caller& caller,
                                           GetFunctionConfigurationRequest input) {
  TARN_CO_TRY(const Target target,
              find_called(lambda, caller, input.function_name, input.qualifier));
  co_return describe(*target.function, target.version);
}

Task<Result<FunctionConfiguration>> handle(UpdateFunctionCode, Lambda& lambda, const Caller& caller,
                                           UpdateFunctionCodeRequest input) {
  TARN_CO_TRY(const Functions::Entry there, find_function(lambda, caller, input.function_name));
  TARN_CO_CHECK(check_revision(input.revision_id, there->latest.revision));
  FunctionCode given;
  given.zip_file = std::move(input.zip_file);
  given.s3_bucket = std::move(input.s3_bucket);
  given.s3_key = std::move(input.s3_key);
  given.s3_object_version = std::move(input.s3_object_version);
  given.image_uri = std::move(input.image_uri);
  Caller reader = caller;
  TARN_CO_TRY(const Code code, co_await take_code(lambda, std::move(reader), std::move(given)));
  if (input.dry_run.value_or(false)) {
    Version shown = there->latest;
    shown.code = code;
    co_return describe(*there, shown);
  }
  std::function<Status(Version&)> change = [&](Version& version) -> Status {
    version.code = code;
    if (input.architectures && !input.architectures->empty())
      version.architecture = input.architectures->front();
    return {};
  };
  std::string name = input.function_name;
  std::optional<std::string> revision = input.revision_id;
  const bool publishes = input.publish.value_or(false);
  co_return co_await change_latest(lambda, caller, std::move(name), publishes, std::move(revision),
                                   std::move(change));
}

Task<Result<FunctionConfiguration>> handle(UpdateFunctionConfiguration, Lambda& lambda,
                                           const Caller& caller,
                                           UpdateFunctionConfigurationRequest input) {
  std::function<Status(Version&)> change = [&](Version& version) {
    return apply(lambda, caller, input, version);
  };
  std::string name = input.function_name;
  std::optional<std::string> revision = input.revision_id;
  co_return co_await change_latest(lambda, caller, std::move(name), false, std::move(revision),
                                   std::move(change));
}

Task<Result<DeleteFunctionResponse>> handle(DeleteFunction, Lambda& lambda, const Caller& caller,
                                            DeleteFunctionRequest input) {
  TARN_CO_TRY(const FunctionName name, parse_name(caller, input.function_name, input.qualifier));
  TARN_CO_TRY(const Functions::Entry function, find_function(lambda, caller, name.name));
  DeleteFunctionResponse out;
  out.status_code = 204;
  if (name.qualifier.empty()) {
    lambda.environments.retire(*function);
    TARN_CO_CHECK(co_await lambda.functions.remove(function));
    co_return out;
  }
  Functions::Change change = [&](FunctionRecord& record) -> Status {
    for (const auto& [alias, entry] : record.aliases) {
      if (entry.version != name.qualifier) continue;
      return Error("ResourceConflictException",
                   fmt::format("The version {} cannot be deleted because the alias {} leads to it.",
                               name.qualifier, alias),
                   409);
    }
    const auto removed = std::erase_if(
        record.versions, [&](const auto& entry) { return entry.second.name == name.qualifier; });
    if (removed > 0) return {};
    return invalid("Only versions that were published can be deleted by a qualifier.");
  };
  std::string region = caller.region;
  std::string key = name.name;
  TARN_CO_TRY(
      [[maybe_unused]] const Functions::Entry changed,
      co_await lambda.functions.change(std::move(region), std::move(key), std::move(change)));
  co_return out;
}

Task<Result<ListFunctionsResponse>> handle(ListFunctions, Lambda& lambda, const Caller& caller,
                                           ListFunctionsRequest input) {
  std::vector<FunctionConfiguration> all;
  for (const Functions::Entry& function : lambda.functions.all(caller.region)) {
    all.push_back(describe(*function, function->latest));
    if (input.function_version.value_or("") != "ALL") continue;
    for (const auto& [number, version] : function->versions)
      all.push_back(describe(*function, version));
  }
  ListFunctionsResponse out;
  TARN_CO_TRY(out.functions, take_page(all, input.marker, input.max_items, out.next_marker));
  co_return out;
}

Task<Result<GetAccountSettingsResponse>> handle(GetAccountSettings, Lambda& lambda,
                                                const Caller& caller, GetAccountSettingsRequest) {
  GetAccountSettingsResponse out;
  AccountLimit& limit = out.account_limit.emplace();
  limit.total_code_size = kMostCodeBytes;
  limit.code_size_unzipped = static_cast<std::int64_t>(kMostUnzippedBytes);
  limit.code_size_zipped = static_cast<std::int64_t>(kMostZippedBytes);
  limit.concurrent_executions = static_cast<std::int32_t>(kMostEnvironments);
  limit.unreserved_concurrent_executions = limit.concurrent_executions;
  AccountUsage& usage = out.account_usage.emplace();
  usage.total_code_size = 0;
  const auto all = lambda.functions.all(caller.region);
  usage.function_count = static_cast<std::int64_t>(all.size());
  for (const auto& function : all)
    *usage.total_code_size += static_cast<std::int64_t>(function->latest.code.size);
  co_return out;
}

}  // namespace tarn::lambda
