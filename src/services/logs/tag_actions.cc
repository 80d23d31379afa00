// TagResource, UntagResource, ListTagsForResource, and what was before them: TagLogGroup,
// UntagLogGroup, ListTagsLogGroup.
#include <functional>
#include <utility>

#include "services/logs/actions.h"
#include "services/logs/request.h"

namespace tarn::logs {
namespace {

using Tags = std::map<std::string, std::string>;

Task<Result<wire::Unit>> change_tags(LogsService& logs, std::shared_ptr<Group> group,
                                     std::function<Status(Tags&)> edit) {
  std::function<Status(GroupRecord&)> change = [&edit](GroupRecord& record) {
    return edit(record.tags);
  };
  auto work = [&] {
    return logs.groups().change(*group, change);
  };
  TARN_CO_CHECK(co_await logs.platform().tasks.offload(work));
  co_return wire::Unit();
}

}  // namespace

Task<Result<wire::Unit>> handle(TagResource, LogsService& logs, const Caller& caller,
                                TagResourceRequest input) {
  TARN_CO_TRY(auto group, find_tagged(logs, caller, input.resource_arn));
  std::function<Status(Tags&)> edit = [&](Tags& tags) {
    return add_tags(caller, input.tags, tags, "TooManyTagsException");
  };
  co_return co_await change_tags(logs, std::move(group), std::move(edit));
}

Task<Result<wire::Unit>> handle(UntagResource, LogsService& logs, const Caller& caller,
                                UntagResourceRequest input) {
  TARN_CO_TRY(auto group, find_tagged(logs, caller, input.resource_arn));
  std::function<Status(Tags&)> edit = [&](Tags& tags) {
    return remove_tags(caller, input.tag_keys, tags);
  };
  co_return co_await change_tags(logs, std::move(group), std::move(edit));
}

Task<Result<ListTagsForResourceResponse>> handle(ListTagsForResource, LogsService& logs,
                                                 const Caller& caller,
                                                 ListTagsForResourceRequest input) {
  TARN_CO_TRY(const auto group, find_tagged(logs, caller, input.resource_arn));
  ListTagsForResourceResponse out;
  out.tags = group->record()->tags;
  co_return out;
}

Task<Result<wire::Unit>> handle(TagLogGroup, LogsService& logs, const Caller& caller,
                                TagLogGroupRequest input) {
  TARN_CO_TRY(auto group, find_group(logs, caller, input.log_group_name));
  std::function<Status(Tags&)> edit = [&](Tags& tags) {
    return add_tags(caller, input.tags, tags, "InvalidParameterException");
  };
  co_return co_await change_tags(logs, std::move(group), std::move(edit));
}

Task<Result<wire::Unit>> handle(UntagLogGroup, LogsService& logs, const Caller& caller,
                                UntagLogGroupRequest input) {
  TARN_CO_TRY(auto group, find_group(logs, caller, input.log_group_name));
  std::function<Status(Tags&)> edit = [&](Tags& tags) {
    return remove_tags(caller, input.tags, tags);
  };
  co_return co_await change_tags(logs, std::move(group), std::move(edit));
}

Task<Result<ListTagsLogGroupResponse>> handle(ListTagsLogGroup, LogsService& logs,
                                              const Caller& caller, ListTagsLogGroupRequest input) {
  TARN_CO_TRY(const auto group, find_group(logs, caller, input.log_group_name));
  ListTagsLogGroupResponse out;
  out.tags = group->record()->tags;
  co_return out;
}

}  // namespace tarn::logs
