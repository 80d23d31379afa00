// CreateStudioSessionMapping, GetStudioSessionMapping, UpdateStudioSessionMapping,
// DeleteStudioSessionMapping, ListStudioSessionMappings.
#include <utility>

#include <fmt/format.h>

#include "services/emr/actions.h"
#include "services/emr/request.h"

namespace tarn::emr {
namespace {

constexpr std::size_t kMappingsPerPage = 50;

Error invalid_mapping(std::string text) {
  return {"InvalidRequestException", std::move(text)};
}

// A copy of the Studio that the request changes or reads, whose users are mapped at all.
template <class Input>
Result<StudioRecord> studio_of(EmrService& emr, const Caller& caller, const Input& input) {
  TARN_TRY(const StudioRecord* studio, find_studio(emr, caller, input.studio_id));
  if (studio->request.auth_mode != values::auth_mode::kSso) {
    return invalid_mapping(
        fmt::format("Studio {} has AuthMode IAM: who may use it is for policies of IAM to say. "
                    "Session mappings are for AuthMode SSO.",
                    studio->id));
  }
  if (input.identity_id.has_value() == input.identity_name.has_value())
    return invalid_mapping("Give one of IdentityId and IdentityName.");
  return *studio;
}

template <class Input>
Result<StudioMapping*> mapping_of(StudioRecord& studio, const Input& input) {
  StudioMapping* const found = studio.find_mapping(
      input.identity_type, input.identity_id.value_or(""), input.identity_name.value_or(""));
  if (found != nullptr) return found;
  return invalid_mapping(fmt::format("Studio {} has no session mapping of {} '{}'.", studio.id,
                                     input.identity_type,
                                     input.identity_id.value_or(input.identity_name.value_or(""))));
}

Status check_session_policy(const std::string& arn) {
  if (arn.starts_with("arn:") && arn.find(":policy/") != std::string::npos) return {};
  return invalid_mapping(
      fmt::format("SessionPolicyArn '{}' is not the ARN of a policy of IAM.", arn));
}

std::optional<std::string> given(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

// The members that summaries and details share.
template <class Told>
void tell(const StudioRecord& studio, const StudioMapping& mapping, Told& told) {
  told.studio_id = studio.id;
  told.identity_id = given(mapping.identity_id);
  told.identity_name = given(mapping.identity_name);
  told.identity_type = mapping.identity_type;
  told.session_policy_arn = mapping.policy_arn;
  told.creation_time = mapping.created;
}

}  // namespace

Task<Result<wire::Unit>> handle(CreateStudioSessionMapping /*tag*/, EmrService& emr,
                                const Caller& caller, CreateStudioSessionMappingInput input) {
  TARN_CO_TRY(StudioRecord studio, studio_of(emr, caller, input));
  TARN_CO_CHECK(check_session_policy(input.session_policy_arn));
  if (mapping_of(studio, input).ok()) {
    co_return invalid_mapping(
        fmt::format("The {} has a session mapping in Studio {} already: update that.",
                    input.identity_type, studio.id));
  }
  StudioMapping& mapping = studio.mappings.emplace_back();
  mapping.identity_type = input.identity_type;
  mapping.identity_id = input.identity_id.value_or("");
  mapping.identity_name = input.identity_name.value_or("");
  mapping.policy_arn = input.session_policy_arn;
  mapping.created = emr.platform().clock.now();
  mapping.modified = mapping.created;
  TARN_CO_CHECK(co_await emr.studios().put(std::move(studio)));
  co_return wire::Unit();
}

Task<Result<GetStudioSessionMappingOutput>> handle(GetStudioSessionMapping /*tag*/, EmrService& emr,
                                                   const Caller& caller,
                                                   GetStudioSessionMappingInput input) {
  TARN_CO_TRY(StudioRecord studio, studio_of(emr, caller, input));
  TARN_CO_TRY(const StudioMapping* mapping, mapping_of(studio, input));
  GetStudioSessionMappingOutput out;
  SessionMappingDetail& told = out.session_mapping.emplace();
  tell(studio, *mapping, told);
  told.last_modified_time = mapping->modified;
  co_return out;
}

Task<Result<wire::Unit>> handle(UpdateStudioSessionMapping /*tag*/, EmrService& emr,
                                const Caller& caller, UpdateStudioSessionMappingInput input) {
  TARN_CO_TRY(StudioRecord studio, studio_of(emr, caller, input));
  TARN_CO_CHECK(check_session_policy(input.session_policy_arn));
  TARN_CO_TRY(StudioMapping* const mapping, mapping_of(studio, input));
  mapping->policy_arn = input.session_policy_arn;
  mapping->modified = emr.platform().clock.now();
  TARN_CO_CHECK(co_await emr.studios().put(std::move(studio)));
  co_return wire::Unit();
}

Task<Result<wire::Unit>> handle(DeleteStudioSessionMapping /*tag*/, EmrService& emr,
                                const Caller& caller, DeleteStudioSessionMappingInput input) {
  TARN_CO_TRY(StudioRecord studio, studio_of(emr, caller, input));
  TARN_CO_TRY(const StudioMapping* mapping, mapping_of(studio, input));
  studio.mappings.erase(studio.mappings.begin() + (mapping - studio.mappings.data()));
  TARN_CO_CHECK(co_await emr.studios().put(std::move(studio)));
  co_return wire::Unit();
}

Task<Result<ListStudioSessionMappingsOutput>> handle(ListStudioSessionMappings /*tag*/,
                                                     EmrService& emr, const Caller& caller,
                                                     ListStudioSessionMappingsInput input) {
  std::vector<const StudioRecord*> studios = emr.studios().list(caller);
  if (input.studio_id) {
    TARN_CO_TRY(const StudioRecord* studio, find_studio(emr, caller, *input.studio_id));
    studios = {studio};
  }
  std::vector<SessionMappingSummary> all;
  for (const StudioRecord* studio : studios) {
    for (const StudioMapping& mapping : studio->mappings) {
      if (!input.identity_type || *input.identity_type == mapping.identity_type)
        tell(*studio, mapping, all.emplace_back());
    }
  }
  ListStudioSessionMappingsOutput out;
  TARN_CO_TRY(out.session_mappings, take_page(all, input.marker, kMappingsPerPage, out.marker));
  co_return out;
}

}  // namespace tarn::emr
