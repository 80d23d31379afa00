// AddTags, RemoveTags: of clusters and Studios.
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "services/emr/actions.h"
#include "services/emr/request.h"

namespace tarn::emr {
namespace {

using EditTags = std::function<Status(std::map<std::string, std::string>&)>;

// Keeps what `edit` makes of them. Errors: InvalidRequestException, kIo, kDiskFull.
Task<Status> change_tags(EmrService& emr, const Caller& caller, std::string id, EditTags edit) {
  if (id.starts_with("es-")) {
    TARN_CO_TRY(const StudioRecord* studio, find_studio(emr, caller, id));
    StudioRecord changed = *studio;
    TARN_CO_CHECK(edit(changed.tags));
    co_return co_await emr.studios().put(std::move(changed));
  }
  TARN_CO_TRY(const Clusters::Entry life, find_living(emr, caller, id));
  std::map<std::string, std::string> changed = life->cluster().tags;
  TARN_CO_CHECK(edit(changed));
  life->cluster().tags = std::move(changed);
  life->touch();
  co_return co_await life->save();
}

}  // namespace

Task<Result<AddTagsOutput>> handle(AddTags /*tag*/, EmrService& emr, const Caller& caller,
                                   AddTagsInput input) {
  EditTags edit = [&](std::map<std::string, std::string>& tags) {
    return add_tags(caller, input.tags, tags);
  };
  std::string id = input.resource_id;
  TARN_CO_CHECK(co_await change_tags(emr, caller, std::move(id), std::move(edit)));
  co_return AddTagsOutput();
}

Task<Result<RemoveTagsOutput>> handle(RemoveTags /*tag*/, EmrService& emr, const Caller& caller,
                                      RemoveTagsInput input) {
  EditTags edit = [&](std::map<std::string, std::string>& tags) {
    return remove_tags(caller, input.tag_keys, tags);
  };
  std::string id = input.resource_id;
  TARN_CO_CHECK(co_await change_tags(emr, caller, std::move(id), std::move(edit)));
  co_return RemoveTagsOutput();
}

}  // namespace tarn::emr
