// PublishVersion, ListVersionsByFunction.
#include <utility>

#include "services/lambda/actions.h"
#include "services/lambda/request.h"

namespace tarn::lambda {
namespace {

bool is_same(const Version& one, const Version& other) {
  return one.code.sha256 == other.code.sha256 && one.handler == other.handler &&
         one.runtime == other.runtime && one.role == other.role &&
         one.timeout_s == other.timeout_s && one.memory_mb == other.memory_mb &&
         one.storage_mb == other.storage_mb && one.environment == other.environment &&
         one.log_group == other.log_group && one.kms_key_arn == other.kms_key_arn;
}

}  // namespace

// A state that was published last is not published again.
Version publish(FunctionRecord& function, const std::string& description,
                const std::string& revision) {
  if (!function.versions.empty()) {
    const Version& last = function.versions.rbegin()->second;
    if (is_same(last, function.latest)) return last;
  }
  Version version = function.latest;
  const int number = function.next_version++;
  version.name = std::to_string(number);
  version.description = description;
  version.revision = revision;
  function.versions.emplace(number, version);
  return version;
}

Task<Result<FunctionConfiguration>> handle(PublishVersion, Lambda& lambda, const Caller& caller,
                                           PublishVersionRequest input) {
  TARN_CO_TRY(const Functions::Entry there, find_function(lambda, caller, input.function_name));
  Version published;
  Functions::Change change = [&](FunctionRecord& function) -> Status {
    TARN_CHECK(check_revision(input.revision_id, function.latest.revision));
    if (input.code_sha256 && *input.code_sha256 != *describe(function, function.latest).code_sha256)
      return invalid("CodeSHA256 is not that of the function's code, which was updated meanwhile.");
    published = publish(function, input.description.value_or(function.latest.description),
                        lambda.platform.random.uuid());
    return {};
  };
  std::string region = caller.region;
  std::string name = there->name;
  TARN_CO_TRY(
      const Functions::Entry changed,
      co_await lambda.functions.change(std::move(region), std::move(name), std::move(change)));
  co_return describe(*changed, published);
}

Task<Result<ListVersionsByFunctionResponse>> handle(ListVersionsByFunction, Lambda& lambda,
                                                    const Caller& caller,
                                                    ListVersionsByFunctionRequest input) {
  TARN_CO_TRY(const Functions::Entry function, find_function(lambda, caller, input.function_name));
  std::vector<FunctionConfiguration> all = {describe(*function, function->latest)};
  for (const auto& [number, version] : function->versions)
    all.push_back(describe(*function, version));
  ListVersionsByFunctionResponse out;
  TARN_CO_TRY(out.versions, take_page(all, input.marker, input.max_items, out.next_marker));
  co_return out;
}

}  // namespace tarn::lambda
