// CreateServiceLinkedRole, DeleteServiceLinkedRole, GetServiceLinkedRoleDeletionStatus.
#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "services/iam/identity_policies.h"

namespace tarn::iam {
namespace {

struct LinkedService {
  std::string_view service;
  std::string_view role;
  bool takes_suffix = false;
};

// Services of the platform's surroundings that have one, and what they call it:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html
// and the pages it leads to.
constexpr std::array<LinkedService, 9> kLinkedServices = {{
    {"elasticmapreduce.amazonaws.com", "AWSServiceRoleForEMRCleanup"},
    {"emrwal.amazonaws.com", "AWSServiceRoleForEMRWAL"},
    {"ops.emr-serverless.amazonaws.com", "AWSServiceRoleForAmazonEMRServerless"},
    {"spot.amazonaws.com", "AWSServiceRoleForEC2Spot"},
    {"spotfleet.amazonaws.com", "AWSServiceRoleForEC2SpotFleet"},
    {"autoscaling.amazonaws.com", "AWSServiceRoleForAutoScaling", true},
    {"elasticloadbalancing.amazonaws.com", "AWSServiceRoleForElasticLoadBalancing"},
    {"lakeformation.amazonaws.com", "AWSServiceRoleForLakeFormationDataAccess"},
    {"sync.servicecatalog.amazonaws.com", "AWSServiceRoleForServiceCatalogSync"},
}};

const LinkedService* find_linked(std::string_view service) {
  const auto found =
      std::find_if(kLinkedServices.begin(), kLinkedServices.end(),
                   [&](const LinkedService& each) { return each.service == service; });
  return found == kLinkedServices.end() ? nullptr : &*found;
}

std::string trust_of(std::string_view service) {
  return fmt::format(
      R"({{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Service":"{}"}},"Action":"sts:AssumeRole"}}]}})",
      service);
}

// The name of the role. Error: InvalidInput.
Result<std::string> linked_name(const CreateServiceLinkedRoleRequest& input) {
  const LinkedService* linked = find_linked(input.aws_service_name);
  if (linked == nullptr) {
    return Error("InvalidInput",
                 fmt::format("Service role name {} is of no service that has one here.",
                             input.aws_service_name));
  }
  if (!input.custom_suffix) return std::string(linked->role);
  if (!linked->takes_suffix) {
    return Error("InvalidInput",
                 fmt::format("Custom suffix is not allowed for {}", input.aws_service_name));
  }
  return fmt::format("{}_{}", linked->role, *input.custom_suffix);
}

// "task/aws-service-role/SERVICE/ROLE/UUID".
constexpr std::string_view kTaskBegin = "task";

}  // namespace

Task<Result<CreateServiceLinkedRoleResponse>> handle(CreateServiceLinkedRole /*tag*/, Iam& iam,
                                                     const Caller& caller,
                                                     CreateServiceLinkedRoleRequest input) {
  RoleRecord role;
  TARN_CO_TRY(role.name, linked_name(input));
  role.account = caller.account_id;
  role.path = fmt::format("{}{}/", kServiceRolePath, input.aws_service_name);
  role.id = new_id(iam.platform.random, "AROA");
  role.description = input.description.value_or("");
  role.created = iam.platform.clock.now();
  role.trust = trust_of(input.aws_service_name);
  const auto create = [&](std::optional<RoleRecord>& there) -> Status {
    if (there) {
      return Error("InvalidInput", fmt::format("Service role name {} has been taken in this "
                                               "account, please try a different suffix.",
                                               role.name));
    }
    there = role;
    return {};
  };
  auto work = [&] {
    return iam.roles.change_role(role.name, create);
  };
  TARN_CO_CHECK(co_await iam.platform.tasks.offload(work));
  CreateServiceLinkedRoleResponse out;
  out.role = to_wire(role);
  co_return out;
}

// Nothing here uses such a role, so that it can go at once.
Task<Result<DeleteServiceLinkedRoleResponse>> handle(DeleteServiceLinkedRole /*tag*/, Iam& iam,
                                                     const Caller& /*caller*/,
                                                     DeleteServiceLinkedRoleRequest input) {
  std::string path;
  const auto remove = [&](std::optional<RoleRecord>& there) -> Status {
    if (!there || !is_service_linked(*there)) return no_such_role(input.role_name);
    path = there->path;
    there.reset();
    return {};
  };
  auto work = [&] {
    return iam.roles.change_role(input.role_name, remove);
  };
  TARN_CO_CHECK(co_await iam.platform.tasks.offload(work));
  DeleteServiceLinkedRoleResponse out;
  out.deletion_task_id =
      fmt::format("{}{}{}/{}", kTaskBegin, path, input.role_name, iam.platform.random.uuid());
  co_return out;
}

Task<Result<GetServiceLinkedRoleDeletionStatusResponse>> handle(
    GetServiceLinkedRoleDeletionStatus /*tag*/, Iam& /*iam*/, const Caller& /*caller*/,
    GetServiceLinkedRoleDeletionStatusRequest input) {
  const std::string& task = input.deletion_task_id;
  if (!task.starts_with(std::string(kTaskBegin) + std::string(kServiceRolePath))) {
    co_return Error("NoSuchEntity",
                    fmt::format("{} is no deletion task of a service-linked role.", task));
  }
  GetServiceLinkedRoleDeletionStatusResponse out;
  out.status = values::deletion_task_status_type::kSucceeded;
  co_return out;
}

}  // namespace tarn::iam
