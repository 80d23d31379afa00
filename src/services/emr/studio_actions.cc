// CreateStudio, DescribeStudio, UpdateStudio, DeleteStudio, ListStudios.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/ids.h"
#include "services/emr/actions.h"
#include "services/emr/describe.h"
#include "services/emr/members.h"
#include "services/emr/request.h"

namespace tarn::emr {
namespace {

// https://docs.aws.amazon.com/emr/latest/APIReference/API_CreateStudio.html
constexpr std::size_t kMostSubnets = 5;
constexpr std::size_t kStudiosPerPage = 50;

Error invalid_studio(std::string text) {
  return {"InvalidRequestException", std::move(text)};
}

std::string url_of(const EmrService& emr, const std::string& id) {
  return fmt::format("{}/_tarn/emr/{}/studio", emr.options().spark.endpoint_url, id);
}

// What would mean more on AWS than is kept here. Error: NotImplemented.
Status refuse_studio_features(const CreateStudioInput& input) {
  TARN_CHECK(refuse(input.trusted_identity_propagation_enabled.value_or(false),
                    "TrustedIdentityPropagationEnabled"));
  TARN_CHECK(refuse(input.idc_user_assignment.has_value(), "IdcUserAssignment"));
  TARN_CHECK(refuse(input.idc_instance_arn.has_value(), "IdcInstanceArn"));
  return refuse(input.encryption_key_arn.has_value(), "EncryptionKeyArn");
}

Status check_name(const std::string& name) {
  if (!name.empty()) return {};
  return invalid_studio("Name is empty: give the Studio a name.");
}

Status check_subnets(const std::vector<std::string>& subnets) {
  if (subnets.empty() || subnets.size() > kMostSubnets) {
    return invalid_studio(fmt::format("SubnetIds has {} subnets; a Studio has one to {}.",
                                      subnets.size(), kMostSubnets));
  }
  for (const std::string& subnet : subnets) {
    if (!subnet.starts_with("subnet-"))
      return invalid_studio(fmt::format("'{}' is not the id of a subnet (subnet-…).", subnet));
    if (std::count(subnets.begin(), subnets.end(), subnet) > 1)
      return invalid_studio(fmt::format("Subnet {} is given twice.", subnet));
  }
  return {};
}

Status check_place(const std::string& uri) {
  if (parse_s3_uri(uri).ok()) return {};
  return invalid_studio(
      fmt::format("DefaultS3Location '{}' is not a place of S3 (s3://bucket/folder).", uri));
}

Status check_group(const std::string& id, std::string_view parameter) {
  if (id.starts_with("sg-")) return {};
  return invalid_studio(
      fmt::format("{} '{}' is not the id of a security group (sg-…).", parameter, id));
}

Status check_studio(const CreateStudioInput& input) {
  TARN_CHECK(refuse_studio_features(input));
  TARN_CHECK(check_name(input.name));
  const bool by_iam = input.auth_mode == values::auth_mode::kIam;
  if (by_iam && input.user_role) {
    return invalid_studio("UserRole is for AuthMode SSO alone: with IAM, users have their own.");
  }
  if (!by_iam && !input.user_role) return invalid_studio("AuthMode SSO needs a UserRole.");
  if (!by_iam && (input.idp_auth_url || input.idp_relay_state_parameter_name)) {
    return invalid_studio("IdpAuthUrl and IdpRelayStateParameterName are for AuthMode IAM alone.");
  }
  if (!input.vpc_id.starts_with("vpc-"))
    return invalid_studio(fmt::format("'{}' is not the id of a VPC (vpc-…).", input.vpc_id));
  TARN_CHECK(check_subnets(input.subnet_ids));
  TARN_CHECK(check_group(input.workspace_security_group_id, "WorkspaceSecurityGroupId"));
  TARN_CHECK(check_group(input.engine_security_group_id, "EngineSecurityGroupId"));
  return check_place(input.default_s3_location);
}

Status change_studio(const UpdateStudioInput& input, CreateStudioInput& studio) {
  TARN_CHECK(refuse(input.encryption_key_arn.has_value(), "EncryptionKeyArn"));
  if (input.name) {
    TARN_CHECK(check_name(*input.name));
    studio.name = *input.name;
  }
  if (input.description) studio.description = input.description;
  if (input.default_s3_location) {
    TARN_CHECK(check_place(*input.default_s3_location));
    studio.default_s3_location = *input.default_s3_location;
  }
  if (!input.subnet_ids) return {};
  TARN_CHECK(check_subnets(*input.subnet_ids));
  // https://docs.aws.amazon.com/emr/latest/APIReference/API_UpdateStudio.html: none may go.
  for (const std::string& subnet : studio.subnet_ids) {
    const auto& asked = *input.subnet_ids;
    if (std::find(asked.begin(), asked.end(), subnet) == asked.end()) {
      return invalid_studio(
          fmt::format("SubnetIds lacks {}: subnets can be added and not taken away.", subnet));
    }
  }
  studio.subnet_ids = *input.subnet_ids;
  return {};
}

Studio describe(const EmrService& emr, const StudioRecord& record) {
  const CreateStudioInput& asked = record.request;
  Studio out;
  out.studio_id = record.id;
  out.studio_arn = record.arn();
  out.name = asked.name;
  out.description = asked.description;
  out.auth_mode = asked.auth_mode;
  out.vpc_id = asked.vpc_id;
  out.subnet_ids = asked.subnet_ids;
  out.service_role = asked.service_role;
  out.user_role = asked.user_role;
  out.workspace_security_group_id = asked.workspace_security_group_id;
  out.engine_security_group_id = asked.engine_security_group_id;
  out.url = url_of(emr, record.id);
  out.creation_time = record.created;
  out.default_s3_location = asked.default_s3_location;
  out.idp_auth_url = asked.idp_auth_url;
  out.idp_relay_state_parameter_name = asked.idp_relay_state_parameter_name;
  out.tags = tag_list(record.tags);
  return out;
}

}  // namespace

Result<const StudioRecord*> find_studio(EmrService& emr, const Caller& caller,
                                        const std::string& id) {
  const StudioRecord* studio = emr.studios().find(caller, id);
  if (studio != nullptr) return studio;
  return invalid_studio(fmt::format("Studio id '{}' is not valid.", id));
}

Task<Result<CreateStudioOutput>> handle(CreateStudio /*tag*/, EmrService& emr, const Caller& caller,
                                        CreateStudioInput input) {
  TARN_CO_CHECK(check_studio(input));
  StudioRecord studio;
  studio.id = new_id(emr.platform().random, "es");
  studio.account = caller.account_id;
  studio.region = caller.region;
  studio.created = emr.platform().clock.now();
  TARN_CO_CHECK(add_tags(caller, input.tags.value_or(std::vector<Tag>()), studio.tags));
  input.tags.reset();
  studio.request = std::move(input);
  CreateStudioOutput out;
  out.studio_id = studio.id;
  out.url = url_of(emr, studio.id);
  TARN_CO_CHECK(co_await emr.studios().put(std::move(studio)));
  co_return out;
}

Task<Result<DescribeStudioOutput>> handle(DescribeStudio /*tag*/, EmrService& emr,
                                          const Caller& caller, DescribeStudioInput input) {
  TARN_CO_TRY(const StudioRecord* studio, find_studio(emr, caller, input.studio_id));
  DescribeStudioOutput out;
  out.studio = describe(emr, *studio);
  co_return out;
}

Task<Result<wire::Unit>> handle(UpdateStudio /*tag*/, EmrService& emr, const Caller& caller,
                                UpdateStudioInput input) {
  TARN_CO_TRY(const StudioRecord* studio, find_studio(emr, caller, input.studio_id));
  StudioRecord changed = *studio;
  TARN_CO_CHECK(change_studio(input, changed.request));
  TARN_CO_CHECK(co_await emr.studios().put(std::move(changed)));
  co_return wire::Unit();
}

Task<Result<wire::Unit>> handle(DeleteStudio /*tag*/, EmrService& emr, const Caller& caller,
                                DeleteStudioInput input) {
  TARN_CO_TRY(const StudioRecord* studio, find_studio(emr, caller, input.studio_id));
  std::string id = studio->id;
  TARN_CO_CHECK(co_await emr.studios().remove(std::move(id)));
  co_return wire::Unit();
}

Task<Result<ListStudiosOutput>> handle(ListStudios /*tag*/, EmrService& emr, const Caller& caller,
                                       ListStudiosInput input) {
  ListStudiosOutput out;
  const auto all = emr.studios().list(caller);
  TARN_CO_TRY(const auto page, take_page(all, input.marker, kStudiosPerPage, out.marker));
  out.studios.emplace();
  for (const StudioRecord* studio : page) {
    StudioSummary& told = out.studios->emplace_back();
    told.studio_id = studio->id;
    told.name = studio->request.name;
    told.vpc_id = studio->request.vpc_id;
    told.description = studio->request.description;
    told.url = url_of(emr, studio->id);
    told.auth_mode = studio->request.auth_mode;
    told.creation_time = studio->created;
  }
  co_return out;
}

}  // namespace tarn::emr
