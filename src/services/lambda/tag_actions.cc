// TagResource, UntagResource, ListTags.
#include <utility>

#include <fmt/format.h>

#include "gateway/system_tags.h"
#include "services/lambda/actions.h"
#include "services/lambda/request.h"

namespace tarn::lambda {
namespace {

Status check_tag_key(const Caller& caller, const std::string& key) {
  if (gateway::may_change_tag(caller, key)) return {};
  return invalid(fmt::format("The tag key {} begins with aws:, which is reserved.", key));
}

}  // namespace

// https://docs.aws.amazon.com/lambda/latest/dg/configuration-tags.html
Status add_tags(const Caller& caller, const std::map<std::string, std::string>& added,
                std::map<std::string, std::string>& tags) {
  constexpr std::size_t kMostTags = 50;
  for (const auto& [key, value] : added) {
    TARN_CHECK(check_tag_key(caller, key));
    tags[key] = value;
  }
  if (gateway::count_own_tags(tags) <= kMostTags) return {};
  return invalid(fmt::format("A function has at most {} tags.", kMostTags));
}

Task<Result<wire::Unit>> handle(TagResource, Lambda& lambda, const Caller& caller,
                                TagResourceRequest input) {
  TARN_CO_TRY(const Functions::Entry there, find_function(lambda, caller, input.resource));
  Functions::Change change = [&](FunctionRecord& function) {
    return add_tags(caller, input.tags, function.tags);
  };
  std::string region = caller.region;
  std::string name = there->name;
  TARN_CO_TRY(
      [[maybe_unused]] const Functions::Entry changed,
      co_await lambda.functions.change(std::move(region), std::move(name), std::move(change)));
  co_return wire::Unit();
}

Task<Result<wire::Unit>> handle(UntagResource, Lambda& lambda, const Caller& caller,
                                UntagResourceRequest input) {
  TARN_CO_TRY(const Functions::Entry there, find_function(lambda, caller, input.resource));
  Functions::Change change = [&](FunctionRecord& function) -> Status {
    for (const std::string& key : input.tag_keys) {
      TARN_CHECK(check_tag_key(caller, key));
      function.tags.erase(key);
    }
    return {};
  };
  std::string region = caller.region;
  std::string name = there->name;
  TARN_CO_TRY(
      [[maybe_unused]] const Functions::Entry changed,
      co_await lambda.functions.change(std::move(region), std::move(name), std::move(change)));
  co_return wire::Unit();
}

Task<Result<ListTagsResponse>> handle(ListTags, Lambda& lambda, const Caller& caller,
                                      ListTagsRequest input) {
  TARN_CO_TRY(const Functions::Entry function, find_function(lambda, caller, input.resource));
  ListTagsResponse out;
  out.tags = function->tags;
  co_return out;
}

}  // namespace tarn::lambda
